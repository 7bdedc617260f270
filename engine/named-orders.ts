// Named orders: what a document tells of orders by their numbers, beside what it is addressed by (domain §2). Pure.
//   W5  What it tells of an order that nobody knows counts for nobody, and waits under that number: somebody must hear of it. It waits
//       no more once an order has the number, its source has corrected it, or a person lets go of it.
import type { EventInput } from '../machines/event.ts'
import type { JournalEntry, VerdictDetail } from './entry.ts'
import { type ParkedEvent, waitedNumber, waitingFamilyId } from './family.ts'
import { eventKey, parsedAgain, type Said } from './said.ts'
import type { Unit } from './unit.ts'

/** What a part that waits is told by. */
export const UNKNOWN_ORDER_CODE = 'unknown_order'
export const isOfUnknownOrder = ({ detail }: Pick<JournalEntry, 'detail'>): boolean =>
  detail.code === UNKNOWN_ORDER_CODE

interface OfOrder {
  readonly order?: string
}
interface Naming extends OfOrder {
  readonly lines?: readonly OfOrder[]
  readonly orders?: readonly OfOrder[]
  readonly cartons?: readonly { readonly lines?: readonly OfOrder[] }[]
}

// Their lines are the order's own: what stands there beside a line's fields nobody reads.
const OF_ONE_ORDER: ReadonlySet<string> = new Set([
  'order.captured',
  'order.amended',
  'order.change_requested',
  'order.allocated',
  'backorder.created',
])

const NONE: readonly string[] = []

/** The orders that an event names in its data, each once, in its order. */
export function ordersNamed({ data, type }: Pick<EventInput, 'data' | 'type'>): readonly string[] {
  if (OF_ONE_ORDER.has(type)) return NONE
  const { cartons = NONE, lines = NONE, order, orders = NONE } = data as Naming
  let named = NONE
  const add = (each: OfOrder) => {
    if (each.order !== undefined && !named.includes(each.order)) named = [...named, each.order]
  }
  if (type === 'item.substituted') add({ order })
  if (type === 'payment.received') for (const share of orders as readonly OfOrder[]) add(share)
  for (const line of lines as readonly OfOrder[]) add(line)
  for (const carton of cartons as Naming['cartons'] & object) for (const line of carton.lines ?? []) add(line)
  return named
}

const unknownOrder = (number: string): VerdictDetail => ({
  code: UNKNOWN_ORDER_CODE,
  reason: `order ${number}, which it names, is not known yet: what it tells of that counts for nobody`,
  waitsFor: { event: 'order.captured', owner: 'channel' },
})

/** What an event that counts tells of orders nobody knows waits under their numbers. */
export function parkUnknown(unit: Unit, said: Said, cause: number | undefined): void {
  for (const number of ordersNamed(said.event)) {
    if (unit.targets.isOrder(number) || hasComeTo(unit, number, said)) continue
    unit.park({ family: waitingFamilyId(number), actors: [], isInferred: false }, said, unknownOrder(number), { cause })
  }
}

/** Whether the event stands under the number: it waits there, or somebody let go of it. */
function hasComeTo(unit: Unit, number: string, { input }: Said): boolean {
  if (!unit.hasWaiting(number)) return false
  return [...unit.past(waitingFamilyId(number)).history()].some(({ event }) => eventKey(event) === eventKey(input))
}

/** An event that waits under a number, and what may free it. */
export interface Waiting {
  /** The family that waits under the number. */
  readonly id: string
  readonly waited: ParkedEvent
  readonly cause: number
}

/** A part of an order that is known by now waits no more: whom its number leads to was judged by what the event is addressed by. */
export function freeKnown(unit: Unit, said: Said, { cause, id, waited }: Waiting): boolean {
  const isKnown = unit.targets.isOrder(waitedNumber(id))
  if (isKnown) unit.write(id, said, { verdict: 'superseded', frees: [waited.position], cause })
  return isKnown
}

/** Nor does one that its source has corrected away, by this entry. */
export function freeCorrected(unit: Unit, { event, family, position: cause }: JournalEntry): void {
  const correction = event.data as { readonly event: string; readonly data: unknown }
  const isNamed = ({ id, source }: Said['event']) => id === correction.event && source === event.source
  const fact = unit
    .past(family)
    .facts()
    .find(each => isNamed(each.event))
  if (fact === undefined) return
  const still = ordersNamed({ type: fact.event.type, data: correction.data })
  for (const number of ordersNamed(fact.event)) {
    if (still.includes(number) || !unit.hasWaiting(number)) continue
    const id = waitingFamilyId(number)
    const waited = unit.family(id).parked.find(each => each.code === UNKNOWN_ORDER_CODE && isNamed(each.event as never))
    const said = waited && parsedAgain(waited.event, unit.world.sources)
    if (said !== undefined) unit.write(id, said, { verdict: 'superseded', frees: [waited?.position as number], cause })
  }
}
