// growth: what an event costs once many orders are known, over what it cost when few were, with as many open at a time; and what so many
// take of memory, and of time to open.
import { drive } from '../drive.ts'
import { withKept } from '../kept.ts'
import { loadOf, partOf } from '../load/load-of.ts'
import { type Growing, growBrief, growWhole } from '../measures/growing.ts'
import { Checks } from '../oracle.ts'
import { rounded } from '../report.ts'
import { stage } from '../stage.ts'
import { openBenchTwin, withFolder } from '../store.ts'
import type { Scenario } from './scenario.ts'

const ORDERS = 20_000
// The target is stated for 10,000,000 orders over 10,000; a smaller run begins at a hundredth of its size.
const FEW_MAX = 10_000
const FEW_PART = 100
const WORKING_SET_MAX = 5_000
const WARM_UP_ORDERS = 3_000
// Whole lives of ten million orders take four hours and 35 GB.
const ALL_WHOLE_MAX = 1_000_000

export const growth = growthOf(ALL_WHOLE_MAX)

/** Up to `allWholeMax` orders all have whole lives. */
export function growthOf(allWholeMax: number): Scenario {
  return {
    about: 'cost of an event as orders add up, the open ones as many as ever',
    orders: ORDERS,
    async run(options) {
      const { data: parent, orders, seed } = options
      const isWhole = orders <= allWholeMax
      const few = Math.min(FEW_MAX, partOf(orders, FEW_PART))
      const growing: Growing = { seed, orders, few, workingSet: Math.min(WORKING_SET_MAX, few) }
      stage('warming up')
      await withFolder(parent, async warm => {
        const engine = await openBenchTwin(warm)
        await drive(engine, loadOf(seed + 1, Math.min(orders, WARM_UP_ORDERS)))
        await engine.close()
      })
      // Who asks a kept store asks about whole lives.
      return withKept({ ...options, keep: options.keep && isWhole }, async data => {
        const checks = new Checks()
        const engine = await openBenchTwin(data, growing.workingSet * 2)
        stage('growing')
        const { brief, costs, events, points } = await (isWhole ? growWhole : growBrief)(engine, growing, checks)
        const rssMb = process.memoryUsage.rss() / 1e6
        await engine.close()
        stage('opening it again')
        const closedMs = performance.now()
        const again = await openBenchTwin(data)
        const restartS = (performance.now() - closedMs) / 1e3
        checks.ended(again, orders - brief, brief)
        await again.close()
        await checks.store(data)
        return {
          results: {
            orders,
            brief_orders: brief,
            events,
            working_set_orders: growing.workingSet,
            ...Object.fromEntries(costs.map(([size, us]) => [`cpu_us_per_event_at_${size}`, rounded(us, 2)])),
            rss_mb: rounded(rssMb),
            restart_s: rounded(restartS, 2),
          },
          ratios: { growth_cost: rounded((costs.at(-1)?.[1] ?? 0) / (costs[0]?.[1] ?? 1), 3) },
          oracle: checks.verdict(),
          notes: isWhole ? [] : [`all but ${few} orders at each size are brief: captured, and rejected`],
          charts: [
            {
              title: 'Cost of an event',
              x: 'events so far',
              y: 'processor microseconds',
              lines: [{ name: 'engine', points }],
            },
          ],
        }
      })
    },
  }
}
