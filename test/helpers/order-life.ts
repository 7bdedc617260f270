// The life of an order whose systems make no mistake: eight events, each accepted when they come one after another.
import type { EventInput } from '../../machines/event.ts'
import { event, readyOrder, released } from './distributor.ts'

export const LIFE_EVENTS = 8

/** Captured, validated, credit approved, accepted, released, shipped, delivered, invoiced. The same for the same number. */
export function orderLife(number: number): readonly EventInput[] {
  const order = `O-${number}`
  const shipment = `shipment/S-${number}`
  const invoice = { invoice: `I-${number}`, amountMinor: 10_000, lines: [{ line: '1', quantity: 10 }] }
  const life = [
    ...readyOrder(order, { customer: `C-${number % 500}`, poNumber: `PO-${number}` }),
    released(order, `S-${number}`, '01:00'),
    event('wms', 'shipment.confirmed', shipment, '02:00', { carrier: 'UPS', tracking: `1Z-${number}` }),
    event('ups', 'delivery.completed', `ref/tracking/1Z-${number}`, '03:00'),
    event('erp', 'invoice.posted', `order/${order}`, '04:00', invoice),
  ]
  return life.map((each, index) => ({ ...each, id: `${number}-${index}` }))
}
