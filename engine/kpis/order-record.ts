// OrderRecord: what the measures need of one order, read from its family. The same whatever order the facts came in. Pure.
import { placeMs } from '../../machines/ids.ts'
import { isMet } from '../../machines/order/derive.ts'
import { quantityOf, wantedOf } from '../../machines/quantities.ts'
import type { ShipmentContext } from '../../machines/shipment/context.ts'
import { acceptedMs, deliveredPlace, type Facts, leftPlace } from '../exceptions/facts.ts'
import type { Leg } from './leg-counts.ts'

export interface ShipmentRecord {
  readonly node: string
  readonly service: string | undefined
  readonly carriers: readonly string[]
  readonly releasedMs: number
  readonly acknowledgedMs: number | undefined
  readonly leftMs: number | undefined
  readonly deliveredMs: number | undefined
  /** Short, damaged, refused, lost, sent back, tried in vain or told to be delayed, at any time. */
  readonly hadTrouble: boolean
}

export interface OrderRecord {
  readonly channel: string
  /** Empty until it is known. */
  readonly company: string
  readonly capturedMs: number
  readonly acceptedMs: number | undefined
  /** When all that is wanted had left, was delivered, was invoiced; undefined before. */
  readonly shippedMs: number | undefined
  readonly deliveredMs: number | undefined
  readonly invoicedMs: number | undefined
  /** The last payment, once the invoices are covered. */
  readonly paidMs: number | undefined
  readonly promisedMs: number | undefined
  readonly wanted: number
  readonly shipped: number
  readonly invoices: number
  readonly disputes: number
  /** Rejected, or never wanted any more: it fell out. */
  readonly isFallout: boolean
  /** Delivered whole, in time, undamaged, and billed without dispute or credit. */
  readonly isPerfect: boolean
  /** Delivered by the time that was promised; false where nothing was, or it was not. */
  readonly isPromiseKept: boolean
  readonly stage: string
  readonly shipments: readonly ShipmentRecord[]
}

/** Undefined where the family has no order. */
export function orderRecord(facts: Facts): OrderRecord | undefined {
  const actor = facts.order
  if (actor === undefined) return undefined
  const order = actor.context
  const { lines, quantities } = order
  const { marks } = facts
  const shipments = facts.shipments.map(({ context }) => shipmentRecord(context))
  const all = (column: 'shipped' | 'delivered' | 'invoiced') =>
    lines.some((_, index) => wantedOf(quantities, index) > 0) && lines.every((_, index) => isMet(order, index, column))
  const deliveredMs = all('delivered') ? latest(shipments.map(each => each.deliveredMs)) : undefined
  const promisedMs = earliest([order.promisedAt, ...lines.map(({ promisedAt }) => promisedAt)])
  const sum = (of: (index: number) => number) => lines.reduce((total, _, index) => total + of(index), 0)
  const [lifecycle = '', , fulfilment = '', billing = ''] = actor.states
  const isFallout = lifecycle === 'rejected' || lifecycle === 'cancelled'
  const disputes = Object.keys(order.disputes).length
  const hadTrouble = shipments.some(each => each.hadTrouble)
  const isInTime = promisedMs === undefined || (deliveredMs ?? Number.POSITIVE_INFINITY) <= promisedMs
  return {
    channel: order.channel,
    company: order.company ?? '',
    capturedMs: placeMs(order.capturedPlace),
    acceptedMs: ['accepted', 'closed'].includes(order.step) ? acceptedMs(facts) : undefined,
    shippedMs: all('shipped') ? latest(shipments.map(each => each.leftMs)) : undefined,
    deliveredMs,
    invoicedMs: all('invoiced') ? latest(Object.values(order.invoices).map(({ postedMs }) => postedMs)) : undefined,
    paidMs: billing === 'paid' && marks.paidPlace !== undefined ? placeMs(marks.paidPlace) : undefined,
    promisedMs,
    wanted: sum(index => wantedOf(quantities, index)),
    shipped: sum(index => Math.min(wantedOf(quantities, index), quantityOf(quantities, index, 'shipped'))),
    invoices: Object.keys(order.invoices).length,
    disputes,
    isFallout,
    isPerfect: deliveredMs !== undefined && isInTime && !hadTrouble && disputes === 0 && order.creditedMinor === 0,
    isPromiseKept: promisedMs !== undefined && deliveredMs !== undefined && deliveredMs <= promisedMs,
    stage: stageOf(lifecycle, fulfilment, billing),
    shipments,
  }
}

function shipmentRecord(shipment: ShipmentContext): ShipmentRecord {
  const { ends, expectedAt, instructions, promisedAt, short } = shipment
  const promised = promisedAt ?? instructions.promisedAt
  const left = leftPlace(shipment)
  const delivered = deliveredPlace(shipment)
  const isLate = expectedAt !== undefined && promised !== undefined && expectedAt > promised
  const isHurt = shipment.isWhollyDamaged === true || shipment.damaged.some(each => each > 0)
  return {
    node: shipment.node,
    service: shipment.service ?? instructions.service,
    carriers: shipment.carriers,
    releasedMs: placeMs(shipment.releasedPlace),
    acknowledgedMs: shipment.milestones['shipment.acknowledged']?.atMs,
    leftMs: left === undefined ? undefined : placeMs(left),
    deliveredMs: delivered === undefined ? undefined : placeMs(delivered),
    hadTrouble:
      isLate ||
      isHurt ||
      shipment.attemptPlace !== undefined ||
      short.some(each => each > 0) ||
      Object.keys(ends).length > 0,
  }
}

/** Where an order stands on its way from capture to cash. */
function stageOf(lifecycle: string, fulfilment: string, billing: string): string {
  if (lifecycle !== 'accepted') return lifecycle
  return fulfilment === 'delivered' ? billing : fulfilment
}

/** The finished legs of the shipments, for what is usual; none where nothing is known. */
export const legsOf = ({
  capturedMs,
  shipments,
}: Pick<OrderRecord, 'capturedMs' | 'shipments'> = NO_ORDER): readonly Leg[] =>
  shipments.flatMap(({ deliveredMs, leftMs, node, releasedMs, service }): readonly Leg[] => {
    const legs: Leg[] = [{ stage: 'receive_to_release', node, service, ms: Math.max(0, releasedMs - capturedMs) }]
    if (leftMs !== undefined)
      legs.push({ stage: 'release_to_ship', node, service, ms: Math.max(0, leftMs - releasedMs) })
    if (leftMs !== undefined && deliveredMs !== undefined)
      legs.push({ stage: 'ship_to_deliver', node, service, ms: Math.max(0, deliveredMs - leftMs) })
    return legs
  })

const NO_ORDER = { capturedMs: 0, shipments: [] }

const known = (times: readonly (number | undefined)[]): number[] => times.filter(each => each !== undefined)

function latest(times: readonly (number | undefined)[]): number | undefined {
  const all = known(times)
  return all.length === 0 ? undefined : Math.max(...all)
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const all = known(times)
  return all.length === 0 ? undefined : Math.min(...all)
}
