// A process that asks GraphQL questions over HTTP and looks whether each answer says what it must. First a few at a time, each
// connection the next as soon as it is answered: how many a second there can be. Then at half of that, each at its time whether those
// before it are answered or not, as people ask who know nothing of each other: how long one of them waits (histogram.ts, H1).
import { Latencies } from '../histogram.ts'
import { flawOf, type Wanted } from './answers.ts'
import { requestBytes } from './connection.ts'
import { due } from './due.ts'
import { postPatiently } from './patient.ts'
import { Pool } from './pool.ts'

export interface Ask extends Wanted {
  readonly query: string
  readonly variables: object
}

export interface Asking {
  readonly url: string
  /** The first half is asked as fast as it is answered, the other at half that rate. */
  readonly asks: readonly Ask[]
  /** Of the first half. */
  readonly atATime: number
  /** The first so many are asked like the rest and count nowhere: they meet code that nothing has made fast yet. */
  readonly warmUp: number
}

export interface Asked {
  /** Answers a second while a few are asked at a time, without a pause. */
  readonly mostPerSecond: number
  /** Of these. */
  readonly busyLatencies: string
  readonly offeredPerSecond: number
  /** From when each of the second half was due. */
  readonly latencies: string
  readonly wrong: number
  /** Requests that were turned away for now and sent again; their latency counts from the first sending. */
  readonly turnedAway: number
  /** The first wrong answer, cut short. */
  readonly sample?: string
}

// More than are ever open at half the rate: who waited for a connection would be late by the client, not by the server.
const CONNECTIONS = 64

async function askAll({ asks, atATime, url, warmUp }: Asking): Promise<Asked> {
  const target = new URL('/graphql', url)
  const pool = new Pool(target, CONNECTIONS)
  await pool.opened()
  const turnedAway = { requests: 0 }
  // Made before the clock runs, and looked at once all have come: what the client does meanwhile is not there for the server.
  const prepared = asks.map(ask => ({
    bytes: requestBytes(target, 'application/json', JSON.stringify({ query: ask.query, variables: ask.variables })),
    ask,
  }))
  const answers: (readonly [Ask, string])[] = []
  const half = Math.ceil(prepared.length / 2)
  const busy = await askBusily(prepared.slice(0, half))
  const offeredPerSecond = busy.perSecond / 2
  const latencies = await askAt(offeredPerSecond, prepared.slice(half))
  pool.close()
  const flaws = answers.flatMap(([ask, answer]) => flawOf(ask, answer) ?? [])
  return {
    mostPerSecond: busy.perSecond,
    busyLatencies: busy.latencies.toText(),
    offeredPerSecond,
    latencies: latencies.toText(),
    wrong: flaws.length,
    turnedAway: turnedAway.requests,
    sample: flaws[0],
  }

  async function askBusily(requests: readonly Prepared[]) {
    const latencies = new Latencies()
    const waiting = requests.values()
    let asked = 0
    let startedMs = performance.now()
    const askInTurn = async () => {
      for (const request of waiting) {
        const askedMs = performance.now()
        await answered(request)
        if (++asked > warmUp) latencies.record(performance.now() - askedMs)
        else startedMs = performance.now()
      }
    }
    await Promise.all(Array.from({ length: atATime }, askInTurn))
    return { latencies, perSecond: (latencies.count / (performance.now() - startedMs)) * 1e3 }
  }

  async function askAt(perSecond: number, requests: readonly Prepared[]): Promise<Latencies> {
    const latencies = new Latencies()
    const startedMs = performance.now()
    const open: Promise<void>[] = []
    for (const [index, request] of requests.entries()) {
      const fromMs = await due(startedMs + (index / perSecond) * 1e3)
      open.push(answered(request).then(() => latencies.record(performance.now() - fromMs)))
    }
    await Promise.all(open)
    return latencies
  }

  async function answered({ ask, bytes }: Prepared): Promise<void> {
    answers.push([ask, await pool.use(connection => postPatiently(connection, bytes, turnedAway))])
  }
}

interface Prepared {
  readonly bytes: Buffer
  readonly ask: Ask
}

process.once('message', async (asking: Asking) => {
  process.send?.(await askAll(asking))
})
