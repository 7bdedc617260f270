// Flood: connectors of one partner that has far more to say than is taken. Each has a batch in hand until all of it is taken: what is
// turned away it sends again, the same events, not before the server asked it to come again. None sends two requests at a time.
import { setTimeout as pause } from 'node:timers/promises'
import { Connection, requestBytes } from '../../bench/clients/connection.ts'
import { orderLife, type Told } from '../../bench/load/order-life.ts'
import { seededRandom } from '../../connectors/simulated/random.ts'
import type { Outcome } from '../../engine/outcome.ts'

/** An event as it is sent. */
export interface FloodEvent {
  readonly id: string
  readonly text: string
}

/**
 * Scans of one carrier, of shipments that are on their way: as many as are asked for, about as many orders as ever. Each says
 * where a shipment is and is accepted, whatever came before it.
 */
export class FloodEvents {
  /** Ids that were acknowledged. */
  readonly taken = new Set<string>()
  readonly url: URL
  private readonly scans: readonly Told[]
  private readonly before: readonly FloodEvent[]
  private scanned = 0

  constructor(url: string) {
    this.url = new URL('/v1/events', url)
    const lives = Array.from({ length: ORDERS }, (_, index) => lifeOf(index + 1))
    const carried = lives.filter(life => life.some(({ source, type }) => type === SCAN && source === CARRIER))
    this.scans = carried.map(life => life.find(({ type }) => type === SCAN) as Told)
    this.before = carried.flatMap((life, order) =>
      life
        .slice(
          0,
          life.findIndex(({ type }) => type === SCAN),
        )
        .map((told, step) => eventOf(told, `f-${order}-${step}`, FIRST_MS + step * STEP_MS)),
    )
  }

  /** Sends all that comes before the goods are on their way. */
  async begin(): Promise<void> {
    const connection = new Connection(this.url)
    for (let from = 0; from < this.before.length; from += BEGIN_EVENTS) {
      const some = this.before.slice(from, from + BEGIN_EVENTS)
      const body = await connection.post(this.request(some))
      const wrong = (JSON.parse(body) as Outcome[]).find(
        ({ outcome }) => outcome !== 'accepted' && outcome !== 'parked',
      )
      if (wrong !== undefined) throw new Error(`before the flood: ${JSON.stringify(wrong)}`)
    }
    connection.close()
  }

  more(count: number): readonly FloodEvent[] {
    return Array.from({ length: count }, () => {
      const number = this.scanned++
      const told = this.scans[number % this.scans.length] as Told
      return eventOf(told, `n-${number}`, FIRST_MS + DAY_MS + number)
    })
  }

  /** The bytes of a request. */
  request(events: readonly FloodEvent[]): Buffer {
    return requestBytes(this.url, 'application/cloudevents-batch+json', `[${events.map(({ text }) => text).join()}]`)
  }

  /** Ids of acknowledged ones that are not `there`. */
  lost(there: ReadonlySet<string>): readonly string[] {
    return [...this.taken].filter(id => !there.has(id))
  }
}

const CARRIER = 'parcel-one'
const SCAN = 'shipment.in_transit'
// Half of them are the carrier's: some 2,000 families, all in memory.
const ORDERS = 4_000
const BEGIN_EVENTS = 500
// Whenever that was: nothing of it lies ahead of the server's clock.
const FIRST_MS = Date.UTC(2026, 10, 20, 9)
const STEP_MS = 60_000
const DAY_MS = 24 * 60 * STEP_MS

const lifeOf = (number: number): readonly Told[] => orderLife({ number, random: seededRandom(number), illegalShare: 0 })

function eventOf({ data, source, subject, type }: Told, id: string, timeMs: number): FloodEvent {
  const time = new Date(timeMs).toISOString()
  return { id, text: JSON.stringify({ specversion: '1.0', id, source, type, subject, time, data }) }
}

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
  private held: readonly FloodEvent[] = []
  private bytes: Buffer = Buffer.alloc(0)
  private readonly events: FloodEvents
  private readonly batchEvents: number

  constructor(events: FloodEvents, batchEvents: number) {
    this.events = events
    this.batchEvents = batchEvents
  }

  /** As a connector that has been there for long: connected, with a batch in hand. */
  async connect(): Promise<void> {
    this.hold(this.events.more(this.batchEvents))
    this.connection = new Connection(this.events.url)
    await this.connection.post(Buffer.from(`GET /livez HTTP/1.1\r\nhost: ${this.events.url.host}\r\n\r\n`))
  }

  /** Sends what it has in hand, else something new. */
  async send(): Promise<Answered> {
    if (this.held.length === 0) this.hold(this.events.more(this.batchEvents))
    const sent = this.held
    this.connection ??= new Connection(this.events.url)
    const body = await this.connection.post(this.bytes).catch(() => undefined)
    if (body === undefined) return this.broken()
    if (body.startsWith('{')) return this.refused(body, this.connection)
    for (const { id, outcome } of JSON.parse(body) as Outcome[])
      if (id !== undefined && TAKEN.has(outcome)) this.events.taken.add(id)
      else if (outcome !== 'overloaded') throw new Error(`event ${id}: ${outcome}`)
    const open = sent.filter(({ id }) => !this.events.taken.has(id))
    if (open.length < sent.length) this.hold(open)
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

  private hold(events: readonly FloodEvent[]): void {
    this.held = events
    if (events.length > 0) this.bytes = this.events.request(events)
  }

  private refused(body: string, { retryAfter, status }: Connection): Answered {
    if (status !== 429 || retryAfter === 0) throw new Error(`a batch was answered ${status} ${body}`)
    return { accepted: 0, shed: this.held.length, broken: 0 }
  }

  /** The connection was lost before the answer: whether the events are there, sending them again will tell. */
  private broken(): Answered {
    this.connection?.close()
    this.connection = undefined
    return { accepted: 0, shed: 0, broken: this.held.length }
  }
}

const TAKEN: ReadonlySet<string> = new Set(['accepted', 'duplicate'])
