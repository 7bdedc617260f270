// translate: an order-management log → what each system of the distributor would have said, event by event. Pure.
//   T1  Every log event is explained: by at least one event said, or by the reason why nobody says anything.
//   T2  Ids, numbers and partners follow from the log's ids alone: the same log, the same events.
//   T3  Sorted by place, each event comes after those it depends on, except where the log itself is out of order.

import { orderEvents } from './order-events.ts'
import type { LogOrder, OrderManagementLog } from './order-management.ts'
import type { Said } from './said.ts'
import { packageEvents, shipmentEvents } from './shipment-events.ts'
import { type LogShipment, shipmentsOf } from './shipments.ts'

export interface Unsaid {
  readonly logEvent: string
  readonly why: string
}

export interface Translation {
  /** Oldest first, by time, source and id. */
  readonly said: readonly Said[]
  readonly unsaid: readonly Unsaid[]
}

const REMINDER = 'a payment reminder goes to the customer; it moves nothing the twin keeps'

/** Shared charges of an order stand on the invoice of what left first. */
export function translate(log: OrderManagementLog): Translation {
  const shipments = shipmentsOf(log)
  const ofOrder = Map.groupBy(shipments, shipment => shipment.order.id)
  const said = [
    ...log.orders.flatMap(order => wholeOrder(order, ofOrder.get(order.id) ?? [])),
    ...[...log.packages.values()].flatMap(packageEvents),
  ]
  const unsaid = log.orders.flatMap(order =>
    order.reminded.map(moment => ({ logEvent: moment.logEvent, why: REMINDER })),
  )
  return { said: said.toSorted(byPlace), unsaid }
}

function wholeOrder(order: LogOrder, shipments: readonly LogShipment[]): readonly Said[] {
  const chargeMinor = order.priceMinor - order.items.reduce((sum, item) => sum + item.priceMinor, 0)
  const first = shipments
    .filter(shipment => shipment.package.sent !== undefined)
    .toSorted((a, b) => (a.package.sent?.timeMs ?? 0) - (b.package.sent?.timeMs ?? 0))[0]
  return [
    ...orderEvents(order, shipments),
    ...shipments.flatMap(shipment => shipmentEvents(shipment, shipment === first ? chargeMinor : 0)),
  ]
}

// Times are all written alike, with milliseconds and Z: they sort as text.
const placeText = ({ event }: Said) => `${event.time}|${event.source}|${event.id}`
const byPlace = (a: Said, b: Said) => (placeText(a) < placeText(b) ? -1 : 1)
