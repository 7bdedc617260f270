import { describe, expect, test } from 'vitest'
import type { JournalEntry } from '../../../engine/entry.ts'
import { packEntry } from '../../../engine/entry-codec.ts'
import type { EventInput } from '../../../machines/event.ts'
import { event, lineOf, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { MemoryWorld, orderOf, quantitiesOf, statesOf } from '../../helpers/memory-world.ts'

const lines = (quantity: number, line = '1') => ({ lines: [{ line, quantity }] })

/** A world where `events` came in after the order got ready. */
function worldOf(events: readonly EventInput[], data: object = {}): MemoryWorld {
  const world = new MemoryWorld({ sources: SOURCES })
  for (const each of [...readyOrder('O-1', data), ...events]) expect(world.submit(each).outcome).toBe('accepted')
  return world
}
const onlyRelease = [released('O-1', 'S-1', '01:00')]
const quantities = (world: MemoryWorld, line?: string) => quantitiesOf(world.family('O-1'), line)
const shipmentState = (world: MemoryWorld, number = 'S-1') => statesOf(world.family('O-1'))[`shipment/EAST/${number}`]
const orderState = (world: MemoryWorld) => statesOf(world.family('O-1')).order

test('[E6] the allocation of one of many lines takes the room of one in its entry', () => {
  const many = Array.from({ length: 200 }, (_, index) => lineOf(10, `${index + 1}`))
  const world = worldOf([], { lines: many })
  const bytes: number[] = []
  for (const [index, line] of ['1', '2', '150'].entries()) {
    const { entries, outcome } = world.submit(
      event('erp', 'order.allocated', 'order/O-1', `02:0${index}`, { lines: [{ line, allocated: 4 }] }),
    )
    expect(outcome).toBe('accepted')
    bytes.push(packEntry(entries[0] as JournalEntry).length)
    expect(quantities(world, line).allocated).toBe(4)
  }
  // The first tells of all lines that nothing is known of them.
  expect(Math.max(...bytes.slice(1))).toBeLessThan(250)
})

describe('§4 a shipment never grows', () => {
  const tolerant = { terms: { overTolerancePercent: 10 } }
  const rows: readonly (readonly [string, EventInput['type'], object, string])[] = [
    ['goods issue', 'shipment.confirmed', lines(11), 'quantity_exceeded'],
    ['goods issue within the tolerance', 'shipment.confirmed', lines(11), 'accepted'],
    ['pick', 'pick.completed', lines(11), 'quantity_exceeded'],
    ['a line it does not have', 'shipment.confirmed', lines(1, '2'), 'quantity_exceeded'],
    ['short', 'pick.short', lines(11), 'quantity_exceeded'],
    ['split', 'shipment.split', { shipment: 'S-2', ...lines(11) }, 'quantity_exceeded'],
    ['cancellation', 'shipment.cancelled', lines(11), 'quantity_exceeded'],
  ]
  for (const [name, type, data, outcome] of rows)
    test(`${name}: ${outcome}`, () => {
      const world = worldOf(onlyRelease, {
        lines: [lineOf(10), lineOf(5, '2')],
        ...(outcome === 'accepted' ? tolerant : {}),
      })
      expect(world.submit(event('wms', type as 'pick.short', 'shipment/S-1', '02:00', data)).outcome).toBe(outcome)
    })

  test('picks add up', () => {
    const world = worldOf([...onlyRelease, event('wms', 'pick.completed', 'shipment/S-1', '02:00', lines(6))])
    expect(world.submit(event('wms', 'pick.completed', 'shipment/S-1', '02:01', lines(5))).outcome).toBe(
      'quantity_exceeded',
    )
    expect(shipmentState(world)).toMatch(/^picking/)
    expect(world.submit(event('wms', 'pick.completed', 'shipment/S-1', '02:02', lines(4))).outcome).toBe('accepted')
    expect(shipmentState(world)).toMatch(/^picked/)
  })

  test('no more is delivered than what left', () => {
    const world = worldOf([...onlyRelease, event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', lines(8))])
    expect(world.submit(event('tms', 'delivery.completed', 'shipment/S-1', '03:00', lines(9))).outcome).toBe(
      'quantity_exceeded',
    )
    expect(world.submit(event('tms', 'delivery.completed', 'shipment/S-1', '03:00', lines(8))).outcome).toBe('accepted')
    expect(quantities(world)).toMatchObject({ shipped: 8, delivered: 8, released: 8 })
  })

  test('nor over several cartons together', () => {
    const world = worldOf([
      ...onlyRelease,
      event('tms', 'shipment.booked', 'shipment/S-1', '01:30', { carrier: 'UPS', tracking: ['T1', 'T2'] }),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'),
      event('ups', 'delivery.completed', 'ref/T1', '03:00', lines(6)),
    ])
    expect(world.submit(event('ups', 'delivery.completed', 'ref/T2', '04:00', lines(5))).outcome).toBe(
      'quantity_exceeded',
    )
    expect(world.submit(event('ups', 'delivery.completed', 'ref/T2', '04:00', lines(4))).outcome).toBe('accepted')
  })
})

describe('§4 what comes short is free again', () => {
  test('a short is released anew, and the picked rest ships', () => {
    const world = worldOf([
      ...onlyRelease,
      event('wms', 'pick.completed', 'shipment/S-1', '02:00', lines(7)),
      event('wms', 'pick.short', 'shipment/S-1', '02:10', { reason: 'damaged in stock', ...lines(3) }),
      released('O-1', 'S-2', '03:00', 3),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '04:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-2', '05:00'),
    ])
    expect(quantities(world)).toEqual({ ordered: 10, released: 10, picked: 10, shipped: 10 })
    expect(shipmentState(world)).toBe('shipped.on.off.off.off')
  })

  test('a short may be cancelled', () => {
    const world = worldOf([
      ...onlyRelease,
      event('wms', 'pick.short', 'shipment/S-1', '02:10', lines(3)),
      event('erp', 'order.cancelled', 'order/O-1', '03:00', lines(3)),
      event('tms', 'delivery.completed', 'shipment/S-1', '05:00'),
    ])
    expect(quantities(world)).toMatchObject({ cancelled: 3, delivered: 7 })
    expect(orderState(world)).toMatch(/delivered/)
  })

  test('a substitute counts for its line', () => {
    const world = worldOf([
      ...onlyRelease,
      event('wms', 'pick.completed', 'shipment/S-1', '02:00', lines(7)),
      event('wms', 'item.substituted', 'shipment/S-1', '02:05', { line: '1', item: 'SKU-9', quantity: 3 }),
    ])
    expect(quantities(world).picked).toBe(10)
    expect(shipmentState(world)).toMatch(/^picked/)
  })

  test('a split moves quantities to a second shipment of the same node', () => {
    const world = worldOf([
      ...onlyRelease,
      event('wms', 'shipment.split', 'shipment/S-1', '02:00', { shipment: 'S-2', ...lines(4) }),
      event('wms', 'shipment.confirmed', 'shipment/S-2', '03:00'),
    ])
    expect(quantities(world)).toEqual({ ordered: 10, released: 10, picked: 4, shipped: 4 })
    expect([shipmentState(world), shipmentState(world, 'S-2')]).toEqual([
      'acknowledged.off.off.off.off',
      'shipped.off.off.off.off',
    ])
  })

  test('a shipment split off entirely is cancelled', () => {
    const world = worldOf([
      ...onlyRelease,
      event('wms', 'shipment.split', 'shipment/S-1', '02:00', { shipment: 'S-2', ...lines(10) }),
    ])
    expect(shipmentState(world)).toMatch(/^cancelled/)
    expect(world.submit(event('wms', 'shipment.confirmed', 'shipment/S-1', '03:00'))).toMatchObject({
      outcome: 'not_allowed_in_state',
      code: 'shipment_cancelled',
    })
    expect(quantities(world).released).toBe(10)
  })

  test('a lost shipment is free to be released anew; it may still turn up', () => {
    const world = worldOf([
      ...onlyRelease,
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'),
      event('tms', 'shipment.lost', 'shipment/S-1', '03:00'),
    ])
    expect(quantities(world)).toEqual({ ordered: 10 })
    expect(shipmentState(world)).toMatch(/^lost/)
    expect(world.submit(event('tms', 'delivery.completed', 'shipment/S-1', '04:00')).outcome).toBe('accepted')
    expect(quantities(world)).toMatchObject({ released: 10, delivered: 10 })
    expect(shipmentState(world)).toMatch(/^delivered/)
  })
})

describe('cancellation', () => {
  test('line by line, up to what is free', () => {
    const world = worldOf([released('O-1', 'S-1', '01:00', 6)])
    expect(world.submit(event('erp', 'order.cancelled', 'order/O-1', '02:00', lines(5)))).toMatchObject({
      outcome: 'parked',
      code: 'still_released',
      detail: { waitsFor: { event: 'shipment.cancelled', owner: 'node' } },
    })
    expect(world.submit(event('wms', 'shipment.cancelled', 'shipment/S-1', '03:00', lines(1))).outcome).toBe('accepted')
    expect(quantities(world)).toEqual({ ordered: 10, cancelled: 5, released: 5 })
    expect(world.family('O-1').parked).toEqual([])
  })

  test('of the whole order waits for what a node still holds', () => {
    const world = worldOf(onlyRelease)
    expect(world.submit(event('erp', 'order.cancelled', 'order/O-1', '02:00')).outcome).toBe('parked')
    expect(world.submit(event('wms', 'shipment.cancelled', 'shipment/S-1', '03:00')).outcome).toBe('accepted')
    expect(orderState(world)).toBe('cancelled.approved.unallocated.unbilled')
    expect(quantities(world)).toEqual({ ordered: 10, cancelled: 10 })
  })

  test('of the whole order takes what has not left; what has runs on', () => {
    const world = worldOf([
      released('O-1', 'S-1', '01:00', 4),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'),
      event('erp', 'order.cancelled', 'order/O-1', '03:00'),
    ])
    expect(quantities(world)).toMatchObject({ ordered: 10, cancelled: 6, shipped: 4 })
    expect(orderState(world)).toBe('accepted.approved.shipped.billable')
    expect(world.submit(released('O-1', 'S-2', '04:00', 1)).code).toBe('order_cancelled')
  })

  test('line by line of everything is a cancelled order, until an amendment wants something again', () => {
    const world = worldOf([event('erp', 'order.cancelled', 'order/O-1', '02:00', lines(10))])
    expect(orderState(world)).toMatch(/^cancelled/)
    const more = event('erp', 'order.amended', 'order/O-1', '03:00', { lines: [{ line: '1', quantity: 12 }] })
    expect(world.submit(more).outcome).toBe('accepted')
    expect(orderState(world)).toMatch(/^accepted/)
  })

  test('a shipment is cancelled only before it left', () => {
    const world = worldOf([...onlyRelease, event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00')])
    expect(world.submit(event('wms', 'shipment.cancelled', 'shipment/S-1', '03:00'))).toMatchObject({
      outcome: 'not_allowed_in_state',
      code: 'shipment_shipped',
    })
  })
})

describe('invoicing', () => {
  const invoice = (number: string, time: string, quantity: number) =>
    event('erp', 'invoice.posted', 'order/O-1', time, {
      invoice: number,
      amountMinor: quantity * 100,
      ...lines(quantity),
    })

  const policies: readonly (readonly [string, string, string, EventInput])[] = [
    [
      'shipment',
      'proof_of_shipment_missing',
      'shipment.confirmed',
      event('wms', 'shipment.confirmed', 'shipment/S-1', '04:00'),
    ],
    [
      'delivery',
      'proof_of_delivery_missing',
      'delivery.completed',
      event('tms', 'delivery.completed', 'shipment/S-1', '04:00'),
    ],
  ]
  for (const [invoicePolicy, code, waitsFor, proof] of policies)
    test(`before proof of ${invoicePolicy} it waits, names the proof and its owner, and is applied when that comes`, () => {
      const world = worldOf(onlyRelease, { terms: { invoicePolicy } })
      const owner = invoicePolicy === 'shipment' ? 'node' : 'transport'
      expect(world.submit(invoice('I-1', '03:00', 10))).toMatchObject({
        outcome: 'parked',
        code,
        detail: { waitsFor: { event: waitsFor, owner } },
      })
      expect(world.submit(proof).entries.map(entry => [entry.event.type, entry.verdict])).toEqual([
        [proof.type, 'accepted'],
        ['invoice.posted', 'accepted'],
      ])
      expect(quantities(world).invoiced).toBe(10)
    })

  test('prepaid needs no proof, but nothing beyond what is wanted', () => {
    const world = worldOf([], { terms: { invoicePolicy: 'prepaid' } })
    expect(world.submit(invoice('I-1', '03:00', 10)).outcome).toBe('accepted')
    expect(world.submit(invoice('I-2', '03:00', 1))).toMatchObject({ outcome: 'parked', code: 'over_invoice' })
  })

  test('damaged goods wait until they are counted at delivery', () => {
    const world = worldOf([
      ...onlyRelease,
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'),
      event('tms', 'shipment.damaged', 'shipment/S-1', '03:00', lines(2)),
    ])
    expect(world.submit(invoice('I-1', '04:00', 10)).outcome).toBe('parked')
    expect(world.submit(event('tms', 'delivery.completed', 'shipment/S-1', '05:00', lines(10))).outcome).toBe(
      'accepted',
    )
    expect(quantities(world).invoiced).toBe(10)
  })

  test('damaged goods wait until a person clears them: as much as is cleared may be invoiced', () => {
    const world = worldOf([
      ...onlyRelease,
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'),
      event('tms', 'shipment.damaged', 'shipment/S-1', '03:00', lines(4)),
    ])
    const clear = (time: string, quantity: number, source = 'ann') =>
      world.submit(
        event(source, 'shipment.damage_cleared', 'shipment/S-1', time, { ...lines(quantity), reason: 'only the box' }),
      )
    expect(world.submit(invoice('I-1', '04:00', 10)).outcome).toBe('parked')
    expect(clear('05:00', 4, 'wms').outcome).toBe('not_owner')
    expect([clear('05:00', 3).outcome, quantities(world).invoiced]).toEqual(['accepted', undefined])
    expect(shipmentState(world)).toBe('shipped.off.on.off.off')
    expect(clear('05:05', 2)).toMatchObject({ outcome: 'parked', code: 'not_damaged' })
    expect(clear('05:10', 1).outcome).toBe('accepted')
    expect([shipmentState(world), quantities(world).invoiced]).toEqual(['shipped.off.off.off.off', 10])
    // What is found to be damaged later is another damage: what was cleared too early makes up for it.
    expect(world.submit(event('tms', 'shipment.damaged', 'shipment/S-1', '06:00', lines(2))).outcome).toBe('accepted')
    expect(shipmentState(world)).toBe('shipped.off.off.off.off')
  })

  test('a payment may come before its invoice; paid is reached when invoices are covered', () => {
    const world = worldOf([
      ...onlyRelease,
      event('erp', 'payment.received', 'order/O-1', '01:30', { payment: 'P-1', amountMinor: 1_000 }),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'),
      invoice('I-1', '04:00', 10),
    ])
    expect(orderState(world)).toBe('accepted.approved.shipped.paid')
  })

  test('disputes: the latest place per invoice, and an unknown invoice waits', () => {
    const world = worldOf([...onlyRelease, event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00')])
    const dispute = (type: 'invoice.disputed' | 'invoice.dispute_resolved', time: string) =>
      world.submit(event('erp', type, 'order/O-1', time, { invoice: 'I-1' }))
    expect(dispute('invoice.disputed', '05:00')).toMatchObject({ outcome: 'parked', code: 'unknown_invoice' })
    expect(world.submit(invoice('I-1', '04:00', 10)).outcome).toBe('accepted')
    expect(orderState(world)).toMatch(/disputed$/)
    expect(dispute('invoice.dispute_resolved', '07:00').outcome).toBe('accepted')
    expect(dispute('invoice.disputed', '06:00').outcome).toBe('superseded')
    expect(orderState(world)).toMatch(/invoiced$/)
  })

  test('credits never exceed what was invoiced', () => {
    const world = worldOf([
      ...onlyRelease,
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'),
      invoice('I-1', '04:00', 5),
    ])
    const credit = (memo: string, quantity: number, amountMinor: number) =>
      world.submit(
        event('erp', 'invoice.credited', 'order/O-1', '05:00', {
          memo,
          invoice: 'I-1',
          amountMinor,
          ...lines(quantity),
        }),
      )
    expect(credit('M-1', 6, 1)).toMatchObject({ outcome: 'parked', code: 'over_credit' })
    expect(credit('M-2', 1, 501)).toMatchObject({ outcome: 'parked', code: 'over_credit' })
    expect(credit('M-3', 1, 100).outcome).toBe('accepted')
  })

  test('an order closes only when all is delivered or cancelled, and invoiced', () => {
    const close = (world: MemoryWorld) => world.submit(event('erp', 'order.closed', 'order/O-1', '09:00'))
    const world = worldOf(onlyRelease)
    expect(close(world)).toMatchObject({ outcome: 'parked', code: 'not_delivered' })
    expect(world.submit(event('tms', 'delivery.completed', 'shipment/S-1', '03:00')).outcome).toBe('accepted')
    expect(close(world)).toMatchObject({ outcome: 'parked', code: 'not_invoiced' })
    expect(world.submit(invoice('I-1', '04:00', 10)).outcome).toBe('accepted')
    expect(orderState(world)).toMatch(/^closed/)
    expect(world.submit(invoice('I-2', '10:00', 1))).toMatchObject({
      outcome: 'not_allowed_in_state',
      code: 'order_closed',
    })
  })
})

describe('units', () => {
  const kilos = { lines: [{ ...lineOf(12.5), unit: 'KG', precision: 3, conversions: { PAL: 500 } }] }

  test("quantities keep the line's precision as integers", () => {
    expect(quantities(worldOf([], kilos))).toEqual({ ordered: 12_500 })
  })

  test('events use any unit the line knows, if it comes out exact', () => {
    const world = worldOf([], { lines: [{ ...lineOf(48), conversions: { CA: 24 } }] })
    const asked = (shipment: string, quantity: number, unit: string) =>
      world.submit(released('O-1', shipment, '01:00', 1, { lines: [{ line: '1', quantity, unit }] }))
    expect(asked('S-1', 1, 'CA').outcome).toBe('accepted')
    expect(quantities(world).released).toBe(24)
    expect(asked('S-2', 0.3, 'CA')).toMatchObject({ outcome: 'not_allowed_in_state', code: 'unit_not_exact' })
    expect(asked('S-3', 1, 'PAL')).toMatchObject({ outcome: 'not_allowed_in_state', code: 'unit_not_exact' })
  })

  test('[D3] an amendment of before that brings the unit turns the refusal', () => {
    const world = worldOf([])
    const release = released('O-1', 'S-1', '01:00', 1, { lines: [{ line: '1', quantity: 1, unit: 'CA' }] })
    expect(world.submit(release).code).toBe('unit_not_exact')
    const unit = { lines: [{ line: '1', conversions: { CA: 5 } }] }
    expect(world.submit(event('erp', 'order.amended', 'order/O-1', '02:00', unit)).outcome).toBe('accepted')
    expect(quantities(world).released).toBeUndefined()
    expect(world.submit(event('erp', 'order.amended', 'order/O-1', '00:50', unit)).outcome).toBe('superseded')
    expect(quantities(world).released).toBe(5)
  })

  test('a conversion amended in time changes what was told in it since', () => {
    const world = worldOf([released('O-1', 'S-1', '02:00', 1, { lines: [{ line: '1', quantity: 2, unit: 'CA' }] })], {
      lines: [{ ...lineOf(48), conversions: { CA: 24 } }],
    })
    expect(quantities(world).released).toBe(48)
    const amend = event('erp', 'order.amended', 'order/O-1', '01:00', {
      lines: [{ line: '1', conversions: { CA: 12 } }],
    })
    expect(world.submit(amend).outcome).toBe('accepted')
    expect(quantities(world).released).toBe(24)
  })
})

describe('allocation', () => {
  const allocated = (time: string, said: object, type: 'order.allocated' | 'backorder.created' = 'order.allocated') =>
    event('erp', type, 'order/O-1', time, { lines: [{ line: '1', ...said }] })

  test('the last report says all about its lines, less what was released after it, stock first', () => {
    const world = worldOf([allocated('00:50', { allocated: 6, backordered: 4 }), released('O-1', 'S-1', '01:00', 7)])
    expect(quantities(world)).toMatchObject({ backordered: 3, released: 7 })
    expect(quantities(world).allocated).toBeUndefined()
  })

  test('several nodes of one line add up', () => {
    const world = worldOf([
      event('erp', 'order.allocated', 'order/O-1', '00:50', {
        lines: [
          { line: '1', allocated: 4, node: 'EAST' },
          { line: '1', allocated: 5, node: 'WEST' },
        ],
      }),
    ])
    expect(quantities(world).allocated).toBe(9)
  })

  test('without quantities a report means all that is wanted', () => {
    const world = worldOf([allocated('00:50', {}, 'backorder.created')])
    expect(quantities(world)).toMatchObject({ backordered: 10 })
    expect(orderOf(world.family('O-1')).milestones.allocated).toBeUndefined()
    expect(world.submit(allocated('00:55', {})).outcome).toBe('accepted')
    expect(quantities(world)).toEqual({ ordered: 10, allocated: 10 })
    expect(orderState(world)).toBe('accepted.approved.allocated.unbilled')
    expect(world.submit(allocated('00:52', { allocated: 1 })).outcome).toBe('superseded')
  })
})
