import { describe, expect, test } from 'vitest'
import type { EventInput } from '../../../machines/event.ts'
import { captured, event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { MemoryWorld } from '../../helpers/memory-world.ts'

const HOUR_MS = 3_600_000
const hold = (order: string, minute: number) => event('erp', 'credit.held', `order/${order}`, minute)
const ids = (events: readonly { event: EventInput }[]) => events.map(each => each.event.id)

describe('[C6] parking', () => {
  test('parked events are tried again, earliest place first, at every fact that may free them', () => {
    const world = new MemoryWorld({ sources: SOURCES })
    const [capture, ...rest] = readyOrder('O-1')
    const waiting = [...rest, released('O-1', 'S-1', '01:00', 4), released('O-1', 'S-2', '02:00', 4)]
    for (const each of waiting.toReversed()) expect(world.submit(each).outcome).toBe('parked')
    expect(ids(world.family('O-1').parked)).toEqual(waiting.map(each => each.id))
    const answer = world.submit(capture as EventInput)
    expect(ids(answer.entries)).toEqual([capture, ...waiting].map(each => each?.id))
    expect(answer.entries.slice(1).every(entry => entry.cause !== undefined)).toBe(true)
    expect(world.family('O-1').parked).toEqual([])
  })

  test('one whose reason to wait changes is parked anew, with its first time', () => {
    const world = new MemoryWorld({ sources: SOURCES })
    world.submit(released('O-1', 'S-1', '01:00'))
    const sinceMs = world.family('O-1').parked[0]?.sinceMs
    world.nowMs += HOUR_MS
    world.submit(captured('O-1', '00:10'))
    expect(world.family('O-1').parked).toMatchObject([{ code: 'order_not_accepted', sinceMs }])
    expect(world.family('O-1').parked).toHaveLength(1)
  })

  test('one that can never become legal any more is refused then', () => {
    const world = new MemoryWorld({ sources: SOURCES })
    world.submit(event('erp', 'order.accepted', 'order/O-1', '09:00'))
    world.submit(event('erp', 'order.rejected', 'order/O-1', '08:30', { reason: 'no' }))
    const answer = world.submit(captured('O-1', '08:00'))
    expect(answer.entries.map(entry => [entry.event.type, entry.verdict])).toEqual([
      ['order.captured', 'accepted'],
      ['order.rejected', 'accepted'],
      ['order.accepted', 'not_allowed_in_state'],
    ])
    expect(world.family('O-1').parked).toEqual([])
  })

  test('[E8] a full family lot answers overloaded, and nothing is kept', () => {
    const world = new MemoryWorld({ sources: SOURCES, limits: { parkedPerFamilyMax: 2 } })
    expect([hold('O-1', 1), hold('O-1', 2), hold('O-1', 3)].map(each => world.submit(each).outcome)).toEqual([
      'parked',
      'parked',
      'overloaded',
    ])
    expect(world.entries).toHaveLength(2)
    // What need not wait is still taken.
    expect(world.submit(captured('O-1', 0)).outcome).toBe('accepted')
  })

  test('[E8] one full lot of several families that an event waits in answers overloaded, and nothing is kept', () => {
    const world = new MemoryWorld({ sources: SOURCES, limits: { parkedPerFamilyMax: 1 } })
    for (const order of ['O-1', 'O-2'])
      for (const each of [...readyOrder(order), released(order, `S-${order}`, '01:00', 10, { consignment: 'LOAD-1' })])
        expect(world.submit(each).outcome).toBe('accepted')
    // No carrier is named yet.
    const scanned = (subject: string) => event('ups', 'shipment.in_transit', subject, '02:00')
    expect(world.submit(scanned('shipment/S-O-2')).outcome).toBe('parked')
    const kept = world.entries.length
    expect(world.submit(scanned('ref/consignment/LOAD-1')).outcome).toBe('overloaded')
    expect(world.entries).toHaveLength(kept)
  })

  test('[E8] a full family lot lets go of overdue events; they stay in history', () => {
    const world = new MemoryWorld({ sources: SOURCES, limits: { parkedPerFamilyMax: 2 } })
    const [first, second, third] = [hold('O-1', 1), hold('O-1', 2), hold('O-1', 3)] as const
    world.submit(first)
    world.nowMs += 25 * HOUR_MS
    world.submit(second)
    expect(world.submit(third).outcome).toBe('parked')
    expect(ids(world.family('O-1').parked)).toEqual([second.id, third.id])
    expect(world.history('O-1').map(entry => entry.frees)).toEqual([[], [], [1]])
  })

  test('[E8] a full source lot answers overloaded, whatever family', () => {
    const world = new MemoryWorld({ sources: SOURCES, limits: { parkedPerSourceMax: 1 } })
    expect(world.submit(hold('O-1', 1)).outcome).toBe('parked')
    expect(world.submit(hold('O-2', 1)).outcome).toBe('overloaded')
    expect(world.submit(event('wms', 'shipment.acknowledged', 'order/O-1', 1)).outcome).toBe('parked')
  })

  test('a source says how long its events may wait', () => {
    const sources = SOURCES.map(source =>
      source.id === 'erp' ? { ...source, profile: { parkForMs: HOUR_MS } } : source,
    )
    const world = new MemoryWorld({ sources })
    world.submit(hold('O-1', 1))
    const [parked] = world.family('O-1').parked
    expect((parked?.untilMs ?? 0) - (parked?.sinceMs ?? 0)).toBe(HOUR_MS)
  })
})
