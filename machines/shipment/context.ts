// What a shipment actor remembers: one order's part of a physical load. Per-line lists stand in the order of `lines`.

import type { Address } from '../events/fields.ts'
import type { Place } from '../ids.ts'
import { type Amount, percentOf, sumOfLine } from '../quantities.ts'
import { isEmpty } from '../records.ts'

/** Steps in order; the furthest counts and implies those before it. `picked` is reached when all is picked or short. */
export const STEPS = [
  'released',
  'acknowledged',
  'picking',
  'picked',
  'packed',
  'shipped',
  'in_transit',
  'out_for_delivery',
] as const
export type Step = (typeof STEPS)[number]
export const stepRank = (step: Step): number => STEPS.indexOf(step)

/** A carton as packed or shipped. The places tell what named its tracking number and its contents last. */
export interface Carton {
  readonly place: Place
  readonly carton?: string
  readonly tracking?: string
  readonly trackingPlace?: Place
  /** This order's part of the contents in base units, where known. */
  readonly amounts?: readonly Amount[]
  readonly amountsPlace?: Place
}

/** One carton's or the whole shipment's proof of delivery. `amounts` are absent where nothing was counted. */
export interface Delivery {
  readonly place: Place
  readonly atMs: number
  readonly amounts?: readonly Amount[]
  readonly signedBy?: string
}

export interface Milestone {
  readonly event: string
  readonly place: Place
  readonly atMs: number
  readonly where?: string
}

export type EndKind = 'refused' | 'lost' | 'returned_to_sender'

/** Events that are milestones of a shipment. */
export type MilestoneEvent =
  | 'shipment.acknowledged'
  | 'pick.released'
  | 'pick.started'
  | 'pick.completed'
  | 'item.substituted'
  | 'pick.short'
  | 'pack.completed'
  | 'shipment.booked'
  | 'shipment.confirmed'
  | 'shipment.in_transit'
  | 'shipment.out_for_delivery'
  | 'delivery.completed'
  | 'delivery.refused'
  | 'shipment.lost'
  | 'shipment.returned_to_sender'

/** The first report of each kind. None at first; then all are named, so that there is one shape (order/context.ts). */
export type Milestones = { readonly [Event in MilestoneEvent]?: Milestone | undefined }

/** A copy to change. */
export const copyOfMilestones = (
  known: Milestones,
): { -readonly [Event in MilestoneEvent]: Milestone | undefined } => ({
  'shipment.acknowledged': known['shipment.acknowledged'],
  'pick.released': known['pick.released'],
  'pick.started': known['pick.started'],
  'pick.completed': known['pick.completed'],
  'item.substituted': known['item.substituted'],
  'pick.short': known['pick.short'],
  'pack.completed': known['pack.completed'],
  'shipment.booked': known['shipment.booked'],
  'shipment.confirmed': known['shipment.confirmed'],
  'shipment.in_transit': known['shipment.in_transit'],
  'shipment.out_for_delivery': known['shipment.out_for_delivery'],
  'delivery.completed': known['delivery.completed'],
  'delivery.refused': known['delivery.refused'],
  'shipment.lost': known['shipment.lost'],
  'shipment.returned_to_sender': known['shipment.returned_to_sender'],
})

/** Those reached, in no order. */
export const reachedMilestones = ({ milestones }: ShipmentContext): readonly Milestone[] =>
  Object.values(milestones).filter(each => each !== undefined)

/** How a carton, or the whole shipment, ended other than by delivery. */
export interface End {
  readonly kind: EndKind
  readonly place: Place
  readonly reason?: string
}

export interface Remark {
  readonly event: string
  readonly place: Place
  readonly atMs: number
  readonly reason?: string
}

export interface ShipmentContext {
  readonly number: string
  readonly node: string
  readonly order: string
  readonly consignment?: string
  readonly releasedPlace: Place
  readonly lines: readonly string[]
  /** Percent of its own quantity that each line may exceed it by. */
  readonly overTolerancePercent: readonly number[]
  /** Given by the release (or split), and what was taken from it since; own = given − split − cancelled. */
  readonly given: readonly number[]
  readonly split: readonly number[]
  readonly cancelled: readonly number[]
  readonly wholeCancelPlace?: Place
  readonly short: readonly number[]
  readonly picked: readonly number[]
  readonly damaged: readonly number[]
  readonly isWhollyDamaged?: true
  /** Of what was told to be damaged: found to be fit by a person. No key before that. */
  readonly cleared?: readonly number[]
  readonly step: Step
  /** Goods issue: quantities per line, or all less the shorts. */
  readonly confirmed?: { readonly place: Place; readonly amounts?: readonly Amount[] }
  /** By tracking number, `*` for the whole. */
  readonly deliveries: Readonly<Record<string, Delivery>>
  /** By tracking number, `*` for the whole. */
  readonly ends: Readonly<Record<string, End>>
  readonly carriers: readonly string[]
  readonly trackings: readonly string[]
  readonly cartons: readonly Carton[]
  /** As the shipment was made with; `shipment.amended` sets the same fields below. No ship-to: as the order had it. */
  readonly instructions: {
    readonly shipTo?: Address
    readonly service?: string
    readonly promisedAt?: number
    readonly carrier?: string
  }
  readonly shipTo?: Address
  readonly service?: string
  readonly promisedAt?: number
  readonly expectedAt?: number
  readonly freightMinor?: number
  /** Setting → place of what set it last. */
  readonly places: Readonly<Record<string, Place>>
  /** Last failed attempt and last run (out for delivery), by place. */
  readonly attemptPlace?: Place
  readonly runPlace?: Place
  readonly milestones: Milestones
  /** Reasons as reported, by place. */
  readonly remarks: readonly Remark[]
  readonly claims: Readonly<Record<string, { readonly place: Place; readonly state: string }>>
}

/** A shipment's own quantity per line: it never grows. */
export function ownOf(context: ShipmentContext, index: number): number {
  if (context.wholeCancelPlace !== undefined) return 0
  return (context.given[index] ?? 0) - (context.split[index] ?? 0) - (context.cancelled[index] ?? 0)
}

/** Base units a line may exceed its own quantity by. */
export const overToleranceOf = (context: ShipmentContext, index: number): number =>
  percentOf(ownOf(context, index), context.overTolerancePercent[index] ?? 0)

/** Told to be damaged. */
export const toldDamaged = (context: ShipmentContext, index: number): number =>
  context.isWhollyDamaged ? ownOf(context, index) : (context.damaged[index] ?? 0)

/** Damaged as far as is known: what a person cleared is not. */
export const damagedOf = (context: ShipmentContext, index: number): number =>
  Math.max(0, toldDamaged(context, index) - (context.cleared?.[index] ?? 0))

/** What has left, once something has: as confirmed, or all but the shorts. */
export function leftOf(context: ShipmentContext, index: number): number {
  const { confirmed } = context
  if (confirmed?.amounts !== undefined) return sumOfLine(confirmed.amounts, context.lines[index] ?? '')
  return Math.max(0, ownOf(context, index) - (context.short[index] ?? 0))
}

/** The contents of the carton a tracking number names, where known. */
export const contentsOf = (context: ShipmentContext, tracking: string): readonly Amount[] | undefined =>
  context.cartons.find(carton => carton.tracking === tracking && carton.amounts !== undefined)?.amounts

/** Whether the proof covers everything: the whole, or every tracking number. */
export const isDelivered = ({ deliveries, trackings }: ShipmentContext): boolean =>
  !isEmpty(deliveries) && ('*' in deliveries || (trackings.length > 0 && areIn(trackings, deliveries)))

function areIn(trackings: readonly string[], told: object, more: object = told): boolean {
  for (const tracking of trackings) if (!(tracking in told || tracking in more)) return false
  return true
}

/**
 * How the shipment ended other than by delivery: as a whole, or by its last carton. Undefined while anything is on its way.
 * Goods that came back are back, whatever is said of them later; of refused and lost the latest counts.
 */
export function endOf(context: ShipmentContext): End | undefined {
  const { deliveries, ends, trackings } = context
  if (isEmpty(ends) || isDelivered(context)) return undefined
  let furthest = ends['*']
  if (trackings.length === 0 || !areIn(trackings, deliveries, ends)) return furthest
  for (const tracking of trackings) {
    const end = ends[tracking]
    if (end !== undefined) furthest = furthestEnd(furthest, end)
  }
  return furthest
}

/** Whichever of two ends of the same goods counts. */
export function furthestEnd(known: End | undefined, next: End): End {
  if (known === undefined) return next
  const isBack = next.kind === 'returned_to_sender'
  if (isBack !== (known.kind === 'returned_to_sender')) return isBack ? next : known
  return next.place > known.place ? next : known
}

/** Proofs of delivery, sorted: worked out once for all lines of a shipment. */
export interface Proofs {
  /** Of the whole: it stands alone. */
  readonly whole?: Delivery
  /** Of cartons, by tracking number: with a count of what was in them, and without. */
  readonly counted: readonly (readonly [tracking: string, Delivery])[]
  readonly uncounted: readonly string[]
  /** Whether all of the shipment is proved, and not all of it counted. */
  readonly isRestProved: boolean
}

const NONE: readonly never[] = []
const UNPROVED: Proofs = { whole: undefined, counted: NONE, uncounted: NONE, isRestProved: false }

export function proofsOf(context: ShipmentContext): Proofs {
  const { deliveries } = context
  if (isEmpty(deliveries)) return UNPROVED
  const whole = deliveries['*']
  if (whole !== undefined) return { whole, counted: NONE, uncounted: NONE, isRestProved: false }
  const counted: (readonly [string, Delivery])[] = []
  const uncounted: string[] = []
  for (const tracking in deliveries) {
    const proof = deliveries[tracking] as Delivery
    if (proof.amounts === undefined) uncounted.push(tracking)
    else counted.push([tracking, proof])
  }
  return { whole, counted, uncounted, isRestProved: uncounted.length > 0 && isDelivered(context) }
}

/**
 * Delivered per line: as counted; all that left where everything is proved and not counted; until then what delivered cartons
 * hold. What a carton is said to hold is no count: it never makes more delivered than left.
 */
export function deliveredOf(context: ShipmentContext, index: number, proofs = proofsOf(context)): number {
  const { counted, isRestProved, uncounted, whole } = proofs
  const line = context.lines[index] ?? ''
  if (whole !== undefined) return whole.amounts === undefined ? leftOf(context, index) : sumOfLine(whole.amounts, line)
  if (isRestProved) return Math.max(0, leftOf(context, index) - missingOf(context, counted, line))
  let countedSum = 0
  for (const [, { amounts = NONE }] of counted) countedSum += sumOfLine(amounts, line)
  if (uncounted.length === 0) return countedSum
  let heldSum = 0
  for (const tracking of uncounted) heldSum += sumOfLine(contentsOf(context, tracking) ?? NONE, line)
  return Math.max(countedSum, Math.min(countedSum + heldSum, leftOf(context, index)))
}

/** What counted cartons were known to hold and did not deliver. */
function missingOf(context: ShipmentContext, counted: Proofs['counted'], line: string): number {
  let missing = 0
  for (const [tracking, { amounts = NONE }] of counted) {
    const contents = contentsOf(context, tracking)
    if (contents !== undefined) missing += Math.max(0, sumOfLine(contents, line) - sumOfLine(amounts, line))
  }
  return missing
}

/** A copy to change, key by key: V8 copies an object of so many keys this way several times faster than by spreading it. */
export function copyOfShipment(context: ShipmentContext): ShipmentCopy {
  const copy: ShipmentCopy = keysOf(context)
  if (context.cleared !== undefined) copy.cleared = context.cleared
  return copy
}

type ShipmentCopy = Required<Record<Exclude<keyof ShipmentContext, 'cleared'>, unknown>> & { cleared?: unknown }

const keysOf = (context: ShipmentContext): ShipmentCopy => ({
  number: context.number,
  node: context.node,
  order: context.order,
  consignment: context.consignment,
  releasedPlace: context.releasedPlace,
  lines: context.lines,
  overTolerancePercent: context.overTolerancePercent,
  given: context.given,
  split: context.split,
  cancelled: context.cancelled,
  wholeCancelPlace: context.wholeCancelPlace,
  short: context.short,
  picked: context.picked,
  damaged: context.damaged,
  isWhollyDamaged: context.isWhollyDamaged,
  step: context.step,
  confirmed: context.confirmed,
  deliveries: context.deliveries,
  ends: context.ends,
  carriers: context.carriers,
  trackings: context.trackings,
  cartons: context.cartons,
  instructions: context.instructions,
  shipTo: context.shipTo,
  service: context.service,
  promisedAt: context.promisedAt,
  expectedAt: context.expectedAt,
  freightMinor: context.freightMinor,
  places: context.places,
  attemptPlace: context.attemptPlace,
  runPlace: context.runPlace,
  milestones: context.milestones,
  remarks: context.remarks,
  claims: context.claims,
})
