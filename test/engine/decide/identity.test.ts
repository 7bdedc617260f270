import { describe, expect, test } from 'vitest'
import { captured, event, lineOf, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { MemoryWorld, quantitiesOf, scenario } from '../../helpers/memory-world.ts'

describe('ids', () => {
  test('[E7] the same id with the same content is a duplicate, and tells the first outcome', () => {
    const capture = captured('O-1', '08:00')
    const { answers, world } = scenario({ sources: SOURCES, events: [capture, capture] })
    expect(answers[1]).toMatchObject({ outcome: 'duplicate', first: 'accepted', entries: [] })
    expect(world.entries).toHaveLength(1)
  })

  test('[E7] the same id with other content, or another subject, is refused as id_reused', () => {
    const first = captured('O-1', '08:00')
    for (const other of [
      { ...first, data: {} },
      { ...first, subject: 'order/O-2' },
      { ...first, time: '2026-11-21T09:00:00Z' },
    ]) {
      const data = { ...(first.data as object), customer: 'C-2' }
      const { outcomes } = scenario({ sources: SOURCES, events: [first, { ...other, data }] })
      expect(outcomes).toEqual(['accepted', 'id_reused'])
    }
  })

  test('[E7] the same id from another source is another event', () => {
    const first = event('erp', 'credit.approved', 'order/O-1', '09:00', {}, { id: 'same' })
    const second = event('crm', 'order.change_requested', 'order/O-1', '09:01', { ask: 'A' }, { id: 'same' })
    const { outcomes } = scenario({ sources: SOURCES, events: [captured('O-1', '08:00'), first, second] })
    expect(outcomes).toEqual(['accepted', 'accepted', 'accepted'])
  })

  test('[E7] a duplicate tells what became of an event that was parked', () => {
    const early = event('erp', 'credit.approved', 'order/O-1', '09:00')
    const { answers } = scenario({ sources: SOURCES, events: [early, early, captured('O-1', '08:00'), early] })
    expect(answers[0]?.outcome).toBe('parked')
    expect(answers[1]).toMatchObject({ outcome: 'duplicate', first: 'parked', now: undefined })
    expect(answers[3]).toMatchObject({ outcome: 'duplicate', first: 'parked', now: 'accepted' })
  })

  test('[E7] a duplicate tells what became of an event that waited under an unknown number', () => {
    const scan = event('tms', 'shipment.in_transit', 'ref/1Z', '09:00')
    const { answers } = scenario({
      sources: SOURCES,
      events: [
        scan,
        ...readyOrder('O-1'),
        released('O-1', 'S-1', '01:00'),
        event('tms', 'shipment.booked', 'shipment/S-1', '02:00', { carrier: 'UPS', tracking: '1Z' }),
        scan,
      ],
    })
    expect(answers[0]).toMatchObject({ outcome: 'parked', code: 'unknown_subject' })
    expect(answers.at(-1)).toMatchObject({ outcome: 'duplicate', first: 'parked', now: 'accepted' })
  })

  test('[E7] version_conflict settles no id: the same event may be sent again', () => {
    const hold = (expectedversion: number) =>
      event('erp', 'credit.held', 'order/O-1', '09:00', {}, { id: 'hold', expectedversion })
    const { outcomes } = scenario({ sources: SOURCES, events: [captured('O-1', '08:00'), hold(7), hold(1)] })
    expect(outcomes).toEqual(['accepted', 'version_conflict', 'accepted'])
  })
})

describe('expectedVersion', () => {
  test('counts accepted and superseded events, and nothing else', () => {
    const events = [
      captured('O-1', '08:00'),
      event('erp', 'order.accepted', 'order/O-1', '08:10'),
      event('erp', 'order.validated', 'order/O-1', '08:05'),
      event('erp', 'order.rejected', 'order/O-1', '08:20', { reason: 'no' }),
      event('erp', 'credit.held', 'order/O-1', '08:30', {}, { expectedversion: 3 }),
      event('erp', 'credit.released', 'order/O-1', '08:40', {}, { expectedversion: '3' }),
    ]
    const { outcomes } = scenario({ sources: SOURCES, events })
    expect(outcomes).toEqual([
      'accepted',
      'accepted',
      'superseded',
      'not_allowed_in_state',
      'accepted',
      'version_conflict',
    ])
  })

  test('a foreign owner is told so first, a stale version before anything else', () => {
    const stale = { expectedversion: 9 }
    const { outcomes } = scenario({
      sources: SOURCES,
      events: [
        captured('O-1', '08:00'),
        event('wms', 'credit.held', 'order/O-1', '09:00', {}, stale),
        event('erp', 'order.closed', 'order/O-1', '09:00', {}, stale),
      ],
    })
    expect(outcomes).toEqual(['accepted', 'not_owner', 'version_conflict'])
  })
})

describe('[C5] a document counts once', () => {
  const invoice = (amountMinor: number) => ({ invoice: 'I-1', amountMinor, lines: [{ line: '1', quantity: 4 }] })
  const shipped = [
    ...readyOrder('O-1'),
    released('O-1', 'S-1', '01:00'),
    event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'),
  ]

  test('the same number and content under a second id is superseded and changes nothing', () => {
    const { outcomes, world } = scenario({
      sources: SOURCES,
      events: [
        ...shipped,
        event('erp', 'invoice.posted', 'order/O-1', '03:00', invoice(400)),
        event('erp', 'invoice.posted', 'order/O-1', '03:05', invoice(400)),
      ],
    })
    expect(outcomes.slice(-2)).toEqual(['accepted', 'superseded'])
    expect(quantitiesOf(world.family('O-1')).invoiced).toBe(4)
  })

  test('the same number with other content is refused as number_in_use', () => {
    const { answers } = scenario({
      sources: SOURCES,
      events: [
        ...shipped,
        event('erp', 'invoice.posted', 'order/O-1', '03:00', invoice(400)),
        event('erp', 'invoice.posted', 'order/O-1', '03:05', invoice(500)),
      ],
    })
    expect(answers.at(-1)).toMatchObject({ outcome: 'not_allowed_in_state', code: 'number_in_use' })
  })

  const twice: readonly (readonly [string, object, object])[] = [
    ['order.captured', {}, { customer: 'C-9' }],
    ['order.released', {}, { service: 'EXPRESS' }],
  ]
  for (const [type, same, other] of twice)
    test(`${type}: the same again is superseded, another one refused`, () => {
      const world = new MemoryWorld({ sources: SOURCES })
      const make = (data: object) =>
        type === 'order.captured' ? captured('O-1', '00:10', data) : released('O-1', 'S-1', '01:00', 10, data)
      for (const each of readyOrder('O-1')) world.submit(each)
      if (type === 'order.released') expect(world.submit(make({})).outcome).toBe('accepted')
      expect(world.submit(make(same)).outcome).toBe('superseded')
      expect(world.submit(make(other))).toMatchObject({ outcome: 'not_allowed_in_state', code: 'number_in_use' })
    })

  test("a repeated document is still only its owner's to say", () => {
    const { outcomes } = scenario({
      sources: SOURCES,
      events: [captured('O-1', '08:00'), { ...captured('O-1', '08:01'), source: 'edi' }],
    })
    expect(outcomes).toEqual(['accepted', 'not_owner'])
  })

  test('a second goods issue of a shipment is refused when it says something else', () => {
    const again = (quantity: number) =>
      event('wms', 'shipment.confirmed', 'shipment/S-1', '04:00', { lines: [{ line: '1', quantity }] })
    const { answers } = scenario({ sources: SOURCES, events: [...shipped, again(9)] })
    expect(answers.at(-1)).toMatchObject({ code: 'number_in_use' })
  })

  test('pick tasks and cancellations count once by their number', () => {
    const pick = () =>
      event('wms', 'pick.completed', 'shipment/S-1', '01:30', { task: 'T-1', lines: [{ line: '1', quantity: 4 }] })
    const cancel = () =>
      event('erp', 'order.cancelled', 'order/O-1', '00:50', {
        cancellation: 'X-1',
        lines: [{ line: '2', quantity: 1 }],
      })
    const { outcomes, world } = scenario({
      sources: SOURCES,
      events: [
        ...readyOrder('O-1', { lines: [lineOf(10), lineOf(3, '2')] }),
        released('O-1', 'S-1', '01:00'),
        pick(),
        pick(),
        cancel(),
        cancel(),
      ],
    })
    expect(outcomes.slice(-4)).toEqual(['accepted', 'superseded', 'accepted', 'superseded'])
    expect(quantitiesOf(world.family('O-1')).picked).toBe(4)
    expect(quantitiesOf(world.family('O-1'), '2').cancelled).toBe(1)
  })
})
