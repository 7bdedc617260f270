// One number in several scopes is several things: what names it waits, until data or a person settles it (domain §2).
import { describe, expect, test } from 'vitest'
import type { EventInput } from '../../../machines/event.ts'
import type { Source } from '../../../machines/sources.ts'
import { link } from '../../helpers/acts.ts'
import { captured, event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { MemoryWorld, statesOf } from '../../helpers/memory-world.ts'

/** Submits all, expecting each to be accepted. */
function worldOf(events: readonly EventInput[], sources: readonly Source[] = SOURCES): MemoryWorld {
  const world = new MemoryWorld({ sources })
  for (const each of events) expect(world.submit(each)).toMatchObject({ outcome: 'accepted' })
  return world
}
const shipmentState = (world: MemoryWorld, order: string, shipment: string) =>
  statesOf(world.family(order))[`shipment/${shipment}`]?.split('.')[0]
const booked = (shipment: string, carrier: string, time: string) =>
  event('tms', 'shipment.booked', `shipment/${shipment}`, time, { carrier, tracking: 'T-1' })
const arrived = (subject: string, time = '05:00', source = 'tms') => event(source, 'delivery.completed', subject, time)

/** Two shipments, in two orders or in one, that have the tracking number T-1: of one carrier or of two. */
const tracked = (orders: readonly [string, string], carriers: readonly [string, string]) => [
  ...[...new Set(orders)].flatMap(order => readyOrder(order)),
  released(orders[0], 'S-1', '01:00', 4),
  released(orders[1], 'S-2', '01:00', 4),
  booked('S-1', carriers[0], '02:00'),
  booked('S-2', carriers[1], '02:30'),
]
const HOLDERS: readonly (readonly [string, readonly [string, string]])[] = [
  ['two orders', ['O-1', 'O-2']],
  ['one order', ['O-1', 'O-1']],
]
const stateOfBoth = (world: MemoryWorld, orders: readonly [string, string]) => [
  shipmentState(world, orders[0], 'EAST/S-1'),
  shipmentState(world, orders[1], 'EAST/S-2'),
]

describe.each(HOLDERS)('a tracking number of two shipments of %s', (_, orders) => {
  test.each([
    ['UPS', 'UPS'],
    ['UPS', ''],
  ] as const)('[W2] is one thing where the carriers are %s and %s', (one, other) => {
    const events = tracked(orders, [one, other]).filter(({ data }) => (data as { carrier?: string }).carrier !== '')
    const cartons = { cartons: [{ carton: 'C', tracking: 'T-1' }] }
    const packed = event('wms', 'pack.completed', 'shipment/S-2', '03:00', cartons)
    const world = worldOf([...events, packed, arrived('ref/tracking/T-1')])
    expect(stateOfBoth(world, orders)).toEqual(['delivered', 'delivered'])
  })

  test('[W2] is two where it is of two carriers: what names it waits, and a carrier means its own', () => {
    const world = worldOf(tracked(orders, ['UPS', 'DHL']))
    const before = stateOfBoth(world, orders)
    const answer = world.submit(arrived('ref/tracking/T-1'))
    expect(answer).toMatchObject({ outcome: 'parked', code: 'ambiguous_reference' })
    expect(answer.verdicts.map(({ family }) => family)).toEqual(['ref:T-1'])
    expect(stateOfBoth(world, orders)).toEqual(before)
    expect(world.submit(arrived('ref/tracking/T-1', '05:30', 'dhl')).outcome).toBe('accepted')
    expect(stateOfBoth(world, orders)).toEqual([before[0], 'delivered'])
  })

  test('[A4] of two carriers goes where a person links it', () => {
    const world = worldOf(tracked(orders, ['UPS', 'DHL']))
    world.submit(arrived('ref/tracking/T-1'))
    const answer = world.submit(link('T-1', orders[0], 'shipment/EAST/S-1', { count: 1 }))
    expect(answer.led).toMatchObject([{ family: orders[0], verdict: 'accepted' }])
    expect(stateOfBoth(world, orders)).toEqual(['delivered', 'released'])
    // An earlier fact that arrives late makes the family anew: what was linked stays where it belongs.
    world.submit(event('erp', 'order.amended', `order/${orders[0]}`, '00:50', { promisedAt: '2026-11-24' }))
    expect(stateOfBoth(world, orders)).toEqual(['delivered', 'released'])
  })

  test('[C2] of two carriers is of the one that had it alone when it was named, however late that is heard', () => {
    const world = worldOf(tracked(orders, ['UPS', 'DHL']))
    expect(world.submit(event('tms', 'shipment.in_transit', 'ref/T-1', '02:10')).outcome).toBe('accepted')
    expect(stateOfBoth(world, orders)).toEqual(['in_transit', 'released'])
  })

  test('[W2] of two carriers is one again once a shipment is cancelled, and what waited goes to the other', () => {
    const world = worldOf(tracked(orders, ['UPS', 'DHL']))
    world.submit(arrived('ref/tracking/T-1'))
    expect(world.submit(event('wms', 'shipment.cancelled', 'shipment/S-2', '03:00')).outcome).toBe('accepted')
    expect(stateOfBoth(world, orders)).toEqual(['delivered', 'cancelled'])
    expect(world.family('ref:T-1').parked).toEqual([])
  })

  test('[W3] of two carriers is one once a carrier is common to both, and each gets what it missed', () => {
    const world = worldOf(tracked(orders, ['UPS', 'DHL']).slice(0, -1))
    expect(world.submit(event('tms', 'shipment.in_transit', 'ref/T-1', '04:00')).outcome).toBe('accepted')
    expect(world.submit(booked('S-2', 'DHL', '04:30')).outcome).toBe('accepted')
    expect(stateOfBoth(world, orders)).toEqual(['in_transit', 'released'])
    expect(world.submit(booked('S-2', 'UPS', '04:40')).outcome).toBe('accepted')
    expect(stateOfBoth(world, orders)).toEqual(['in_transit', 'in_transit'])
  })
})

describe('a number of two nodes', () => {
  const atTwoNodes = [
    ...readyOrder('O-1'),
    released('O-1', 'S-1', '01:00', 4, { consignment: 'L-1' }),
    released('O-1', 'S-1', '01:00', 4, { consignment: 'L-1', node: 'WEST' }),
  ]

  test.each(['shipment/S-1', 'ref/consignment/L-1'])('[W2] is two things in one order: %s waits', subject => {
    const world = worldOf(atTwoNodes)
    expect(world.submit(arrived(subject))).toMatchObject({
      outcome: 'parked',
      code: 'ambiguous_reference',
      reason: `${subject} means more than one thing: shipment/EAST/S-1, shipment/WEST/S-1`,
    })
    expect(world.submit(event('3pl', 'shipment.confirmed', subject, '02:00')).outcome).toBe('accepted')
    expect([shipmentState(world, 'O-1', 'EAST/S-1'), shipmentState(world, 'O-1', 'WEST/S-1')]).toEqual([
      'released',
      'shipped',
    ])
  })

  test('[W2] is two things in two orders: what names the load waits', () => {
    const other = released('O-2', 'S-2', '01:00', 4, { consignment: 'L-1', node: 'WEST' })
    const world = worldOf([...atTwoNodes.slice(0, -1), ...readyOrder('O-2'), other])
    expect(world.submit(arrived('ref/consignment/L-1')).code).toBe('ambiguous_reference')
  })

  test('[A4] what a person links waits on for the shipment it was linked to', () => {
    const world = worldOf(atTwoNodes)
    const changed = event('tms', 'shipment.amended', 'shipment/S-1', '03:00', { shipTo: { city: 'Rome' } })
    expect(world.submit(changed).code).toBe('ambiguous_reference')
    const answer = world.submit(link('S-1', 'O-1', 'shipment/EAST/S-1'))
    expect(answer.led).toMatchObject([{ family: 'O-1', verdict: 'parked', detail: { code: 'shipment_not_shipped' } }])
    world.submit(event('3pl', 'shipment.confirmed', 'shipment/S-1', '03:30'))
    expect(world.family('O-1').parked).toHaveLength(1)
    world.submit(event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'))
    expect(world.family('O-1').parked).toEqual([])
    expect(world.history('O-1').at(-1)).toMatchObject({
      event: { type: 'shipment.amended' },
      actors: ['shipment/EAST/S-1'],
    })
  })

  test('[W2] tells which order it is all the same', () => {
    const world = worldOf(atTwoNodes)
    const asked = event('crm', 'order.cancel_requested', 'ref/shipment/S-1', '02:00', { ask: 'A-1' })
    expect(world.submit(asked).outcome).toBe('accepted')
  })
})

test('[W2] an invoice number of two companies is two invoices: a payment waits, unless a company names its own', () => {
  const sources: readonly Source[] = [...SOURCES, { id: 'bank', role: 'erp', timeZone: 'UTC' }]
  const terms = { invoicePolicy: 'prepaid' }
  const invoice = { invoice: '9001', amountMinor: 1000, lines: [{ line: '1', quantity: 10 }] }
  const world = worldOf(
    [
      captured('O-1', '00:10', { terms }),
      captured('O-2', '00:10', { terms, company: 'EU01' }),
      event('erp', 'invoice.posted', 'order/O-1', '02:00', invoice),
      event('erp-eu', 'invoice.posted', 'order/O-2', '02:00', invoice),
    ],
    sources,
  )
  const paid = (source: string) =>
    event(source, 'payment.received', 'ref/invoice/9001', '03:00', { payment: `P-${source}`, amountMinor: 1000 })
  const billing = () => ['O-1', 'O-2'].map(id => statesOf(world.family(id)).order?.split('.')[3])
  expect(world.submit(paid('bank'))).toMatchObject({ outcome: 'parked', code: 'ambiguous_reference' })
  expect(billing()).toEqual(['invoiced', 'invoiced'])
  expect(world.submit(paid('erp-eu')).outcome).toBe('accepted')
  expect(billing()).toEqual(['invoiced', 'paid'])
})
