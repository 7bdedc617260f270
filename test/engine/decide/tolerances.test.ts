// What a line may fall short of, or be exceeded by (domain §4).
import { expect, test } from 'vitest'
import type { EventInput } from '../../../machines/event.ts'
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

test.each<[string, readonly EventInput[], readonly [shipment: string, most: number][]]>([
  ['what its release gave it', [], [['S-1', 69 + 375]]],
  ['what is left to it', [event('wms', 'shipment.cancelled', 'shipment/S-1', '02:00', lines(365))], [['S-1', 10 + 1]]],
  [
    'what each of two loads has',
    [event('wms', 'shipment.split', 'shipment/S-1', '02:00', { shipment: 'S-2', ...lines(175) })],
    [
      ['S-1', 200 + 36],
      ['S-2', 175 + 32],
    ],
  ],
])('[§4] over-tolerance is taken of %s, to the last unit', (_, since, limits) => {
  const { say } = desk()
  say(
    ...readyOrder('O-1', { terms: { overTolerancePercent: 18.4 }, lines: [lineOf(375)] }),
    released('O-1', 'S-1', '01:00', 375),
    ...since,
  )
  const left = (shipment: string, quantity: number) =>
    event('wms', 'shipment.confirmed', `shipment/${shipment}`, '03:00', lines(quantity))
  for (const [shipment, most] of limits)
    expect(say(left(shipment, most + 1), left(shipment, most))).toEqual(['quantity_exceeded', 'accepted'])
})
