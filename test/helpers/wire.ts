// Clients for wire tests: a server on a free port that ends with its test, event samples, a full-duplex line client.
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import type { Pressure } from '../../graphql/http/pressure.ts'
import { type Server, type ServerOptions, startServer } from '../../graphql/server.ts'

/** However busy the machine is: what is turned away then has a test of its own (H14). */
const CALM: Pressure = { isHigh: () => false, isExtreme: () => false, loopDelayMs: () => 0, close: () => undefined }

export async function serve(options: Omit<ServerOptions, 'port'>): Promise<Server> {
  const server = await startServer({ port: 0, pressure: CALM, ...options })
  onTestFinished(() => server.close())
  return server
}

export const sampleEvent = (id: string, more: object = {}) => ({
  specversion: '1.0',
  id,
  source: 'wms-1',
  type: 'pick.started',
  subject: 'shipment/S-1',
  time: '2026-11-21T10:00:00Z',
  data: { wave: 'W1' },
  ...more,
})

export const post = (
  url: string,
  type: string | undefined,
  body: string | Uint8Array<ArrayBuffer> | undefined,
  headers: Record<string, string> = {},
) => fetch(url, { method: 'POST', body, headers: type === undefined ? headers : { 'content-type': type, ...headers } })

export interface LineClient {
  readonly request: ClientRequest
  send(text: string | Buffer): void
  end(): void
  /** The next answer line, parsed; undefined at the end. */
  next(): Promise<Record<string, unknown> | undefined>
  all(): Promise<Record<string, unknown>[]>
  readonly response: Promise<IncomingMessage>
}

/** One NDJSON request whose answers are read while it is written. */
export function lineClient(url: string, headers: Record<string, string> = {}): LineClient {
  const request = httpRequest(url, { method: 'POST', headers: { 'content-type': 'application/x-ndjson', ...headers } })
  const { promise: response, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request.on('response', resolve)
  request.on('error', reject)
  response.catch(() => {})
  request.flushHeaders()
  const lines = linesOf(response)
  const next = async () => {
    const { value, done } = await lines.next()
    return done ? undefined : JSON.parse(value)
  }
  return {
    request,
    response,
    send: text => void request.write(text),
    end: () => void request.end(),
    next,
    async all() {
      const answers: Record<string, unknown>[] = []
      for (let answer = await next(); answer !== undefined; answer = await next()) answers.push(answer)
      return answers
    },
  }
}

async function* linesOf(response: Promise<IncomingMessage>): AsyncGenerator<string, undefined> {
  const input = await response
  for await (const line of createInterface({ input })) yield line
  return undefined
}

/** A bare socket to the server, and all it said until it closed. */
export function rawClient(port: number): { readonly socket: Socket; readonly said: Promise<string> } {
  const socket = connect(port, '127.0.0.1')
  const { promise: said, resolve } = Promise.withResolvers<string>()
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', chunk => (text += chunk))
  socket.on('error', () => {})
  socket.on('close', () => resolve(text))
  return { socket, said }
}
