// memory: what the serving process holds once many orders went through it, with the engine's default cache.
import { serve } from '../../cli/serving.ts'
import { journalBytes, journalEntries, otherBytes } from '../disk.ts'
import { begunFigures, begunFrom, begunNotes } from '../kept.ts'
import { linesOf, sendTo } from '../measures/over-http.ts'
import { openCounts } from '../measures/watched.ts'
import { Checks } from '../oracle.ts'
import { rounded, shown } from '../report.ts'
import { stage } from '../stage.ts'
import { openBenchTwin, withFolder } from '../store.ts'
import { type Scenario, unverifiedNote, VERIFIED_ORDERS_MAX } from './scenario.ts'

const ORDERS = 100_000
// The size the target is stated for: --orders 1000000.
const MILLION = 1_000_000
const SAMPLE_MS = 100

export const memory: Scenario = {
  about: 'resident memory after many orders, the load made elsewhere',
  orders: ORDERS,
  run(options) {
    const { orders } = options
    return withFolder(options.data, async data => {
      const checks = new Checks()
      const begun = await begunFrom(options, data)
      const { before, load } = begun
      const engine = await openBenchTwin(data, undefined, true)
      const { close, server } = await serve(engine, { host: '127.0.0.1', port: 0 })
      // Of a kept store that was never served the watch has to learn first.
      await openCounts(server.url)
      let rssMax = 0
      const startedMs = performance.now()
      const resident: [number, number][] = []
      const sample = () => {
        const rss = process.memoryUsage.rss()
        rssMax = Math.max(rssMax, rss)
        resident.push([(performance.now() - startedMs) / 1e3, rss / 1e6])
      }
      const sampling = setInterval(sample, SAMPLE_MS)
      stage(`${shown(load.orders)} orders are sent`)
      const sent = await sendTo(server.url, linesOf(load))
      clearInterval(sampling)
      sample()
      const { external, heapUsed, rss } = process.memoryUsage()
      checks.outcomes(sent.answered, sent.expected)
      checks.ended(engine, before + load.orders)
      const [journal, entries] = [journalBytes(engine), journalEntries(engine)]
      await close()
      const all = journal + (await otherBytes(data))
      if (orders <= VERIFIED_ORDERS_MAX) await checks.store(data)
      return {
        results: {
          orders,
          ...begunFigures(begun, sent.events),
          rss_mb: rounded(rss / 1e6),
          rss_mb_max: rounded(rssMax / 1e6),
          rss_mb_1m_orders: orders === MILLION ? rounded(rssMax / 1e6) : undefined,
          heap_used_mb: rounded(heapUsed / 1e6),
          external_mb: rounded(external / 1e6),
          journal_bytes_per_entry: rounded(journal / entries, 1),
          store_bytes_per_entry: rounded(all / entries, 1),
          events_per_s: rounded(sent.events / sent.seconds),
          turned_away_requests: sent.turnedAway,
        },
        ratios: {},
        oracle: checks.verdict(),
        notes: [...begunNotes(begun), ...unverifiedNote(orders)],
        charts: [
          { title: 'Memory', x: 'seconds', y: 'resident MB', lines: [{ name: 'serving process', points: resident }] },
          {
            title: 'Throughput',
            x: 'seconds of work',
            y: 'events a second',
            lines: [{ name: 'lines over HTTP', points: sent.throughput }],
          },
        ],
      }
    })
  },
}
