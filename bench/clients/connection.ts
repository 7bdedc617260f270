// Connection: one keep-alive HTTP/1.1 connection that posts prepared bytes and reads whole answers. No more than that:
// what the client spends is not there for the server on the same machine.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

interface Asked {
  readonly answered: (body: string) => void
  readonly failed: (error: Error) => void
}

export class Connection {
  readonly #socket: Socket
  #received = ''
  #asked: Asked | undefined
  /** Of the last answer. */
  status = 0
  /** Seconds after which the last answer asks to come again; 0 where it does not. */
  retryAfter = 0

  constructor(url: URL) {
    this.#socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
    this.#socket.setEncoding('utf8')
    this.#socket.on('data', (text: string) => this.#take(text))
    this.#socket.on('error', error => this.#asked?.failed(error))
    this.#socket.on('close', () => this.#asked?.failed(new Error('the server closed the connection')))
  }

  /** Resolves once it is connected; rejects where nobody listens. */
  async opened(): Promise<void> {
    if (this.#socket.connecting) await once(this.#socket, 'connect')
  }

  /** Sends one whole request and resolves with the body of its answer. One at a time. Rejects once the server has closed it. */
  post(request: Buffer): Promise<string> {
    if (!this.#socket.writable) return Promise.reject(new Error('the server has closed the connection'))
    return new Promise((answered, failed) => {
      this.#asked = { answered, failed }
      this.#received = ''
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#asked = undefined
    this.#socket.destroy()
  }

  #take(text: string): void {
    this.#received += text
    const body = bodyOf(this.#received)
    if (body === undefined) return
    this.status = Number(this.#received.slice(STATUS_FROM, STATUS_TO))
    this.retryAfter = this.status < 400 ? 0 : retryAfterIn(this.#received)
    const asked = this.#asked
    this.#asked = undefined
    asked?.answered(body)
  }
}

const [STATUS_FROM, STATUS_TO] = ['HTTP/1.1 '.length, 'HTTP/1.1 200'.length]

/** A request as bytes, made before the clock runs. */
export function requestBytes(url: URL, type: string, body: string): Buffer {
  const length = Buffer.byteLength(body)
  return Buffer.from(
    `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n${body}`,
  )
}

const retryAfterIn = (answer: string): number =>
  Number(/^retry-after: (\d+)/im.exec(answer.slice(0, answer.indexOf('\r\n\r\n')))?.[1] ?? 0)

/** The body of a whole answer; undefined while there is more to come. */
function bodyOf(answer: string): string | undefined {
  const end = answer.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = answer.slice(0, end).toLowerCase()
  const body = answer.slice(end + 4)
  if (head.includes('transfer-encoding: chunked')) return body.endsWith('0\r\n\r\n') ? dechunked(body) : undefined
  const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0)
  return Buffer.byteLength(body) < length ? undefined : body
}

// Chunk sizes count bytes; the outcomes asked for here are ASCII, of which each is one unit.
function dechunked(body: string): string {
  let text = ''
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at)
    const size = Number.parseInt(body.slice(at, line), 16)
    if (!(size > 0)) return text
    text += body.slice(line + 2, line + 2 + size)
    at = line + 2 + size + 2
  }
}
