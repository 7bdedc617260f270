import { describe, expect, test } from 'vitest'
import { Quarantine } from '../../../engine/decide.ts'
import { applied } from '../../../engine/entry.ts'
import { emptyFamily } from '../../../engine/family.ts'
import type { Chart } from '../../../machines/chart.ts'
import { CHARTS, type Charts } from '../../../machines/charts.ts'
import { event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { MemoryWorld, orderOf } from '../../helpers/memory-world.ts'

const renamed: NonNullable<Chart['migrate']> = (state, context) => ({
  state,
  context: { ...context, serviceLevel: 'MIGRATED' },
})
const newer = (migrate?: Chart['migrate']): Charts => ({ ...CHARTS, order: { ...CHARTS.order, version: 2, migrate } })

/** A family of before, taken over by a world under other charts. */
function takenOver(charts: Charts): MemoryWorld {
  const before = new MemoryWorld({ sources: SOURCES })
  for (const each of [...readyOrder('O-1'), released('O-1', 'S-1', '01:00')]) before.submit(each)
  const after = new MemoryWorld({ sources: SOURCES, charts })
  after.commit(before.entries)
  return after
}

describe('[E11] charts', () => {
  test('a family moves to a newer chart by an entry that carries its actors whole', () => {
    const world = takenOver(newer(renamed))
    const answer = world.submit(event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'))
    expect(answer.outcome).toBe('accepted')
    const changes = answer.entries[0]?.changes ?? []
    expect(changes.map(({ key, chart, isWhole }) => ({ key, chart, isWhole }))).toEqual([
      { key: 'order', chart: 2, isWhole: true },
      { key: 'shipment/EAST/S-1', chart: 1, isWhole: false },
    ])
    expect(orderOf(world.family('O-1')).serviceLevel).toBe('MIGRATED')
    expect(world.history('O-1').reduce(applied, emptyFamily('O-1'))).toEqual(world.family('O-1'))
  })

  test('also where the first event under the newer chart is refused or waits', () => {
    for (const [type, outcome] of [
      ['order.rejected', 'not_allowed_in_state'],
      ['order.closed', 'parked'],
    ] as const) {
      const world = takenOver(newer(renamed))
      const answer = world.submit(event('erp', type, 'order/O-1', '02:00', { reason: 'late' }))
      expect(answer.outcome).toBe(outcome)
      expect(answer.entries[0]?.changes).toMatchObject([{ key: 'order', chart: 2, isWhole: true }])
      expect(world.family('O-1').actors.order).toMatchObject({ chart: 2, version: 5 })
    }
  })

  test('no way across is quarantine: the family alone is set aside', () => {
    const say = event('erp', 'credit.held', 'order/O-1', '02:00')
    expect(() => takenOver(newer(() => undefined)).submit(say)).toThrow(Quarantine)
    expect(() => takenOver(newer()).submit(say)).toThrow(/no way from order chart 1 to 2/)
    const world = takenOver(newer())
    for (const each of readyOrder('O-2')) expect(world.submit(each).outcome).toBe('accepted')
  })

  test('a chart older than an actor is no way back', () => {
    const world = takenOver(newer(renamed))
    world.submit(event('erp', 'credit.held', 'order/O-1', '02:00'))
    const back = new MemoryWorld({ sources: SOURCES })
    back.commit(world.entries)
    expect(() => back.submit(event('erp', 'credit.released', 'order/O-1', '03:00'))).toThrow(Quarantine)
  })
})
