// Open loop: each event has its time, whether the server keeps up or not; its latency counts from then (histogram.ts, H1).
// An order's next event waits for the answer to its last, as its systems would; that wait counts too. All requests are made
// before the clock runs: made in between, some thousands at a time, they kept this process from sending and from hearing
// answers for tens of milliseconds, which counted as the server's. So did its connections, and its own code while nothing had made
// that fast yet: they are there before the clock runs, and of the first second nothing counts.
import { Latencies } from '../histogram.ts'
import { addTally, type LoadOptions, laps, type Tally } from '../load/load.ts'
import { tallyOutcomes } from '../tally.ts'
import type { Sent } from './closed-loop.ts'
import { due } from './due.ts'
import { postPatiently } from './patient.ts'
import { Pool } from './pool.ts'
import { outcomesIn, requestOf } from './requests.ts'

export interface OpenLoop {
  readonly loop: 'open'
  readonly url: string
  readonly load: LoadOptions
  readonly connections: number
  readonly eventsPerSecond: number
}

export async function sendOpen({ connections, eventsPerSecond, load, url }: OpenLoop): Promise<Sent> {
  const pool = new Pool(new URL(url), connections)
  const latencies = new Latencies()
  const answered: Tally = {}
  const expected: Tally = {}
  const throughput: [number, number][] = []
  const turnedAway = { requests: 0 }
  const latest = new Map<string, Promise<void>>()
  const parts = preparedParts(load, url)
  const prepared = parts.reduce((sum, { requests }) => sum + requests.length, 0)
  const first = Math.min(eventsPerSecond * WARM_UP_SECONDS, prepared / WARM_UP_PART)
  await pool.opened()
  let events = 0
  let bytes = 0
  const startedMs = performance.now()
  const secondsNow = () => (performance.now() - startedMs) / 1e3
  for (const part of parts) {
    const before = { events, seconds: secondsNow() }
    for (const { order, request } of part.requests) {
      const counts = events >= first
      bytes += request.length
      const fromMs = await due(startedMs + (events++ / eventsPerSecond) * 1e3)
      latest.set(order, send(request, { fromMs, counts }, latest.get(order)))
    }
    addTally(expected, part.expected)
    throughput.push([secondsNow(), (events - before.events) / Math.max(1e-3, secondsNow() - before.seconds)])
  }
  await Promise.all(latest.values())
  const seconds = secondsNow()
  pool.close()
  return {
    events,
    bytes,
    seconds,
    answered,
    expected,
    turnedAway: turnedAway.requests,
    latencies: latencies.toText(),
    throughput,
  }

  async function send(
    request: Buffer,
    { counts, fromMs }: { readonly counts: boolean; readonly fromMs: number },
    before: Promise<void> | undefined,
  ): Promise<void> {
    await before
    const body = await pool.use(connection => postPatiently(connection, request, turnedAway))
    if (counts) latencies.record(performance.now() - fromMs)
    tallyOutcomes(answered, outcomesIn(body, 'single'))
  }
}

const WARM_UP_SECONDS = 1
// Of a short load at most a tenth goes by uncounted.
const WARM_UP_PART = 10

interface Part {
  readonly requests: readonly { readonly order: string; readonly request: Buffer }[]
  readonly expected: Tally
}

/** All of the load, in its laps: some 700 bytes an event. */
const preparedParts = (load: LoadOptions, url: string): readonly Part[] =>
  Array.from(laps(load), ({ events, expected }) => ({
    requests: events.map(event => ({
      order: event.id.split('-').at(-2) ?? '',
      request: requestOf([event], 'single', url),
    })),
    expected,
  }))
