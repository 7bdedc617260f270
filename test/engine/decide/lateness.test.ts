import { describe, expect, test } from 'vitest'
import { captured, event, lineOf, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { MemoryWorld, orderOf, quantitiesOf, scenario, statesOf } from '../../helpers/memory-world.ts'

const lifecycle = (world: MemoryWorld) => world.family('O-1').actors.order?.state.split('.')[0]

describe('[C2] legal then or since', () => {
  test('a release of 10:00 stands though the hold of 10:05 arrived first', () => {
    const { outcomes, world } = scenario({
      sources: SOURCES,
      events: [
        ...readyOrder('O-1'),
        event('erp', 'credit.held', 'order/O-1', '10:05'),
        released('O-1', 'S-1', '10:00'),
        released('O-1', 'S-2', '10:06', 1),
      ],
    })
    expect(outcomes.slice(-3)).toEqual(['accepted', 'accepted', 'parked'])
    expect(statesOf(world.family('O-1'))).toEqual({
      order: 'accepted.held.released.unbilled',
      'shipment/EAST/S-1': 'released.off.off.off.off',
    })
  })

  test('a release during a hold goes out when the hold ends', () => {
    const { answers, world } = scenario({
      sources: SOURCES,
      events: [
        ...readyOrder('O-1'),
        event('erp', 'credit.held', 'order/O-1', '09:00'),
        released('O-1', 'S-1', '10:00'),
        event('erp', 'credit.released', 'order/O-1', '11:00'),
      ],
    })
    expect(answers.at(-2)).toMatchObject({ outcome: 'parked', code: 'credit_held' })
    expect(answers.at(-2)?.detail.waitsFor).toEqual({ event: 'credit.released', owner: 'erp' })
    expect(answers.at(-1)?.entries.map(entry => [entry.event.type, entry.verdict])).toEqual([
      ['credit.released', 'accepted'],
      ['order.released', 'accepted'],
    ])
    expect(world.family('O-1').parked).toEqual([])
  })

  test("the customer's amendment of 9:00 stands though the release of 9:30 arrived first", () => {
    const { outcomes, world } = scenario({
      sources: SOURCES,
      events: [
        ...readyOrder('O-1'),
        released('O-1', 'S-1', '09:30'),
        event('shop', 'order.amended', 'order/O-1', '09:00', { lines: [{ line: '1', quantity: 12 }] }),
        event('shop', 'order.amended', 'order/O-1', '09:31', { lines: [{ line: '1', quantity: 13 }] }),
      ],
    })
    expect(outcomes.slice(-2)).toEqual(['accepted', 'not_owner'])
    expect(quantitiesOf(world.family('O-1'))).toMatchObject({ ordered: 12, released: 10 })
  })

  test('what happened before the order was closed may still be told', () => {
    const lines = { lines: [{ line: '1', quantity: 10 }] }
    const { outcomes } = scenario({
      sources: SOURCES,
      events: [
        ...readyOrder('O-1'),
        released('O-1', 'S-1', '01:00'),
        event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'),
        event('tms', 'delivery.completed', 'shipment/S-1', '03:00'),
        event('erp', 'invoice.posted', 'order/O-1', '04:00', { invoice: 'I-1', amountMinor: 1, ...lines }),
        event('erp', 'order.closed', 'order/O-1', '05:00'),
        event('shop', 'order.change_requested', 'order/O-1', '04:30', { ask: 'A-1' }),
        event('shop', 'order.change_requested', 'order/O-1', '05:30', { ask: 'A-2' }),
      ],
    })
    expect(outcomes.slice(-3)).toEqual(['accepted', 'accepted', 'not_allowed_in_state'])
  })

  test('limits are judged as of then: the return asked for before the loss stands', () => {
    const { outcomes } = scenario({
      sources: SOURCES,
      events: [
        ...readyOrder('O-1'),
        released('O-1', 'S-1', '01:00', 6),
        event('erp', 'order.cancelled', 'order/O-1', '03:00', { lines: [{ line: '1', quantity: 4 }] }),
        event('erp', 'order.amended', 'order/O-1', '02:00', { lines: [{ line: '1', quantity: 6 }] }),
      ],
    })
    // At 02:00 only 6 were released; the cancellation of 03:00 could not forbid the amendment.
    expect(outcomes.slice(-2)).toEqual(['accepted', 'accepted'])
  })
})

describe('[C3] facts add up', () => {
  test('the furthest step counts and implies those before it', () => {
    const { outcomes, world } = scenario({
      sources: SOURCES,
      events: [
        ...readyOrder('O-1'),
        released('O-1', 'S-1', '01:00'),
        event('wms', 'shipment.confirmed', 'shipment/S-1', '05:00'),
        event('wms', 'shipment.acknowledged', 'shipment/S-1', '02:00'),
        event('wms', 'pick.completed', 'shipment/S-1', '03:00', { lines: [{ line: '1', quantity: 9 }] }),
      ],
    })
    expect(outcomes.slice(-3)).toEqual(['accepted', 'superseded', 'superseded'])
    expect(statesOf(world.family('O-1'))['shipment/EAST/S-1']).toBe('shipped.off.off.off.off')
    expect(orderOf(world.family('O-1')).milestones.picked).toBeDefined()
  })

  test("a carrier's scan means that all but the shorts has left", () => {
    const { world } = scenario({
      sources: SOURCES,
      events: [
        ...readyOrder('O-1'),
        released('O-1', 'S-1', '01:00'),
        event('wms', 'pick.short', 'shipment/S-1', '02:00', { lines: [{ line: '1', quantity: 3 }] }),
        event('tms', 'shipment.in_transit', 'shipment/S-1', '05:00'),
      ],
    })
    expect(quantitiesOf(world.family('O-1'))).toMatchObject({ released: 7, shipped: 7 })
  })

  const settings: readonly (readonly [string, readonly string[], string])[] = [
    ['hold then release', ['credit.held 09:00', 'credit.released 10:00'], 'approved'],
    ['release then hold', ['credit.held 10:00', 'credit.released 09:00'], 'held'],
    ['three', ['credit.released 11:00', 'credit.held 10:00', 'credit.approved 09:00'], 'approved'],
  ]
  for (const [name, said, expected] of settings)
    test(`of settings the latest place counts: ${name}`, () => {
      const events = said.map(each => event('erp', each.slice(0, -6) as 'credit.held', 'order/O-1', each.slice(-5)))
      for (const order of [events, events.toReversed()]) {
        const { world } = scenario({ sources: SOURCES, events: [captured('O-1', '08:00'), ...order] })
        expect(world.family('O-1').actors.order?.state.split('.')[1]).toBe(expected)
      }
    })

  test('an amendment whose fields were all set later is superseded', () => {
    const amend = (time: string, quantity: number) =>
      event('shop', 'order.amended', 'order/O-1', time, { lines: [{ line: '1', quantity }] })
    const { outcomes, world } = scenario({
      sources: SOURCES,
      events: [captured('O-1', '08:00'), amend('10:00', 20), amend('09:00', 15)],
    })
    expect(outcomes).toEqual(['accepted', 'accepted', 'superseded'])
    expect(quantitiesOf(world.family('O-1')).ordered).toBe(20)
  })
})

describe('[C4] wait, then refuse', () => {
  test('before its order is known anything waits', () => {
    const { answers, world } = scenario({
      sources: SOURCES,
      events: [event('erp', 'order.accepted', 'order/O-1', '09:00'), captured('O-1', '08:00')],
    })
    expect(answers[0]).toMatchObject({ outcome: 'parked', code: 'unknown_subject' })
    expect(answers[0]?.detail.waitsFor).toEqual({ event: 'order.captured', owner: 'channel' })
    expect(lifecycle(world)).toBe('accepted')
  })

  const gates: readonly (readonly [string, readonly number[], string, string])[] = [
    ['before credit is approved', [0, 1, 3], 'credit_not_approved', 'credit.approved'],
    ['before acceptance', [0, 1, 2], 'order_not_accepted', 'order.accepted'],
  ]
  for (const [name, known, code, waitsFor] of gates)
    test(`order.released ${name} waits, names what for, and goes out by itself`, () => {
      const ready = readyOrder('O-1')
      const world = new MemoryWorld({ sources: SOURCES })
      for (const index of known) world.submit(ready[index]!)
      const answer = world.submit(released('O-1', 'S-1', '01:00'))
      expect(answer).toMatchObject({ outcome: 'parked', code, detail: { waitsFor: { event: waitsFor, owner: 'erp' } } })
      for (const [index, each] of ready.entries()) if (!known.includes(index)) world.submit(each)
      expect(world.family('O-1').actors.get('shipment/EAST/S-1')).toBeDefined()
      expect(world.family('O-1').parked).toEqual([])
    })

  test('a release over the ordered quantity waits for room', () => {
    const world = new MemoryWorld({ sources: SOURCES })
    for (const each of readyOrder('O-1')) world.submit(each)
    expect(world.submit(released('O-1', 'S-1', '01:00', 8)).outcome).toBe('accepted')
    expect(world.submit(released('O-1', 'S-2', '02:00', 5))).toMatchObject({ outcome: 'parked', code: 'over_release' })
    const short = event('wms', 'pick.short', 'shipment/S-1', '03:00', { lines: [{ line: '1', quantity: 3 }] })
    expect(world.submit(short).outcome).toBe('accepted')
    expect(quantitiesOf(world.family('O-1')).released).toBe(10)
    expect(world.family('O-1').parked).toEqual([])
  })

  const impossible: readonly (readonly [string, ReturnType<typeof event>[], string])[] = [
    [
      'a rejected order is accepted',
      [
        event('erp', 'order.rejected', 'order/O-1', '08:10', { reason: 'no' }),
        event('erp', 'order.accepted', 'order/O-1', '08:20'),
      ],
      'order_rejected',
    ],
    [
      'an accepted order is rejected',
      [
        event('erp', 'order.accepted', 'order/O-1', '08:10'),
        event('erp', 'order.rejected', 'order/O-1', '08:20', { reason: 'no' }),
      ],
      'order_accepted',
    ],
    [
      'a rejected order is amended',
      [
        event('erp', 'order.rejected', 'order/O-1', '08:10', { reason: 'no' }),
        event('shop', 'order.amended', 'order/O-1', '08:20', { promisedAt: '2026-12-01' }),
      ],
      'order_rejected',
    ],
  ]
  for (const [name, events, code] of impossible)
    test(`${name}: not_allowed_in_state`, () => {
      const { answers } = scenario({ sources: SOURCES, events: [captured('O-1', '08:00'), ...events] })
      expect(answers.at(-1)).toMatchObject({ outcome: 'not_allowed_in_state', code })
    })

  test('[D3] a refusal turns when a fact from before it arrives and shows that it was right', () => {
    // The ship-to is locked once all has left; the amendment of 01:30 shows that not all had.
    const shipTo = { city: 'Boston' }
    const events = [
      ...readyOrder('O-1'),
      released('O-1', 'S-1', '01:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'),
      event('erp', 'order.amended', 'order/O-1', '03:00', { shipTo }),
    ]
    const more = event('erp', 'order.amended', 'order/O-1', '01:30', { lines: [{ line: '1', quantity: 12 }] })
    const { answers, world } = scenario({ sources: SOURCES, events: [...events, more, events.at(-1)!] })
    expect(answers.at(-3)).toMatchObject({ outcome: 'not_allowed_in_state', code: 'locked_fields' })
    expect(answers.at(-2)?.entries.map(entry => entry.verdict)).toEqual(['accepted', 'accepted'])
    expect(answers.at(-1)).toMatchObject({ outcome: 'duplicate', first: 'not_allowed_in_state', now: 'accepted' })
    expect(orderOf(world.family('O-1')).shipTo).toEqual(shipTo)
  })

  test('locked fields are refused together, and all of them are listed', () => {
    const world = new MemoryWorld({ sources: SOURCES })
    const unitPrice = { amount: '1.00', per: 1 }
    const lines = [{ ...lineOf(10), unitPrice }, lineOf(5, '2')]
    for (const each of readyOrder('O-1', { lines })) world.submit(each)
    world.submit(released('O-1', 'S-1', '01:00', 10))
    world.submit(event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'))
    world.submit(
      event('erp', 'invoice.posted', 'order/O-1', '03:00', {
        invoice: 'I-1',
        amountMinor: 1,
        lines: [{ line: '1', quantity: 10 }],
      }),
    )
    const amend = (data: object) => world.submit(event('erp', 'order.amended', 'order/O-1', '04:00', data))
    const answer = amend({
      customer: 'C-2',
      currency: 'EUR',
      promisedAt: '2026-12-24',
      lines: [
        { line: '1', item: 'OTHER', unit: 'CA', unitPrice: { amount: '2.00' }, shipTo: { city: 'Rome' } },
        { line: '2', item: 'OTHER', unit: 'CA' },
      ],
    })
    expect(answer).toMatchObject({ outcome: 'not_allowed_in_state', code: 'locked_fields' })
    expect(answer.detail.locked).toEqual([
      'customer',
      'currency',
      'lines.1.item',
      'lines.1.unit',
      'lines.1.unitPrice',
      'lines.1.shipTo',
    ])
    expect(orderOf(world.family('O-1')).promisedAt).toBeUndefined()
    // The value a field already has is no change.
    expect(amend({ customer: 'C-1', lines: [{ line: '1', item: 'SKU-1', unitPrice }] }).outcome).toBe('accepted')
    expect(amend({ lines: [{ line: '2', item: 'OTHER' }] }).outcome).toBe('accepted')
  })
})
