// Closed loop: so many connections, each sending as soon as it is answered. Tells how much a server takes at most.
// Requests are made and answers read outside the time that counts.
import { Latencies } from '../histogram.ts'
import { addTally, type Lap, type LoadOptions, laps, type Tally } from '../load/load.ts'
import { tallyOutcomes } from '../tally.ts'
import { Connection } from './connection.ts'
import { postPatiently } from './patient.ts'
import { type Form, outcomesIn, requestOf } from './requests.ts'

export interface ClosedLoop {
  readonly loop: 'closed'
  readonly url: string
  readonly load: LoadOptions
  readonly connections: number
  readonly form: Form
  readonly eventsPerRequest: number
}

export interface Sent {
  readonly events: number
  readonly bytes: number
  readonly seconds: number
  readonly answered: Tally
  readonly expected: Tally
  /** Requests that were turned away for now and sent again. */
  readonly turnedAway: number
  /** Latencies of requests as text (histogram.ts), as recorded: not corrected. */
  readonly latencies: string
  /** Seconds that count, and events a second since the last point. */
  readonly throughput: readonly (readonly [number, number])[]
}

export async function sendClosed(options: ClosedLoop): Promise<Sent> {
  const connections = Array.from({ length: options.connections }, () => new Connection(new URL(options.url)))
  const latencies = new Latencies()
  const answered: Tally = {}
  const expected: Tally = {}
  const throughput: [number, number][] = []
  const turnedAway = { requests: 0 }
  let events = 0
  let bytes = 0
  let spentMs = 0
  for (const lap of laps(options.load)) {
    const requests = requestsOf(lap, options)
    for (const request of requests) bytes += request.length
    const bodies: string[] = []
    const startedMs = performance.now()
    await Promise.all(connections.map(connection => sendOn(connection)))
    const lapMs = performance.now() - startedMs
    spentMs += lapMs
    events += lap.events.length
    throughput.push([spentMs / 1e3, (lap.events.length / lapMs) * 1e3])
    addTally(expected, lap.expected)
    for (const body of bodies) tallyOutcomes(answered, outcomesIn(body, options.form))

    async function sendOn(connection: Connection): Promise<void> {
      for (let request = requests.pop(); request !== undefined; request = requests.pop()) {
        const sentMs = performance.now()
        bodies.push(await postPatiently(connection, request, turnedAway))
        latencies.record(performance.now() - sentMs)
      }
    }
  }
  for (const connection of connections) connection.close()
  return {
    events,
    bytes,
    seconds: spentMs / 1e3,
    answered,
    expected,
    turnedAway: turnedAway.requests,
    latencies: latencies.toText(),
    throughput,
  }
}

/** The lap's requests; the last is sent first, which a lap allows. */
function requestsOf({ events }: Lap, { eventsPerRequest, form, url }: ClosedLoop): Buffer[] {
  const requests: Buffer[] = []
  for (let from = 0; from < events.length; from += eventsPerRequest)
    requests.push(requestOf(events.slice(from, from + eventsPerRequest), form, url))
  return requests.reverse()
}
