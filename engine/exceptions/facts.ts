// Facts: a family as the predicates read it, and the questions several of them ask. Pure.
import type { ActorKey, Place } from '../../machines/ids.ts'
import { earlierPlace, placeMs } from '../../machines/ids.ts'
import { lineIndex, type OrderContext } from '../../machines/order/context.ts'
import type { ReturnContext } from '../../machines/return/context.ts'
import {
  type End,
  endOf,
  isDelivered,
  type ShipmentContext,
  STEPS,
  type Step,
  stepRank,
} from '../../machines/shipment/context.ts'
import { isNothingLeft } from '../../machines/shipment/gates.ts'
import type { Actor } from '../actors.ts'
import type { Family } from '../family.ts'
import type { Ledger } from './ledger.ts'
import { type LineSums, lineSums } from './line-sums.ts'
import type { Marks } from './marks.ts'

export interface ActorFacts<Context> {
  readonly key: ActorKey
  /** Region states in the chart's order. */
  readonly states: readonly string[]
  readonly context: Context
}
export interface OrderFacts extends ActorFacts<OrderContext> {
  readonly sums: LineSums
}
export interface ShipmentFacts extends ActorFacts<ShipmentContext> {
  readonly hasLeft: boolean
  /** As the chart has it: something is short, something is damaged and not cleared. */
  readonly isShort: boolean
  readonly isDamaged: boolean
  /** The first sign that the goods have left; undefined before. */
  readonly left: Place | undefined
  /** The last proof of delivery, once everything is proved. */
  readonly delivered: Place | undefined
  /** How it ended other than by delivery. */
  readonly end: End | undefined
  /** Delivered, ended otherwise, or cancelled. */
  readonly hasEnded: boolean
}
export type ReturnFacts = ActorFacts<ReturnContext>

export interface Facts {
  readonly family: Family
  readonly marks: Marks
  /** Undefined for events that wait under a number nobody has taught us. */
  readonly order: OrderFacts | undefined
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
  const { order, others } = family.actors
  let shipments = NO_SHIPMENTS
  let returns = NO_RETURNS
  for (let index = 0; index < others.length; index++) {
    const { context, key, kind, state } = others[index] as Actor
    const states = statesIn(state)
    if (kind === 'shipment') shipments = withOne(shipments, shipmentFacts(key, states, context as ShipmentContext))
    else returns = withOne(returns, { key, states, context: context as ReturnContext })
  }
  return { family, marks, order: order && orderFacts(order), shipments, returns }
}

const NO_SHIPMENTS: readonly ShipmentFacts[] = []
const NO_RETURNS: readonly ReturnFacts[] = []

/** By key. Most have one at most: its list has room for no more. */
const withOne = <Fact extends { key: ActorKey }>(facts: readonly Fact[], fact: Fact): readonly Fact[] =>
  facts.length === 0 ? [fact] : [...facts, fact].sort(byKey)

const orderFacts = ({ context, key, state }: Actor): OrderFacts => ({
  key,
  states: statesIn(state),
  context: context as OrderContext,
  sums: lineSums(context as OrderContext),
})

function shipmentFacts(key: ActorKey, states: readonly string[], context: ShipmentContext): ShipmentFacts {
  const [, short, damaged] = states
  const left = hasLeft(context)
  // Every sign that goods have left takes the step along: before it nothing is proved, and nothing has ended.
  const delivered = left ? deliveredPlace(context) : undefined
  const end = left ? endOf(context) : undefined
  return {
    key,
    states,
    context,
    hasLeft: left,
    isShort: short === 'on',
    isDamaged: damaged === 'on',
    left: left ? leftPlace(context) : undefined,
    delivered,
    end,
    hasEnded: delivered !== undefined || end !== undefined || isNothingLeft(context),
  }
}

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
export const isOver = ({ states }: OrderFacts): boolean => OVER.has(states[0] ?? '')
const OVER: ReadonlySet<string> = new Set(['closed', 'rejected', 'cancelled'])

export const indexesOf = (order: OrderContext, lines: readonly string[]): readonly number[] =>
  lines.map(line => order.lines.findIndex(each => each.line === line)).filter(index => index >= 0)

/** When the quantity of a line was amended last; '' where it never was. */
export const amendedPlace = (order: OrderContext, line: string): Place | '' => order.places[`${line}.quantity`] ?? ''

/** What of an order a shipment takes with it, and the order may have amended since. */
export const AMENDABLE = ['shipTo', 'promisedAt'] as const

/** The last amendment, of a line on the shipment or of the order it follows, that the shipment does not go by; '' where there is none. */
export function amendedSince(
  order: OrderContext,
  shipment: ShipmentContext,
  setting: (typeof AMENDABLE)[number],
): Place | '' {
  const { places } = order
  let last: Place | '' = ''
  for (const line of shipment.lines) {
    const isOwn = order.lines[lineIndex(order, line)]?.[setting] !== undefined
    last = lastOf([last, isOwn ? places[`${line}.${setting}`] : places[setting]])
  }
  return last > (shipment.places[setting] ?? shipment.releasedPlace) ? last : ''
}

const hasLeft = ({ step }: ShipmentContext): boolean => LEFT.has(step)
const LEFT: ReadonlySet<Step> = new Set(STEPS.slice(stepRank('shipped')))

/** The first sign that the goods have left; undefined before. */
function leftPlace({ attemptPlace, deliveries, ends, milestones }: ShipmentContext): Place | undefined {
  let first = attemptPlace
  first = earlier(first, milestones['shipment.confirmed'])
  first = earlier(first, milestones['shipment.in_transit'])
  first = earlier(first, milestones['shipment.out_for_delivery'])
  for (const tracking in deliveries) first = earlier(first, deliveries[tracking])
  for (const tracking in ends) first = earlier(first, ends[tracking])
  return first
}

/** The earlier of two, where they are known. */
export const earlier = (first: Place | undefined, told: { readonly place: Place } | undefined): Place | undefined =>
  told === undefined ? first : earlierPlace(first, told.place)

/** The last proof of delivery, once everything is proved. */
function deliveredPlace(shipment: ShipmentContext): Place | undefined {
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
