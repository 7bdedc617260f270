import { describe, expect, test } from 'vitest'
import { folded } from '../../../engine/fold.ts'
import { Past } from '../../../engine/past.ts'
import { eventKey } from '../../../engine/said.ts'
import type { EventInput } from '../../../machines/event.ts'
import { ORDER_KEY, shipmentKey } from '../../../machines/ids.ts'
import { captured, event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { MemoryWorld, statesOf } from '../../helpers/memory-world.ts'

function worldWith(...events: Parameters<MemoryWorld['submit']>[0][]): MemoryWorld {
  const world = new MemoryWorld({ sources: SOURCES })
  for (const each of events) world.submit(each)
  return world
}

describe('what a fact sets moving', () => {
  test('[W1] [D2] parked events apply earliest place first, in the unit of the fact that frees them', () => {
    const world = worldWith(
      captured('O-1', '00:10'),
      event('erp', 'credit.approved', 'order/O-1', '00:30'),
      released('O-1', 'S-2', '02:00', 4),
      released('O-1', 'S-1', '01:00', 6),
    )
    const { entries } = world.submit(event('erp', 'order.accepted', 'order/O-1', '00:40'))
    expect(
      entries.map(({ cause, event: { type, data }, verdict }) => [type, verdict, cause !== undefined, data]),
    ).toEqual([
      ['order.accepted', 'accepted', false, {}],
      ['order.released', 'accepted', true, expect.objectContaining({ shipment: 'S-1' })],
      ['order.released', 'accepted', true, expect.objectContaining({ shipment: 'S-2' })],
    ])
    expect(world.family('O-1').parked).toEqual([])
  })

  test('[W2] what waited under a number goes to whoever learns it', () => {
    const world = worldWith(...readyOrder('O-1'))
    const early = world.submit(event('wms', 'shipment.acknowledged', 'shipment/S-1', '01:10'))
    expect([early.outcome, early.code]).toEqual(['parked', 'unknown_subject'])
    world.submit(released('O-1', 'S-1', '01:00'))
    expect(statesOf(world.family('O-1'))['shipment/EAST/S-1']).toMatch(/^acknowledged\./)
  })

  test('[W3] an actor that takes a shared number later is judged against its events', () => {
    const world = worldWith(
      ...readyOrder('O-1'),
      ...readyOrder('O-2'),
      released('O-1', 'S-1', '01:00', 10, { consignment: 'K-1' }),
      event('wms', 'shipment.confirmed', 'ref/consignment/K-1', '02:00'),
    )
    expect(statesOf(world.family('O-1'))['shipment/EAST/S-1']).toMatch(/^shipped\./)
    world.submit(released('O-2', 'S-2', '01:05', 10, { consignment: 'K-1' }))
    expect(statesOf(world.family('O-2'))['shipment/EAST/S-2']).toMatch(/^shipped\./)
  })

  test('[W3] [C5] after a fold an event counts for those it was applied to, a repeated document for those it was judged for', () => {
    const packed = event('wms', 'pack.completed', 'order/O-1', '02:00', {
      cartons: [{ carton: 'C', tracking: 'T-1' }],
    })
    const task = { task: 'K', lines: [{ line: '1', quantity: 1 }] }
    const picked = event('wms', 'pick.completed', 'ref/T-1', '03:00', task)
    const again = event('wms', 'pick.completed', 'ref/T-1', '03:10', task)
    const world = worldWith(...readyOrder('O-1'), released('O-1', 'S-1', '01:00', 2), packed, picked, again)
    const known = world.family('O-1')
    const shipment = shipmentKey('EAST', 'S-1')
    const facts = new Past(world, 'O-1', []).facts()
    const { counted } = folded({ steppers: world.steppers, known }, facts)
    const of = (said: EventInput) => [...(counted.get(eventKey(said)) ?? [])]
    expect([of(packed), of(picked), of(again)]).toEqual([[shipment], [shipment], [shipment]])
    // What was read to be about the order is taken from it, and not given to those nobody judged it for.
    const misread = facts.map(fact => ({ ...fact, actors: [ORDER_KEY] }))
    const anew = folded({ steppers: world.steppers, known }, misread)
    expect(anew.counted.get(eventKey(picked))).toEqual(new Set())
  })

  test('[W4] a refusal of a later place is judged again when the fact from before it arrives', () => {
    const amendment = event('crm', 'order.amended', 'order/O-1', '03:00', { lines: [{ line: '1', quantity: 2.5 }] })
    const world = worldWith(captured('O-1', '00:10'))
    expect(world.submit(amendment).code).toBe('unit_not_exact')
    const { entries } = world.submit(
      event('crm', 'order.amended', 'order/O-1', '02:00', { lines: [{ line: '1', precision: 1 }] }),
    )
    expect(entries.map(({ event: { id }, verdict }) => [id, verdict])).toContainEqual([amendment.id, 'accepted'])
  })
})

test('[D1] deciding changes nothing, and comes to the same with nothing loaded at first', () => {
  const world = worldWith(...readyOrder('O-1'), event('wms', 'shipment.acknowledged', 'shipment/S-1', '01:10'))
  const before = structuredClone([world.entries, [...world.families]])
  // The memory world decides twice, the second time loading one thing at a time, and compares.
  const release = released('O-1', 'S-1', '01:00')
  expect(world.preview(release).outcome).toBe('accepted')
  expect([world.entries, [...world.families]]).toEqual(before)
  expect(world.submit(release).outcome).toBe('accepted')
})
