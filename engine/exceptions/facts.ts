// Facts: a family as the predicates read it, and the questions several of them ask. Pure.
import type { ActorKey, Place } from '../../machines/ids.ts'
import { kindOf, ORDER_KEY, placeMs } from '../../machines/ids.ts'
import type { OrderContext } from '../../machines/order/context.ts'
import { underTolerance } from '../../machines/order/context.ts'
import { quantityOf, wantedOf } from '../../machines/quantities.ts'
import type { ReturnContext } from '../../machines/return/context.ts'
import { endOf, isDelivered, type ShipmentContext, stepRank } from '../../machines/shipment/context.ts'
import { isNothingLeft } from '../../machines/shipment/gates.ts'
import type { Family } from '../family.ts'
import type { Ledger } from './ledger.ts'
import type { Marks } from './marks.ts'

export interface ActorFacts<Context> {
  readonly key: ActorKey
  /** Region states in the chart's order. */
  readonly states: readonly string[]
  readonly context: Context
}
export type ShipmentFacts = ActorFacts<ShipmentContext>
export type ReturnFacts = ActorFacts<ReturnContext>

export interface Facts {
  readonly family: Family
  readonly marks: Marks
  /** Undefined for events that wait under a number nobody has taught us. */
  readonly order: ActorFacts<OrderContext> | undefined
  readonly shipments: readonly ShipmentFacts[]
  readonly returns: readonly ReturnFacts[]
}

/** Facts with all that was said: what the card shows beside what is wrong. */
export interface FactsWithLedger extends Facts {
  readonly ledger: Ledger
}

export const factsOf = (family: Family, ledger: Ledger): FactsWithLedger => ({
  ...factsWith(family, ledger.marks),
  ledger,
})

export function factsWith(family: Family, marks: Marks): Facts {
  const facts = <Context>(key: ActorKey): ActorFacts<Context> => {
    const actor = family.actors[key]
    return { key, states: actor?.state.split('.') ?? [], context: actor?.context as Context }
  }
  const keys = Object.keys(family.actors).sort()
  return {
    family,
    marks,
    order: family.actors[ORDER_KEY] === undefined ? undefined : facts<OrderContext>(ORDER_KEY),
    shipments: keys.filter(key => kindOf(key) === 'shipment').map(key => facts<ShipmentContext>(key)),
    returns: keys.filter(key => kindOf(key) === 'return').map(key => facts<ReturnContext>(key)),
  }
}

/** Nothing more is expected of the order itself: closed, rejected, or nothing is wanted any more. */
export const isOver = ({ states }: ActorFacts<OrderContext>): boolean =>
  ['closed', 'rejected', 'cancelled'].includes(states[0] ?? '')

/** Base units of a line that are wanted and neither with a node, nor on their way, nor told to be without stock. */
export function uncovered(order: OrderContext, index: number): number {
  const { quantities } = order
  const covered = quantityOf(quantities, index, 'released') + quantityOf(quantities, index, 'backordered')
  const missing = wantedOf(quantities, index) - covered
  return missing <= underTolerance(order, index) ? 0 : missing
}

export const indexesOf = (order: OrderContext, lines: readonly string[]): readonly number[] =>
  lines.map(line => order.lines.findIndex(each => each.line === line)).filter(index => index >= 0)

export const hasLeft = ({ step }: ShipmentContext): boolean => stepRank(step) >= stepRank('shipped')

/** Delivered, ended otherwise, or cancelled. */
export const hasEnded = (shipment: ShipmentContext): boolean =>
  isDelivered(shipment) || endOf(shipment) !== undefined || isNothingLeft(shipment)

const GONE: readonly string[] = ['shipment.confirmed', 'shipment.in_transit', 'shipment.out_for_delivery']

/** The first sign that the goods have left; undefined before. */
export function leftPlace(shipment: ShipmentContext): Place | undefined {
  const { attemptPlace, deliveries, ends, milestones } = shipment
  let first = attemptPlace
  const note = (place: Place | undefined) => {
    if (place !== undefined && (first === undefined || place < first)) first = place
  }
  for (const event of GONE) note(milestones[event]?.place)
  for (const tracking in deliveries) note(deliveries[tracking]?.place)
  for (const tracking in ends) note(ends[tracking]?.place)
  return first
}

/** The last proof of delivery, once everything is proved. */
export function deliveredPlace(shipment: ShipmentContext): Place | undefined {
  const { deliveries } = shipment
  if (!isDelivered(shipment)) return undefined
  let last: Place | undefined
  for (const tracking in deliveries) {
    const place = deliveries[tracking]?.place
    if (place !== undefined && (last === undefined || place > last)) last = place
  }
  return last
}

/** When the ERP accepted; the nearest thing known where no entry says so. */
export const acceptedMs = ({ marks, order }: Facts): number => {
  const { milestones = {}, capturedPlace } = order?.context ?? {}
  if (marks.acceptedPlace !== undefined) return placeMs(marks.acceptedPlace)
  return milestones.validated?.[0] ?? (capturedPlace === undefined ? 0 : placeMs(capturedPlace))
}

/** Latest of some places; '' of none. */
export const lastOf = (places: readonly (Place | '' | undefined)[]): Place | '' =>
  places.reduce<Place | ''>((latest, place) => (place !== undefined && place > latest ? place : latest), '')

export const msOf = (place: Place | ''): number => (place === '' ? 0 : placeMs(place))
