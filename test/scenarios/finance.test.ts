import { describe, expect, it } from 'vitest'
import { captured, event, readyOrder, released } from '../helpers/distributor.ts'
import { story } from '../helpers/story.ts'

const DAY = 1_440

describe('SCN-10 credit hold', () => {
  it('stops the release; its release lets the order ship', () => {
    const tale = story()
    tale.says(
      captured('A1', '00:10'),
      event('erp', 'order.accepted', 'order/A1', '00:20'),
      event('erp', 'credit.held', 'order/A1', '00:30', { reason: 'limit' }),
    )
    expect(tale.hears(released('A1', 'S-1', '00:40'))).toBe('parked credit_held')
    expect(tale.open('A1', '00:40')).toEqual(['credit_hold', 'release_blocked'])
    expect(tale.turn('A1', '00:40')).toBe('erp (erp): credit.released')
    expect(tale.shipment('A1', 'S-1')).toBeUndefined()
    tale.says(event('erp', 'credit.released', 'order/A1', '06:00'))
    expect([tale.shipment('A1', 'S-1'), tale.open('A1', '06:00')]).toEqual(['released', []])
    const periods = tale.desk
      .history('A1', '06:00')
      .map(({ closedBy, exception }) => [exception.kind, closedBy?.event.type])
    expect(periods).toEqual([
      ['credit_hold', 'credit.released'],
      ['release_blocked', 'order.released'],
    ])
  })

  it('what is released already moves on, and the exception names it', () => {
    const tale = story()
    tale.says(...readyOrder('A1'), released('A1', 'S-1', '01:00'), event('erp', 'credit.held', 'order/A1', '01:10'))
    expect(tale.card('A1', '01:10').exceptions[0]?.detail).toBe('credit is on hold; still in the building: S-1')
    tale.says(event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'))
    expect(tale.open('A1', '02:00')).toEqual([])
  })
})

describe('SCN-11 a return: authorized, received, dispositioned, credited', () => {
  const delivered = () => {
    const tale = story()
    tale.says(
      ...readyOrder('A1'),
      released('A1', 'S-1', '01:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', { carrier: 'UPS', tracking: '1Z' }),
      event('erp', 'invoice.posted', 'order/A1', '02:10', {
        invoice: 'I-1',
        amountMinor: 1_000,
        lines: [{ line: '1', quantity: 10 }],
      }),
      event('ups', 'delivery.completed', 'shipment/S-1', '03:00'),
    )
    return tale
  }

  it('runs through', () => {
    const tale = delivered()
    tale.says(
      event('shop', 'return.initiated', 'order/A1', '04:00', { return: 'R-1', lines: [{ line: '1', quantity: 2 }] }),
    )
    expect(tale.card('A1', '04:00').nextSteps.map(step => step.event)).toContain('return.authorized')
    tale.says(
      event('erp', 'return.authorized', 'return/R-1', '05:00', { rma: 'RMA-1' }),
      event('wms', 'return.received', 'return/R-1', '09:00', { lines: [{ line: '1', quantity: 2 }] }),
    )
    expect(
      tale.hears(
        event('erp', 'return.credited', 'return/R-1', '09:10', {
          memo: 'M-1',
          amountMinor: 200,
          lines: [{ line: '1', quantity: 2 }],
        }),
      ),
    ).toContain('parked')
    tale.says(
      event('wms', 'return.dispositioned', 'return/R-1', '10:00', {
        lines: [{ line: '1', quantity: 2, disposition: 'restock' }],
      }),
    )
    expect([tale.quantity('A1', 'credited'), tale.open('A1', '10:00')]).toEqual([2, []])
    tale.says(event('erp', 'return.closed', 'return/R-1', '11:00'))
  })

  it('received and not closed is found', () => {
    const tale = delivered()
    tale.says(
      event('shop', 'return.initiated', 'order/A1', '04:00', { return: 'R-1', lines: [{ line: '1', quantity: 2 }] }),
      event('erp', 'return.authorized', 'return/R-1', '05:00', { rma: 'RMA-1' }),
      event('wms', 'return.received', 'return/R-1', '09:00', { lines: [{ line: '1', quantity: 2 }] }),
    )
    expect(tale.open('A1', 5 * DAY)).toEqual([])
    expect(tale.open('A1', 5 * DAY + 540)).toEqual(['received_not_credited'])
    expect(tale.turn('A1', 5 * DAY + 540)).toContain('return.dispositioned')
  })

  it('a receipt nobody authorized is recorded, and not creditable', () => {
    const tale = delivered()
    tale.says(
      event('wms', 'return.received', 'shipment/S-1', '09:00', { return: 'R-9', lines: [{ line: '1', quantity: 1 }] }),
    )
    expect(tale.open('A1', '09:00')).toEqual(['unauthorized_receipt'])
    expect(
      tale.hears(
        event('erp', 'return.credited', 'return/R-9', '09:10', {
          memo: 'M-1',
          amountMinor: 100,
          lines: [{ line: '1', quantity: 1 }],
        }),
      ),
    ).toContain('parked')
    expect(tale.quantity('A1', 'credited')).toBe(0)
    tale.says(event('erp', 'return.authorized', 'return/R-9', '10:00', { rma: 'RMA-2' }))
    expect(tale.open('A1', '10:00')).toEqual([])
  })
})
