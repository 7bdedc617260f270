// step: the memoised step against XState's own pure transition(), on the steps real orders' lives take.
import { isDeepStrictEqual } from 'node:util'
import { type AnyMachineSnapshot, transition } from 'xstate'
import { seededRandom } from '../../connectors/simulated/random.ts'
import { emptyFamily, type Family } from '../../engine/family.ts'
import { judge, type Steppers, steppersOf } from '../../engine/judge.ts'
import { Stepper } from '../../engine/transition.ts'
import type { Chart, ChartEvent } from '../../machines/chart.ts'
import { CHARTS } from '../../machines/charts.ts'
import { parseEvent } from '../../machines/event.ts'
import { eventTypeEntry } from '../../machines/event-types.ts'
import { type ActorKey, ORDER_KEY } from '../../machines/ids.ts'
import { sourceBook } from '../../machines/sources.ts'
import { FIRST_MS } from '../load/load.ts'
import { orderLife, type Told } from '../load/order-life.ts'
import { SOURCES } from '../load/sources.ts'
import { Checks } from '../oracle.ts'
import { rounded } from '../report.ts'
import type { Scenario } from './scenario.ts'

const ORDERS = 500
const MEMOISED_ROUNDS = 20

interface Taken {
  readonly stepper: Stepper
  readonly actor: { readonly state: string; readonly context: object }
  readonly event: ChartEvent
}

export const step: Scenario = {
  about: 'memoised step over pure transition(), the real charts',
  async run({ orders = ORDERS, seed }) {
    const taken = stepsOf(orders, seed)
    const checks = new Checks()
    const unlike = taken.filter(isUnlikeXState).length
    checks.check(`${taken.length} steps equal XState's`, unlike === 0 ? undefined : `${unlike} differ`)
    // The second round of each is measured: the first warms both up.
    const xstate = [runXState(taken), runXState(taken)][1] as number
    runMemoised(taken)
    let memoised = 0
    for (let round = 0; round < MEMOISED_ROUNDS; round++) memoised += runMemoised(taken) / MEMOISED_ROUNDS
    return {
      results: {
        steps: taken.length,
        memoised_us_per_step: rounded((memoised * 1e3) / taken.length, 3),
        xstate_us_per_step: rounded((xstate * 1e3) / taken.length, 2),
      },
      ratios: { step_vs_xstate: rounded(xstate / memoised, 1) },
      oracle: checks.verdict(),
    }
  },
}

/** Every step the accepted events of `orders` lives take, signals between actors included. */
function stepsOf(orders: number, seed: number): readonly Taken[] {
  const taken: Taken[] = []
  class Recording extends Stepper {
    override step(...[actor, event, mode]: Parameters<Stepper['step']>) {
      if (mode === 'judge') taken.push({ stepper: this, actor, event })
      return super.step(actor, event, mode)
    }
  }
  const steppers: Steppers = {
    order: new Recording(CHARTS.order),
    shipment: new Recording(CHARTS.shipment),
    return: new Recording(CHARTS.return),
  }
  const random = seededRandom(seed)
  for (let number = 1; number <= orders; number++)
    orderLife({ number, random, illegalShare: 0 }).reduce(
      (family, told, index) => after(family, told, { steppers, index }),
      emptyFamily(String(number)),
    )
  const plain = steppersOf(CHARTS)
  return taken.map(each => ({ ...each, stepper: plain[each.stepper.chart.kind] }))
}

function after(family: Family, told: Told, { index, steppers }: { steppers: Steppers; index: number }): Family {
  const source = sourceBook(SOURCES).byId.get(told.source)
  if (source === undefined) throw new Error(`bench: no source ${told.source}`)
  const time = new Date(FIRST_MS + index * 60_000).toISOString()
  const parsed = parseEvent({ ...told, id: `${family.id}-${index}`, time }, source, Number.POSITIVE_INFINITY)
  if ('flaws' in parsed) throw new Error(`bench: ${told.type}: ${parsed.flaws[0]?.path} ${parsed.flaws[0]?.message}`)
  const it = { event: parsed.event, source, actors: [actorOf(family, told)] }
  const judged = judge(steppers, family, it, () => [])
  if (judged.kind !== 'moved') throw new Error(`bench: ${told.type} came to ${judged.kind}`)
  return { ...family, actors: judged.actors, lastPlace: parsed.event.place }
}

function actorOf(family: Family, { type }: Told): ActorKey {
  if (eventTypeEntry(type).entity !== 'shipment') return ORDER_KEY
  return Object.keys(family.actors).find(key => key.startsWith('shipment/')) ?? ''
}

function runMemoised(taken: readonly Taken[]): number {
  const startedMs = performance.now()
  for (const { actor, event, stepper } of taken) stepper.step(actor, event, 'judge')
  return performance.now() - startedMs
}

/** Only transition() is timed: its snapshots are made before. */
function runXState(taken: readonly Taken[]): number {
  const ready = taken.map(each => ({
    machine: each.stepper.chart.machine,
    before: snapshotOf(each),
    event: each.event,
  }))
  const startedMs = performance.now()
  for (const { before, event, machine } of ready) transition(machine, before, event)
  return performance.now() - startedMs
}

function snapshotOf({ actor, stepper }: Taken): AnyMachineSnapshot {
  const value = stateValue(actor.state, stepper.chart)
  return stepper.chart.machine.resolveState({ value: value as never, context: actor.context as never })
}

function isUnlikeXState(taken: Taken): boolean {
  const { actor, event, stepper } = taken
  const walked = stepper.step(actor, event, 'judge')
  const xstate = transition(stepper.chart.machine, snapshotOf(taken), event)[0] as AnyMachineSnapshot
  return (
    walked.kind !== 'moved' ||
    !isDeepStrictEqual(stateValue(walked.state, stepper.chart), xstate.value) ||
    !isDeepStrictEqual(walked.context, xstate.context)
  )
}

/** A state text as XState nests it: `a.b` under regions `x` and `y.z` is `{ x: 'a', y: { z: 'b' } }`. */
function stateValue(state: string, { regions }: Chart): object {
  const value: Record<string, unknown> = {}
  for (const [index, leaf] of state.split('.').entries()) {
    const path = (regions[index] ?? '').split('.')
    const last = path.pop() ?? ''
    let parent = value
    for (const name of path) {
      parent[name] ??= {}
      parent = parent[name] as Record<string, unknown>
    }
    parent[last] = leaf
  }
  return value
}
