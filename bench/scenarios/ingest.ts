// ingest: how many events a second become durable: in process from parsed objects, and over HTTP from another process.
import { serve } from '../../cli/serving.ts'
import { apart } from '../clients/apart.ts'
import type { Sending, Sent } from '../clients/client.ts'
import { drive } from '../drive.ts'
import { LOAD, type LoadOptions, workingSetOf } from '../load/load.ts'
import { Checks } from '../oracle.ts'
import { type Figures, rounded } from '../report.ts'
import { openBenchTwin, withFolder } from '../store.ts'
import type { Scenario } from './scenario.ts'

const ORDERS = 20_000
// One event per request costs far more: a tenth of the orders takes as long.
const SINGLE_PART = 10

export const ingest: Scenario = {
  about: 'durable events per second: in process, as lines over HTTP, one by one',
  async run({ data, orders = ORDERS, seed }) {
    const checks = new Checks()
    const load = loadOf(seed, orders)
    const inProcess = await ingestInProcess(data, load, checks)
    const lines = await ingestOverHttp(data, { load, connections: 4, eventsPerRequest: 500 }, checks)
    const few = loadOf(seed, Math.max(1, Math.ceil(orders / SINGLE_PART)))
    const single = await ingestOverHttp(data, { load: few, connections: 32, eventsPerRequest: 1 }, checks)
    const results: Figures = {
      working_set_orders: load.workingSet,
      ...inProcess,
      ndjson_events_per_s: rounded(lines.events / lines.seconds),
      ndjson_request_p99_ms: rounded(lines.p99Ms, 2),
      single_events_per_s: rounded(single.events / single.seconds),
      single_ack_p50_ms: rounded(single.p50Ms, 2),
      single_ack_p99_ms: rounded(single.p99Ms, 2),
    }
    const ratios: Figures = {
      ndjson_vs_engine: rounded(lines.events / lines.seconds / inProcess.engine_events_per_s, 3),
    }
    return { results, ratios, oracle: checks.verdict() }
  },
}

export const loadOf = (seed: number, orders: number): LoadOptions => ({
  seed,
  orders,
  workingSet: workingSetOf(orders),
  ...LOAD,
})

function ingestInProcess(parent: string, load: LoadOptions, checks: Checks) {
  return withFolder(parent, async data => {
    const engine = await openBenchTwin(data, load.workingSet * 2)
    const driven = await drive(engine, load)
    checks.outcomes(driven.answered, driven.expected)
    checks.ended(engine, load.orders)
    await engine.close()
    await checks.store(data)
    return {
      events: driven.events,
      engine_events_per_s: rounded(driven.events / driven.seconds),
      engine_us_per_event: rounded((driven.seconds / driven.events) * 1e6, 2),
      engine_cpu_us_per_event: rounded((driven.cpuSeconds / driven.events) * 1e6, 2),
    }
  })
}

function ingestOverHttp(parent: string, sending: Omit<Sending, 'url'>, checks: Checks): Promise<Sent> {
  return withFolder(parent, async data => {
    const engine = await openBenchTwin(data, sending.load.workingSet * 2)
    const { close, server } = await serve(engine, { host: '127.0.0.1', port: 0 })
    const sent = await apart<Sent>(CLIENT, { ...sending, url: server.url })
    checks.outcomes(sent.answered, sent.expected)
    checks.ended(engine, sending.load.orders)
    await close()
    await checks.store(data)
    return sent
  })
}

export const CLIENT = new URL('../clients/client.ts', import.meta.url)
