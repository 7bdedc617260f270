// Subscriber: one WebSocket with one subscription by graphql-transport-ws. It hands on the bytes of each payload unread.
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { CLOSE, clientFrame, FrameReader, PING, PONG, TEXT } from './frames.ts'

export interface SubscriberOptions {
  readonly url: URL
  readonly query: string
  readonly onNext: (payload: Buffer) => void
  readonly onEnd: (why: string) => void
  /** The server has read the subscription. No protocol says so: a ping behind it is answered. Not every server takes pings. */
  readonly onReady?: () => void
}

const NEXT = '"next"'
const ACKNOWLEDGED = '"connection_ack"'
// The type stands within the first bytes of a message, whatever the order of its keys.
const TYPE_BYTES = 48

export class Subscriber {
  readonly #socket: Socket
  readonly #options: SubscriberOptions
  readonly #frames = new FrameReader()
  #head: Buffer | undefined = Buffer.alloc(0)
  #isClosed = false

  constructor(options: SubscriberOptions) {
    this.#options = options
    const { host, hostname, pathname, port } = options.url
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true })
    this.#socket.write(
      [
        `GET ${pathname} HTTP/1.1`,
        `host: ${host}`,
        'connection: Upgrade',
        'upgrade: websocket',
        'sec-websocket-version: 13',
        `sec-websocket-key: ${randomBytes(16).toString('base64')}`,
        'sec-websocket-protocol: graphql-transport-ws',
        '\r\n',
      ].join('\r\n'),
    )
    this.#say({ type: 'connection_init' })
    this.#socket.on('data', chunk => this.#take(chunk))
    this.#socket.on('error', error => this.#end(error.message))
    this.#socket.on('close', () => this.#end('the server closed the connection'))
  }

  close(): void {
    this.#isClosed = true
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    const rest = this.#afterHead(chunk)
    if (rest === undefined) return
    for (const { opcode, payload } of this.#frames.read(rest)) {
      if (opcode === TEXT) this.#hear(payload)
      else if (opcode === PING) this.#socket.write(clientFrame(PONG, payload))
      else if (opcode === CLOSE) this.#end(payload.subarray(2).toString())
    }
  }

  #hear(payload: Buffer): void {
    const start = payload.toString('latin1', 0, TYPE_BYTES)
    if (start.includes(NEXT)) this.#options.onNext(payload)
    else if (start.includes(ACKNOWLEDGED)) this.#subscribe()
    else if (start.includes('"pong"')) this.#options.onReady?.()
    else if (start.includes('"error"') || start.includes('"complete"')) this.#end(payload.toString())
  }

  #subscribe(): void {
    this.#say({ id: '1', type: 'subscribe', payload: { query: this.#options.query } })
    if (this.#options.onReady !== undefined) this.#say({ type: 'ping' })
  }

  /** What follows the answer to the upgrade; undefined until that is whole. */
  #afterHead(chunk: Buffer): Buffer | undefined {
    if (this.#head === undefined) return chunk
    this.#head = Buffer.concat([this.#head, chunk])
    const end = this.#head.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const status = this.#head.toString('latin1', 0, this.#head.indexOf('\r\n'))
    if (!status.includes(' 101 ')) this.#end(status)
    const rest = this.#head.subarray(end + 4)
    this.#head = undefined
    return rest
  }

  #say(message: object): void {
    this.#socket.write(clientFrame(TEXT, Buffer.from(JSON.stringify(message))))
  }

  #end(why: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#options.onEnd(why)
  }
}
