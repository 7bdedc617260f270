// Orders of arrival that once ended differently, as the smallest traces that did. Each is heard in many orders.
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../connectors/simulated/random.ts'
import type { EventInput } from '../../machines/event.ts'
import { captured, event, lineOf, readyOrder, released } from '../helpers/distributor.ts'
import { isLegal } from '../helpers/legal-traces.ts'
import { difference, duplicated, endOf, heard, shuffled } from '../helpers/orderings.ts'

const lines = (quantity: number, line = '1') => ({ lines: [{ line, quantity }] })
const wms = (type: EventInput['type'], subject: string, time: string | number, data: object = {}) =>
  event('wms', type as 'pick.started', subject, time, data)
const tms = (type: EventInput['type'], subject: string, time: string | number, data: object = {}) =>
  event('tms', type as 'shipment.in_transit', subject, time, data)
const erp = (type: EventInput['type'], subject: string, time: string | number, data: object = {}) =>
  event('erp', type as 'order.accepted', subject, time, data)
const crm = (type: EventInput['type'], subject: string, time: string | number, data: object = {}) =>
  event('crm', type as 'return.initiated', subject, time, data)

const O = 'order/O-1'
const ready = readyOrder('O-1')
/** A booking follows the number of a carton that was packed of the order's one shipment; then all of that is split off. */
const splitOnceBooked = [
  ...ready,
  released('O-1', 'S-1', '01:00', 2),
  wms('pack.completed', O, '02:00', { cartons: [{ carton: 'C', tracking: 'T-1' }] }),
  wms('shipment.booked', 'ref/T-1', '03:00', { carrier: 'UPS', tracking: 'T-2' }),
  wms('shipment.split', 'shipment/S-1', '04:00', { shipment: 'S-2', ...lines(2) }),
]
const load = (number: string) => ({ consignment: number })

const traces: readonly (readonly [string, readonly EventInput[]])[] = [
  [
    'a goods issue of a load, one shipment of which was issued before',
    [
      ...ready,
      released('O-1', 'S-1', '01:00', 6, load('L')),
      released('O-1', 'S-2', '02:00', 2, load('L')),
      wms('shipment.confirmed', 'shipment/S-2', '03:00'),
      wms('shipment.confirmed', 'ref/L', '04:00'),
    ],
  ],
  [
    'an authorization without a number is for the return that was open then, and so is what names its RMA',
    [
      ...ready,
      released('O-1', 'S-1', '01:00'),
      tms('delivery.completed', 'shipment/S-1', '02:00'),
      crm('return.initiated', O, '03:00', { return: 'R-1', ...lines(2) }),
      erp('return.authorized', O, '04:00', { rma: 'RMA-1' }),
      wms('return.received', 'ref/rma/RMA-1', '05:00', lines(2)),
      wms('claim.reported', 'ref/rma/RMA-1', '06:00', { state: 'received' }),
    ],
  ],
  [
    'a return keeps every RMA number it ever had',
    [
      ...ready,
      released('O-1', 'S-1', '01:00'),
      tms('delivery.completed', 'shipment/S-1', '02:00'),
      wms('return.received', O, '03:00', { receipt: 'RC-1', ...lines(2) }),
      erp('return.authorized', O, '04:00', { rma: 'RMA-1' }),
      wms('return.dispositioned', 'ref/rma/RMA-1', '05:00', {
        lines: [{ line: '1', quantity: 2, disposition: 'scrap' }],
      }),
      erp('return.authorized', O, '06:00', { rma: 'RMA-2', receipt: 'RC-1' }),
    ],
  ],
  [
    'two returns, one closed before the other was authorized',
    [
      ...ready,
      released('O-1', 'S-1', '01:00'),
      tms('delivery.completed', 'shipment/S-1', '02:00'),
      crm('return.initiated', O, '03:00', { return: 'R-1', ...lines(2) }),
      erp('return.closed', 'return/R-1', '04:00'),
      crm('return.initiated', O, '05:00', { return: 'R-2', ...lines(2) }),
      erp('return.authorized', O, '06:00', { rma: 'RMA-2' }),
      wms('return.received', 'return/R-2', '07:00', lines(2)),
      wms('return.dispositioned', 'ref/RMA-2', '08:00', {
        lines: [{ line: '1', quantity: 2, disposition: 'restock' }],
      }),
    ],
  ],
  [
    'a booking that names just the order, after a split left one shipment open, and what its tracking number brings',
    [
      ...ready,
      released('O-1', 'S-1', '01:00'),
      wms('shipment.split', 'shipment/S-1', '02:00', { shipment: 'S-2', ...lines(10) }),
      tms('shipment.booked', O, '03:00', { carrier: 'UPS', tracking: 'T-1' }),
      wms('shipment.confirmed', 'ref/T-1', '04:00'),
      tms('shipment.returned_to_sender', 'ref/T-1', '05:00'),
    ],
  ],
  [
    'two goods issues that name just the order, one shipment after the other',
    [
      ...ready,
      released('O-1', 'S-1', '01:00', 6),
      wms('shipment.confirmed', O, '02:00'),
      tms('delivery.completed', 'shipment/S-1', '03:00'),
      released('O-1', 'S-2', '04:00', 4),
      wms('shipment.confirmed', O, '05:00'),
    ],
  ],
  [
    'the same, where the first names its tracking number and so the carrier that delivers it',
    [
      ...ready,
      released('O-1', 'S-1', '01:00', 5),
      wms('shipment.confirmed', O, '02:00', { tracking: 'T-1', carrier: 'UPS', ...lines(5) }),
      event('ups', 'delivery.completed', 'ref/S-1', '03:00', { tracking: 'T-1' }),
      released('O-1', 'S-2', '04:00', 5, { carrier: 'DHL' }),
      wms('shipment.confirmed', O, '05:00'),
    ],
  ],
  [
    'a goods issue that names just the order and a line an amendment added',
    [
      ...ready,
      erp('order.amended', O, '00:50', { lines: [lineOf(5, 'x1')] }),
      released('O-1', 'S-1', '01:00', 7, {
        lines: [
          { line: '1', quantity: 7 },
          { line: 'x1', quantity: 1 },
        ],
      }),
      wms('shipment.confirmed', O, '02:00', {
        lines: [
          { line: '1', quantity: 4 },
          { line: 'x1', quantity: 1 },
        ],
      }),
      released('O-1', 'S-2', '03:00', 3, {
        lines: [
          { line: '1', quantity: 3 },
          { line: 'x1', quantity: 1 },
        ],
      }),
      tms('delivery.completed', 'shipment/S-1', '04:00'),
    ],
  ],
  [
    'a carton number named by a pack of a subject that had to be inferred',
    [
      ...ready,
      released('O-1', 'S-1', '01:00', 5),
      wms('pack.completed', 'shipment/S-1', '02:00', {
        cartons: [{ carton: 'C', tracking: 'T-1', lines: [{ line: '1', quantity: 5 }] }],
      }),
      released('O-1', 'S-2', '03:00', 5),
      tms('delivery.completed', 'shipment/S-2', '04:00'),
      wms('pack.completed', O, '05:00', { cartons: [{ carton: 'C', tracking: 'T-2' }] }),
      wms('delivery.completed', 'ref/T-2', '06:00'),
      tms('delivery.completed', 'ref/tracking/T-1', '07:00'),
    ],
  ],
  [
    'a split of all there is between a booking by the load and what it names',
    [
      ...ready,
      released('O-1', 'S-1', '01:00', 7, load('L')),
      released('O-1', 'S-2', '02:00', 3, load('L')),
      wms('shipment.split', 'shipment/S-2', '03:00', { shipment: 'S-3', ...lines(3), ...load('L') }),
      wms('shipment.booked', 'ref/L', '04:00', { carrier: 'UPS', tracking: 'T-1' }),
    ],
  ],
  [
    'a change confirmed for a load before all of it was split off',
    [
      ...ready,
      released('O-1', 'S-1', '01:00', 10, load('L')),
      wms('shipment.amended', 'ref/L', '02:00', { service: 'AIR' }),
      wms('shipment.split', 'shipment/S-1', '03:00', { shipment: 'S-2', ...lines(10), ...load('L') }),
    ],
  ],
  [
    'a cancelled shipment and one that takes its load number after it',
    [
      ...ready,
      released('O-1', 'S-1', '01:00', 5, load('L')),
      wms('pick.started', 'ref/consignment/L', '02:00'),
      erp('shipment.cancelled', 'ref/L', '03:00'),
      released('O-1', 'S-2', '04:00', 5, load('L')),
    ],
  ],
  [
    'two orders in one load, the second released after the first came back',
    [
      ...ready,
      ...readyOrder('O-2'),
      released('O-1', 'S-1', '01:00', 10, load('L')),
      wms('shipment.acknowledged', 'ref/L', '02:00'),
      wms('shipment.returned_to_sender', 'ref/L', '03:00'),
      released('O-2', 'S-2', '04:00', 10, load('L')),
    ],
  ],
  [
    'two orders in one load, one shipment cancelled after the change was confirmed for both',
    [
      ...ready,
      ...readyOrder('O-2'),
      released('O-1', 'S-1', '01:00', 10, load('L')),
      released('O-2', 'S-2', '02:00', 10, load('L')),
      wms('shipment.amended', 'ref/L', '03:00', { service: 'AIR' }),
      wms('shipment.cancelled', 'shipment/S-2', '04:00', lines(10)),
    ],
  ],
  [
    'a booking by a carrier that only the other order of the load has named',
    [
      ...ready,
      ...readyOrder('O-2'),
      released('O-2', 'S-2', '01:00', 2, load('L')),
      released('O-1', 'S-1', '02:00', 10, { carrier: 'UPS', ...load('L') }),
      wms('shipment.split', 'shipment/S-2', '03:00', { shipment: 'S-3', ...lines(2) }),
      event('ups', 'shipment.booked', 'ref/L', '04:00', { carrier: 'DHL', tracking: 'T-1' }),
    ],
  ],
  [
    'a carton number told before the shipment was split off, claimed after it',
    [
      ...ready,
      released('O-1', 'S-1', '01:00', 2),
      wms('pack.completed', O, '02:00', { cartons: [{ carton: 'C', tracking: 'T-1' }] }),
      wms('claim.reported', 'ref/tracking/T-1', '03:00', { state: 'packed' }),
      wms('shipment.split', 'ref/S-1', '04:00', { shipment: 'S-2', ...lines(2) }),
    ],
  ],
  [
    'a cancellation that names just the order, before a second shipment',
    [
      ...ready,
      released('O-1', 'S-1', '01:00', 8),
      wms('shipment.cancelled', O, '02:00'),
      released('O-1', 'S-2', '03:00', 5),
      wms('shipment.booked', 'shipment/S-2', '04:00', { carrier: 'DHL', tracking: 'T-1' }),
      wms('pick.released', 'ref/T-1', '05:00'),
    ],
  ],
  [
    'a rejection of an order whose lines were all cancelled until an amendment added one',
    [
      captured('O-1', '00:10'),
      erp('order.cancelled', O, '00:20', lines(10)),
      erp('order.amended', O, '00:30', { lines: [lineOf(1, 'x1')] }),
      erp('order.rejected', O, '00:40', { reason: 'no' }),
    ],
  ],
  [
    '[W3] a booking under a carton number that was thought to be of a later shipment',
    [...splitOnceBooked, released('O-1', 'S-3', '05:00', 2, { carrier: 'UPS' }), released('O-1', 'S-4', '06:00', 2)],
  ],
  [
    '[W3] the same, where the later shipment takes that number at last',
    [
      ...splitOnceBooked,
      released('O-1', 'S-4', '06:00', 2),
      wms('shipment.booked', 'shipment/S-4', '07:00', { carrier: 'UPS', tracking: 'T-1' }),
    ],
  ],
  [
    '[W2] a cancellation by a tracking number that an order took only after it',
    [
      ...ready,
      ...readyOrder('O-2'),
      released('O-1', 'S-1', '01:00', 2),
      released('O-2', 'S-2', '01:20', 2),
      wms('shipment.booked', 'shipment/S-1', '01:30', { carrier: 'UPS', tracking: 'T-1' }),
      erp('shipment.cancelled', 'ref/tracking/T-1', '02:00'),
      wms('shipment.booked', 'shipment/S-2', '03:00', { carrier: 'UPS', tracking: 'T-1' }),
    ],
  ],
  [
    '[W3] damage told of a load whose shipments were all split off since, the later one known last',
    [
      ...ready,
      released('O-1', 'S-1', '01:00', 1, load('L')),
      wms('shipment.damaged', 'ref/L', '02:00', lines(1)),
      released('O-1', 'S-2', '03:00', 2, load('L')),
      wms('shipment.split', 'shipment/S-2', '04:00', { shipment: 'S-3', ...lines(2) }),
      wms('shipment.split', 'shipment/S-1', '05:00', { shipment: 'S-4', ...lines(1) }),
    ],
  ],
  [
    '[W3] a delay by a carton number that was told of a load, one shipment of which was cancelled before',
    [
      ...ready,
      ...readyOrder('O-2'),
      released('O-1', 'S-1', '01:00', 1, load('L')),
      wms('shipment.cancelled', 'shipment/S-1', '02:00', lines(1)),
      released('O-2', 'S-2', '03:00', 2, load('L')),
      wms('pack.completed', 'ref/L', '04:00', { cartons: [{ carton: 'C', tracking: 'T-1' }] }),
      tms('shipment.delayed', 'ref/T-1', '05:00', { expectedAt: '2026-11-22T23:00:00Z', reason: 'snow' }),
    ],
  ],
  [
    '[C5] a goods issue of the one open shipment, which an earlier one took for its own until its own was known',
    [
      ...ready,
      released('O-1', 'S-1', '01:00', 2),
      wms('shipment.confirmed', 'shipment/S-1', '02:00', { tracking: 'T-1', carrier: 'UPS' }),
      tms('shipment.returned_to_sender', 'ref/T-1', '03:00'),
      released('O-1', 'S-2', '04:00', 3, load('L')),
      wms('shipment.confirmed', O, '05:00'),
      wms('shipment.returned_to_sender', 'ref/L', '06:00'),
    ],
  ],
  [
    '[W2] [W3] a tracking number of two carriers, until the one that was named first is named of both shipments',
    [
      ...ready,
      ...readyOrder('O-2'),
      released('O-1', 'S-1', '01:00', 2),
      released('O-2', 'S-2', '01:00', 2),
      tms('shipment.booked', 'shipment/S-2', '02:00', { carrier: 'UPS', tracking: 'T-2' }),
      tms('shipment.booked', 'shipment/S-2', '03:00', { carrier: 'DHL', tracking: 'T-1' }),
      tms('shipment.booked', 'shipment/S-1', '04:00', { carrier: 'UPS', tracking: 'T-1' }),
      tms('shipment.in_transit', 'ref/tracking/T-1', '05:00'),
      tms('delivery.completed', 'ref/T-1', '06:00'),
    ],
  ],
  [
    '[W2] [W3] the same of two shipments of one order',
    [
      ...ready,
      released('O-1', 'S-1', '01:00', 2),
      released('O-1', 'S-2', '01:00', 2),
      tms('shipment.booked', 'shipment/S-2', '02:00', { carrier: 'UPS', tracking: 'T-2' }),
      tms('shipment.booked', 'shipment/S-2', '03:00', { carrier: 'DHL', tracking: 'T-1' }),
      tms('shipment.booked', 'shipment/S-1', '04:00', { carrier: 'UPS', tracking: 'T-1' }),
      tms('shipment.in_transit', 'ref/tracking/T-1', '05:00'),
      tms('delivery.completed', 'ref/T-1', '06:00'),
    ],
  ],
  [
    '[W2] [W3] a tracking number of a carrier, once the shipment that had it of another was cancelled',
    [
      ...ready,
      ...readyOrder('O-2'),
      released('O-1', 'S-1', '01:00', 2),
      released('O-2', 'S-2', '01:00', 2),
      tms('shipment.booked', 'shipment/S-2', '02:00', { carrier: 'DHL', tracking: 'T-1' }),
      tms('shipment.delayed', 'ref/T-1', '02:30', { expectedAt: '2026-11-22T23:00:00Z', reason: 'snow' }),
      wms('shipment.cancelled', 'shipment/S-2', '03:00'),
      tms('shipment.booked', 'shipment/S-1', '04:00', { carrier: 'UPS', tracking: 'T-1' }),
      tms('shipment.in_transit', 'ref/tracking/T-1', '05:00'),
      tms('delivery.completed', 'ref/T-1', '06:00'),
    ],
  ],
  [
    '[W2] [W3] the same of two shipments of one order, one of which was split into another',
    [
      ...ready,
      released('O-1', 'S-1', '01:00', 2),
      released('O-1', 'S-2', '01:00', 2),
      tms('shipment.booked', 'shipment/S-2', '02:00', { carrier: 'DHL', tracking: 'T-1' }),
      wms('shipment.split', 'shipment/S-2', '03:00', { shipment: 'S-3', ...lines(2) }),
      tms('shipment.booked', 'shipment/S-1', '04:00', { carrier: 'UPS', tracking: 'T-1' }),
      tms('shipment.in_transit', 'ref/tracking/T-1', '05:00'),
      tms('delivery.completed', 'ref/T-1', '06:00'),
    ],
  ],
]

const ORDERS = 80

describe('[C1] [C2] [C3] [C4] [C5] [C6] traces that once depended on the order of arrival', () => {
  test.each(traces)('%s', (_, events) => {
    const sorted = [...events].sort((a, b) => (a.time === b.time ? (a.id < b.id ? -1 : 1) : a.time < b.time ? -1 : 1))
    expect(isLegal(sorted)).toBe(true)
    const expected = endOf(heard(sorted))
    for (let seed = 0; seed < ORDERS; seed++) {
      const random = seededRandom(seed)
      const found = difference(expected, endOf(heard(duplicated(shuffled(events, random), random))))
      expect({ seed, found }).toEqual({ seed, found: [] })
    }
  })
})
