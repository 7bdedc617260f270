import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../connectors/simulated/random.ts'
import { sourcesOf } from '../../engine/card/freshness.ts'
import { DEFAULT_POLICIES } from '../../engine/deadlines/policies.ts'
import { msAt } from '../helpers/desk.ts'
import { captured, event, lineOf, readyOrder, released, SOURCES } from '../helpers/distributor.ts'
import { openMemoryEngine } from '../helpers/memory-engine.ts'
import { endOf, heard, shuffled } from '../helpers/orderings.ts'
import { story } from '../helpers/story.ts'

const DAY = 1_440

describe('SCN-12 a stream is delayed, a system is down, stock cannot be asked', () => {
  it('what comes from others waits, somebody is told, and all of it applies by itself once the ERP is back', () => {
    const tale = story()
    tale.says(captured('A1', '00:10'))
    // The ERP's link is down. The warehouse was told by telephone and works; the carrier scans.
    expect(
      tale.hears(event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', { carrier: 'UPS', tracking: '1Z' })),
    ).toContain('parked')
    expect(tale.hears(event('ups', 'shipment.in_transit', 'ref/tracking/1Z', '03:00'))).toContain('parked')
    expect(tale.desk.kinds('ref:S-1', '02:15')).toEqual(['unknown_subject'])
    expect(tale.open('A1', '05:00')).toEqual(['late_acceptance'])
    expect(tale.desk.kinds('ref:S-1', DAY + 120)).toEqual(['parked_too_long', 'unknown_subject'])
    const freshness = sourcesOf(tale.desk.facts('A1'), {
      nowMs: msAt(3 * DAY),
      policies: DEFAULT_POLICIES,
      heard: SOURCES.map(source => ({ source })),
    })
    expect(freshness.map(({ isStale, source }) => [source, isStale])).toEqual([['shop', true]])
    tale.desk.world.nowMs = msAt('05:30')
    // It comes back and sends what it has, as it happened.
    tale.says(
      event('erp', 'credit.approved', 'order/A1', '00:30'),
      event('erp', 'order.accepted', 'order/A1', '00:40'),
      released('A1', 'S-1', '01:00'),
    )
    expect([tale.shipment('A1', 'S-1'), tale.quantity('A1', 'shipped')]).toEqual(['in_transit', 10])
    expect(tale.open('A1', '06:00')).toEqual([])
    expect(['ref:S-1', 'ref:1Z'].flatMap(family => tale.desk.kinds(family, 3 * DAY))).toEqual([])
    expect(
      tale.desk.history('A1', '06:00').map(({ exception, isRefuted }) => [exception.kind, isRefuted]),
    ).toContainEqual(['late_acceptance', true])
  })
})

describe('SCN-13 an EDI file twice, a retry storm, a repeated webhook', () => {
  const said = [
    ...readyOrder('A1', { poNumber: 'PO-9' }),
    released('A1', 'S-1', '01:00'),
    event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', { carrier: 'UPS', tracking: '1Z' }),
    event('erp', 'invoice.posted', 'order/A1', '03:00', {
      invoice: 'I-1',
      amountMinor: 1_000,
      lines: [{ line: '1', quantity: 10 }],
    }),
  ]

  it.each([1, 2, 3])(
    'no second shipment and no second invoice, however often and in whatever order (seed %i)',
    seed => {
      const storm = shuffled([...said, ...said, ...said, ...said], seededRandom(seed))
      expect(endOf(heard(storm))).toEqual(endOf(heard(said)))
    },
  )

  it('the same documents under new event ids count once too', () => {
    const tale = story()
    tale.says(...said)
    const again = said.map((each, index) => ({ ...each, id: `again-${index}` }))
    for (const each of again) expect(tale.hears(each)).not.toBe('accepted')
    expect([tale.quantity('A1', 'released'), tale.quantity('A1', 'shipped'), tale.quantity('A1', 'invoiced')]).toEqual([
      10, 10, 10,
    ])
    expect(tale.card('A1', '04:00').shipments).toHaveLength(1)
  })

  it('the same number with other content is refused, and somebody is told', () => {
    const tale = story()
    tale.says(...said)
    const other = event('erp', 'invoice.posted', 'order/A1', '04:00', {
      invoice: 'I-1',
      amountMinor: 9_999,
      lines: [{ line: '1', quantity: 10 }],
    })
    expect(tale.hears(other)).toBe('not_allowed_in_state number_in_use')
    expect(tale.open('A1', '04:00')).toEqual(['refused_event'])
    expect(tale.quantity('A1', 'invoiced')).toBe(10)
  })
})

describe('SCN-14 a promotion, the end of the month, and a large EDI batch at once', () => {
  it('what does not fit is answered overloaded, sent again, and nothing is lost or doubled', async () => {
    const { engine } = await openMemoryEngine({
      limits: { eventsMax: 60, eventsPerSourceMax: 30 },
      nowMs: msAt('12:00'),
    })
    const orders = Array.from({ length: 50 }, (_, index) => captured(`O-${index}`, '00:10', { lines: [lineOf(5)] }))
    const edi = Array.from({ length: 40 }, (_, index) =>
      event('edi', 'order.captured', `order/E-${index}`, '00:20', {
        customer: 'C-2',
        currency: 'USD',
        lines: [lineOf(5)],
      }),
    )
    const results: string[] = []
    let waiting: readonly (typeof orders)[number][] = [...orders, ...edi]
    for (let round = 0; round < 10 && waiting.length > 0; round++) {
      const outcomes = await engine.submit(waiting)
      results.push(...outcomes.map(({ outcome }) => outcome))
      waiting = waiting.filter((_, index) => outcomes[index]?.outcome === 'overloaded')
    }
    expect(waiting).toEqual([])
    expect(results.filter(outcome => outcome === 'accepted')).toHaveLength(90)
    expect(results).toContain('overloaded')
    expect(engine.orders({}, { by: 'number', descending: false }, { first: 200 }).totalCount).toBe(90)
    await engine.close()
  })
})
