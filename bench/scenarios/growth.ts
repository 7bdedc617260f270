// growth: what an event costs once many orders are known, over what it cost when few were, with as many open at a time.
import { drive } from '../drive.ts'
import { withKept } from '../kept.ts'
import { LOAD } from '../load/load.ts'
import { loadOf, partOf } from '../load/load-of.ts'
import { Checks } from '../oracle.ts'
import { rounded } from '../report.ts'
import { openBenchTwin, withFolder } from '../store.ts'
import type { Scenario } from './scenario.ts'

// The target is stated for 1,000,000 orders over 10,000; a smaller run begins at a hundredth of its size. A larger one is a matter of
// time and disk: 10,000,000 orders take some 35 GB, and memory for their numbers only.
const ORDERS = 20_000
const FEW_MAX = 10_000
const FEW_PART = 100
const WORKING_SET_MAX = 5_000
const WARM_UP_ORDERS = 1_000
// Each cost is taken over so many orders' worth of events at least, so that one slow lap does not decide.
const WINDOW_PARTS = 20

export const growth: Scenario = {
  about: 'cost of an event as orders add up, the open ones as many as ever',
  orders: ORDERS,
  run(options) {
    const { data: parent, orders, seed } = options
    return withKept({ ...options, orders }, async data => {
      const checks = new Checks()
      const few = Math.min(FEW_MAX, partOf(orders, FEW_PART))
      const workingSet = Math.min(WORKING_SET_MAX, few)
      await withFolder(parent, async warm => {
        const engine = await openBenchTwin(warm)
        await drive(engine, loadOf(seed + 1, Math.min(orders, WARM_UP_ORDERS)))
        await engine.close()
      })
      const engine = await openBenchTwin(data, workingSet * 2)
      const driven = await drive(engine, { seed, orders, workingSet, ...LOAD })
      checks.outcomes(driven.answered, driven.expected)
      checks.ended(engine, orders)
      await engine.close()
      await checks.store(data)
      const sizes = sizesTo(orders, few)
      const costs = sizes.map(size => costAt(driven.cost, (driven.events * size) / orders))
      return {
        results: {
          orders,
          events: driven.events,
          working_set_orders: workingSet,
          ...Object.fromEntries(
            sizes.map((size, index) => [`cpu_us_per_event_at_${size}`, rounded(costs[index] ?? 0, 2)]),
          ),
        },
        ratios: { growth_cost: rounded((costs.at(-1) ?? 0) / (costs[0] ?? 1), 3) },
        oracle: checks.verdict(),
        charts: [
          {
            title: 'Cost of an event',
            x: 'events so far',
            y: 'processor microseconds',
            lines: [{ name: 'engine', points: driven.cost }],
          },
        ],
      }
    })
  },
}

/** `few`, ten times that, and so on, and all. */
function sizesTo(orders: number, few: number): readonly number[] {
  const sizes: number[] = []
  for (let size = few; size < orders; size *= 10) sizes.push(size)
  return [...sizes, orders]
}

/** Mean cost of the events just before so many: over a twentieth of all, or half of what there is until then. */
function costAt(cost: readonly (readonly [number, number])[], events: number): number {
  const span = Math.min(events / 2, (cost.at(-1)?.[0] ?? 0) / WINDOW_PARTS)
  const near = cost
    .map(([until, us], index) => ({ until, us, count: until - (cost[index - 1]?.[0] ?? 0) }))
    .filter(({ count, until }) => until > events - span && until - count < events)
  const count = near.reduce((sum, each) => sum + each.count, 0)
  return near.reduce((sum, each) => sum + each.us * each.count, 0) / Math.max(1, count)
}
