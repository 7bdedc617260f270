// Since when an actor is in the state it is in, by `time`: told from the facts, so that arrival does not matter. Pure.
import type { Place } from '../../machines/ids.ts'
import { placeMs } from '../../machines/ids.ts'
import type { OrderContext } from '../../machines/order/context.ts'
import type { MilestoneEvent } from '../../machines/shipment/context.ts'
import { acceptedMs, type Facts, lastOf, msOf, type ReturnFacts, type ShipmentFacts } from './facts.ts'

/** Region of an order → since when it is in its state; undefined where no fact tells. */
export function orderSince(facts: Facts): Readonly<Record<string, number | undefined>> {
  const order = facts.order?.context
  if (order === undefined) return {}
  const [lifecycle, , fulfilment] = facts.order?.states ?? []
  return {
    lifecycle: lifecycleSince(facts, order, lifecycle ?? ''),
    credit: order.creditPlace === undefined ? placeMs(order.capturedPlace) : placeMs(order.creditPlace),
    fulfilment: fulfilmentSince(facts, order, fulfilment ?? ''),
    billing: Math.max(placeMs(order.capturedPlace), ...Object.values(order.invoices).map(invoice => invoice.postedMs)),
  }
}

function lifecycleSince(facts: Facts, order: OrderContext, state: string): number {
  const { milestones } = order
  switch (state) {
    case 'validated':
      return milestones.validated?.[0] ?? placeMs(order.capturedPlace)
    case 'accepted':
      return acceptedMs(facts)
    case 'closed':
      return milestones.closed?.[0] ?? acceptedMs(facts)
    case 'cancelled':
      return msOf(lastOf([order.wholeCancelPlace, ...order.answers.map(({ place }) => place)])) || acceptedMs(facts)
    default:
      return placeMs(order.capturedPlace)
  }
}

function fulfilmentSince({ shipments }: Facts, order: OrderContext, state: string): number {
  const captured = placeMs(order.capturedPlace)
  const left = shipments.flatMap(each => each.left ?? []).sort()
  const delivered = shipments.flatMap(each => each.delivered ?? []).sort()
  const allocated = order.allocations.flatMap(allocation => allocation?.place ?? []).sort()
  switch (state) {
    case 'delivered':
      return msOf(delivered.at(-1) ?? '') || captured
    case 'partly_delivered':
      return msOf(delivered[0] ?? '') || captured
    case 'shipped':
      return msOf(left.at(-1) ?? '') || captured
    case 'partly_shipped':
      return msOf(left[0] ?? '') || captured
    case 'released':
      return msOf(order.releases[0]?.place ?? '') || captured
    case 'backordered':
    case 'allocated':
      return msOf(allocated.at(-1) ?? '') || captured
    default:
      return captured
  }
}

const REACHED_BY: Readonly<Record<string, readonly MilestoneEvent[]>> = {
  acknowledged: ['shipment.acknowledged', 'pick.released'],
  picking: ['pick.started', 'pick.completed', 'pick.short', 'item.substituted'],
  picked: ['pick.completed', 'pick.short', 'item.substituted'],
  packed: ['pack.completed'],
  in_transit: ['shipment.in_transit'],
  out_for_delivery: ['shipment.out_for_delivery'],
}

/** Since when a shipment's execution is in `state`. */
export function shipmentSince({ context: shipment, delivered, end, left }: ShipmentFacts, state: string): number {
  const released = placeMs(shipment.releasedPlace)
  if (state === 'delivered') return msOf(delivered ?? '') || released
  if (state === 'shipped') return msOf(left ?? '') || released
  if (state === 'cancelled') return msOf(shipment.wholeCancelPlace ?? '') || released
  if (end !== undefined && end.kind === state) return placeMs(end.place)
  if (state === 'out_for_delivery' && shipment.runPlace !== undefined) return placeMs(shipment.runPlace)
  const places = (REACHED_BY[state] ?? []).flatMap((event): readonly Place[] => {
    const place = shipment.milestones[event]?.place
    return place === undefined ? [] : [place]
  })
  return msOf(places.sort()[0] ?? (state === 'in_transit' && left !== undefined ? left : '')) || released
}

/** Since when a return is where it is: the latest thing that happened to it. */
export const returnSince = ({ context }: ReturnFacts): number =>
  Math.max(0, ...Object.values(context.milestones).map(({ atMs }) => atMs))
