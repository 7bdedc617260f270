// What each fact does to a shipment's context (C3).
import type { Move } from '../chart.ts'
import { earlierPlace, type Place } from '../ids.ts'
import { lineIndex, type OrderContext, type OrderLine, promiseOf } from '../order/context.ts'
import { type Amount, plus, sumOfLine } from '../quantities.ts'
import { withMember } from '../records.ts'
import {
  type Carton,
  copyOfMilestones,
  type End,
  furthestEnd,
  type MilestoneEvent,
  type Remark,
  type ShipmentContext,
  type Step,
  stepRank,
} from './context.ts'

type Changed = Partial<ShipmentContext>
/** What an assign puts together key by key: one object for all, not one for each part of it. */
type Changing = { -readonly [Key in keyof ShipmentContext]?: ShipmentContext[Key] }

interface NewShipment {
  readonly number: string
  readonly node: string
  readonly consignment?: string
  readonly order: string
  readonly amounts: readonly Amount[]
  readonly place: Place
  readonly instructions: ShipmentContext['instructions']
  /** Percent each line may be exceeded by. */
  readonly overTolerancePercent: readonly number[]
}

function blankShipment(made: NewShipment): ShipmentContext {
  const none = made.amounts.map(() => 0)
  // Every key is named, known yet or not (one shape: order/assigns.ts).
  return {
    number: made.number,
    node: made.node,
    order: made.order,
    consignment: made.consignment,
    releasedPlace: made.place,
    lines: made.amounts.map(amount => amount.line),
    overTolerancePercent: made.overTolerancePercent,
    given: made.amounts.map(amount => amount.quantity),
    split: none,
    cancelled: none,
    wholeCancelPlace: undefined,
    short: none,
    picked: none,
    damaged: none,
    isWhollyDamaged: undefined,
    step: 'released',
    confirmed: undefined,
    deliveries: {},
    ends: {},
    carriers: made.instructions.carrier === undefined ? [] : [made.instructions.carrier],
    trackings: [],
    cartons: [],
    instructions: made.instructions,
    shipTo: undefined,
    service: undefined,
    promisedAt: undefined,
    expectedAt: undefined,
    freightMinor: undefined,
    places: {},
    attemptPlace: undefined,
    runPlace: undefined,
    milestones: {},
    remarks: [],
    claims: {},
  }
}

/** The shipment an `order.released` creates: its promise and tolerances, where it says none, are the order's of that moment. */
export function releasedShipment(move: Move<'order.released'>, order: OrderContext): ShipmentContext {
  const { amounts, data, place } = move
  const { carrier, consignment, node, service, shipTo } = data
  const lines = amounts.map(({ line }) => order.lines[lineIndex(order, line)])
  const promisedAt = data.promisedAt ?? earliestPromise(order, lines)
  return blankShipment({
    number: data.shipment,
    node,
    consignment,
    order: order.id,
    amounts,
    place,
    instructions: { shipTo, service, promisedAt, carrier },
    overTolerancePercent: lines.map(line => line?.overTolerancePercent ?? order.overTolerancePercent),
  })
}

function earliestPromise(order: OrderContext, lines: readonly (OrderLine | undefined)[]): number | undefined {
  let earliest: number | undefined
  for (const line of lines) {
    const promisedAt = promiseOf(order, line)
    if (promisedAt !== undefined && (earliest === undefined || promisedAt < earliest)) earliest = promisedAt
  }
  return earliest
}

/** The shipment a `shipment.split` creates beside `parent`: same node, same instructions. */
export function splitShipment(
  { amounts, data, place }: Move<'shipment.split'>,
  parent: ShipmentContext,
): ShipmentContext {
  return blankShipment({
    number: data.shipment,
    node: parent.node,
    consignment: data.consignment,
    order: parent.order,
    amounts,
    place,
    instructions: parent.instructions,
    overTolerancePercent: amounts.map(({ line }) => parent.overTolerancePercent[parent.lines.indexOf(line)] ?? 0),
  })
}

const forward = (context: ShipmentContext, step: Step): Step =>
  stepRank(step) > stepRank(context.step) ? step : context.step

const perLine = (context: ShipmentContext, amounts: readonly Amount[]): readonly number[] =>
  context.lines.map(line => sumOfLine(amounts, line))

const isNewer = (known: Place | undefined, place: Place): boolean => known === undefined || place > known

/** A value is taken where nothing later has set it. */
function set<Setting extends keyof Changing>(
  changed: Changing,
  context: ShipmentContext,
  place: Place,
  [setting, value]: readonly [Setting, Changing[Setting]],
): void {
  if (value === undefined || !isNewer(context.places[setting], place)) return
  changed[setting] = value
  changed.places = withMember(changed.places ?? context.places, setting, place)
}

/** The first report of each kind: since when. */
function reached(
  context: ShipmentContext,
  { data, place, timeMs, type }: Move<MilestoneEvent>,
): ShipmentContext['milestones'] {
  const known = context.milestones[type]
  if (known !== undefined && known.place <= place) return context.milestones
  const scan = 'place' in data ? (data.place as { name?: string; city?: string } | undefined) : undefined
  const first = { event: type, place, atMs: timeMs, where: scan?.name ?? scan?.city }
  const copy = copyOfMilestones(context.milestones)
  copy[type] = first
  return copy
}

/** The step reached and, once for each kind of report, since when. */
const advanced = (context: ShipmentContext, move: Move<MilestoneEvent>, step: Step): Changing => ({
  step: forward(context, step),
  milestones: reached(context, move),
})

const acknowledge = (context: ShipmentContext, move: Move<MilestoneEvent>): Changed =>
  advanced(context, move, 'acknowledged')

const startPicking = (context: ShipmentContext, move: Move<MilestoneEvent>): Changing =>
  advanced(context, move, 'picking')

function pick(context: ShipmentContext, move: Move<'pick.completed' | 'item.substituted'>): Changed {
  const changed = startPicking(context, move)
  changed.picked = plus(context.picked, perLine(context, move.amounts))
  return changed
}

function fallShort(context: ShipmentContext, move: Move<'pick.short'>): Changed {
  const changed = startPicking(context, move)
  changed.short = plus(context.short, perLine(context, move.amounts))
  changed.remarks = remarked(context, move)
  return changed
}

function pack(context: ShipmentContext, move: Move<'pack.completed'>): Changed {
  const changed = advanced(context, move, 'packed')
  changed.cartons = cartons(context, move)
  changed.trackings = union(context.trackings, cartonTrackings(move))
  return changed
}

const cartonTrackings = ({ data }: Move<'pack.completed' | 'shipment.confirmed'>): readonly string[] =>
  data.cartons?.flatMap(({ tracking }) => tracking ?? []) ?? []

/** Cartons are told of by pack and by goods issue alike; the same carton twice is one, and what was said of it last counts. */
function cartons(
  context: ShipmentContext,
  move: Move<'pack.completed' | 'shipment.confirmed'>,
): ShipmentContext['cartons'] {
  const told = move.data.cartons
  if (told === undefined) return context.cartons
  const known = [...context.cartons]
  told.forEach(({ carton, tracking }, index) => {
    const next = cartonTold({ carton, tracking, amounts: move.contents[index], place: move.place })
    const at = known.findIndex(other => cartonName(next) !== '' && cartonName(other) === cartonName(next))
    const same = known[at]
    if (same === undefined) known.push(next)
    else known[at] = sameCarton(same, next)
  })
  return known.sort(byCarton)
}

const cartonTold = ({ amounts, carton, place, tracking }: Carton): Carton => ({
  place,
  carton,
  ...(tracking === undefined ? {} : { tracking, trackingPlace: place }),
  ...(amounts === undefined ? {} : { amounts, amountsPlace: place }),
})

function sameCarton(known: Carton, next: Carton): Carton {
  const { amounts, amountsPlace, place, tracking, trackingPlace } = next
  return {
    ...known,
    place: earlierPlace(known.place, place),
    ...(trackingPlace !== undefined && isNewer(known.trackingPlace, trackingPlace) ? { tracking, trackingPlace } : {}),
    ...(amountsPlace !== undefined && isNewer(known.amountsPlace, amountsPlace) ? { amounts, amountsPlace } : {}),
  }
}

const cartonName = (carton: Carton) => carton.carton ?? carton.tracking ?? ''

/** By name; cartons without one by place, and within one report as told. */
const byCarton = (a: Carton, b: Carton): number => compare(cartonName(a), cartonName(b)) || compare(a.place, b.place)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Carriers or tracking numbers named so far, sorted: the order they became known in does not matter. `known` itself where
 * nothing is new.
 */
function union(known: readonly string[], more: readonly string[]): readonly string[] {
  return more.every(name => known.includes(name)) ? known : [...new Set([...known, ...more])].sort()
}

const listOf = (tracking: string | readonly string[] | undefined): readonly string[] =>
  tracking === undefined ? [] : typeof tracking === 'string' ? [tracking] : tracking

function book(context: ShipmentContext, move: Move<'shipment.booked'>): Changed {
  const { carrier, expectedAt, service, tracking } = move.data
  const changed: Changing = {
    milestones: reached(context, move),
    carriers: union(context.carriers, listOf(carrier)),
    trackings: union(context.trackings, listOf(tracking)),
  }
  set(changed, context, move.place, ['service', service])
  set(changed, context, move.place, ['expectedAt', expectedAt])
  return changed
}

function confirm(context: ShipmentContext, move: Move<'shipment.confirmed'>): Changed {
  const { carrier, expectedAt, freightMinor, tracking } = move.data
  const changed = advanced(context, move, 'shipped')
  changed.confirmed = firstIssue(context, move)
  changed.cartons = cartons(context, move)
  changed.carriers = union(context.carriers, listOf(carrier))
  changed.trackings = union(union(context.trackings, cartonTrackings(move)), listOf(tracking))
  set(changed, context, move.place, ['expectedAt', expectedAt])
  set(changed, context, move.place, ['freightMinor', freightMinor])
  return changed
}

/** Goods issue counts once (C5): as first told. */
function firstIssue({ confirmed }: ShipmentContext, { amounts, data, place }: Move<'shipment.confirmed'>) {
  if (confirmed !== undefined && confirmed.place < place) return confirmed
  return { place, amounts: data.lines === undefined ? undefined : amounts }
}

function move(context: ShipmentContext, event: Move<'shipment.in_transit' | 'shipment.out_for_delivery'>): Changed {
  const isRun = event.type === 'shipment.out_for_delivery'
  const changed = advanced(context, event, isRun ? 'out_for_delivery' : 'in_transit')
  if (isRun && isNewer(context.runPlace, event.place)) changed.runPlace = event.place
  set(changed, context, event.place, ['expectedAt', event.data.expectedAt])
  changed.trackings = tracked(context, event)
  return changed
}

/** A tracking number a report on this shipment names is one of its numbers. */
const tracked = ({ trackings }: ShipmentContext, { tracking }: Move): readonly string[] =>
  union(trackings, listOf(tracking))

function delay(context: ShipmentContext, event: Move<'shipment.delayed'>): Changed {
  const changed: Changing = { remarks: remarked(context, event) }
  set(changed, context, event.place, ['expectedAt', event.data.expectedAt])
  return changed
}

function damage(context: ShipmentContext, event: Move<'shipment.damaged'>): Changed {
  const remarks = remarked(context, event)
  if (event.data.lines === undefined) return { isWhollyDamaged: true, remarks }
  return { damaged: plus(context.damaged, perLine(context, event.amounts)), remarks }
}

function clearDamage(context: ShipmentContext, event: Move<'shipment.damage_cleared'>): Changed {
  const cleared = context.cleared ?? context.lines.map(() => 0)
  return { cleared: plus(cleared, perLine(context, event.amounts)), remarks: remarked(context, event) }
}

function attempt(context: ShipmentContext, event: Move<'delivery.attempted'>): Changed {
  const changed: Changing = { step: forward(context, 'in_transit'), remarks: remarked(context, event) }
  if (isNewer(context.attemptPlace, event.place)) changed.attemptPlace = event.place
  set(changed, context, event.place, ['expectedAt', event.data.expectedAt])
  return changed
}

function remarked({ remarks }: ShipmentContext, { data, place, timeMs, type }: Move): readonly Remark[] {
  const reason = 'reason' in data ? data.reason : undefined
  const told: Remark = { event: type, place, atMs: timeMs, reason }
  return [...remarks, told].sort((a, b) => compare(a.place, b.place))
}

function deliver(context: ShipmentContext, event: Move<'delivery.completed'>): Changed {
  const key = event.tracking ?? '*'
  const known = context.deliveries[key]
  const amounts = event.data.lines === undefined ? undefined : event.amounts
  const proof = { place: event.place, atMs: event.timeMs, amounts, signedBy: event.data.proof?.signedBy }
  const changed = advanced(context, event, 'in_transit')
  changed.trackings = tracked(context, event)
  if (isNewer(known?.place, event.place)) changed.deliveries = withMember(context.deliveries, key, proof)
  return changed
}

const ENDS = {
  'delivery.refused': 'refused',
  'shipment.lost': 'lost',
  'shipment.returned_to_sender': 'returned_to_sender',
} as const

function end(context: ShipmentContext, event: Move<keyof typeof ENDS>): Changed {
  const key = event.tracking ?? '*'
  const told: End = { kind: ENDS[event.type], place: event.place, reason: event.data.reason }
  const changed = advanced(context, event, 'in_transit')
  changed.trackings = tracked(context, event)
  changed.ends = withMember(context.ends, key, furthestEnd(context.ends[key], told))
  return changed
}

/** The whole shipment when no lines are named. */
function cancel(context: ShipmentContext, event: Move<'shipment.cancelled'>): Changed {
  if (event.data.lines === undefined) return { wholeCancelPlace: earlierPlace(context.wholeCancelPlace, event.place) }
  return { cancelled: plus(context.cancelled, perLine(context, event.amounts)) }
}

const splitOff = (context: ShipmentContext, event: Move<'shipment.split'>): Changed => ({
  step: forward(context, 'acknowledged'),
  split: plus(context.split, perLine(context, event.amounts)),
})

function amend(context: ShipmentContext, { data, place }: Move<'shipment.amended'>): Changed {
  const { promisedAt, service, shipTo } = data
  const changed: Changing = {}
  set(changed, context, place, ['promisedAt', promisedAt])
  set(changed, context, place, ['service', service])
  set(changed, context, place, ['shipTo', shipTo])
  return changed
}

export const amendsSomething = (context: ShipmentContext, { data, place }: Move<'shipment.amended'>): boolean =>
  Object.keys(data).some(setting => isNewer(context.places[setting], place))

function claim(context: ShipmentContext, { data, place, source }: Move<'claim.reported'>): Changed {
  if (!isNewer(context.claims[source]?.place, place)) return {}
  return { claims: withMember(context.claims, source, { place, state: data.state }) }
}

export const assigners = {
  acknowledge,
  startPicking,
  pick,
  fallShort,
  pack,
  book,
  confirm,
  move,
  delay,
  damage,
  clearDamage,
  attempt,
  deliver,
  end,
  cancel,
  splitOff,
  amend,
  claim,
}
