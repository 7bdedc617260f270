import { describe, expect, it } from 'vitest'
import { msAt } from '../helpers/desk.ts'
import { at, event, lineOf, readyOrder, released } from '../helpers/distributor.ts'
import { nextActionsOf, type World, world } from './graph-clients.ts'

const rowsOf = (query: World['query']) => nextActionsOf(query, 'owner blockedBy { code }')

describe('next actions', () => {
  it('[Q6] have what an open exception asks for: the amended date of a line confirmed', async () => {
    const { query, twin } = await world([
      ...readyOrder('A1'),
      released('A1', 'S-1', '00:50'),
      event('erp', 'order.amended', 'order/A1', '00:51', { lines: [{ line: '1', promisedAt: at(3_000) }] }),
    ])
    twin.clock.nowMs = msAt('01:00')
    const { data } = await query('{ order(ref: "A1") { exceptions { kind action { event } } } }')
    expect(data.order.exceptions).toContainEqual({
      kind: 'stale_instruction',
      action: { event: 'shipment.amended' },
    })
    const rows = await rowsOf(query)
    expect(rows.get('shipment/S-1 shipment.amended')).toMatchObject({ owner: 'node', blockedBy: [] })
  })

  it('[Q6] have a failed validation as long as it would be told: until all has left', async () => {
    const { twin, query } = await world(readyOrder('A1'))
    const failed = 'order/A1 order.validation_failed'
    expect((await rowsOf(query)).has(failed)).toBe(true)
    await twin.submit([released('A1', 'S-1', '01:00'), event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00')])
    expect((await rowsOf(query)).has(failed)).toBe(false)
  })

  it.each([
    ['accepted', 4],
    ['validated', 2],
  ])(
    '[Q6] have a validation of an order that was %s and failed since: as a late fact it closes what is told',
    async (_, known) => {
      const { twin, query } = await world(readyOrder('A1').slice(0, known))
      const next = 'order/A1 order.validated'
      expect((await rowsOf(query)).has(next)).toBe(false)
      await twin.submit([event('erp', 'order.validation_failed', 'order/A1', '00:50', { reasons: ['master_data'] })])
      twin.clock.nowMs = msAt('01:00')
      const kinds = async () =>
        (await query('{ order(ref: "A1") { exceptions { kind } } }')).data.order.exceptions.map(
          ({ kind }: { kind: string }) => kind,
        )
      expect([await kinds(), (await rowsOf(query)).get(next)]).toMatchObject([
        ['validation_failed'],
        { owner: 'erp', blockedBy: [] },
      ])
      const [outcome] = await twin.submit([event('erp', 'order.validated', 'order/A1', '00:55')])
      expect(outcome).toMatchObject({ outcome: 'superseded' })
      expect([await kinds(), (await rowsOf(query)).has(next)]).toEqual([[], false])
    },
  )

  it('[Q6] are none of a return that one memo has credited whole', async () => {
    const lines = [{ line: '1', quantity: 2 }]
    const { twin, query } = await world([
      ...readyOrder('A1'),
      released('A1', 'S-1', '01:00'),
      event('tms', 'delivery.completed', 'shipment/S-1', '03:00'),
      event('erp', 'invoice.posted', 'order/A1', '03:30', { invoice: 'I-1', amountMinor: 1_000, lines: [lineOf(10)] }),
      event('shop', 'return.initiated', 'order/A1', '04:00', { return: 'R-1', lines }),
      event('erp', 'return.authorized', 'return/R-1', '04:10', { rma: 'RMA-1' }),
      event('wms', 'return.received', 'return/R-1', '05:00', { lines }),
      event('wms', 'return.dispositioned', 'return/R-1', '05:10', { lines: [{ ...lines[0], disposition: 'scrap' }] }),
    ])
    expect((await rowsOf(query)).has('return/R-1 return.credited')).toBe(true)
    await twin.submit([event('erp', 'return.credited', 'return/R-1', '06:00', { memo: 'M-1', amountMinor: 200 })])
    expect((await rowsOf(query)).has('return/R-1 return.credited')).toBe(false)
  })

  it.each([
    ['left beyond what was ordered and is not invoiced yet', 12, 10, true],
    ['left within what the line may fall short, and is invoiced', 9, 9, false],
    ['may still leave', 5, 5, true],
  ])('[Q6] have an invoice where goods %s: %s', async (_, shipped, invoiced, isOffered) => {
    const terms = { overTolerancePercent: 20, underTolerancePercent: 10 }
    const of = (quantity: number) => ({ lines: [{ line: '1', quantity }] })
    const { query } = await world([
      ...readyOrder('A1', { terms }),
      released('A1', 'S-1', '01:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', of(shipped)),
      event('erp', 'invoice.posted', 'order/A1', '03:00', { invoice: 'I-1', amountMinor: 1_000, ...of(invoiced) }),
    ])
    expect((await rowsOf(query)).has('order/A1 invoice.posted')).toBe(isOffered)
  })
})
