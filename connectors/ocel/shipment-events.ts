// What ERP, node and carrier say about shipments and packages of the log: release, pick, pack, goods issue, invoice,
// delivery. A package is a consignment: node and carrier name it once for all orders in it.

import { subjectOf } from './order-events.ts'
import type { LogMoment, LogPackage } from './order-management.ts'
import { CURRENCY, carrierOf, ERP, invoiceNumberOf, nodeOf, pickTaskOf, trackingOf } from './partners.ts'
import { type Said, say } from './said.ts'
import type { LogShipment } from './shipments.ts'

// "A moment before the first pick": log times are whole seconds, so half a second is after whatever came before.
const RELEASE_LEAD_MS = 500
// 66 packages of the log are created in the very second of their last pick; packing follows picking.
const PACK_LAG_MS = 1
const INVOICE_LAG_MS = 20

/** Said once for each shipment. `chargeMinor` goes on its invoice. */
export function shipmentEvents(shipment: LogShipment, chargeMinor: number): readonly Said[] {
  return [...released(shipment), ...picked(shipment), ...packed(shipment), ...invoiced(shipment, chargeMinor)]
}

/** Said once for each package, whatever orders it holds. */
export function packageEvents(load: LogPackage): readonly Said[] {
  return [...sent(load), ...attempted(load), ...delivered(load)]
}

/** Before work on the shipment begins; nothing when the log shows no work on it. */
function released(shipment: LogShipment): readonly Said[] {
  const { order, package: load, items } = shipment
  const work = [...items.map(item => item.picked), load.created, load.sent].filter(moment => moment !== undefined)
  const first = work.toSorted((a, b) => a.timeMs - b.timeMs)[0]
  if (first === undefined) return []
  return [
    say({
      type: 'order.released',
      source: ERP,
      subject: subjectOf(order),
      timeMs: first.timeMs - RELEASE_LEAD_MS,
      explains: [first.logEvent],
      of: shipment.number,
      data: {
        shipment: shipment.number,
        node: nodeOf(load.id).node,
        consignment: load.id,
        carrier: carrierOf(load.id).carrier,
        lines: linesOf(shipment),
      },
    }),
  ]
}

function picked(shipment: LogShipment): readonly Said[] {
  return shipment.items.flatMap(item =>
    item.picked === undefined
      ? []
      : [
          say({
            type: 'pick.completed',
            source: nodeOf(shipment.package.id).operator,
            subject: `shipment/${shipment.number}`,
            timeMs: item.picked.timeMs,
            explains: [item.picked.logEvent],
            data: { task: pickTaskOf(item.id), lines: [{ line: item.id, quantity: 1 }] },
          }),
        ],
  )
}

function packed(shipment: LogShipment): readonly Said[] {
  const { package: load } = shipment
  if (load.created === undefined) return []
  return [
    say({
      type: 'pack.completed',
      source: nodeOf(load.id).operator,
      subject: `shipment/${shipment.number}`,
      timeMs: load.created.timeMs + PACK_LAG_MS,
      explains: [load.created.logEvent],
      of: shipment.number,
      data: { cartons: [{ carton: load.id, lines: linesOf(shipment) }] },
    }),
  ]
}

function invoiced(shipment: LogShipment, chargeMinor: number): readonly Said[] {
  const { order, package: load, items } = shipment
  if (load.sent === undefined) return []
  const goodsMinor = items.reduce((sum, item) => sum + item.priceMinor, 0)
  const charges = chargeMinor === 0 ? {} : { charges: [{ kind: 'order_fee', amountMinor: chargeMinor }] }
  return [
    say({
      type: 'invoice.posted',
      source: ERP,
      subject: subjectOf(order),
      timeMs: load.sent.timeMs + INVOICE_LAG_MS,
      explains: [load.sent.logEvent],
      of: order.id,
      data: {
        invoice: invoiceNumberOf(order.id, load.id),
        lines: linesOf(shipment),
        ...charges,
        amountMinor: goodsMinor + chargeMinor,
        currency: CURRENCY,
      },
    }),
  ]
}

function sent(load: LogPackage): readonly Said[] {
  if (load.sent === undefined) return []
  return [
    say({
      type: 'shipment.confirmed',
      source: nodeOf(load.id).operator,
      subject: `ref/consignment/${load.id}`,
      timeMs: load.sent.timeMs,
      explains: [load.sent.logEvent],
      data: { carrier: carrierOf(load.id).carrier, tracking: trackingOf(load.id) },
    }),
  ]
}

function attempted(load: LogPackage): readonly Said[] {
  return load.failed.map(moment => carrierSays('delivery.attempted', load, moment))
}

function delivered(load: LogPackage): readonly Said[] {
  return load.delivered === undefined ? [] : [carrierSays('delivery.completed', load, load.delivered)]
}

function carrierSays(type: 'delivery.attempted' | 'delivery.completed', load: LogPackage, moment: LogMoment): Said {
  const tracking = trackingOf(load.id)
  return say({
    type,
    source: carrierOf(load.id).source,
    subject: `ref/tracking/${tracking}`,
    timeMs: moment.timeMs,
    explains: [moment.logEvent],
    data: { tracking },
  })
}

const linesOf = (shipment: LogShipment) => shipment.items.map(item => ({ line: item.id, quantity: 1 }))
