// ingest: how many events a second become durable: in process from parsed objects and from JSON text, warm and cold, and over
// HTTP from another process, as lines, mutations and one by one; and how long one waits for its answer at half of that.
import type { LoadOptions } from '../load/load.ts'
import { loadOf, partOf } from '../load/load-of.ts'
import { eventsPerSecond, ingestInProcess, rawLogInProcess } from '../measures/in-process.ts'
import { ingestOverHttp, latenciesOf, linesOf, toFastify, WARM_UP_ORDERS } from '../measures/over-http.ts'
import { Checks } from '../oracle.ts'
import { runPeers } from '../peers/run-peers.ts'
import { type Figures, rounded } from '../report.ts'
import { stage } from '../stage.ts'
import type { Scenario } from './scenario.ts'

const ORDERS = 10_000
// One event per request costs far more: a tenth of the orders takes as long. Mutations: a quarter.
const SINGLE_PART = 10
const MUTATION_PART = 4
// So do cold families.
const COLD_LOAD_PART = 4
const CONNECTIONS = 32
const EVENTS_PER_MUTATION = 100
// Half of what one event per request reaches at most, for so long: one full collection in a few seconds would be all of the slowest hundredth.
const ACK_SECONDS_MAX = 20
// With a cache of a fiftieth of the open orders, and as many on their way to disk, an order is gone when it is told of again.
const COLD_PART = 50
const COLD_FAMILIES_MAX = 2_000

export const ingest: Scenario = {
  about: 'durable events per second: in process, as lines over HTTP, as mutations, one by one',
  orders: ORDERS,
  async run({ data: parent, orders, peers, seed }) {
    const checks = new Checks()
    const load = loadOf(seed, orders)
    stage('warming up')
    await warmUp(parent, seed, orders)
    stage('in process, parsed events')
    const objects = await ingestInProcess({ parent, load, form: 'objects' }, checks)
    stage('in process, JSON text')
    const text = await ingestInProcess({ parent, load, form: 'text' }, checks)
    stage('raw log')
    const rawLog = await rawLogInProcess(parent, load)
    const coldLoad = loadOf(seed, partOf(orders, COLD_LOAD_PART))
    const coldFamilies = Math.min(COLD_FAMILIES_MAX, partOf(coldLoad.workingSet, COLD_PART))
    const coldOptions = { parent, load: coldLoad, form: 'objects', liveFamiliesMax: coldFamilies } as const
    stage('in process, cold')
    const cold = await ingestInProcess(coldOptions, checks)

    const before = warmUps(seed, orders)
    stage('lines over HTTP')
    const lines = await ingestOverHttp(parent, linesOf(load), [before.lines], checks)
    stage('mutations')
    const some = loadOf(seed, partOf(orders, MUTATION_PART))
    const mutation = await ingestOverHttp(parent, mutationsOf(some), [before.lines, before.mutations], checks)
    const few = loadOf(seed, partOf(orders, SINGLE_PART))
    const oneByOne = singlesOf(few)
    stage('one event a request, Fastify and the twin')
    const fastify = await toFastify(oneByOne, [before.singles])
    const single = await ingestOverHttp(parent, oneByOne, [before.lines, before.singles], checks)
    const rate = eventsPerSecond(single) / 2
    const fewest = Math.ceil((rate * ACK_SECONDS_MAX) / (text.events / orders))
    stage('one event a request, at half of that rate')
    const open = await ingestOverHttp(
      parent,
      {
        loop: 'open',
        load: { ...few, orders: Math.min(orders, Math.max(1, fewest)) },
        connections: CONNECTIONS,
        eventsPerSecond: rate,
      },
      [before.lines, before.singles],
      checks,
    )
    const peerFigures = peers ? await runPeers({ parent, seed, orders }, checks) : NONE
    const [ndjsonMs, singleMs, ackMs] = [lines, single, open].map(latenciesOf) as [Lat, Lat, Lat]

    const results: Figures = {
      orders,
      working_set_orders: load.workingSet,
      events: objects.events,
      payload_bytes: rounded(objects.bytes / objects.events),
      engine_events_per_s: rounded(eventsPerSecond(objects)),
      engine_us_per_event: rounded((objects.seconds / objects.events) * 1e6, 2),
      engine_cpu_us_per_event: rounded((objects.cpuSeconds / objects.events) * 1e6, 2),
      engine_text_events_per_s: rounded(eventsPerSecond(text)),
      engine_text_cpu_us_per_event: rounded((text.cpuSeconds / text.events) * 1e6, 2),
      raw_log_events_per_s: rounded(eventsPerSecond(rawLog)),
      raw_log_cpu_us_per_event: rounded((rawLog.cpuSeconds / rawLog.events) * 1e6, 2),
      cold_events_per_s: rounded(eventsPerSecond(cold)),
      cold_live_families: coldFamilies,
      bytes_per_event: rounded(objects.journalBytes / objects.events, 1),
      bytes_per_event_all: rounded(objects.storeBytes / objects.events, 1),
      ndjson_events_per_s: rounded(eventsPerSecond(lines)),
      ndjson_request_p99_ms: rounded(ndjsonMs.corrected().percentileMs(99), 2),
      mutation_events_per_s: rounded(eventsPerSecond(mutation)),
      single_events_per_s: rounded(eventsPerSecond(single)),
      single_ack_p50_ms: rounded(singleMs.corrected().percentileMs(50), 2),
      single_ack_p99_ms: rounded(singleMs.corrected().percentileMs(99), 2),
      fastify_events_per_s: rounded(eventsPerSecond(fastify)),
      ack_offered_events_per_s: rounded(rate),
      ack_p50_ms: rounded(ackMs.percentileMs(50), 2),
      ack_p99_ms: rounded(ackMs.percentileMs(99), 2),
      ack_p999_ms: rounded(ackMs.percentileMs(99.9), 2),
      turned_away_requests: [lines, mutation, single, open].reduce((sum, each) => sum + each.turnedAway, 0),
      ...peerFigures.results,
    }
    const ratios: Figures = {
      engine_vs_raw_log: rounded(eventsPerSecond(text) / eventsPerSecond(rawLog), 3),
      ...peerFigures.ratios,
      ndjson_vs_engine: rounded(eventsPerSecond(lines) / eventsPerSecond(objects), 3),
      single_vs_fastify: rounded(eventsPerSecond(single) / eventsPerSecond(fastify), 3),
    }
    return {
      results,
      ratios,
      oracle: checks.verdict(),
      notes: peerFigures.notes,
      charts: [
        {
          title: 'Throughput',
          x: 'seconds of work',
          y: 'events a second',
          lines: [
            { name: 'engine, parsed events', points: objects.throughput },
            { name: 'engine, JSON text', points: text.throughput },
            { name: 'engine, cold', points: cold.throughput },
            { name: 'lines over HTTP', points: lines.throughput },
            { name: 'raw log', points: rawLog.throughput },
          ],
        },
        {
          title: 'Latency of one event per request',
          x: 'percentile',
          y: 'milliseconds',
          scale: 'percentile',
          lines: [
            { name: 'as fast as 32 connections can', points: singleMs.corrected().percentilePoints() },
            { name: 'at half of that rate', points: ackMs.percentilePoints() },
          ],
        },
      ],
    }
  },
}

/** The first orders find code that nothing has made fast yet; they count nowhere. */
async function warmUp(parent: string, seed: number, orders: number): Promise<void> {
  const load = loadOf(seed, Math.min(orders, WARM_UP_ORDERS))
  await ingestInProcess({ parent, load, form: 'text' }, new Checks())
  await rawLogInProcess(parent, load)
}

/** What a twin is sent over HTTP before it counts, each way its load comes; numbered behind every order of the load. */
function warmUps(seed: number, orders: number) {
  const lines = { ...loadOf(seed, Math.min(orders, WARM_UP_ORDERS)), after: orders }
  const part = (parts: number) => ({ ...loadOf(seed, partOf(lines.orders, parts)), after: orders + lines.orders })
  return {
    lines: linesOf(lines),
    mutations: mutationsOf(part(MUTATION_PART)),
    singles: singlesOf(part(SINGLE_PART)),
  }
}

const singlesOf = (load: LoadOptions) =>
  ({ loop: 'closed', load, form: 'single', connections: CONNECTIONS, eventsPerRequest: 1 }) as const

const mutationsOf = (load: LoadOptions) =>
  ({ loop: 'closed', load, form: 'mutation', connections: 4, eventsPerRequest: EVENTS_PER_MUTATION }) as const

type Lat = ReturnType<typeof latenciesOf>
const NONE = { results: {}, ratios: {}, notes: [] }
