// The client process: makes the load, posts it, and tells its parent what came of it. Requests are made and answers read
// outside the time that counts.
import { createHistogram } from 'node:perf_hooks'
import type { Outcome } from '../../engine/outcome.ts'
import { addTally, type Lap, type LoadOptions, laps, type Tally } from '../load/load.ts'
import { tallyOutcomes } from '../tally.ts'
import { Connection, requestBytes } from './connection.ts'

export interface Sending {
  readonly url: string
  readonly load: LoadOptions
  readonly connections: number
  /** Events in one request; 1 sends each as a single CloudEvent, more as lines. */
  readonly eventsPerRequest: number
}

export interface Sent {
  readonly events: number
  readonly seconds: number
  readonly answered: Tally
  readonly expected: Tally
  /** From the first byte of a request to the last of its answer, milliseconds. */
  readonly p50Ms: number
  readonly p99Ms: number
}

async function send({ connections: count, eventsPerRequest, load, url }: Sending): Promise<Sent> {
  const target = new URL('/v1/events', url)
  const connections = Array.from({ length: count }, () => new Connection(target))
  const latency = createHistogram()
  const answered: Tally = {}
  const expected: Tally = {}
  let events = 0
  let spentMs = 0
  for (const lap of laps(load)) {
    const requests = requestsOf(lap, eventsPerRequest, target)
    const bodies: string[] = []
    const startedMs = performance.now()
    await Promise.all(connections.map(connection => sendOn(connection)))
    spentMs += performance.now() - startedMs
    events += lap.events.length
    addTally(expected, lap.expected)
    for (const body of bodies) tallyOutcomes(answered, outcomesIn(body))

    async function sendOn(connection: Connection): Promise<void> {
      for (let request = requests.pop(); request !== undefined; request = requests.pop()) {
        const sentMs = performance.now()
        bodies.push(await connection.post(request))
        latency.record(Math.max(1, Math.round((performance.now() - sentMs) * 1e3)))
      }
    }
  }
  for (const connection of connections) connection.close()
  const [p50Ms, p99Ms] = [50, 99].map(percent => latency.percentile(percent) / 1e3) as [number, number]
  return { events, seconds: spentMs / 1e3, answered, expected, p50Ms, p99Ms }
}

/** The lap's requests; the last is sent first, which a lap allows. */
function requestsOf({ events }: Lap, eventsPerRequest: number, target: URL): Buffer[] {
  const type = eventsPerRequest === 1 ? 'application/cloudevents+json' : 'application/x-ndjson'
  const requests: Buffer[] = []
  for (let from = 0; from < events.length; from += eventsPerRequest) {
    const lines = events.slice(from, from + eventsPerRequest).map(event => JSON.stringify(event))
    requests.push(requestBytes(target, type, lines.join('\n')))
  }
  return requests.reverse()
}

const outcomesIn = (body: string): readonly Outcome[] =>
  body
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Outcome)

process.once('message', async (sending: Sending) => {
  process.send?.(await send(sending))
  process.disconnect()
})
