import { describe, expect, it } from 'vitest'
import { believedAt } from '../../../engine/exceptions/as-of.ts'
import { desk, msAt } from '../../helpers/desk.ts'
import { event, readyOrder, released } from '../../helpers/distributor.ts'

describe('the history of exceptions', () => {
  it('[X6] tells what opened, what closed it, and that it opened again', () => {
    const told = desk()
    told.say(
      ...readyOrder('A1'),
      event('erp', 'credit.held', 'order/A1', '00:50'),
      event('erp', 'credit.released', 'order/A1', '01:50'),
      event('erp', 'credit.held', 'order/A1', '02:50'),
    )
    const periods = told.history('A1', '03:00')
    expect(
      periods.map(({ closedBy, closedMs, exception, openedMs }) => [
        exception.kind,
        openedMs,
        closedMs,
        closedBy?.event.type,
      ]),
    ).toEqual([
      ['credit_hold', msAt('00:50'), msAt('01:50'), 'credit.released'],
      ['credit_hold', msAt('02:50'), undefined, undefined],
    ])
    expect(periods[0]?.exception.key).toBe(periods[1]?.exception.key)
  })

  it('[X6] has a deadline opened at its due time, and closed by the fact that came too late', () => {
    const told = desk()
    told.say(
      ...readyOrder('A1'),
      released('A1', 'S-1', '01:00'),
      event('wms', 'shipment.acknowledged', 'shipment/S-1', '06:00'),
    )
    const [late] = told.history('A1', '07:00')
    expect([late?.exception.kind, late?.openedMs, late?.closedMs]).toEqual([
      'late_acknowledgement',
      msAt('05:00'),
      msAt('06:00'),
    ])
  })

  it('[X6] the clock alone opens what nobody speaks of any more', () => {
    const told = desk()
    told.say(...readyOrder('A1'), released('A1', 'S-1', '01:00'))
    expect(told.history('A1', '04:59')).toEqual([])
    expect(told.history('A1', '05:00').map(({ exception }) => exception.kind)).toEqual(['late_acknowledgement'])
  })
})

describe('what we believed then', () => {
  it('[X7] is folded from the entries up to a position or a moment', () => {
    const told = desk()
    told.say(
      ...readyOrder('A1'),
      released('A1', 'S-1', '01:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'),
    )
    const entries = told.world.history('A1')
    const states = (until: Parameters<typeof believedAt>[2]) =>
      believedAt('A1', entries, until).family.actors.order?.state
    expect(states({ timeMs: msAt('00:15') })).toBe('captured.unchecked.unallocated.unbilled')
    expect(states({ timeMs: msAt('01:30') })).toBe('accepted.approved.released.unbilled')
    expect(states({ position: entries.at(-1)?.position })).toBe('accepted.approved.shipped.billable')
    expect(believedAt('A1', entries, { timeMs: 0 }).family.head).toBe(0)
  })
})

describe('the clock of what we believed', () => {
  it('[X7] is that of the position or of the moment, whichever ends first', () => {
    const told = desk()
    told.say(...readyOrder('A1'), released('A1', 'S-1', '01:00'), event('erp', 'credit.held', 'order/A1', '02:00'))
    const entries = told.world.history('A1')
    const clock = (until: Parameters<typeof believedAt>[2]) => believedAt('A1', entries, until).nowMs
    const position = entries.at(-2)?.position
    expect(clock({ position })).toBe(msAt('01:00'))
    expect(clock({ position, timeMs: msAt('09:00') })).toBe(msAt('01:00'))
    expect(clock({ position, timeMs: msAt('00:45') })).toBe(msAt('00:45'))
    expect(clock({ timeMs: msAt('09:00') })).toBe(msAt('09:00'))
    expect([clock({}), clock({ position: 0 })]).toEqual([msAt('02:00'), 0])
  })
})

describe('an exception that a late fact refutes', () => {
  it('[X6] stays in history, and says that it only seemed so', () => {
    const told = desk()
    told.say(...readyOrder('A1'), released('A1', 'S-1', '01:00'), event('erp', 'credit.approved', 'order/A1', '09:00'))
    told.say(event('wms', 'shipment.acknowledged', 'shipment/S-1', '02:00'))
    const periods = told.history('A1', '10:00').map(({ exception, isRefuted }) => [exception.kind, isRefuted])
    expect(periods).toEqual([['late_acknowledgement', true]])
  })
})
