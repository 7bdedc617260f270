// Hearing: what every peer makes of an event's text before it judges it: parsed, validated by the same schemas, and the order that the
// number means which it is addressed by. Numbers stand in memory, as a user would have them.
import { type CanonicalEvent, type EventInput, parseEvent } from '../../machines/event.ts'
import { type Source, sourceBook } from '../../machines/sources.ts'
import { SOURCES } from '../load/sources.ts'
import { benchClock } from '../store.ts'

export interface Heard {
  readonly text: string
  readonly event: CanonicalEvent
  readonly source: Source
  /** The order it is about. */
  readonly order: string
  /** Tells it from all others; the same for a repetition. */
  readonly key: string
}

const sources = sourceBook(SOURCES).byId

export class Hearing {
  readonly #orders = new Map<string, string>()

  /** Throws where it is malformed or about nothing known: the load has no such. */
  hear(text: string): Heard {
    const input = JSON.parse(text) as EventInput
    const source = sources.get(input.source)
    const parsed = source === undefined ? undefined : parseEvent(input, source, benchClock.nowMs)
    if (source === undefined || parsed === undefined || 'flaws' in parsed)
      throw new Error(`bench: ${input.type} ${input.id} is malformed`)
    const { event } = parsed
    const order = this.#orderOf(event)
    if (order === undefined) throw new Error(`bench: nobody knows ${event.subjectText}`)
    return { text, event, source, order, key: `${event.source} ${event.id}` }
  }

  /** The numbers that an accepted event gives its order. */
  learn({ event, order }: Heard): void {
    switch (event.type) {
      case 'order.released':
        return void this.#orders.set(`shipment/${event.data.shipment}`, order)
      case 'invoice.posted':
        return void this.#orders.set(`ref/invoice/${event.data.invoice}`, order)
      case 'shipment.confirmed':
        return void this.#orders.set(`ref/tracking/${event.data.tracking}`, order)
    }
  }

  /** `order/…` names it; a shipment, a tracking number or an invoice is looked up. */
  #orderOf({ subjectText }: CanonicalEvent): string | undefined {
    return subjectText.startsWith(ORDER) ? subjectText.slice(ORDER.length) : this.#orders.get(subjectText)
  }
}

const ORDER = 'order/'
