// What channel, CRM and ERP say about an order of the log: capture, confirmation, stock, payment, close.
import type { LogItem, LogMoment, LogOrder } from './order-management.ts'
import {
  COMPANY,
  CURRENCY,
  captureSourceOf,
  ERP,
  erpNumberOf,
  nodeOf,
  paymentNumberOf,
  purchaseOrderOf,
} from './partners.ts'
import { type Said, say } from './said.ts'
import type { LogShipment } from './shipments.ts'

// The ERP does three things at the log's one moment of confirmation; a millisecond apart they keep their order.
const STEP_MS = 1
// An order is closed after its last delivery, invoice and payment; the invoice follows the goods by 20 ms at most.
const CLOSE_LAG_MS = 50

export const subjectOf = (order: LogOrder): string => `order/${order.id}`

/** Everything said about `order` except what concerns its `shipments`. */
export function orderEvents(order: LogOrder, shipments: readonly LogShipment[]): readonly Said[] {
  return [
    captured(order),
    ...confirmed(order),
    ...order.items.flatMap(item => stockReports(order, item)),
    ...paid(order),
    ...closed(order, shipments),
  ]
}

function captured(order: LogOrder): Said {
  const source = captureSourceOf(order.id)
  return say({
    type: 'order.captured',
    source,
    subject: subjectOf(order),
    timeMs: order.placed.timeMs,
    explains: [order.placed.logEvent],
    data: {
      customer: order.customer,
      channel: source,
      company: COMPANY,
      poNumber: purchaseOrderOf(order.id),
      currency: CURRENCY,
      lines: order.items.map(item => ({
        line: item.id,
        item: item.product,
        quantity: 1,
        unit: 'EA',
        unitPrice: { amount: decimal(item.priceMinor) },
      })),
    },
  })
}

function confirmed(order: LogOrder): readonly Said[] {
  const moment = order.confirmed
  if (moment === undefined) return []
  const { timeMs } = moment
  const erp = { source: ERP, subject: subjectOf(order), explains: [moment.logEvent] } as const
  return [
    say({ ...erp, type: 'order.validated', timeMs }),
    say({ ...erp, type: 'credit.approved', timeMs: timeMs + STEP_MS }),
    say({
      ...erp,
      type: 'order.accepted',
      timeMs: timeMs + 2 * STEP_MS,
      data: { erpNumber: erpNumberOf(order.id), company: COMPANY },
    }),
  ]
}

function stockReports(order: LogOrder, item: LogItem): readonly Said[] {
  const report = (type: 'backorder.created' | 'order.allocated', moment: LogMoment, line: object) =>
    say({
      type,
      source: ERP,
      subject: subjectOf(order),
      timeMs: moment.timeMs,
      explains: [moment.logEvent],
      data: { lines: [{ line: item.id, ...line }] },
    })
  const node = item.package === undefined ? {} : { node: nodeOf(item.package).node }
  return [
    ...item.outOfStock.map(moment => report('backorder.created', moment, { allocated: 0, backordered: 1 })),
    ...item.reordered.map(moment => report('order.allocated', moment, { allocated: 1, backordered: 0, ...node })),
  ]
}

function paid(order: LogOrder): readonly Said[] {
  if (order.paid === undefined) return []
  return [
    say({
      type: 'payment.received',
      source: ERP,
      subject: subjectOf(order),
      timeMs: order.paid.timeMs,
      explains: [order.paid.logEvent],
      data: { payment: paymentNumberOf(order.id), amountMinor: order.priceMinor },
    }),
  ]
}

/** Once everything is confirmed, delivered and paid; which of them came last differs from order to order. */
function closed(order: LogOrder, shipments: readonly LogShipment[]): readonly Said[] {
  const delivered = shipments.map(shipment => shipment.package.delivered)
  const needed = [order.confirmed, order.paid, ...delivered]
  const everyItemTravels = order.items.every(item => shipments.some(shipment => shipment.items.includes(item)))
  const happened = needed.filter(moment => moment !== undefined).toSorted((a, b) => b.timeMs - a.timeMs)
  const [last, ...before] = happened
  if (last === undefined || happened.length < needed.length || !everyItemTravels) return []
  return [
    say({
      type: 'order.closed',
      source: ERP,
      subject: subjectOf(order),
      timeMs: last.timeMs + CLOSE_LAG_MS,
      explains: [last.logEvent, ...before.map(moment => moment.logEvent)],
      of: order.id,
    }),
  ]
}

const decimal = (minor: number): string => (minor / 100).toFixed(2)
