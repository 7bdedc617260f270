import { describe, expect, test } from 'vitest'
import type { EventInput } from '../../../machines/event.ts'
import type { Source } from '../../../machines/sources.ts'
import { captured, event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { MemoryWorld, statesOf } from '../../helpers/memory-world.ts'
import { difference, endOf, heard, permutationsOf } from '../../helpers/orderings.ts'

/** Submits all, expecting each to be accepted. */
function worldOf(events: readonly EventInput[], sources: readonly Source[] = SOURCES): MemoryWorld {
  const world = new MemoryWorld({ sources })
  for (const each of events) expect(world.submit(each)).toMatchObject({ outcome: 'accepted' })
  return world
}
const shipmentState = (world: MemoryWorld, order: string, number: string) =>
  statesOf(world.family(order))[`shipment/EAST/${number}`]?.split('.')[0]
const lines = (quantity: number) => ({ lines: [{ line: '1', quantity }] })
const booked = (
  number: string,
  time: string,
  tracking: string | readonly string[],
  carrier = 'UPS',
  kind = 'shipment',
) => event('tms', 'shipment.booked', `${kind}/${number}`, time, { carrier, tracking })

describe('§2 numbers of one order', () => {
  const subjects: readonly (readonly [string, string])[] = [
    ['its own id', 'order/O-1'],
    ['its PO number', 'ref/PO-7'],
    ['its PO number, named as one', 'ref/po/PO-7'],
    ['its ERP number', 'ref/erp/ERP-O-1'],
  ]
  for (const [name, subject] of subjects)
    test(`an order is found by ${name}`, () => {
      const world = worldOf(readyOrder('O-1', { poNumber: 'PO-7' }))
      expect(world.submit(event('erp', 'credit.held', subject, '02:00')).outcome).toBe('accepted')
    })

  test('an unknown shipment number waits, under that number, and goes to the shipment that takes it', () => {
    const world = worldOf(readyOrder('O-1'))
    const answer = world.submit(event('wms', 'shipment.acknowledged', 'shipment/S-1', '02:00'))
    expect(answer).toMatchObject({ outcome: 'parked', code: 'unknown_subject' })
    expect(answer.detail.waitsFor).toEqual({ event: 'order.released', owner: 'erp' })
    expect(world.family('ref:S-1').parked).toHaveLength(1)
    const release = world.submit(released('O-1', 'S-1', '01:00'))
    expect(release.verdicts.map(entry => entry.verdict)).toEqual(['accepted'])
    expect(shipmentState(world, 'O-1', 'S-1')).toBe('acknowledged')
    expect(world.family('ref:S-1').parked).toEqual([])
  })

  test('a scan waits under its tracking number until a booking names it', () => {
    const world = worldOf([...readyOrder('O-1'), released('O-1', 'S-1', '01:00')])
    expect(world.submit(event('ups', 'shipment.in_transit', 'ref/1Z', '04:00')).outcome).toBe('parked')
    expect(world.submit(event('ups', 'delivery.completed', 'ref/tracking/1Z', '05:00')).outcome).toBe('parked')
    expect(world.submit(booked('S-1', '03:00', '1Z')).outcome).toBe('accepted')
    expect(shipmentState(world, 'O-1', 'S-1')).toBe('delivered')
    expect(world.family('ref:1Z').parked).toEqual([])
  })

  test('a carrier finds its tracking number as soon as it is named on the shipment', () => {
    // The booking by the TMS named another carrier: 1Z was DHL's then.
    const world = worldOf([...readyOrder('O-1'), released('O-1', 'S-1', '01:00'), booked('S-1', '03:00', '1Z', 'DHL')])
    expect(world.submit(event('ups', 'shipment.in_transit', 'ref/1Z', '04:00')).outcome).toBe('parked')
    expect(world.submit(booked('S-1', '03:30', '1Z', 'UPS')).outcome).toBe('accepted')
    expect(shipmentState(world, 'O-1', 'S-1')).toBe('in_transit')
  })

  test("a shipment event that names just the order means its one open shipment at the source's node", () => {
    const world = worldOf([
      ...readyOrder('O-1'),
      released('O-1', 'S-1', '01:00', 4),
      released('O-1', 'W-1', '01:10', 4, { node: 'WEST' }),
      event('wms', 'shipment.confirmed', 'order/O-1', '02:00'),
    ])
    expect(statesOf(world.family('O-1'))).toMatchObject({
      'shipment/EAST/S-1': expect.stringMatching(/^shipped/),
      'shipment/WEST/W-1': expect.stringMatching(/^released/),
    })
    expect(world.submit(released('O-1', 'S-2', '03:00', 2)).outcome).toBe('accepted')
    expect(world.submit(event('wms', 'shipment.acknowledged', 'order/O-1', '04:00')).outcome).toBe('parked')
    expect(world.submit(event('tms', 'delivery.completed', 'shipment/S-1', '03:30')).outcome).toBe('accepted')
    expect(shipmentState(world, 'O-1', 'S-2')).toBe('acknowledged')
  })

  test('[D3] a subject that an earlier fact makes unclear stays as it was read, and so does what its number led to', () => {
    const world = worldOf([
      ...readyOrder('O-1'),
      released('O-1', 'S-2', '02:00', 2),
      event('wms', 'shipment.booked', 'order/O-1', '03:00', { carrier: 'UPS', tracking: 'T-1' }),
      event('ups', 'delivery.completed', 'ref/T-1', '04:00'),
    ])
    expect(world.submit(released('O-1', 'S-1', '01:00', 2)).outcome).toBe('accepted')
    expect(shipmentState(world, 'O-1', 'S-2')).toBe('delivered')
  })

  test("[C2] what was open is read at the event's own place", () => {
    const world = worldOf([
      ...readyOrder('O-1'),
      released('O-1', 'S-1', '01:00', 4),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '03:00'),
      event('tms', 'delivery.completed', 'shipment/S-1', '04:00'),
      released('O-1', 'S-2', '05:00', 2),
    ])
    expect(world.submit(event('wms', 'shipment.acknowledged', 'order/O-1', '02:00')).outcome).toBe('superseded')
    expect(shipmentState(world, 'O-1', 'S-2')).toBe('released')
  })

  test('[D3] a subject read from what was open is read anew when an earlier fact shows otherwise', () => {
    const world = worldOf([
      ...readyOrder('O-1'),
      released('O-1', 'S-1', '01:00', 4),
      event('wms', 'shipment.acknowledged', 'order/O-1', '06:00'),
      event('tms', 'delivery.completed', 'shipment/S-1', '05:00'),
    ])
    expect(shipmentState(world, 'O-1', 'S-1')).toBe('delivered')
    expect(world.submit(released('O-1', 'S-2', '05:30', 2)).outcome).toBe('accepted')
    expect(shipmentState(world, 'O-1', 'S-2')).toBe('acknowledged')
  })
})

describe('§2 a number means something only in its scope', () => {
  test('the same PO number of two customers is two orders to a source of one of them', () => {
    const sources: Source[] = [...SOURCES, { id: 'portal', role: 'crm', customers: ['C-2'], timeZone: 'UTC' }]
    const world = worldOf(
      [
        captured('O-1', '08:00', { poNumber: '12345' }),
        captured('O-2', '08:00', { poNumber: '12345', customer: 'C-2' }),
      ],
      sources,
    )
    const asked = world.submit(event('portal', 'order.cancel_requested', 'ref/po/12345', '09:00', { ask: 'A' }))
    expect(asked.verdicts.map(entry => [entry.family, entry.verdict])).toEqual([['O-2', 'accepted']])
    // A source that speaks for both names neither: it waits.
    const ambiguous = world.submit(event('crm', 'order.cancel_requested', 'ref/12345', '09:00', { ask: 'A' }))
    expect(ambiguous).toMatchObject({ outcome: 'parked', code: 'ambiguous_reference' })
    expect(ambiguous.verdicts.map(entry => entry.family)).toEqual(['ref:12345'])
  })

  test('the same shipment number at two nodes is two shipments', () => {
    const world = worldOf([
      ...readyOrder('O-1'),
      ...readyOrder('O-2'),
      released('O-1', 'S-1', '01:00'),
      released('O-2', 'S-1', '01:00', 10, { node: 'WEST' }),
      event('3pl', 'shipment.acknowledged', 'shipment/S-1', '02:00'),
    ])
    expect(shipmentState(world, 'O-1', 'S-1')).toBe('released')
    expect(statesOf(world.family('O-2'))['shipment/WEST/S-1']).toMatch(/^acknowledged/)
  })

  test('a tracking number is for holders alive within 60 days of the event', () => {
    const day = 24 * 60
    const world = worldOf([
      ...readyOrder('O-1'),
      released('O-1', 'S-1', '01:00'),
      booked('S-1', '02:00', '1Z'),
      event('ups', 'delivery.completed', 'ref/1Z', '03:00'),
    ])
    expect(
      world.submit(event('ups', 'shipment.delayed', 'ref/1Z', 50 * day, { expectedAt: '2026-12-24' })).outcome,
    ).toBe('accepted')
    expect(world.submit(event('ups', 'shipment.in_transit', 'ref/1Z', 70 * day)).outcome).toBe('malformed')
    world.nowMs += 100 * day * 60_000
    expect(world.submit(event('ups', 'shipment.in_transit', 'ref/1Z', 70 * day))).toMatchObject({
      outcome: 'parked',
      code: 'unknown_subject',
    })
  })
})

describe('§2 consignments', () => {
  const consigned = (order: string, shipment: string, time: string) =>
    released(order, shipment, time, 10, { consignment: 'LOAD-1' })
  const both = [...readyOrder('O-1'), ...readyOrder('O-2')]

  test('one event is judged once in every family that holds the number, one verdict each', () => {
    const world = worldOf([...both, consigned('O-1', 'S-1', '01:00'), consigned('O-2', 'S-2', '01:00')])
    const answer = world.submit(event('wms', 'shipment.confirmed', 'ref/consignment/LOAD-1', '02:00'))
    expect(answer.verdicts.map(entry => [entry.family, entry.verdict])).toEqual([
      ['O-1', 'accepted'],
      ['O-2', 'accepted'],
    ])
    expect(answer.verdicts.map(entry => entry.spread)).toEqual([2, undefined])
  })

  test('verdicts differ by family; the foremost is the answer', () => {
    const world = worldOf([
      ...both,
      consigned('O-1', 'S-1', '01:00'),
      consigned('O-2', 'S-2', '01:00'),
      event('tms', 'shipment.returned_to_sender', 'shipment/S-1', '02:00'),
    ])
    const answer = world.submit(event('tms', 'shipment.in_transit', 'ref/LOAD-1', '03:00'))
    expect(answer.outcome).toBe('not_allowed_in_state')
    expect(answer.verdicts.map(entry => entry.verdict)).toEqual(['not_allowed_in_state', 'accepted'])
  })

  test('a shared number remembers its events: an order that joins later gets them then', () => {
    const world = worldOf([
      ...both,
      consigned('O-1', 'S-1', '01:00'),
      event('wms', 'shipment.confirmed', 'ref/LOAD-1', '02:00'),
      event('tms', 'shipment.in_transit', 'ref/LOAD-1', '03:00'),
      event('tms', 'delivery.completed', 'ref/LOAD-1', '04:00'),
      consigned('O-2', 'S-2', '01:30'),
    ])
    expect(shipmentState(world, 'O-2', 'S-2')).toBe('delivered')
    expect(
      world
        .history('O-2')
        .slice(-3)
        .map(entry => [entry.event.type, entry.verdict]),
    ).toEqual([
      ['shipment.confirmed', 'accepted'],
      ['shipment.in_transit', 'accepted'],
      ['delivery.completed', 'accepted'],
    ])
  })

  test('several shipments of one family share a number', () => {
    const world = worldOf([
      ...readyOrder('O-1'),
      released('O-1', 'S-1', '01:00', 4, { consignment: 'LOAD-1' }),
      event('wms', 'shipment.confirmed', 'ref/LOAD-1', '02:00'),
      released('O-1', 'S-2', '01:30', 6, { consignment: 'LOAD-1' }),
      event('tms', 'delivery.completed', 'ref/LOAD-1', '04:00'),
    ])
    expect([shipmentState(world, 'O-1', 'S-1'), shipmentState(world, 'O-1', 'S-2')]).toEqual(['delivered', 'delivered'])
  })

  test('a cancelled shipment holds a shared number no more', () => {
    const world = worldOf([
      ...both,
      consigned('O-1', 'S-1', '01:00'),
      consigned('O-2', 'S-2', '01:00'),
      event('wms', 'shipment.cancelled', 'shipment/S-1', '01:30'),
    ])
    const answer = world.submit(event('wms', 'shipment.confirmed', 'ref/LOAD-1', '02:00'))
    expect(answer.verdicts.map(entry => entry.family)).toEqual(['O-2'])
  })

  test('[W3] of two shipments that carried a number one after the other each cancellation takes its own, in any order', () => {
    const load = (number: string, time: string) => released('O-1', number, time, 1, { consignment: 'LOAD-1' })
    const cancelled = (time: string) => event('erp', 'shipment.cancelled', 'ref/LOAD-1', time)
    const events = [load('S-1', '02:00'), cancelled('03:00'), load('S-2', '04:00'), cancelled('05:00')]
    const ready = readyOrder('O-1')
    const expected = endOf(heard([...ready, ...events]))
    for (const arrival of permutationsOf(events)) {
      const world = heard([...ready, ...arrival])
      expect(difference(expected, endOf(world))).toEqual([])
      // What came first may be read anew, but not over and over: it did once, for ever.
      expect(world.entries.length).toBeLessThan(20)
    }
  })

  test('[W3] a cancellation of a load that nobody had yet cancels nobody who takes its number later, at whatever node', () => {
    const world = worldOf(readyOrder('O-1'))
    expect(world.submit(event('erp', 'shipment.cancelled', 'ref/LOAD-1', '01:00')).outcome).toBe('parked')
    const load = { consignment: 'LOAD-1' }
    world.submit(released('O-1', 'S-1', '02:00', 1, load))
    world.submit(event('wms', 'pick.started', 'shipment/S-1', '02:30'))
    world.submit(released('O-1', 'S-2', '03:00', 1, { ...load, node: 'WEST' }))
    expect(shipmentState(world, 'O-1', 'S-1')).toBe('picking')
  })

  test("[C2] a shipment's own number is no shared one, though its load has the same: what a slow clock tells before it is released counts", () => {
    const events = [
      released('O-1', 'S-1', '02:00', 2, { consignment: 'S-1' }),
      event('wms', 'shipment.split', 'shipment/S-1', '01:50', { shipment: 'S-2', ...lines(1) }),
      event('wms', 'shipment.cancelled', 'shipment/S-1', '02:30'),
    ]
    const ready = readyOrder('O-1')
    for (const arrival of permutationsOf(events)) {
      const world = heard([...ready, ...arrival])
      expect([shipmentState(world, 'O-1', 'S-1'), shipmentState(world, 'O-1', 'S-2')]).toEqual([
        'cancelled',
        'released',
      ])
    }
  })

  test('[W3] who got a shared number from a report that only named the order keeps what was said of it, though others take it too', () => {
    const inferred = booked('O-1', '06:00', '1Z', 'DHL', 'order')
    const named = event('tms', 'shipment.booked', 'ref/1Z', '07:00', { carrier: 'UPS', tracking: '1Z' })
    const events = [
      released('O-1', 'S-1', '01:00', 1),
      inferred,
      named,
      event('tms', 'shipment.delayed', 'ref/1Z', '05:00', { expectedAt: '2026-11-25T23:00:00Z', reason: 'snow' }),
      released('O-1', 'S-2', '02:00', 2),
      booked('S-2', '03:00', '1Z', 'DHL'),
      event('wms', 'shipment.split', 'shipment/S-2', '03:30', { shipment: 'S-3', ...lines(1) }),
      event('tms', 'delivery.completed', 'shipment/S-2', '04:00'),
      event('tms', 'delivery.completed', 'shipment/S-3', '05:30'),
    ]
    const ready = readyOrder('O-1')
    const inOrder = heard([...ready, ...events.toSorted((a, b) => (a.time < b.time ? -1 : 1))])
    // While S-3 is on its way too, it is not clear which of the two the report means: it stays with the one it was taken for.
    const world = heard([...ready, ...events])
    expect(difference(endOf(inOrder), endOf(world))).toEqual([])
    expect(world.entries.length).toBeLessThan(20)
  })

  test('each order takes its own lines of a shared document', () => {
    const world = worldOf([...both, consigned('O-1', 'S-1', '01:00'), consigned('O-2', 'S-2', '01:00')])
    const confirmed = {
      lines: [
        { line: '1', quantity: 9, order: 'O-1' },
        { line: '1', quantity: 8, order: 'O-2' },
      ],
    }
    world.submit(event('wms', 'shipment.confirmed', 'ref/LOAD-1', '02:00', confirmed))
    const damaged = { lines: [{ line: '1', quantity: 2, order: 'O-2' }] }
    world.submit(event('tms', 'shipment.damaged', 'ref/LOAD-1', '03:00', damaged))
    expect(statesOf(world.family('O-1'))['shipment/EAST/S-1']).toBe('shipped.off.off.off.off')
    expect(statesOf(world.family('O-2'))['shipment/EAST/S-2']).toBe('shipped.off.on.off.off')
  })

  test('a shared payment brings each order its share', () => {
    const world = worldOf([
      ...both,
      ...['O-1', 'O-2'].flatMap((order, index) => [
        released(order, `S-${index}`, '01:00'),
        event('wms', 'shipment.confirmed', `shipment/S-${index}`, '02:00'),
        event('erp', 'invoice.posted', `order/${order}`, '03:00', { invoice: 'I-1', amountMinor: 500, ...lines(10) }),
      ]),
    ])
    const orders = [
      { order: 'O-1', amountMinor: 500 },
      { order: 'O-2', amountMinor: 100 },
    ]
    const paid = world.submit(
      event('erp', 'payment.received', 'ref/invoice/I-1', '04:00', { payment: 'P', amountMinor: 600, orders }),
    )
    expect(paid.verdicts).toHaveLength(2)
    expect(statesOf(world.family('O-1')).order).toMatch(/paid$/)
    expect(statesOf(world.family('O-2')).order).toMatch(/invoiced$/)
  })
})

describe('[W3] what is said of a shared number ends the same, whoever takes it first', () => {
  const ready = ['O-1', 'O-2'].flatMap(order => readyOrder(order, { poNumber: `PO-${order}` }))
  const rel = (order: string, number: string, time: string, data: object) => released(order, number, time, 1, data)
  const at =
    (kind: string) =>
    (number: string, time: string, tracking: string, carrier = 'DHL') =>
      booked(number, time, tracking, carrier, kind)
  const [byRef, byOrder] = [at('ref'), at('order')]
  const cancelled = (ref: string, time: string) => event('wms', 'shipment.cancelled', `ref/${ref}`, time)
  const west = { node: 'WEST', consignment: 'LOAD-WEST' }

  const arrivals: Readonly<Record<string, readonly EventInput[]>> = {
    'a cancellation waits for nobody of an order that took the number since, once it is known whose it was': [
      rel('O-1', 'S-8', '09:00', { consignment: 'LOAD-1' }),
      rel('O-2', 'S-4', '04:00', { consignment: 'LOAD-1' }),
      byRef('LOAD-1', '06:00', '1Z'),
      rel('O-2', 'S-1', '01:00', { consignment: 'LOAD-2' }),
      cancelled('1Z', '05:00'),
      byOrder('O-2', '02:00', '1Z'),
    ],
    'a report stays with those that have its number, where facts still to come make that several things': [
      rel('O-1', 'S-6', '04:00', { carrier: 'UPS' }),
      byRef('1Z', '03:00', '1Z'),
      rel('O-1', 'S-8', '05:00', west),
      byRef('LOAD-WEST', '06:00', '1Z'),
      byOrder('O-1', '02:00', '1Z', 'UPS'),
      rel('O-1', 'S-1', '01:00', {}),
    ],
    'a return that was told by the number is of each order that takes it': [
      event('erp', 'return.authorized', 'ref/1Z', '09:00', { ...lines(1), rma: 'RMA-1' }),
      rel('O-2', 'S-1', '01:00', { consignment: 'LOAD-1' }),
      byRef('S-1', '02:00', '1Z'),
      byRef('LOAD-2', '04:00', '1Z'),
      rel('O-1', 'S-8', '03:00', { consignment: 'LOAD-2' }),
    ],
    'what waited for whoever held the number then goes to them, though it is another thing by now': [
      rel('O-1', 'S-1', '01:00', { ...west, carrier: 'UPS' }),
      byRef('LOAD-WEST', '06:00', '1Z', 'UPS'),
      cancelled('1Z', '05:00'),
      rel('O-1', 'S-2', '02:00', { consignment: 'LOAD-1', carrier: 'DHL' }),
      byRef('LOAD-1', '03:00', '1Z'),
    ],
    'what waited under the number of a load is judged where the load turns out to have been cancelled later': [
      rel('O-1', 'S-5', '03:00', { consignment: 'LOAD-1' }),
      byRef('LOAD-1', '05:00', '1Z'),
      cancelled('1Z', '06:00'),
      cancelled('PO-O-1', '02:00'),
      event('tms', 'claim.reported', 'ref/LOAD-1', '04:00', { state: 'shipped' }),
      rel('O-1', 'S-1', '01:00', {}),
    ],
  }
  for (const [name, arrival] of Object.entries(arrivals))
    test(name, () => {
      const inOrder = heard([...ready, ...arrival.toSorted((a, b) => (a.time < b.time ? -1 : 1))])
      expect(difference(endOf(inOrder), endOf(heard([...ready, ...arrival])))).toEqual([])
    })
})
