// Endpoints, over real sockets: every answer is one of ours, none is a 5xx, and the server goes on.
import { WebSocket } from 'ws'
import type { Random } from '../../connectors/simulated/random.ts'
import { type Server, startServer } from '../../graphql/server.ts'
import { SOURCES } from '../helpers/distributor.ts'
import { openTestTwin } from '../helpers/test-twin.ts'
import { mutatedQuery, mutatedText, mutatedValue } from './mutate.ts'
import { QUERIES, SAMPLES } from './pure-targets.ts'
import { FuzzFailure, type Target } from './target.ts'

const pick = <Item>(items: readonly Item[], random: Random): Item => items[random.whole(items.length)] as Item

export interface WireTargets {
  readonly targets: readonly Target[]
  close(): Promise<void>
}

export async function wireTargets(): Promise<WireTargets> {
  const reported: unknown[] = []
  const twin = await openTestTwin({ sources: SOURCES, nowMs: Date.UTC(2027, 1, 1) })
  const server = await startServer({ twin, port: 0, report: error => reported.push(error) })
  const check = async (answer: Promise<Response>) => {
    const response = await answer.catch(error => {
      // What is no HTTP at all ends its connection; the next one must be served.
      if (error instanceof TypeError) return fetch(`${server.url}/livez`)
      throw error
    })
    await response.arrayBuffer()
    if (response.status >= 500 && response.status !== 503) throw new FuzzFailure(`HTTP ${response.status}`)
    const [fault] = reported.splice(0)
    if (fault !== undefined) throw new FuzzFailure(`reported: ${fault instanceof Error ? fault.stack : String(fault)}`)
    if (!twin.health().ready) throw new FuzzFailure('the twin stopped')
  }
  const target = (
    name: string,
    covers: readonly string[],
    send: (random: Random, keep: (input: unknown) => void) => Promise<void>,
  ): Target => {
    let input: unknown
    const keep = (given: unknown) => {
      input = given
    }
    return { name, covers, weight: 1, last: () => input, try: random => send(random, keep) }
  }
  const post = (path: string, type: string, body: Buffer | string) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: new Uint8Array(Buffer.from(body)),
    })
  const body = (random: Random) => mutatedText({ specversion: '1.0', ...pick(SAMPLES, random) }, random)
  const targets = [
    target('POST /v1/events, one', ['graphql/http/event-bodies.ts readBody'], async (random, keep) => {
      const bytes = body(random)
      keep(bytes.toString())
      await check(post(pick(['/v1/events', '/v1/preview'], random), 'application/cloudevents+json', bytes))
    }),
    target('POST /v1/events, batch', ['graphql/http/event-bodies.ts readBody'], async (random, keep) => {
      const bytes = mutatedText(
        [1, 2].map(() => ({ specversion: '1.0', ...pick(SAMPLES, random) })),
        random,
      )
      keep(bytes.toString())
      await check(post(pick(['/v1/events', '/v1/preview'], random), 'application/cloudevents-batch+json', bytes))
    }),
    target('POST /v1/events, lines', ['graphql/http/event-bodies.ts readBody'], async (random, keep) => {
      const bytes = Buffer.concat([body(random), Buffer.from('\n'), body(random)])
      keep(bytes.toString())
      await check(post(pick(['/v1/events', '/v1/preview'], random), 'application/x-ndjson', bytes))
    }),
    target('POST /v1/events, binary mode', ['graphql/http/binary-mode.ts readBinary'], async (random, keep) => {
      const { data, ...attributes } = pick(SAMPLES, random)
      const headers = new Headers({ 'content-type': 'application/json', 'ce-specversion': '1.0' })
      for (const [name, value] of Object.entries(mutatedValue(attributes, random) ?? {}))
        setHeader(headers, `ce-${name}`, value)
      const bytes = mutatedText(data, random)
      keep([...headers, bytes.toString()])
      await check(fetch(`${server.url}/v1/events`, { method: 'POST', headers, body: new Uint8Array(bytes) }))
    }),
    target('POST /graphql', ['graphql/http/graphql-request.ts readParameters'], async (random, keep) => {
      const request = { query: mutatedQuery(pick(QUERIES, random), ['order', '{', '"x"'], random), variables: { n: 2 } }
      const bytes = random.chance(0.5) ? mutatedText(request, random) : Buffer.from(JSON.stringify(request))
      keep(bytes.toString())
      await check(post('/graphql', 'application/json', bytes))
    }),
    target('GET /graphql and other paths', ['graphql/http/graphql-request.ts readParameters'], async (random, keep) => {
      const query = new URLSearchParams({
        query: pick(QUERIES, random),
        variables: mutatedText({ n: 2 }, random).toString(),
      })
      const path = pick(
        [
          `/graphql?${query}`,
          `/v1/${encodeURIComponent(JSON.stringify(mutatedValue('orders', random))?.slice(0, 2_000).toWellFormed() ?? '')}`,
          '/%ff',
          '/metrics?%00',
        ],
        random,
      )
      keep(path)
      await check(fetch(`${server.url}${path}`))
    }),
    target('graphql-ws frames', [], (random, keep) =>
      frames(server, random, keep).then(() => check(fetch(`${server.url}/livez`))),
    ),
  ]
  return {
    targets,
    async close() {
      await server.close()
      await twin.close()
    },
  }
}

/** What a header cannot say is left out: the client would refuse it, not the server. */
function setHeader(headers: Headers, name: string, value: unknown): void {
  try {
    headers.set(name, typeof value === 'string' ? value : JSON.stringify(value))
  } catch {
    // Not a header's name or value.
  }
}

const MESSAGES: readonly object[] = [
  { type: 'connection_init', payload: {} },
  { type: 'subscribe', id: '1', payload: { query: 'subscription { orderChanged(ref: "O-1") { cursor } }' } },
  { type: 'subscribe', id: '2', payload: { query: '{ __typename }', variables: { a: 1 } } },
  { type: 'complete', id: '1' },
  { type: 'ping' },
  { type: 'pong', payload: { a: 1 } },
]

/** A few messages on a socket of their own, until it is closed by either side. */
async function frames(server: Server, random: Random, keep: (input: unknown) => void): Promise<void> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, ['graphql-transport-ws'])
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  socket.on('error', () => undefined)
  await new Promise<void>(resolve => socket.once('open', () => resolve()).once('close', () => resolve()))
  const sent: string[] = []
  for (const message of MESSAGES) {
    const bytes = random.chance(0.3) ? mutatedText(message, random) : Buffer.from(JSON.stringify(message))
    sent.push(bytes.toString())
    keep(sent)
    if (socket.readyState === socket.OPEN) socket.send(bytes, { binary: random.chance(0.05) })
  }
  socket.close(1000)
  await closed
}
