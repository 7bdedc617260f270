import { expect, test } from 'vitest'
import { addTally, type LoadOptions, laps, type Tally } from '../../bench/load/load.ts'

const LOAD: LoadOptions = { seed: 7, orders: 300, workingSet: 100, duplicateShare: 0.02, illegalShare: 0.02 }

test('the same seed gives the same load, another seed another', () => {
  const first = [...laps(LOAD)]
  expect([...laps(LOAD)]).toEqual(first)
  expect([...laps({ ...LOAD, seed: 8 })]).not.toEqual(first)
})

test('each order is told of once in a lap, and every event has an expected outcome', () => {
  for (const { events, expected } of laps(LOAD)) {
    const fresh = events.length - (expected.duplicate ?? 0)
    const orders = new Set(events.map(event => event.id.split('-').at(-2)))
    expect(orders.size).toBeLessThanOrEqual(LOAD.workingSet * 2)
    expect(Object.values(expected).reduce((sum, count) => sum + count, 0)).toBe(events.length)
    expect(new Set(events.map(event => event.id)).size).toBeGreaterThanOrEqual(fresh)
  }
})

test('about one event in fifty is repeated, and one in fifty must be refused', () => {
  const sum: Tally = {}
  for (const { expected } of laps({ ...LOAD, orders: 2_000 })) addTally(sum, expected)
  const count = Object.values(sum).reduce((total, each) => total + each, 0)
  expect((sum.duplicate ?? 0) / count).toBeCloseTo(0.02, 2)
  expect(1 - ((sum.accepted ?? 0) + (sum.duplicate ?? 0)) / count).toBeCloseTo(0.02, 2)
})
