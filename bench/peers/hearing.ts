// Hearing: what every peer does with an event before it keeps it: parse the text, validate by the same schemas, find out whether its
// source owns it, and which order the number means that it is about. Owners and numbers stand in memory, as a user would have them.
import { type CanonicalEvent, type EventInput, parseEvent } from '../../machines/event.ts'
import { eventTypeNames } from '../../machines/event-types.ts'
import { sourceBook } from '../../machines/sources.ts'
import { mayOwn } from '../load/may-own.ts'
import { SOURCES } from '../load/sources.ts'
import { benchClock } from '../store.ts'
import type { PeerEvent } from './peer.ts'

const sources = sourceBook(SOURCES).byId
/** Which sources own each event type. */
const owners = new Map<string, ReadonlySet<string>>(
  eventTypeNames.map(type => [type, new Set(SOURCES.map(({ id }) => id).filter(source => mayOwn(source, type)))]),
)

export class Hearing {
  readonly #orders = new Map<string, string>()

  /** The event in the text. Throws where it is not about the order it must be, or moves what its source does not own: the load has no such. */
  hear({ order, steps, text }: PeerEvent): CanonicalEvent {
    const input = JSON.parse(text) as EventInput
    const source = sources.get(input.source)
    const parsed = source === undefined ? undefined : parseEvent(input, source, benchClock.nowMs)
    if (parsed === undefined || 'flaws' in parsed) throw new Error(`bench: ${input.type} ${input.id} is malformed`)
    const { event } = parsed
    const found = this.#orderOf(event)
    if (found !== order) throw new Error(`bench: ${event.subjectText} is ${found}, not ${order}`)
    const isOwner = owners.get(event.type)?.has(event.source) === true
    if (steps.length === 0) return event
    if (!isOwner) throw new Error(`bench: ${event.source} moves ${order} by ${event.type}`)
    this.#learn(event, order)
    return event
  }

  /** `order/…` names it; a shipment, a tracking number or an invoice is looked up. */
  #orderOf({ subjectText }: CanonicalEvent): string | undefined {
    return subjectText.startsWith(ORDER) ? subjectText.slice(ORDER.length) : this.#orders.get(subjectText)
  }

  #learn(event: CanonicalEvent, order: string): void {
    switch (event.type) {
      case 'order.released':
        return void this.#orders.set(`shipment/${event.data.shipment}`, order)
      case 'invoice.posted':
        return void this.#orders.set(`ref/invoice/${event.data.invoice}`, order)
      case 'shipment.confirmed':
        return void this.#orders.set(`ref/tracking/${event.data.tracking}`, order)
    }
  }
}

const ORDER = 'order/'
