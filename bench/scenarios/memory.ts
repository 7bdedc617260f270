// memory: what the serving process holds once many orders went through it, with the engine's default cache.
import { serve } from '../../cli/serving.ts'
import { apart } from '../clients/apart.ts'
import type { Sent } from '../clients/client.ts'
import { Checks } from '../oracle.ts'
import { rounded } from '../report.ts'
import { openBenchTwin, withFolder } from '../store.ts'
import { CLIENT, loadOf } from './ingest.ts'
import type { Scenario } from './scenario.ts'

const ORDERS = 100_000
const SAMPLE_MS = 100

export const memory: Scenario = {
  about: 'resident memory after many orders, the load made elsewhere',
  run({ data: parent, orders = ORDERS, seed }) {
    return withFolder(parent, async data => {
      const checks = new Checks()
      const engine = await openBenchTwin(data)
      const { close, server } = await serve(engine, { host: '127.0.0.1', port: 0 })
      let rssMax = 0
      const sample = () => {
        rssMax = Math.max(rssMax, process.memoryUsage.rss())
      }
      const sampling = setInterval(sample, SAMPLE_MS)
      const sending = { url: server.url, load: loadOf(seed, orders), connections: 4, eventsPerRequest: 500 }
      const sent = await apart<Sent>(CLIENT, sending)
      clearInterval(sampling)
      sample()
      const { external, heapUsed, rss } = process.memoryUsage()
      checks.outcomes(sent.answered, sent.expected)
      checks.ended(engine, orders)
      await close()
      await checks.store(data)
      return {
        results: {
          events: sent.events,
          orders,
          rss_mb: rounded(rss / 1e6),
          rss_mb_max: rounded(rssMax / 1e6),
          heap_used_mb: rounded(heapUsed / 1e6),
          external_mb: rounded(external / 1e6),
          events_per_s: rounded(sent.events / sent.seconds),
        },
        ratios: {},
        oracle: checks.verdict(),
      }
    })
  },
}
