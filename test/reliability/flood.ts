// Flood: connectors of one partner that has far more to say than is taken. Each has a batch in hand until all of it is taken: what is
// turned away it sends again, the same events, not before the server asked it to come again. None sends two requests at a time.
import { setTimeout as pause } from 'node:timers/promises'
import { Connection, requestBytes } from '../../bench/clients/connection.ts'
import type { Outcome } from '../../engine/outcome.ts'
import { captured } from '../helpers/distributor.ts'

/** Events that nobody sent before, and which of them were acknowledged. */
export class FloodEvents {
  /** By number of event. */
  readonly taken: boolean[] = []
  readonly url: URL
  private readonly pieces: readonly string[]
  private next = 0

  constructor(url: string) {
    this.url = new URL('/v1/events', url)
    this.pieces = JSON.stringify({ specversion: '1.0', ...captured(`N${NUMBER}`, '00:10'), id: idOf(NUMBER) }).split(
      NUMBER,
    )
  }

  more(count: number): readonly number[] {
    this.next += count
    return Array.from({ length: count }, (_, index) => this.next - count + index)
  }

  /** The bytes of a request. */
  request(numbers: readonly number[]): Buffer {
    const events = numbers.map(number => this.pieces.join(String(number)))
    return requestBytes(this.url, 'application/cloudevents-batch+json', `[${events.join()}]`)
  }

  /** Ids of acknowledged ones that are not `there`. */
  lost(there: ReadonlySet<string>): readonly string[] {
    return this.taken.flatMap((isTaken, number) => (isTaken && !there.has(idOf(number)) ? [idOf(number)] : []))
  }
}

const NUMBER = '#'
const idOf = (number: number | string): string => `n-${number}`

/** What came of one request, in events. */
export interface Answered {
  readonly accepted: number
  readonly shed: number
  /** Without an answer. */
  readonly broken: number
}

export class Connector {
  /** Made when it is first needed, and again when the server has closed it. */
  private connection: Connection | undefined
  private numbers: readonly number[] = []
  private bytes: Buffer = Buffer.alloc(0)
  private readonly events: FloodEvents
  private readonly batchEvents: number

  constructor(events: FloodEvents, batchEvents: number) {
    this.events = events
    this.batchEvents = batchEvents
  }

  /** As a connector that has been there for long: connected, with nothing to say. */
  async connect(): Promise<void> {
    this.connection = new Connection(this.events.url)
    await this.connection.post(Buffer.from(`GET /livez HTTP/1.1\r\nhost: ${this.events.url.host}\r\n\r\n`))
  }

  /** Sends what it has in hand, else something new. */
  async send(): Promise<Answered> {
    if (this.numbers.length === 0) this.hold(this.events.more(this.batchEvents))
    const sent = this.numbers
    this.connection ??= new Connection(this.events.url)
    const body = await this.connection.post(this.bytes).catch(() => undefined)
    if (body === undefined) return this.broken()
    if (body.startsWith('{')) return this.refused(body, this.connection)
    const outcomes = JSON.parse(body) as Outcome[]
    for (const [index, { id, outcome }] of outcomes.entries()) {
      if (outcome === 'accepted' || outcome === 'duplicate') this.events.taken[sent[index] as number] = true
      else if (outcome !== 'overloaded') throw new Error(`event ${id}: ${outcome}`)
    }
    const open = sent.filter(number => !this.events.taken[number])
    if (open.length > 0 || sent.length < this.batchEvents) this.hold(open)
    else this.numbers = open
    return { accepted: sent.length - open.length, shed: open.length, broken: 0 }
  }

  /** Until it may send again. */
  async rest({ broken, shed }: Answered): Promise<void> {
    // Outcomes of a batch do not say when; what says nothing is sent again after a second.
    if (shed + broken > 0) await pause((this.connection?.retryAfter || 1) * 1_000)
  }

  close(): void {
    this.connection?.close()
  }

  private hold(numbers: readonly number[]): void {
    this.numbers = numbers
    this.bytes = numbers.length === 0 ? this.bytes : this.events.request(numbers)
  }

  private refused(body: string, { retryAfter, status }: Connection): Answered {
    if (status !== 429 || retryAfter === 0) throw new Error(`a batch was answered ${status} ${body}`)
    return { accepted: 0, shed: this.numbers.length, broken: 0 }
  }

  /** The connection was lost before the answer: whether the events are there, sending them again will tell. */
  private broken(): Answered {
    this.connection?.close()
    this.connection = undefined
    return { accepted: 0, shed: 0, broken: this.numbers.length }
  }
}
