// What settles an exception, and what does not.
import { describe, expect, it } from 'vitest'
import { nextSteps } from '../../../engine/card/next-steps.ts'
import { DEFAULT_POLICIES } from '../../../engine/deadlines/policies.ts'
import { conditionsOf } from '../../../engine/exceptions/exceptions.ts'
import { isAtRest } from '../../../engine/retiring/at-rest.ts'
import type { EventInput } from '../../../machines/event.ts'
import { type Desk, desk } from '../../helpers/desk.ts'
import { captured, event, lineOf, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'

const LATER = 40 * 1_440
const around = { policies: DEFAULT_POLICIES }
const of = (quantity: number) => ({ lines: [{ line: '1', quantity }] })
const ORDER = 'order/A1'
const RETURN = 'return/R-1'
const confirmed = (shipment: string, time: string, data: object = {}) =>
  event('wms', 'shipment.confirmed', `shipment/${shipment}`, time, data)
const delivered = (shipment: string, time: string, data: object = {}) =>
  event('tms', 'delivery.completed', `shipment/${shipment}`, time, data)
const invoiced = event('erp', 'invoice.posted', ORDER, '03:10', { invoice: 'I-1', amountMinor: 1_000, ...of(10) })
const sold = [...readyOrder('A1'), released('A1', 'S-1', '01:00'), confirmed('S-1', '02:00'), delivered('S-1', '03:00')]
const received = (time: string, quantity: number) => event('wms', 'return.received', RETURN, time, of(quantity))
const dispositioned = (time: string, quantity: number) =>
  event('wms', 'return.dispositioned', RETURN, time, { lines: [{ line: '1', quantity, disposition: 'restock' }] })
const credited = (time: string, memo: string, data: object) =>
  event('erp', 'return.credited', RETURN, time, { memo, amountMinor: 100, ...data })
const authorized = (quantity: number) => [
  event('shop', 'return.initiated', ORDER, '04:00', { return: 'R-1', ...of(quantity) }),
  event('erp', 'return.authorized', RETURN, '04:10', { rma: 'RMA-1' }),
]

const awaited = (told: Desk) => {
  const facts = told.facts('A1')
  const { steppers } = told.world
  return nextSteps(facts, { steppers, sources: SOURCES, conditions: conditionsOf(facts, around) })
}

describe('a return that was received', () => {
  const back = () => {
    const told = desk()
    told.say(...sold, invoiced, ...authorized(10), received('04:20', 10))
    return told
  }

  it('[X1] is not credited while any of it is not, and the card asks for the credit', () => {
    const told = back()
    told.say(dispositioned('04:30', 10), credited('04:40', 'M-1', of(1)))
    expect(told.open('A1', LATER)).toMatchObject([
      { kind: 'received_not_credited', detail: 'return R-1 was received and is credited in part: 1 of 10' },
    ])
    expect(awaited(told).map(({ blockedBy, event }) => [event, blockedBy])).toContainEqual(['return.credited', []])
    told.say(credited('04:50', 'M-2', of(9)))
    expect(told.kinds('A1', LATER)).toEqual([])
    expect(awaited(told).map(({ blockedBy, event }) => [event, blockedBy])).toContainEqual(['return.closed', []])
  })

  it('[X1] is credited by a memo that names no quantities', () => {
    const told = back()
    told.say(dispositioned('04:30', 10), credited('04:40', 'M-1', {}))
    expect(told.kinds('A1', LATER)).toEqual([])
    expect(awaited(told).map(({ event }) => event)).toContain('return.closed')
  })
})

describe('a receipt nobody authorized', () => {
  const unauthorized = (...before: readonly EventInput[]) => {
    const told = desk()
    told.say(...sold, invoiced, event('erp', 'payment.received', ORDER, '03:11', { payment: 'P', amountMinor: 1_000 }))
    told.say(event('erp', 'order.closed', ORDER, '03:12'), ...before)
    told.say(event('wms', 'return.received', ORDER, '04:20', { return: 'R-1', ...of(2) }))
    expect(told.kinds('A1', '04:30')).toEqual(['unauthorized_receipt'])
    return told
  }
  const rejected = (time: string) => event('erp', 'return.rejected', RETURN, time, { reason: 'worn' })

  it('[X1] is settled by a rejection too, and its order comes to rest once the return is closed', () => {
    const told = unauthorized()
    told.say(rejected('05:10'))
    expect(told.kinds('A1', LATER)).toEqual([])
    expect(isAtRest(told.facts('A1'), around)).toBe(false)
    told.say(dispositioned('05:20', 2), event('erp', 'return.closed', RETURN, '05:30'))
    expect([told.kinds('A1', LATER), isAtRest(told.facts('A1'), around)]).toEqual([[], true])
  })

  it('[X1] is not settled by a rejection of before, but by closing the return', () => {
    const initiated = event('shop', 'return.initiated', ORDER, '04:00', { return: 'R-1', ...of(2) })
    const told = unauthorized(initiated, rejected('04:10'))
    expect(told.kinds('A1', LATER)).toEqual(['unauthorized_receipt'])
    told.say(dispositioned('05:20', 2), event('erp', 'return.closed', RETURN, '05:30'))
    expect(told.kinds('A1', LATER)).toEqual([])
  })
})

describe('a quantity conflict', () => {
  const conflict = (told: Desk, clock: string | number) =>
    told.open('A1', clock).filter(({ kind }) => kind === 'quantity_conflict')

  it('[X1] does not end because more than is wanted leaves, but when it came back', () => {
    const told = desk()
    told.say(...readyOrder('A1'), released('A1', 'S-1', '01:00'))
    told.say(event('erp', 'order.cancelled', ORDER, '00:50', of(5)))
    const before = conflict(told, '01:30')
    expect(before.map(({ detail }) => detail)).toEqual(['line 1: released 10 of 5'])
    told.say(confirmed('S-1', '02:00'), delivered('S-1', '03:00'))
    expect(conflict(told, LATER)).toEqual(before)
    told.say(event('shop', 'return.initiated', ORDER, '04:00', { return: 'R-1', ...of(5) }), received('05:00', 5))
    expect(conflict(told, LATER)).toEqual([])
  })

  it('[X1] is none where no more left than is tolerated, in one shipment or several', () => {
    const told = desk()
    told.say(...readyOrder('A1', { terms: { overTolerancePercent: 20 } }))
    told.say(released('A1', 'S-1', '01:00', 5), released('A1', 'S-2', '01:10', 5))
    told.say(confirmed('S-1', '02:00', of(6)))
    expect(conflict(told, LATER)).toEqual([])
    told.say(confirmed('S-2', '02:10', of(6)), delivered('S-1', '03:00'), delivered('S-2', '03:10'))
    expect(conflict(told, LATER)).toEqual([])
  })

  it('[X1] is what was lost, replaced, and arrived after all', () => {
    const told = desk()
    told.say(...readyOrder('A1'), released('A1', 'S-1', '01:00'), confirmed('S-1', '02:00'))
    told.say(event('tms', 'shipment.lost', 'shipment/S-1', '03:00'), released('A1', 'S-2', '03:10'))
    told.say(confirmed('S-2', '04:00'), delivered('S-2', '05:00'))
    expect(conflict(told, LATER)).toEqual([])
    told.say(delivered('S-1', '06:00'))
    expect(told.open('A1', '05:59').filter(({ kind }) => kind === 'quantity_conflict')).toEqual([])
    expect(conflict(told, '06:00').map(({ detail }) => detail)).toEqual(['line 1: released 20 of 10'])
  })

  it('[X1] is what its source corrects beyond the shipment, or beyond what left of it, though the order wants more', () => {
    const told = desk()
    const issue = confirmed('S-1', '02:00', of(9))
    const proof = delivered('S-1', '03:00', of(9))
    told.say(...readyOrder('A1', { lines: [lineOf(200)] }), released('A1', 'S-1', '01:00'), issue, proof)
    expect(conflict(told, LATER)).toEqual([])
    const corrected = (quantity: number, time: string) =>
      event('wms', 'correction.reported', 'shipment/S-1', time, { event: issue.id, data: of(quantity) })
    told.say(corrected(100, '03:30'))
    expect(conflict(told, LATER).map(({ detail }) => detail)).toEqual(['line 1: 100 of 10 left with S-1'])
    told.say(corrected(8, '03:40'))
    expect(conflict(told, LATER).map(({ detail }) => detail)).toEqual(['line 1: 9 of 8 delivered of S-1'])
    told.say(corrected(10, '03:50'))
    expect(conflict(told, LATER)).toEqual([])
  })
})

describe('a credit', () => {
  const returned = [
    ...readyOrder('A1'),
    released('A1', 'S-1', '01:00', 5),
    released('A1', 'S-2', '01:05', 5),
    confirmed('S-1', '02:00'),
    confirmed('S-2', '02:00'),
    delivered('S-1', '03:00'),
    invoiced,
    ...authorized(5),
    received('04:20', 5),
    dispositioned('04:30', 5),
    credited('04:40', 'M-1', of(5)),
  ]
  const memo = (data: object) =>
    event('erp', 'invoice.credited', ORDER, '06:10', { memo: 'M-2', invoice: 'I-1', ...data })

  it.each([
    ['lost', event('tms', 'shipment.lost', 'shipment/S-2', '05:00')],
    ['damaged', event('tms', 'shipment.damaged', 'shipment/S-2', '05:00', of(5))],
  ])(
    '[X1] for goods that came back does not settle what is %s of another shipment; one of its own does',
    (kind, trouble) => {
      const told = desk()
      told.say(...returned, trouble)
      expect(told.kinds('A1', '06:00')).toContain(kind)
      told.say(memo({ amountMinor: 500, ...of(5) }))
      expect(told.kinds('A1', '06:10')).not.toContain(kind)
    },
  )

  it('[X1] of all that was invoiced, by amount, leaves nothing billed too much', () => {
    const told = desk()
    told.say(...readyOrder('A1'), released('A1', 'S-1', '01:00'), confirmed('S-1', '02:00'), invoiced)
    told.say(event('tms', 'shipment.lost', 'shipment/S-1', '05:00'), event('erp', 'order.cancelled', ORDER, '05:10'))
    expect(told.kinds('A1', '06:00')).toEqual(['overbilled'])
    told.say(memo({ amountMinor: 999 }))
    expect(told.kinds('A1', LATER)).toEqual(['overbilled'])
    told.say(event('erp', 'invoice.credited', ORDER, '06:20', { memo: 'M-3', invoice: 'I-1', amountMinor: 1 }))
    expect(told.kinds('A1', LATER)).toEqual([])
  })
})

describe('a validation that fails', () => {
  const failed = (time: string) =>
    event('erp', 'order.validation_failed', ORDER, time, { reasons: ['discontinued_item'] })
  const validated = (time: string) => event('erp', 'order.validated', ORDER, time)

  it('[X1] is told though the order was validated before, until it is again', () => {
    const told = desk()
    told.say(captured('A1', '00:10'), validated('00:20'), failed('00:30'))
    expect(told.kinds('A1', '00:30')).toEqual(['validation_failed'])
    told.say(validated('00:40'))
    expect(told.kinds('A1', '00:40')).toEqual([])
  })

  it('[X1] is settled by acceptance, unless it fails after that', () => {
    const told = desk()
    told.say(captured('A1', '00:10'), failed('00:20'), event('erp', 'order.accepted', ORDER, '00:30'))
    expect(told.kinds('A1', '00:30')).toEqual([])
    told.say(failed('00:40'))
    expect(told.kinds('A1', '00:40')).toEqual(['validation_failed'])
  })
})

describe('an order that a document names and nobody knows', () => {
  const named = event('erp', 'order.cancelled', ORDER, '02:00', {
    lines: ['A1', 'A-l'].map(order => ({ line: '1', quantity: 1, order })),
  })

  it('[W5] [X1] is told under its number, in words that say so, until its source corrects it', () => {
    const told = desk()
    told.say(...readyOrder('A1'), named)
    expect(told.open('ref:A-l', '12:00')).toMatchObject([
      {
        kind: 'unknown_subject',
        detail: 'erp says order.cancelled of order/A1 that names order A-l, which nobody knows',
        action: { words: 'Have the sender correct the number, or have the order sent', by: 'operator' },
        event: { source: 'erp', id: named.id },
      },
    ])
    expect(told.kinds('A1', '02:00')).toEqual([])
    const data = { lines: [{ line: '1', quantity: 2, order: 'A1' }] }
    told.say(event('erp', 'correction.reported', ORDER, '03:00', { event: named.id, data }))
    expect(told.kinds('ref:A-l', LATER)).toEqual([])
  })
})
