// Clients of GraphQL for wire tests: a twin with a distributor's sources behind a real server, one call a query, and
// subscriptions read one payload at a time.
import { type Client, createClient } from 'graphql-ws'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { Server, ServerOptions } from '../../graphql/server.ts'
import { SOURCES } from '../helpers/distributor.ts'
import { openTestTwin, type TestTwin } from '../helpers/test-twin.ts'
import { serve } from '../helpers/wire.ts'

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  readonly data?: any
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly [name: string]: unknown } }[]
}

export interface World {
  readonly twin: TestTwin
  readonly server: Server
  query(text: string, variables?: object): Promise<Answer>
}

/** A twin and its server; `events` are submitted first, each of which must count or wait. */
export async function world(
  events: readonly object[] = [],
  options: Omit<ServerOptions, 'port' | 'twin'> = {},
): Promise<World> {
  const twin = await openTestTwin({ sources: SOURCES })
  const server = await serve({ twin, ...options })
  if (events.length > 0) await twin.submit(events)
  return { twin, server, query: (text, variables) => ask(server.url, text, variables) }
}

export async function ask(url: string, query: string, variables?: object): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  return { status: response.status, ...((await response.json()) as object) }
}

export const codeOf = ({ errors }: Answer): unknown => errors?.[0]?.extensions.code

export const socketUrl = ({ url }: Server): string => `${url.replace('http', 'ws')}/graphql`

/** A graphql-ws client that ends with its test. */
export function socketClient(server: Server): Client {
  const client = createClient({
    url: socketUrl(server),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    lazy: true,
  })
  onTestFinished(() => void client.dispose())
  return client
}

/** A subscription, read by hand. */
export const subscription = (client: Client, query: string, variables: Record<string, unknown> = {}) =>
  // biome-ignore lint/suspicious/noExplicitAny: tests look into payloads of any shape
  client.iterate<any>({ query, variables })

/** The next `count` payloads' data. */
/** What may happen next to order A1, by whom and what; of each `fields`, entity and event. */
export async function nextActionsOf(query: World['query'], fields: string) {
  const { data } = await query(`{ order(ref: "A1") { nextActions { entity event ${fields} } } }`)
  const rows: readonly { readonly entity: string; readonly event: string }[] = data.order.nextActions
  return new Map(rows.map(row => [`${row.entity} ${row.event}`, row]))
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into payloads of any shape
export async function take(stream: AsyncIterator<any>, count: number): Promise<any[]> {
  const taken = []
  while (taken.length < count) {
    const { done, value } = await stream.next()
    if (done) break
    taken.push(value.data ?? value)
  }
  return taken
}

export interface RawSocket {
  readonly socket: WebSocket
  send(message: object): void
  /** The next message. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages of any shape
  next(): Promise<any>
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
}

export interface RawOptions {
  readonly protocol?: string[]
  readonly headers?: Record<string, string>
  readonly autoPong?: boolean
}

/** A bare socket that speaks the subprotocol by hand. */
export async function rawSocket(
  server: Server,
  { protocol = ['graphql-transport-ws'], headers, autoPong }: RawOptions = {},
): Promise<RawSocket> {
  const socket = new WebSocket(socketUrl(server), protocol, { headers, autoPong })
  const waiting: ((message: unknown) => void)[] = []
  const come: unknown[] = []
  socket.on('message', data => {
    const message: unknown = JSON.parse(String(data))
    const wake = waiting.shift()
    if (wake === undefined) come.push(message)
    else wake(message)
  })
  const closed = new Promise<{ code: number; reason: string }>(resolve => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
  })
  onTestFinished(() => socket.terminate())
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return {
    socket,
    closed,
    send: message => socket.send(JSON.stringify(message)),
    next: () => (come.length > 0 ? Promise.resolve(come.shift()) : new Promise(resolve => void waiting.push(resolve))),
  }
}

/** A bare socket that has been acknowledged. */
export async function readySocket(server: Server, options?: RawOptions): Promise<RawSocket> {
  const raw = await rawSocket(server, options)
  raw.send({ type: 'connection_init' })
  await raw.next()
  return raw
}
