// A process that asks GraphQL questions over HTTP, each connection the next as soon as it is answered, and looks whether each
// answer says what it must.
import { Latencies } from '../histogram.ts'
import { flawOf, type Wanted } from './answers.ts'
import { Connection, requestBytes } from './connection.ts'
import { postPatiently } from './patient.ts'

export interface Ask extends Wanted {
  readonly query: string
  readonly variables: object
}

export interface Asking {
  readonly url: string
  readonly asks: readonly Ask[]
  readonly connections: number
  /** The first so many are asked like the rest and count nowhere: they meet code that nothing has made fast yet. */
  readonly warmUp: number
}

export interface Asked {
  readonly seconds: number
  readonly latencies: string
  readonly wrong: number
  /** Requests that were turned away for now and sent again; their latency counts from the first sending. */
  readonly turnedAway: number
  /** The first wrong answer, cut short. */
  readonly sample?: string
}

async function askAll({ asks, connections: count, url, warmUp }: Asking): Promise<Asked> {
  const target = new URL('/graphql', url)
  const connections = Array.from({ length: count }, () => new Connection(target))
  const latencies = new Latencies()
  const requests = asks
    .map(ask => ({
      bytes: requestBytes(target, 'application/json', JSON.stringify({ query: ask.query, variables: ask.variables })),
      ask,
    }))
    .reverse()
  const turnedAway = { requests: 0 }
  // Looked at once all have come: what the client does meanwhile is not there for the server.
  const answers: (readonly [Ask, string])[] = []
  let asked = 0
  let startedMs = performance.now()
  await Promise.all(connections.map(connection => askOn(connection)))
  const seconds = (performance.now() - startedMs) / 1e3
  for (const connection of connections) connection.close()
  const flaws = answers.flatMap(([ask, answer]) => flawOf(ask, answer) ?? [])
  return {
    seconds,
    latencies: latencies.toText(),
    wrong: flaws.length,
    turnedAway: turnedAway.requests,
    sample: flaws[0],
  }

  async function askOn(connection: Connection): Promise<void> {
    for (let request = requests.pop(); request !== undefined; request = requests.pop()) {
      const askedMs = performance.now()
      const answer = await postPatiently(connection, request.bytes, turnedAway)
      if (++asked > warmUp) latencies.record(performance.now() - askedMs)
      else startedMs = performance.now()
      answers.push([request.ask, answer])
    }
  }
}

process.once('message', async (asking: Asking) => {
  process.send?.(await askAll(asking))
})
