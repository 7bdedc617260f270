// What each fact does to a shipment's context (C3), and what the shipment contributes to its order (domain §4).
import type { Move, Signal } from '../chart.ts'
import { type ActorKey, type Place, shipmentKey } from '../ids.ts'
import { lineIndex, type OrderContext } from '../order/context.ts'
import { type Amount, type Column, type LineChange, plus } from '../quantities.ts'
import {
  type Carton,
  damagedOf,
  deliveredOf,
  isDelivered,
  leftOf,
  overToleranceOf,
  ownOf,
  type ShipmentContext,
  type Step,
  stepRank,
} from './context.ts'

type Changed = Partial<ShipmentContext>

interface NewShipment {
  readonly number: string
  readonly node: string
  readonly consignment?: string
  readonly amounts: readonly Amount[]
  readonly place: Place
}

function blankShipment(order: OrderContext, made: NewShipment): ShipmentContext {
  const none = made.amounts.map(() => 0)
  return {
    number: made.number,
    node: made.node,
    order: order.id,
    consignment: made.consignment,
    releasedPlace: made.place,
    lines: made.amounts.map(amount => amount.line),
    overTolerancePercent: made.amounts.map(
      ({ line }) => order.lines[lineIndex(order, line)]?.overTolerancePercent ?? order.overTolerancePercent,
    ),
    given: made.amounts.map(amount => amount.quantity),
    split: none,
    cancelled: none,
    short: none,
    picked: none,
    damaged: none,
    step: 'released',
    deliveries: {},
    carriers: [],
    trackings: [],
    cartons: [],
    instructions: {},
    places: {},
    milestones: {},
    remarks: [],
    claims: {},
  }
}

/** The shipment an `order.released` creates. What its instructions leave out is as the order has it. */
export function releasedShipment(move: Move<'order.released'>, order: OrderContext): ShipmentContext {
  const { amounts, data, place } = move
  const { carrier, consignment, node, promisedAt, service, shipTo } = data
  return {
    ...blankShipment(order, { number: data.shipment, node, consignment, amounts, place }),
    instructions: { shipTo, service, promisedAt },
    carriers: carrier === undefined ? [] : [carrier],
  }
}

/** The shipment a `shipment.split` creates beside `parent`: same node, same instructions. */
export function splitShipment(
  move: Move<'shipment.split'>,
  parent: ShipmentContext,
  order: OrderContext,
): ShipmentContext {
  const { amounts, data, place } = move
  return {
    ...blankShipment(order, {
      number: data.shipment,
      node: parent.node,
      consignment: data.consignment,
      amounts,
      place,
    }),
    instructions: parent.instructions,
  }
}

const forward = (context: ShipmentContext, step: Step): Step =>
  stepRank(step) > stepRank(context.step) ? step : context.step

const perLine = (context: ShipmentContext, amounts: readonly Amount[]): readonly number[] =>
  context.lines.map(line => amounts.reduce((sum, amount) => (amount.line === line ? sum + amount.quantity : sum), 0))

const isNewer = (known: Place | undefined, place: Place): boolean => known === undefined || place > known

/** Values by place: each is taken where nothing later has set it. */
function settings(context: ShipmentContext, place: Place, values: Changed): Changed {
  const taken = Object.entries(values).filter(
    ([setting, value]) => value !== undefined && isNewer(context.places[setting], place),
  )
  if (taken.length === 0) return {}
  const places = { ...context.places, ...Object.fromEntries(taken.map(([setting]) => [setting, place])) }
  return { ...Object.fromEntries(taken), places }
}

/** First time each kind of report speaks of. Latest place would do as well; the earliest tells "since when". */
function milestone(context: ShipmentContext, move: Move): Changed {
  const known = context.milestones[move.type]
  if (known !== undefined && known.atMs <= move.timeMs) return {}
  const place = 'place' in move.data ? (move.data.place as { name?: string; city?: string } | undefined) : undefined
  const where = place?.name ?? place?.city
  return { milestones: { ...context.milestones, [move.type]: { event: move.type, atMs: move.timeMs, where } } }
}

const acknowledge = (context: ShipmentContext, move: Move): Changed => ({
  step: forward(context, 'acknowledged'),
  ...milestone(context, move),
})

const startPicking = (context: ShipmentContext, move: Move): Changed => ({
  step: forward(context, 'picking'),
  ...milestone(context, move),
})

const pick = (context: ShipmentContext, move: Move): Changed => ({
  ...startPicking(context, move),
  picked: plus(context.picked, perLine(context, move.amounts)),
})

const fallShort = (context: ShipmentContext, move: Move<'pick.short'>): Changed => ({
  ...startPicking(context, move),
  short: plus(context.short, perLine(context, move.amounts)),
  ...remark(context, move),
})

const pack = (context: ShipmentContext, move: Move<'pack.completed'>): Changed => ({
  step: forward(context, 'packed'),
  ...milestone(context, move),
  ...cartons(context, move.data.cartons),
})

type CartonInput = NonNullable<Move<'pack.completed'>['data']['cartons']>[number]

/** Cartons are told of by pack and by goods issue alike; the same carton twice is one. */
function cartons(context: ShipmentContext, told: readonly CartonInput[] | undefined): Changed {
  if (told === undefined) return {}
  const known = [...context.cartons]
  for (const each of told) {
    const carton: Carton = { carton: each.carton, tracking: each.tracking, amounts: contentsInBase(each) }
    const index = known.findIndex(other => sameCarton(other, carton))
    if (index < 0) known.push(carton)
    else known[index] = { ...known[index], ...defined(carton) }
  }
  known.sort((a, b) => cartonName(a).localeCompare(cartonName(b)))
  return { cartons: known, ...named(context, { trackings: told.flatMap(each => each.tracking ?? []) }) }
}

// Contents are pieces as packed; a carton's contents in another unit would need the order's conversions and are left out.
const contentsInBase = (carton: CartonInput): readonly Amount[] | undefined =>
  carton.lines?.every(line => line.unit === undefined)
    ? carton.lines.map(({ line, quantity }) => ({ line, quantity }))
    : undefined
const cartonName = (carton: Carton) => carton.carton ?? carton.tracking ?? ''
const sameCarton = (a: Carton, b: Carton) => cartonName(a) !== '' && cartonName(a) === cartonName(b)
const defined = <T extends object>(value: T): Partial<T> =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>

/** Carriers and tracking numbers named so far, sorted: the order they became known in does not matter. */
function named(context: ShipmentContext, names: { carrier?: string; trackings?: readonly string[] }): Changed {
  const union = (known: readonly string[], more: readonly string[]) => [...new Set([...known, ...more])].sort()
  const carriers = names.carrier === undefined ? context.carriers : union(context.carriers, [names.carrier])
  return { carriers, trackings: union(context.trackings, names.trackings ?? []) }
}

const listOf = (tracking: string | readonly string[] | undefined): readonly string[] =>
  tracking === undefined ? [] : typeof tracking === 'string' ? [tracking] : tracking

function book(context: ShipmentContext, move: Move<'shipment.booked'>): Changed {
  const { carrier, expectedAt, service, tracking } = move.data
  return {
    ...milestone(context, move),
    ...named(context, { carrier, trackings: listOf(tracking) }),
    ...settings(context, move.place, { service, expectedAt }),
  }
}

function confirm(context: ShipmentContext, move: Move<'shipment.confirmed'>): Changed {
  const { carrier, cartons: told, expectedAt, freightMinor, tracking } = move.data
  const packed = { ...context, ...cartons(context, told) }
  return {
    step: forward(context, 'shipped'),
    confirmed: { place: move.place, amounts: move.data.lines === undefined ? undefined : move.amounts },
    cartons: packed.cartons,
    ...milestone(context, move),
    ...named(packed, { carrier, trackings: listOf(tracking) }),
    ...settings(context, move.place, { expectedAt, freightMinor }),
  }
}

function move(context: ShipmentContext, event: Move<'shipment.in_transit' | 'shipment.out_for_delivery'>): Changed {
  const isRun = event.type === 'shipment.out_for_delivery'
  return {
    step: forward(context, isRun ? 'out_for_delivery' : 'in_transit'),
    ...milestone(context, event),
    ...(isRun && isNewer(context.runPlace, event.place) ? { runPlace: event.place } : {}),
    ...settings(context, event.place, { expectedAt: event.data.expectedAt }),
    ...tracked(context, event),
  }
}

/** A tracking number a report on this shipment names is one of its numbers. */
const tracked = (context: ShipmentContext, { tracking }: Move): Changed =>
  tracking === undefined || context.trackings.includes(tracking) ? {} : named(context, { trackings: [tracking] })

function delay(context: ShipmentContext, event: Move<'shipment.delayed'>): Changed {
  return { ...settings(context, event.place, { expectedAt: event.data.expectedAt }), ...remark(context, event) }
}

function damage(context: ShipmentContext, event: Move<'shipment.damaged'>): Changed {
  if (event.amounts.length === 0) return { isWhollyDamaged: true, ...remark(context, event) }
  return { damaged: plus(context.damaged, perLine(context, event.amounts)), ...remark(context, event) }
}

function attempt(context: ShipmentContext, event: Move<'delivery.attempted'>): Changed {
  return {
    step: forward(context, 'in_transit'),
    ...(isNewer(context.attemptPlace, event.place) ? { attemptPlace: event.place } : {}),
    ...settings(context, event.place, { expectedAt: event.data.expectedAt }),
    ...remark(context, event),
  }
}

/** Reasons as reported, by time: the order they arrive in does not matter. */
function remark(context: ShipmentContext, event: Move): Changed {
  const reason = 'reason' in event.data ? event.data.reason : undefined
  const remarks = [...context.remarks, { event: event.type, atMs: event.timeMs, reason }]
  remarks.sort((a, b) => a.atMs - b.atMs || a.event.localeCompare(b.event))
  return { remarks }
}

function deliver(context: ShipmentContext, event: Move<'delivery.completed'>): Changed {
  const key = event.tracking ?? '*'
  const known = context.deliveries[key]
  const amounts = event.amounts.length === 0 ? undefined : event.amounts
  const proof = { place: event.place, atMs: event.timeMs, amounts, signedBy: event.data.proof?.signedBy }
  return {
    step: forward(context, 'in_transit'),
    ...milestone(context, event),
    ...tracked(context, event),
    ...(isNewer(known?.place, event.place) ? { deliveries: { ...context.deliveries, [key]: proof } } : {}),
  }
}

const ENDS = {
  'delivery.refused': 'refused',
  'shipment.lost': 'lost',
  'shipment.returned_to_sender': 'returned_to_sender',
} as const

/** Goods that came back are back, whatever is said of them later by place; of refused and lost the latest counts. */
function end(context: ShipmentContext, event: Move<keyof typeof ENDS>): Changed {
  const kind = ENDS[event.type]
  const isFinal = kind === 'returned_to_sender'
  const counts =
    context.end === undefined ||
    (isFinal !== (context.end.kind === 'returned_to_sender') ? isFinal : isNewer(context.end.place, event.place))
  return {
    step: forward(context, 'in_transit'),
    ...milestone(context, event),
    ...(counts ? { end: { kind, place: event.place, reason: event.data.reason } } : {}),
  }
}

/** The whole shipment when no lines are named. */
function cancel(context: ShipmentContext, event: Move<'shipment.cancelled'>): Changed {
  if (event.amounts.length === 0) return { wholeCancelPlace: event.place }
  return { cancelled: plus(context.cancelled, perLine(context, event.amounts)) }
}

const splitOff = (context: ShipmentContext, event: Move<'shipment.split'>): Changed => ({
  step: forward(context, 'acknowledged'),
  split: plus(context.split, perLine(context, event.amounts)),
})

function amend(context: ShipmentContext, { data, place }: Move<'shipment.amended'>): Changed {
  const { promisedAt, service, shipTo } = data
  return settings(context, place, { promisedAt, service, shipTo })
}

export const amendsSomething = (context: ShipmentContext, { data, place }: Move<'shipment.amended'>): boolean =>
  Object.keys(data).some(setting => isNewer(context.places[setting], place))

function claim(context: ShipmentContext, { data, place, source }: Move<'claim.reported'>): Changed {
  if (!isNewer(context.claims[source]?.place, place)) return {}
  return { claims: { ...context.claims, [source]: { place, state: data.state } } }
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
  attempt,
  deliver,
  end,
  cancel,
  splitOff,
  amend,
  claim,
}

const CONTRIBUTED = ['released', 'picked', 'shipped', 'delivered', 'damaged'] as const satisfies readonly Column[]

/** What one line of a shipment counts for in its order: what it was given; what left, once it left; at its end what was delivered. */
function contribution(context: ShipmentContext, index: number): Record<(typeof CONTRIBUTED)[number], number> {
  const hasLeft = stepRank(context.step) >= stepRank('shipped')
  const picked = Math.min(context.picked[index] ?? 0, ownOf(context, index) + overToleranceOf(context, index))
  if (isDelivered(context)) {
    const delivered = deliveredOf(context, index)
    return { released: delivered, picked: Math.max(picked, delivered), shipped: delivered, delivered, damaged: 0 }
  }
  if (context.end !== undefined) return { released: 0, picked: 0, shipped: 0, delivered: 0, damaged: 0 }
  if (hasLeft) {
    const left = leftOf(context, index)
    const damaged = Math.min(damagedOf(context, index), left)
    return {
      released: left,
      picked: Math.max(picked, left),
      shipped: left,
      delivered: deliveredOf(context, index),
      damaged,
    }
  }
  const released = Math.max(0, ownOf(context, index) - (context.short[index] ?? 0))
  return { released, picked: Math.min(picked, ownOf(context, index)), shipped: 0, delivered: 0, damaged: 0 }
}

/** The signal a change of a shipment sends to its order; undefined when its quantities stayed. `before` is undefined for a new one. */
export function shipmentCounted(
  before: ShipmentContext | undefined,
  after: ShipmentContext,
  cause: Signal['cause'],
): Signal | undefined {
  const changes = after.lines.flatMap((line, index): LineChange[] => {
    const now = contribution(after, index)
    const then = before === undefined ? undefined : contribution(before, index)
    const by = CONTRIBUTED.flatMap(column => {
      const difference = now[column] - (then?.[column] ?? 0)
      return difference === 0 ? [] : [[column, difference] as const]
    })
    return by.length === 0 ? [] : [{ line, by: Object.fromEntries(by) }]
  })
  // Goods issue is a milestone of the order even where an earlier scan has already moved the quantities.
  if (changes.length === 0 && cause.type !== 'shipment.confirmed') return undefined
  return { type: 'shipment.counted', actor: keyOf(after), changes, creditedMinor: 0, cause }
}

const keyOf = (context: ShipmentContext): ActorKey => shipmentKey(context.node, context.number)
