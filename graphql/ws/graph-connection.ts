// GraphConnection: one client's socket, watched. Reads frames strictly, sends one message after another, notices who does
// not read, does not answer pings, or does nothing at all.
// Owns: the timers of one socket.   Does not own: operations (graphql-ws does).
import type { Writable } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import type { Sender } from '../../engine/twin.ts'
import type { SocketLimits } from '../graph-limits.ts'
import { readJson } from '../http/strict-json.ts'
import type { Telling } from '../live/telling.ts'
import { CLOSE_CODES, type CloseReason, closeReason } from './close-codes.ts'
import type { GraphSocketServer } from './socket-routes.ts'

export interface ConnectionOptions {
  /** What `socket` writes its frames to. It compresses nothing and cuts no message, so that whole frames may go between its own. */
  readonly wire: Writable
  readonly limits: SocketLimits
  readonly server: GraphSocketServer
  readonly sender: Sender
  readonly report: (error: unknown) => void
}

const BAD_MESSAGE = 4400
const INTERNAL = 4500

export class GraphConnection {
  private readonly socket: WebSocket
  private readonly options: ConnectionOptions
  private readonly timers: readonly NodeJS.Timeout[]
  private readonly streams = new Set<Telling>()
  private handle: (text: string) => Promise<void> = async () => undefined
  /** When the oldest message the client has not taken was sent; undefined when it took all. */
  private stalledMs: number | undefined
  private unsent = 0
  private operations = 0
  private quietMs = performance.now()
  private isAlive = true

  constructor(socket: WebSocket, options: ConnectionOptions) {
    this.socket = socket
    this.options = options
    const { checkEveryMs, pingEveryMs } = options.limits
    this.timers = [setInterval(() => this.check(), checkEveryMs), setInterval(() => this.ping(), pingEveryMs)]
    const closed = options.server.opened(this.adapter(), {
      sender: options.sender,
      streams: this.streams,
      sendFrames: frames => this.handOver(taken => options.wire.write(frames, taken)),
    })
    socket.on('message', (data, isBinary) => void this.receive(data, isBinary))
    socket.on('pong', () => {
      this.isAlive = true
    })
    socket.once('close', (code, reason) => {
      for (const timer of this.timers) clearInterval(timer)
      void closed(code, String(reason))
    })
  }

  /** The client is told why; who does not answer the close frame is cut. */
  close(code: number, reason: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return
    this.socket.close(code, reason)
    for (const stream of this.streams) stream.end()
    setTimeout(() => this.socket.terminate(), this.options.limits.closeMs).unref()
  }

  /** What graphql-ws is given for a socket. */
  private adapter() {
    return {
      protocol: this.socket.protocol,
      send: (text: string) => this.handOver(taken => this.socket.send(text, taken)),
      close: (code?: number, reason?: string) => this.close(code ?? 1000, reason ?? ''),
      onMessage: (handle: (text: string) => Promise<void>) => {
        this.handle = handle
      },
    }
  }

  /** Resolves when the operating system has taken what `write` wrote: a stream waits for that before it tells more. */
  private handOver(write: (taken: () => void) => void): Promise<void> {
    if (this.socket.readyState !== this.socket.OPEN) return Promise.resolve()
    this.stalledMs ??= performance.now()
    this.unsent++
    return new Promise(resolve => {
      write(() => {
        this.unsent--
        this.stalledMs = this.unsent === 0 ? undefined : performance.now()
        resolve()
      })
    })
  }

  private async receive(data: RawData, isBinary: boolean): Promise<void> {
    if (this.socket.bufferedAmount > this.options.limits.unsentBytesMax) return this.end('too_far_behind')
    const bytes = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)])
    const { values, flaws } = readJson(bytes)
    const flaw = isBinary ? 'is not text' : flaws.get(0)
    if (flaw !== undefined) return this.close(BAD_MESSAGE, `the message ${flaw}`.slice(0, 120))
    const isOperation = (values[0] as { type?: unknown } | null)?.type === 'subscribe'
    if (isOperation) this.operations++
    try {
      await this.handle(bytes.toString())
    } catch (error) {
      this.options.report(error)
      this.close(INTERNAL, 'internal')
    } finally {
      if (isOperation) this.operations--
      this.quietMs = performance.now()
    }
  }

  private end(reason: CloseReason): void {
    const [only, another] = this.streams
    this.close(CLOSE_CODES[reason], closeReason(reason, another === undefined ? only?.resumeAt : undefined))
  }

  private check(): void {
    const { idleMs, stallMs } = this.options.limits
    const nowMs = performance.now()
    if (this.stalledMs !== undefined && nowMs - this.stalledMs > stallMs) this.end('too_far_behind')
    else if (this.operations === 0 && nowMs - this.quietMs > idleMs) this.end('idle')
  }

  private ping(): void {
    if (this.isAlive) this.socket.ping()
    else this.socket.terminate()
    this.isAlive = false
  }
}
