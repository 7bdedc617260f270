import { describe, expect, test } from 'vitest'
import type { EventInput } from '../../../machines/event.ts'
import type { Source } from '../../../machines/sources.ts'
import { desk } from '../../helpers/desk.ts'
import { event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { MemoryWorld, quantitiesOf, scenario, statesOf } from '../../helpers/memory-world.ts'

const base = [
  ...readyOrder('O-1', { promisedAt: '2026-11-23' }),
  released('O-1', 'S-1', '01:00'),
  event('tms', 'shipment.booked', 'shipment/S-1', '01:30', { carrier: 'UPS', tracking: ['T1', 'T2'] }),
]
const carton = (tracking: string, quantity: number) => ({
  carton: tracking,
  tracking,
  lines: [{ line: '1', quantity }],
})
const shipped = event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', {
  cartons: [carton('T1', 6), carton('T2', 4)],
})

function played(events: readonly EventInput[]) {
  const world = new MemoryWorld({ sources: SOURCES })
  const outcomes = [...base, ...events].map(each => world.submit(each).outcome).slice(base.length)
  const state = statesOf(world.family('O-1'))['shipment/EAST/S-1'] ?? ''
  return {
    world,
    outcomes,
    execution: state.split('.')[0],
    flags: state.split('.').slice(1),
    quantities: quantitiesOf(world.family('O-1')),
  }
}
const scan = (
  type: 'delivery.completed' | 'delivery.refused' | 'shipment.lost' | 'shipment.returned_to_sender',
  subject: string,
  time: string,
) => event('tms', type, subject, time)

describe('§2 several tracking numbers', () => {
  test('delivered when the last one is; until then what the delivered cartons hold counts', () => {
    const first = played([shipped, scan('delivery.completed', 'ref/T1', '03:00')])
    expect(first).toMatchObject({ execution: 'in_transit', quantities: { delivered: 6, shipped: 10 } })
    const last = played([
      shipped,
      scan('delivery.completed', 'ref/T1', '03:00'),
      scan('delivery.completed', 'ref/T2', '04:00'),
    ])
    expect(last).toMatchObject({ execution: 'delivered', quantities: { delivered: 10 } })
  })

  test('[§4] what a carton is said to hold never makes more delivered than left', () => {
    const packed = event('wms', 'pack.completed', 'shipment/S-1', '01:40', { cartons: [carton('T1', 6)] })
    const short = event('wms', 'pick.short', 'shipment/S-1', '01:35', { lines: [{ line: '1', quantity: 8 }] })
    const left = event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00')
    const first = played([short, packed, left, scan('delivery.completed', 'ref/T1', '03:00')])
    expect(first.outcomes).toEqual(['accepted', 'accepted', 'accepted', 'accepted'])
    expect(first.quantities).toMatchObject({ delivered: 2, shipped: 2 })
  })

  test('a number that becomes known later takes the delivery back until it is delivered too', () => {
    const more = event('tms', 'shipment.booked', 'shipment/S-1', '02:30', { carrier: 'UPS', tracking: 'T3' })
    const both = [scan('delivery.completed', 'ref/T1', '03:00'), scan('delivery.completed', 'ref/T2', '04:00')]
    expect(played([shipped, ...both]).execution).toBe('delivered')
    expect(played([shipped, ...both, more]).execution).toBe('in_transit')
    expect(played([shipped, ...both, more, scan('delivery.completed', 'ref/T3', '05:00')]).execution).toBe('delivered')
  })

  test('a proof of the whole covers all of them', () => {
    expect(played([shipped, scan('delivery.completed', 'shipment/S-1', '03:00')])).toMatchObject({
      execution: 'delivered',
    })
  })

  test('one carton lost, the other delivered: the shipment ends, and what arrived counts', () => {
    const lost = scan('shipment.lost', 'ref/T2', '03:00')
    expect(played([shipped, lost]).execution).toBe('in_transit')
    const end = played([shipped, lost, scan('delivery.completed', 'ref/T1', '04:00')])
    expect(end.execution).toBe('lost')
    expect(end.quantities).toMatchObject({ released: 6, shipped: 6, delivered: 6 })
    expect(
      played([
        shipped,
        lost,
        scan('delivery.completed', 'ref/T1', '04:00'),
        scan('delivery.completed', 'ref/T2', '05:00'),
      ]),
    ).toMatchObject({ execution: 'delivered', quantities: { delivered: 10 } })
  })
})

test('[§4] a number that becomes known when all cartons are lost brings what left back: one of them is on its way', () => {
  const lost = [scan('shipment.lost', 'ref/T1', '03:00'), scan('shipment.lost', 'ref/T2', '03:30')]
  const ended = played([shipped, ...lost])
  expect([ended.execution, ended.quantities]).toEqual(['lost', { ordered: 10 }])
  const more = event('tms', 'shipment.booked', 'shipment/S-1', '04:00', { carrier: 'UPS', tracking: 'T3' })
  expect(played([shipped, ...lost, more])).toMatchObject({
    execution: 'in_transit',
    quantities: { released: 10, shipped: 10 },
  })
})

describe('§2 how shipments end', () => {
  const rows: readonly (readonly [string, readonly EventInput[], readonly string[], string])[] = [
    [
      'refused, then delivered after all',
      [scan('delivery.refused', 'shipment/S-1', '03:00'), scan('delivery.completed', 'shipment/S-1', '04:00')],
      ['accepted', 'accepted'],
      'delivered',
    ],
    [
      'lost, then back',
      [scan('shipment.lost', 'shipment/S-1', '03:00'), scan('shipment.returned_to_sender', 'shipment/S-1', '04:00')],
      ['accepted', 'accepted'],
      'returned_to_sender',
    ],
    [
      'refused, then lost',
      [scan('delivery.refused', 'shipment/S-1', '03:00'), scan('shipment.lost', 'shipment/S-1', '04:00')],
      ['accepted', 'accepted'],
      'lost',
    ],
    [
      'lost arrives after the refusal that followed it',
      [scan('delivery.refused', 'shipment/S-1', '04:00'), scan('shipment.lost', 'shipment/S-1', '03:00')],
      ['accepted', 'accepted'],
      'refused',
    ],
    [
      'back, then delivered',
      [
        scan('shipment.returned_to_sender', 'shipment/S-1', '03:00'),
        scan('delivery.completed', 'shipment/S-1', '04:00'),
      ],
      ['accepted', 'not_allowed_in_state'],
      'returned_to_sender',
    ],
    [
      'delivered, then lost',
      [scan('delivery.completed', 'shipment/S-1', '03:00'), scan('shipment.lost', 'shipment/S-1', '04:00')],
      ['accepted', 'not_allowed_in_state'],
      'delivered',
    ],
    [
      'a loss of before the delivery arrives after it',
      [scan('delivery.completed', 'shipment/S-1', '04:00'), scan('shipment.lost', 'shipment/S-1', '03:00')],
      ['accepted', 'superseded'],
      'delivered',
    ],
  ]
  for (const [name, events, outcomes, execution] of rows)
    test(name, () => {
      expect(played([shipped, ...events])).toMatchObject({ outcomes: ['accepted', ...outcomes], execution })
    })
})

describe('conditions', () => {
  const delayed = event('tms', 'shipment.delayed', 'shipment/S-1', '03:00', {
    expectedAt: '2026-11-25',
    reason: 'snow',
  })
  const [short, damaged, late, attempt] = [0, 1, 2, 3]

  test('delayed: expected after promised, until delivered', () => {
    expect(played([shipped, delayed]).flags[late]).toBe('on')
    const sooner = event('tms', 'shipment.in_transit', 'shipment/S-1', '04:00', { expectedAt: '2026-11-22' })
    expect(played([shipped, delayed, sooner]).flags[late]).toBe('off')
    expect(played([shipped, sooner, delayed]).flags[late]).toBe('off')
    expect(played([shipped, delayed, scan('delivery.completed', 'shipment/S-1', '05:00')]).flags[late]).toBe('off')
  })

  test('attempt failed: until the next run or the end, by place', () => {
    const failed = event('tms', 'delivery.attempted', 'shipment/S-1', '05:00', { reason: 'closed' })
    const run = (time: string) => event('tms', 'shipment.out_for_delivery', 'shipment/S-1', time)
    expect(played([shipped, run('04:00'), failed]).flags[attempt]).toBe('on')
    expect(played([shipped, failed, run('04:00')]).flags[attempt]).toBe('on')
    expect(played([shipped, failed, run('06:00')]).flags[attempt]).toBe('off')
    expect(played([shipped, failed, scan('delivery.completed', 'shipment/S-1', '06:00')]).flags[attempt]).toBe('off')
  })

  test('short and damaged stay', () => {
    const shortPick = event('wms', 'pick.short', 'shipment/S-1', '01:40', { lines: [{ line: '1', quantity: 1 }] })
    const damage = event('tms', 'shipment.damaged', 'shipment/S-1', '03:00')
    const { flags } = played([shortPick, event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'), damage])
    expect([flags[short], flags[damaged]]).toEqual(['on', 'on'])
  })

  test('the node confirms changes up to goods issue, transport after it', () => {
    const amend = (source: string, time: string) =>
      event(source, 'shipment.amended', 'shipment/S-1', time, { service: time })
    expect(
      played([amend('tms', '01:40'), amend('wms', '01:41'), shipped, amend('wms', '02:30'), amend('tms', '02:40')])
        .outcomes,
    ).toEqual(['parked', 'accepted', 'accepted', 'not_owner', 'accepted'])
  })

  const fleet: Source = { id: 'fleet', role: 'wms', nodes: ['EAST'], carriers: ['OWN'], timeZone: 'UTC' }
  test.each([
    ['[§1] a node that carries itself is transport: it confirms changes after goods issue too', 'wms', {}, 'accepted'],
    ['[§1] so is one that speaks for the carrier that is named', 'fleet', { carrier: 'OWN' }, 'accepted'],
    ['[§1] but not where that is another', 'fleet', { carrier: 'UPS' }, 'not_owner'],
  ])('%s', (_, node, carrier, outcome) => {
    const { outcomes } = scenario({
      sources: [...SOURCES, fleet],
      events: [
        ...readyOrder('O-1'),
        released('O-1', 'S-1', '01:00'),
        event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', carrier),
        event(node, 'shipment.amended', 'shipment/S-1', '03:00', { shipTo: { city: 'Ulm' } }),
      ],
    })
    expect(outcomes.at(-1)).toBe(outcome)
  })

  test('[C2] what such a node confirmed before a carrier was named stands, however late it arrives', () => {
    const amended = event('wms', 'shipment.amended', 'shipment/S-1', '03:00', { shipTo: { city: 'Ulm' } })
    const booked = event('tms', 'shipment.booked', 'shipment/S-1', '04:00', { carrier: 'UPS' })
    const left = [
      ...readyOrder('O-1'),
      released('O-1', 'S-1', '01:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'),
    ]
    for (const events of [
      [amended, booked],
      [booked, amended],
    ])
      expect(scenario({ sources: SOURCES, events: [...left, ...events] }).outcomes.slice(-2)).toEqual([
        'accepted',
        'accepted',
      ])
  })

  test('[X1] a stale instruction is over once such a node has confirmed the change', () => {
    const { kinds, say } = desk()
    say(
      ...readyOrder('O-1'),
      released('O-1', 'S-1', '01:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'),
      event('erp', 'order.amended', 'order/O-1', '02:30', { promisedAt: '2026-11-24' }),
    )
    expect(kinds('O-1', '02:31')).toEqual(['stale_instruction'])
    say(event('wms', 'shipment.amended', 'shipment/S-1', '03:00', { promisedAt: '2026-11-24' }))
    expect(kinds('O-1', '03:01')).toEqual([])
  })
})
