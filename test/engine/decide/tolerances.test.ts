// What a line may fall short of, or be exceeded by (domain §4).
import { expect, test } from 'vitest'
import { desk } from '../../helpers/desk.ts'
import { event, lineOf, readyOrder, released } from '../../helpers/distributor.ts'
import { orderOf, statesOf } from '../../helpers/memory-world.ts'

const lines = (quantity: number) => ({ lines: [{ line: '1', quantity }] })
const close = (time: string) => event('erp', 'order.closed', 'order/O-1', time)
const WEEKS = 40 * 24 * 60

test('[§4] under-tolerance is taken of what is wanted: nothing delivered of 10 that are left of 100 is not 10 % short', () => {
  const { kinds, say, world } = desk()
  say(
    ...readyOrder('O-1', {
      promisedAt: '2026-11-21T05:00:00Z',
      terms: { underTolerancePercent: 10 },
      lines: [lineOf(100)],
    }),
    event('erp', 'order.cancelled', 'order/O-1', '01:00', lines(90)),
  )
  expect(statesOf(world.family('O-1')).order).toBe('accepted.approved.unallocated.unbilled')
  expect(kinds('O-1', WEEKS)).toContain('promise_missed')
  expect(say(close('02:00'))).toEqual(['parked'])
  say(released('O-1', 'S-1', '03:00'), event('tms', 'delivery.completed', 'shipment/S-1', '04:00', lines(9)))
  expect(orderOf(world.family('O-1')).fulfilment).toBe('delivered')
  say(event('erp', 'invoice.posted', 'order/O-1', '05:00', { invoice: 'I-1', amountMinor: 900, ...lines(9) }))
  expect(statesOf(world.family('O-1')).order).toMatch(/^closed/)
})
