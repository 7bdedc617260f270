// Facts: a family as the predicates read it, and the questions several of them ask. Pure.
import type { ActorKey, Place } from '../../machines/ids.ts'
import { placeMs } from '../../machines/ids.ts'
import type { OrderContext, OrderLine } from '../../machines/order/context.ts'
import { underTolerance } from '../../machines/order/context.ts'
import { COLUMN, quantityAt, wantedOf } from '../../machines/quantities.ts'
import type { ReturnContext } from '../../machines/return/context.ts'
import {
  endOf,
  isDelivered,
  type MilestoneEvent,
  type ShipmentContext,
  STEPS,
  type Step,
  stepRank,
} from '../../machines/shipment/context.ts'
import { isNothingLeft } from '../../machines/shipment/gates.ts'
import type { Actor } from '../actors.ts'
import type { Family } from '../family.ts'
import type { Ledger } from './ledger.ts'
import type { Marks } from './marks.ts'

export interface ActorFacts<Context> {
  readonly key: ActorKey
  /** Region states in the chart's order. */
  readonly states: readonly string[]
  readonly context: Context
}
export interface ShipmentFacts extends ActorFacts<ShipmentContext> {
  /** The first sign that the goods have left; undefined before. */
  readonly left: Place | undefined
  /** The last proof of delivery, once everything is proved. */
  readonly delivered: Place | undefined
}
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
  const shipments: ShipmentFacts[] = []
  const returns: ReturnFacts[] = []
  const { others } = family.actors
  for (let index = 0; index < others.length; index++) {
    const { context, key, kind, state } = others[index] as Actor
    const states = statesIn(state)
    if (kind === 'shipment') shipments.push(shipmentFacts(key, states, context as ShipmentContext))
    else returns.push({ key, states, context: context as ReturnContext })
  }
  const order = family.actors.order && orderFacts(family.actors.order)
  if (shipments.length > 1) shipments.sort(byKey)
  if (returns.length > 1) returns.sort(byKey)
  return { family, marks, order, shipments, returns }
}

const orderFacts = ({ context, key, state }: Actor): ActorFacts<OrderContext> => ({
  key,
  states: statesIn(state),
  context: context as OrderContext,
})

const shipmentFacts = (key: ActorKey, states: readonly string[], context: ShipmentContext): ShipmentFacts => ({
  key,
  states,
  context,
  left: leftPlace(context),
  delivered: deliveredPlace(context),
})

const byKey = (a: { key: ActorKey }, b: { key: ActorKey }): number => (a.key < b.key ? -1 : 1)

// As many as charts have combinations of states: some hundred.
const statesByText = new Map<string, readonly string[]>()

/** Region states of an actor's state text. */
function statesIn(text: string): readonly string[] {
  let states = statesByText.get(text)
  if (states === undefined) {
    states = text.split('.')
    statesByText.set(text, states)
  }
  return states
}

/** Nothing more is expected of the order itself: closed, rejected, or nothing is wanted any more. */
export const isOver = ({ states }: ActorFacts<OrderContext>): boolean => OVER.has(states[0] ?? '')
const OVER: ReadonlySet<string> = new Set(['closed', 'rejected', 'cancelled'])

const NO_LINES: readonly string[] = []

/** Numbers of the order's lines for which `holds`. */
export function linesWhere(
  order: OrderContext,
  holds: (order: OrderContext, index: number) => boolean,
): readonly string[] {
  let found: string[] | undefined
  for (let index = 0; index < order.lines.length; index++) {
    if (!holds(order, index)) continue
    found ??= []
    found.push((order.lines[index] as OrderLine).line)
  }
  return found ?? NO_LINES
}

/** Base units of a line that are wanted and neither with a node, nor on their way, nor told to be without stock. */
export function uncovered(order: OrderContext, index: number): number {
  const { quantities } = order
  const covered = quantityAt(quantities, index, COLUMN.released) + quantityAt(quantities, index, COLUMN.backordered)
  const missing = wantedOf(quantities, index) - covered
  return missing <= 0 || missing <= underTolerance(order, index) ? 0 : missing
}

export const indexesOf = (order: OrderContext, lines: readonly string[]): readonly number[] =>
  lines.map(line => order.lines.findIndex(each => each.line === line)).filter(index => index >= 0)

export const hasLeft = ({ step }: ShipmentContext): boolean => LEFT.has(step)
const LEFT: ReadonlySet<Step> = new Set(STEPS.slice(stepRank('shipped')))

/** Delivered, ended otherwise, or cancelled. */
export const hasEnded = (shipment: ShipmentContext): boolean =>
  isDelivered(shipment) || endOf(shipment) !== undefined || isNothingLeft(shipment)

const GONE: readonly MilestoneEvent[] = ['shipment.confirmed', 'shipment.in_transit', 'shipment.out_for_delivery']

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
  const { milestones, capturedPlace } = order?.context ?? {}
  if (marks.acceptedPlace !== undefined) return placeMs(marks.acceptedPlace)
  return milestones?.validated?.[0] ?? (capturedPlace === undefined ? 0 : placeMs(capturedPlace))
}

/** Latest of some places; '' of none. */
export function lastOf(places: readonly (Place | '' | undefined)[]): Place | '' {
  let latest: Place | '' = ''
  for (const place of places) if (place !== undefined && place > latest) latest = place
  return latest
}

export const msOf = (place: Place | ''): number => (place === '' ? 0 : placeMs(place))
