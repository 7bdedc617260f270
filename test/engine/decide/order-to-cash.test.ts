import { expect, test } from 'vitest'
import { captured, event, lineOf, released, SOURCES } from '../../helpers/distributor.ts'
import { quantitiesOf, scenario, statesOf } from '../../helpers/memory-world.ts'

test('an order goes from capture to cash, in two shipments, and partly comes back', () => {
  const lines = (quantity: number) => ({ lines: [{ line: '1', quantity }] })
  const one = 'shipment/S-1'
  const two = 'shipment/S-2'
  const { outcomes, world } = scenario({
    sources: SOURCES,
    events: [
      captured('O-1', '08:00', { lines: [lineOf(10)] }),
      event('erp', 'order.validated', 'order/O-1', '08:05'),
      event('erp', 'credit.approved', 'order/O-1', '08:06'),
      event('erp', 'order.accepted', 'order/O-1', '08:10', { erpNumber: '4711' }),
      event('erp', 'order.allocated', 'order/O-1', '08:20', { lines: [{ line: '1', allocated: 10, node: 'EAST' }] }),
      released('O-1', 'S-1', '09:00', 6),
      released('O-1', 'S-2', '09:05', 4),
      event('wms', 'shipment.acknowledged', one, '09:10'),
      event('wms', 'pick.released', one, '09:20'),
      event('wms', 'pick.started', one, '09:21'),
      event('wms', 'pick.completed', one, '09:30', lines(6)),
      event('wms', 'pack.completed', one, '09:40', {
        cartons: [{ carton: 'C1', lines: [{ line: '1', quantity: 6 }] }],
      }),
      event('tms', 'shipment.booked', one, '09:45', { carrier: 'UPS', tracking: '1Z-1' }),
      event('wms', 'shipment.confirmed', one, '10:00', lines(6)),
      event('ups', 'shipment.in_transit', 'ref/1Z-1', '12:00', { place: { city: 'Newark' } }),
      event('ups', 'shipment.out_for_delivery', 'ref/tracking/1Z-1', '13:00'),
      event('ups', 'delivery.completed', 'ref/1Z-1', '14:00', { proof: { signedBy: 'Ann' } }, { dataschema: 2 }),
      event('wms', 'shipment.confirmed', two, '14:30'),
      event('tms', 'shipment.in_transit', two, '14:40'),
      event('tms', 'delivery.completed', two, '15:00', lines(4)),
      event('erp', 'invoice.posted', 'order/O-1', '16:00', { invoice: 'I-1', amountMinor: 10_000, ...lines(10) }),
      event('erp', 'payment.received', 'ref/invoice/I-1', '17:00', { payment: 'P-1', amountMinor: 10_000 }),
      event('erp', 'order.closed', 'order/O-1', '18:00'),
      event('shop', 'return.initiated', 'order/O-1', '19:00', { return: 'R-1', ...lines(2) }),
      event('erp', 'return.authorized', 'return/R-1', '19:10', { rma: 'RMA-1' }),
      event('tms', 'return.in_transit', 'ref/rma/RMA-1', '19:20'),
      event('wms', 'return.received', 'return/R-1', '20:00', lines(2)),
      event('wms', 'return.inspected', 'return/R-1', '20:10'),
      event('wms', 'return.dispositioned', 'return/R-1', '20:20', {
        lines: [{ line: '1', quantity: 2, disposition: 'restock' }],
      }),
      event('erp', 'return.credited', 'return/R-1', '21:00', { memo: 'M-1', amountMinor: 2_000, ...lines(2) }),
      event('erp', 'return.closed', 'return/R-1', '21:10'),
    ],
  })
  expect(outcomes.filter(outcome => outcome !== 'accepted')).toEqual([])
  const family = world.family('O-1')
  expect(statesOf(family)).toEqual({
    order: 'closed.approved.delivered.paid',
    'shipment/EAST/S-1': 'delivered.off.off.off.off',
    'shipment/EAST/S-2': 'delivered.off.off.off.off',
    'return/R-1': 'authorized.dispositioned.closed',
  })
  expect(quantitiesOf(family)).toEqual({
    ordered: 10,
    released: 10,
    picked: 10,
    shipped: 10,
    delivered: 10,
    returned: 2,
    returning: 2,
    invoiced: 10,
    credited: 2,
  })
})
