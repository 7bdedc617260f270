// What the charts must never do, whatever is reported.
import { describe, expect, test } from 'vitest'
import type { Candidate } from '../../engine/transition.ts'
import { steppersOf } from '../../engine/transition.ts'
import { CHARTS } from '../../machines/charts.ts'
import type { EventInput } from '../../machines/event.ts'
import type { EventType } from '../../machines/event-types.ts'
import { STEPS } from '../../machines/shipment/context.ts'
import { captured, event, readyOrder, released, SOURCES } from '../helpers/distributor.ts'
import { MemoryWorld } from '../helpers/memory-world.ts'

const steppers = steppersOf(CHARTS)
const ORDER_STATES = ['captured', 'validated', 'accepted', 'cancelled', 'closed', 'rejected']

/** Moves from a state of the first region, the others at rest. */
const orderMoves = (state: string) => steppers.order.allMoves(`${state}.approved.unallocated.unbilled`)
const shipmentMoves = (state: string) => steppers.shipment.allMoves(`${state}.off.off.off.off`)
const targetsIn = (region: string, moves: readonly Candidate[]) =>
  moves.flatMap(({ target }) => (target?.startsWith(`${region}.`) ? [target.slice(region.length + 1)] : []))

describe('steps never go back', () => {
  const lifecycle = ['captured', 'validated', 'accepted', 'closed']
  test.each(lifecycle)('from %s an order goes forward only', state => {
    const rank = lifecycle.indexOf(state)
    for (const target of targetsIn('lifecycle', orderMoves(state)))
      expect(target === 'rejected' || lifecycle.indexOf(target) > rank, target).toBe(true)
  })

  test.each([...STEPS])('from %s a shipment goes forward, or to an end', state => {
    const rank = STEPS.indexOf(state)
    const ends = ['delivered', 'refused', 'lost', 'returned_to_sender']
    for (const target of targetsIn('execution', shipmentMoves(state)))
      expect(ends.includes(target) || STEPS.indexOf(target as 'released') > rank, target).toBe(true)
  })

  test.each(['closed', 'rejected'])('nothing leads out of an order that is %s', state => {
    expect(targetsIn('lifecycle', orderMoves(state))).toEqual([])
  })

  test.each(['cancelled', 'delivered', 'returned_to_sender'])('no report leads out of a shipment that is %s', state => {
    expect(targetsIn('execution', shipmentMoves(state))).toEqual([])
  })

  test('no report makes a captured order, a released shipment or an expected return of an existing one', () => {
    const all = [
      ...ORDER_STATES.flatMap(orderMoves),
      ...[...STEPS, 'delivered', 'refused', 'lost', 'returned_to_sender', 'cancelled'].flatMap(shipmentMoves),
      ...['expected', 'in_transit', 'received', 'inspected', 'dispositioned'].flatMap(state =>
        steppers.return.allMoves(`authorized.${state}.none`),
      ),
    ]
    const targets = all.map(move => move.target)
    expect(targets).not.toContain('lifecycle.captured')
    expect(targets).not.toContain('execution.released')
    expect(targets).not.toContain('goods.expected')
    expect(all.map(move => move.event)).not.toContain('order.captured')
  })

  test("derived states are no report's target", () => {
    const moves = ORDER_STATES.flatMap(orderMoves)
    expect([...targetsIn('fulfilment', moves), ...targetsIn('billing', moves)]).toEqual([])
    expect(targetsIn('lifecycle', moves)).not.toContain('cancelled')
    expect(STEPS.flatMap(state => targetsIn('execution', shipmentMoves(state)))).not.toContain('cancelled')
  })
})

const lines = { lines: [{ line: '1', quantity: 10 }] }
const said = (source: string, type: EventType, subject: string, time: string, data: object = {}) =>
  event(source, type, subject, time, data)
const ready = [...readyOrder('O-1'), released('O-1', 'S-1', '01:00')]
const issued = [...ready, said('wms', 'shipment.confirmed', 'shipment/S-1', '02:00')]
const delivered = [...issued, said('tms', 'delivery.completed', 'shipment/S-1', '03:00')]
const closed = [
  ...delivered,
  said('erp', 'invoice.posted', 'order/O-1', '04:00', { invoice: 'I-1', amountMinor: 1, ...lines }),
  said('erp', 'order.closed', 'order/O-1', '05:00'),
]
const rejected = [captured('O-1', '00:10'), said('erp', 'order.rejected', 'order/O-1', '00:20', { reason: 'no' })]
const back = [...issued, said('tms', 'shipment.returned_to_sender', 'shipment/S-1', '03:00')]
const cancelled = [...ready, said('wms', 'shipment.cancelled', 'shipment/S-1', '02:00')]

const forbidden: readonly (readonly [string, readonly EventInput[], EventInput, string])[] = [
  [
    'a shipment is cancelled after it left',
    issued,
    said('wms', 'shipment.cancelled', 'shipment/S-1', '09:00'),
    'shipment_shipped',
  ],
  [
    'a shipment is split after it left',
    issued,
    said('wms', 'shipment.split', 'shipment/S-1', '09:00', { shipment: 'S-2', ...lines }),
    'shipment_shipped',
  ],
  [
    'a cancelled shipment is picked',
    cancelled,
    said('wms', 'pick.started', 'shipment/S-1', '09:00'),
    'shipment_cancelled',
  ],
  [
    'a cancelled shipment leaves',
    cancelled,
    said('wms', 'shipment.confirmed', 'shipment/S-1', '09:00'),
    'shipment_cancelled',
  ],
  [
    'a delivered shipment is refused',
    delivered,
    said('tms', 'delivery.refused', 'shipment/S-1', '09:00'),
    'shipment_delivered',
  ],
  [
    'a delivered shipment comes back',
    delivered,
    said('tms', 'shipment.returned_to_sender', 'shipment/S-1', '09:00'),
    'shipment_delivered',
  ],
  [
    'what came back is delivered',
    back,
    said('tms', 'delivery.completed', 'shipment/S-1', '09:00'),
    'shipment_returned',
  ],
  [
    'what came back is on its way',
    back,
    said('tms', 'shipment.in_transit', 'shipment/S-1', '09:00'),
    'shipment_returned',
  ],
  ['a rejected order is accepted', rejected, said('erp', 'order.accepted', 'order/O-1', '09:00'), 'order_rejected'],
  ['a rejected order is released', rejected, released('O-1', 'S-1', '09:00'), 'order_rejected'],
  [
    'an accepted order is rejected',
    ready,
    said('erp', 'order.rejected', 'order/O-1', '09:00', { reason: 'no' }),
    'order_accepted',
  ],
  [
    'a closed order is amended',
    closed,
    said('erp', 'order.amended', 'order/O-1', '09:00', { promisedAt: '2026-12-01' }),
    'order_closed',
  ],
  ['a closed order is released', closed, released('O-1', 'S-9', '09:00', 1), 'order_closed'],
  [
    'a closed order is invoiced',
    closed,
    said('erp', 'invoice.posted', 'order/O-1', '09:00', { invoice: 'I-2', amountMinor: 1 }),
    'order_closed',
  ],
  ['a closed order is cancelled', closed, said('erp', 'order.cancelled', 'order/O-1', '09:00'), 'order_closed'],
]

describe('§5 what can never become legal is refused', () => {
  for (const [name, before, forbiddenEvent, code] of forbidden)
    test(`${name}: ${code}`, () => {
      const world = new MemoryWorld({ sources: SOURCES })
      for (const each of before) expect(world.submit(each).outcome).toBe('accepted')
      const states = () => world.family('O-1').actors.all.map(actor => actor.state)
      const held = states()
      expect(world.submit(forbiddenEvent)).toMatchObject({ outcome: 'not_allowed_in_state', code })
      expect(states()).toEqual(held)
    })
})
