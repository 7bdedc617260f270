// A store that grows, and what an event costs at each size: with whole lives all along, or, where that would take hours, with brief
// orders (load/brief-orders.ts) between as many whole lives at each size.
import type { Engine } from '../../engine/engine.ts'
import { type Driven, drive, driveLaps } from '../drive.ts'
import { briefLaps } from '../load/brief-orders.ts'
import { LOAD } from '../load/load.ts'
import type { Checks } from '../oracle.ts'
import { shown } from '../report.ts'
import { stage } from '../stage.ts'

export interface Growing {
  readonly seed: number
  readonly orders: number
  /** The size that others are compared with. */
  readonly few: number
  /** Orders open at one time. */
  readonly workingSet: number
}

export interface Grown {
  readonly events: number
  /** How many of the orders were brief ones. */
  readonly brief: number
  /** Orders known, and processor microseconds of an event then. */
  readonly costs: readonly (readonly [orders: number, us: number])[]
  /** Events so far, and processor microseconds an event since the last point. */
  readonly points: Driven['cost']
}

// Each cost is taken over so many orders' worth of events at least, so that one slow lap does not decide.
const WINDOW_PARTS = 20

/** One load: the cost at a size is that of the events just before it. */
export async function growWhole(engine: Engine, growing: Growing, checks: Checks): Promise<Grown> {
  const { few, orders, seed, workingSet } = growing
  const { answered, cost, events, expected } = await drive(engine, { seed, orders, workingSet, ...LOAD })
  checks.outcomes(answered, expected)
  const costs = sizesTo(orders, few).map(size => [size, costAt(cost, (events * size) / orders)] as const)
  return { events, brief: 0, costs, points: cost }
}

/** The cost at a size is that of `few` whole lives, the same but for their numbers, which are the last of its orders. */
export async function growBrief(engine: Engine, growing: Growing, checks: Checks): Promise<Grown> {
  const { few, orders, seed, workingSet } = growing
  const costs: [number, number][] = []
  const points: [number, number][] = []
  let events = 0
  let known = 0
  const add = (driven: Driven) => {
    checks.outcomes(driven.answered, driven.expected)
    for (const [until, us] of driven.cost) points.push([events + until, us])
    events += driven.events
  }
  for (const size of sizesTo(orders, few)) {
    stage(`to ${shown(size)} orders`)
    add(await driveLaps(engine, briefLaps(known + 1, size - few)))
    const whole = await drive(engine, { seed, orders: few, after: size - few, workingSet, ...LOAD })
    add(whole)
    costs.push([size, (whole.cpuSeconds / whole.events) * 1e6])
    known = size
  }
  return { events, brief: orders - costs.length * few, costs, points }
}

/** `few`, ten times that, and so on, and all: each at least `few` after the one before. */
function sizesTo(orders: number, few: number): readonly number[] {
  const sizes: number[] = []
  for (let size = few; size + few <= orders; size *= 10) sizes.push(size)
  return [...sizes, orders]
}

/** Mean cost of the events just before so many: over a twentieth of all, or half of what there is until then. */
function costAt(cost: Driven['cost'], events: number): number {
  const span = Math.min(events / 2, (cost.at(-1)?.[0] ?? 0) / WINDOW_PARTS)
  const near = cost
    .map(([until, us], index) => ({ until, us, count: until - (cost[index - 1]?.[0] ?? 0) }))
    .filter(({ count, until }) => until > events - span && until - count < events)
  const count = near.reduce((sum, each) => sum + each.count, 0)
  return near.reduce((sum, each) => sum + each.us * each.count, 0) / Math.max(1, count)
}
