// A story: what systems say, one after another, and what the order desk sees meanwhile. For scenarios that read like one.
import { expect } from 'vitest'
import type { OrderCard } from '../../engine/card/card.ts'
import type { EventInput } from '../../machines/event.ts'
import type { OrderContext } from '../../machines/order/context.ts'
import { quantityOf } from '../../machines/quantities.ts'
import { type Desk, desk } from './desk.ts'
import { cardAt } from './desk-card.ts'

export interface Story {
  readonly desk: Desk
  /** Each is accepted, else the story is not as told. */
  says(...events: readonly EventInput[]): void
  /** What one event comes to: its outcome, and its code where it has one. */
  hears(event: EventInput): string
  /** Kinds of the exceptions open at a clock time, by name. */
  open(order: string, clock: string | number): readonly string[]
  /** Whose turn it is, and the event that is awaited. */
  turn(order: string, clock: string | number): string
  card(order: string, clock: string | number): OrderCard
  /** lifecycle.credit.fulfilment.billing */
  state(order: string): string
  shipment(order: string, number: string): string | undefined
  /** Sum over all lines, base units. */
  quantity(order: string, column: 'released' | 'shipped' | 'delivered' | 'invoiced' | 'credited'): number
}

export function story(): Story {
  const told = desk()
  const actor = (order: string, key: string) => told.world.family(order).actors.get(key)
  return {
    desk: told,
    says(...events) {
      for (const event of events)
        expect({ event: event.type, of: event.subject, outcome: told.say(event)[0] }).toEqual({
          event: event.type,
          of: event.subject,
          outcome: 'accepted',
        })
    },
    hears(event) {
      told.world.nowMs = Math.max(told.world.nowMs, Date.parse(event.time))
      const { code, outcome } = told.world.submit(event)
      return code === undefined ? outcome : `${outcome} ${code}`
    },
    open: told.kinds,
    turn(order, clock) {
      const { action } = cardAt(told, order, clock)
      return action === undefined
        ? 'nobody'
        : `${action.owner} (${action.sources.join(', ')}): ${action.event ?? action.words}`
    },
    card: (order, clock) => cardAt(told, order, clock),
    state: order => actor(order, 'order')?.state ?? '',
    shipment: (order, number) =>
      told.world
        .family(order)
        .actors.others.find(({ key }) => key.startsWith('shipment/') && key.endsWith(`/${number}`))
        ?.state.split('.')[0],
    quantity(order, column) {
      const { lines, quantities } = (actor(order, 'order')?.context ?? {}) as OrderContext
      return lines.reduce((sum, _, index) => sum + quantityOf(quantities, index, column), 0)
    },
  }
}
