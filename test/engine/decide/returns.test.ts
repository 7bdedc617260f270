import { describe, expect, test } from 'vitest'
import type { EventInput } from '../../../machines/event.ts'
import { event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { MemoryWorld, quantitiesOf, statesOf } from '../../helpers/memory-world.ts'
import { permutationsOf } from '../../helpers/orderings.ts'

const lines = (quantity: number) => ({ lines: [{ line: '1', quantity }] })
const disposed = (quantity: number, disposition = 'restock') => ({ lines: [{ line: '1', quantity, disposition }] })

const delivered = [
  ...readyOrder('O-1'),
  released('O-1', 'S-1', '01:00'),
  event('tms', 'delivery.completed', 'shipment/S-1', '03:00'),
  event('erp', 'invoice.posted', 'order/O-1', '04:00', { invoice: 'I-1', amountMinor: 1_000, ...lines(10) }),
]
function played(events: readonly EventInput[]) {
  const world = new MemoryWorld({ sources: SOURCES })
  const answers = [...delivered, ...events].map(each => world.submit(each)).slice(delivered.length)
  const states = statesOf(world.family('O-1'))
  const returns = Object.fromEntries(Object.entries(states).filter(([key]) => key.startsWith('return/')))
  return {
    world,
    answers,
    outcomes: answers.map(answer => answer.outcome),
    returns,
    quantities: quantitiesOf(world.family('O-1')),
  }
}

describe('returns', () => {
  test('never more than was delivered', () => {
    const more = event('shop', 'return.initiated', 'order/O-1', '05:00', { return: 'R-1', ...lines(11) })
    expect(played([more]).answers[0]).toMatchObject({ outcome: 'parked', code: 'over_return' })
    const one = (number: string, quantity: number) =>
      event('shop', 'return.initiated', 'order/O-1', '05:00', { return: number, ...lines(quantity) })
    expect(played([one('R-1', 6), one('R-2', 5)]).outcomes).toEqual(['accepted', 'parked'])
    const rejected = event('erp', 'return.rejected', 'return/R-1', '06:00', { reason: 'worn' })
    expect(played([one('R-1', 6), one('R-2', 5), rejected]).returns).toMatchObject({
      'return/R-2': expect.stringMatching(/^initiated/),
    })
  })

  test('a receipt without authorization is recorded, creates the return, and is not creditable until authorized', () => {
    const { answers, outcomes, returns, quantities } = played([
      event('wms', 'return.received', 'order/O-1', '05:00', { receipt: 'RC-1', ...lines(2) }),
      event('wms', 'return.dispositioned', 'return/RC-1', '06:00', disposed(2)),
      event('erp', 'return.credited', 'return/RC-1', '07:00', { memo: 'M-1', amountMinor: 200, ...lines(2) }),
    ])
    expect(outcomes).toEqual(['accepted', 'accepted', 'parked'])
    expect(answers[2]).toMatchObject({
      code: 'not_authorized',
      detail: { waitsFor: { event: 'return.authorized', owner: 'erp' } },
    })
    expect(returns).toEqual({ 'return/RC-1': 'none.dispositioned.none' })
    expect(quantities).toMatchObject({ returned: 2, returning: 2 })
  })

  test('an authorization that names the receipt covers it, and what waited is credited', () => {
    const { returns, quantities } = played([
      event('wms', 'return.received', 'order/O-1', '05:00', { receipt: 'RC-1', ...lines(2) }),
      event('wms', 'return.dispositioned', 'return/RC-1', '06:00', disposed(2)),
      event('erp', 'return.credited', 'return/RC-1', '08:00', { memo: 'M-1', amountMinor: 200, ...lines(2) }),
      event('erp', 'return.authorized', 'order/O-1', '07:00', { rma: 'RMA-1', receipt: 'RC-1' }),
    ])
    expect(returns).toEqual({ 'return/RC-1': 'authorized.dispositioned.credited' })
    expect(quantities.credited).toBe(2)
  })

  test("a receipt that names no return is for the order's one open return", () => {
    const { returns } = played([
      event('shop', 'return.initiated', 'order/O-1', '05:00', { return: 'R-1', ...lines(3) }),
      event('wms', 'return.received', 'order/O-1', '06:00', lines(2)),
      event('wms', 'return.received', 'order/O-1', '07:00', lines(1)),
    ])
    expect(returns).toEqual({ 'return/R-1': 'initiated.received.none' })
  })

  test('[D3] whichever of receipt, authorization and initiation arrives first, they are one return', () => {
    const events = [
      event('shop', 'return.initiated', 'order/O-1', '05:00', { return: 'R-1', ...lines(2) }),
      event('erp', 'return.authorized', 'order/O-1', '06:00', { return: 'R-1', rma: 'RMA-1', receipt: 'RC-1' }),
      event('wms', 'return.received', 'order/O-1', '07:00', { receipt: 'RC-1', ...lines(2) }),
      event('wms', 'return.inspected', 'ref/rma/RMA-1', '08:00'),
    ]
    for (const order of permutationsOf(events)) {
      const { returns, quantities, world } = played(order)
      expect(returns).toEqual({ 'return/R-1': 'authorized.inspected.none' })
      expect(quantities).toMatchObject({ returned: 2, returning: 2 })
      expect(world.family('O-1').parked).toEqual([])
    }
  })

  test('two receipts of one return add up; more goods wait for their own disposition', () => {
    const base = [
      event('shop', 'return.initiated', 'order/O-1', '05:00', { return: 'R-1', ...lines(5) }),
      event('erp', 'return.authorized', 'return/R-1', '05:10', { rma: 'RMA-1' }),
      event('wms', 'return.received', 'return/R-1', '06:00', lines(2)),
      event('wms', 'return.dispositioned', 'return/R-1', '06:30', disposed(2)),
    ]
    expect(played(base).returns).toEqual({ 'return/R-1': 'authorized.dispositioned.due' })
    const more = played([...base, event('wms', 'return.received', 'return/R-1', '07:00', lines(3))])
    expect(more.returns).toEqual({ 'return/R-1': 'authorized.inspected.due' })
    const over = event('wms', 'return.dispositioned', 'return/R-1', '08:00', disposed(4))
    expect(played([...base, over]).answers.at(-1)).toMatchObject({ outcome: 'parked', code: 'not_received' })
  })

  test('credited never exceeds dispositioned, nor what was invoiced', () => {
    const base = [
      event('shop', 'return.initiated', 'order/O-1', '05:00', { return: 'R-1', ...lines(5) }),
      event('erp', 'return.authorized', 'return/R-1', '05:10', { rma: 'RMA-1' }),
      event('wms', 'return.received', 'return/R-1', '06:00', lines(5)),
      event('wms', 'return.dispositioned', 'return/R-1', '06:30', disposed(3, 'scrap')),
    ]
    const credit = (quantity: number, amountMinor: number) =>
      event('erp', 'return.credited', 'return/R-1', '07:00', { memo: 'M-1', amountMinor, ...lines(quantity) })
    expect(played([...base, credit(4, 1)]).answers.at(-1)).toMatchObject({
      outcome: 'parked',
      code: 'not_dispositioned',
    })
    expect(played([...base, credit(3, 1_001)]).answers.at(-1)).toMatchObject({ outcome: 'parked', code: 'over_credit' })
    expect(played([...base, credit(3, 300)]).returns).toEqual({ 'return/R-1': 'authorized.inspected.credited' })
  })

  test('a return closes when nothing received waits for disposition or credit; nothing follows', () => {
    const close = event('erp', 'return.closed', 'return/R-1', '09:00')
    const { outcomes, returns, answers } = played([
      event('shop', 'return.initiated', 'order/O-1', '05:00', { return: 'R-1', ...lines(2) }),
      event('erp', 'return.authorized', 'return/R-1', '05:10', { rma: 'RMA-1' }),
      event('wms', 'return.received', 'return/R-1', '06:00', lines(2)),
      close,
      event('wms', 'return.dispositioned', 'return/R-1', '06:30', disposed(2)),
      event('erp', 'return.credited', 'return/R-1', '07:00', { memo: 'M-1', amountMinor: 200, ...lines(2) }),
      event('wms', 'return.received', 'return/R-1', '10:00', lines(1)),
    ])
    expect(outcomes).toEqual([
      'accepted',
      'accepted',
      'accepted',
      'parked',
      'accepted',
      'accepted',
      'not_allowed_in_state',
    ])
    expect(answers.at(-1)?.code).toBe('return_closed')
    expect(returns).toEqual({ 'return/R-1': 'authorized.dispositioned.closed' })
  })

  test('[§4] of a closed return only what came back counts: what it asked for beside makes room, for who waits too', () => {
    const initiated = (number: string, quantity: number, time: string) =>
      event('shop', 'return.initiated', 'order/O-1', time, { return: number, ...lines(quantity) })
    const first = [
      initiated('R-1', 8, '05:00'),
      event('erp', 'return.authorized', 'return/R-1', '05:10', { rma: 'RMA-1' }),
      event('wms', 'return.received', 'return/R-1', '06:00', lines(2)),
      event('wms', 'return.dispositioned', 'return/R-1', '06:10', disposed(2)),
      event('erp', 'return.credited', 'return/R-1', '06:20', { memo: 'M-1', amountMinor: 200, ...lines(2) }),
    ]
    const closed = event('erp', 'return.closed', 'return/R-1', '07:00')
    const second = [
      initiated('R-2', 5, '08:00'),
      event('wms', 'return.received', 'order/O-1', '09:00', { return: 'R-2', ...lines(5) }),
    ]
    const counted = { returned: 7, returning: 7 }
    const inTime = played([...first, closed, ...second])
    expect(inTime.outcomes.slice(-2)).toEqual(['accepted', 'accepted'])
    expect(inTime.quantities).toMatchObject(counted)
    const late = played([...first, ...second, closed])
    expect(late.outcomes.slice(-3)).toEqual(['parked', 'parked', 'accepted'])
    expect([late.quantities, late.returns]).toEqual([inTime.quantities, inTime.returns])
    const more = played([...first, closed, ...second, initiated('R-3', 4, '10:00')])
    expect(more.answers.at(-1)).toMatchObject({ outcome: 'parked', code: 'over_return' })
  })

  test('[§4] of a rejected return only what came back counts', () => {
    const { outcomes, quantities } = played([
      event('shop', 'return.initiated', 'order/O-1', '05:00', { return: 'R-1', ...lines(8) }),
      event('wms', 'return.received', 'return/R-1', '06:00', lines(2)),
      event('erp', 'return.rejected', 'return/R-1', '07:00', { reason: 'worn' }),
      event('shop', 'return.initiated', 'order/O-1', '08:00', { return: 'R-2', ...lines(8) }),
    ])
    expect(outcomes).toEqual(['accepted', 'accepted', 'accepted', 'accepted'])
    expect(quantities).toMatchObject({ returned: 2, returning: 10 })
  })
})
