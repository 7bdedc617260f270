// Endpoints, over real sockets: every answer is one of ours, none is a 5xx, and the server goes on.
import { WebSocket } from 'ws'
import type { Random } from '../../connectors/simulated/random.ts'
import { type Server, startServer } from '../../graphql/server.ts'
import { event, readyOrder, SOURCES } from '../helpers/distributor.ts'
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
  await twin.submit([
    ...readyOrder('O-1'),
    event('erp', 'credit.held', 'order/O-1', '00:50'),
    event('ups', 'shipment.in_transit', 'ref/tracking/T-1', '01:00'),
  ])
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
    target('POST /graphql, what people do', [], async (random, keep) => {
      const query = pick(ACTS, random)
      const variables = mutatedValue({ ...ACT, id: pick(EXCEPTIONS, random) }, random)
      const body = JSON.stringify({ query, variables }).toWellFormed()
      keep(body)
      await check(post('/graphql', 'application/json', body))
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

const ACTS: readonly string[] = [
  'mutation($id: ID!, $team: Team, $person: String, $by: ID, $requestId: ID) { assignException(id: $id, team: $team, person: $person, by: $by, requestId: $requestId) { id state assignee { person } } }',
  'mutation($id: ID!, $text: String!, $by: ID, $requestId: ID) { noteException(id: $id, text: $text, by: $by, requestId: $requestId) { notes { text } } }',
  'mutation($id: ID!, $reason: String!, $by: ID) { retryException(id: $id, reason: $reason, by: $by) { outcome code } }',
  'mutation($id: ID!, $reason: String!, $by: ID) { discardException(id: $id, reason: $reason, by: $by) { state closedBy { event } } }',
  'mutation($ref: String!, $id: ID!, $reason: String!, $count: Int, $by: ID) { linkReference(ref: $ref, to: $id, reason: $reason, count: $count, by: $by) { outcome code } }',
  'query($ref: String!, $id: ID!, $by: ID) { linkPreview(ref: $ref, to: $id, by: $by) { count outcomes { outcome } } }',
  'mutation($event: EventInput!, $reason: String!) { forceTransition(event: $event, reason: $reason) { outcome code } }',
  'query($where: ExceptionFilter!) { exceptionSelection(where: $where) { count token } }',
  'mutation($where: ExceptionFilter!, $token: String!, $reason: String!, $by: ID) { discardExceptions(where: $where, token: $token, reason: $reason, by: $by) { id outcome { code } } }',
]

const encoded = (parts: readonly unknown[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url')
const EXCEPTIONS: readonly string[] = [
  encoded(['exception', 'O-1', 'credit_hold|order|']),
  encoded(['exception', 'ref:T-1', 'unknown_subject|order|ups/e']),
  encoded(['exception', '', '']),
  encoded(['exception', 1, 2]),
  encoded(['order', 'O-1']),
  encoded(['shipment/EAST/S-1', 'O-1']),
]
const ACT = {
  id: EXCEPTIONS[0],
  ref: 'tracking/T-1',
  team: 'finance',
  person: 'Ben',
  by: 'ann',
  requestId: 'r-1',
  text: 'asked accounting',
  reason: 'by telephone',
  count: 1,
  token: '1-x',
  where: { kind: ['refused_event'], person: ['Ben'], isAssigned: true },
  event: {
    id: 'f-1',
    source: 'ann',
    type: 'order.accepted',
    subject: 'order/O-1',
    time: '2026-11-21T01:00:00Z',
    data: {},
  },
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
