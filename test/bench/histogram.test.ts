import { expect, test } from 'vitest'
import { Latencies } from '../../bench/histogram.ts'

const latencies = (...ms: number[]): Latencies => {
  const made = new Latencies()
  for (const each of ms) made.record(each)
  return made
}

test('percentiles are exact to three digits', () => {
  const some = latencies(...Array.from({ length: 1_000 }, (_, index) => (index + 1) / 10))
  expect(some.percentileMs(50)).toBeCloseTo(50, 1)
  expect(some.percentileMs(99)).toBeCloseTo(99, 1)
  expect(some.percentileMs(100)).toBeCloseTo(100, 1)
})

test('a stall counts as often as others would have met it', () => {
  // A closed loop that takes 1 ms an answer, and once a second.
  const closed = latencies(...Array.from({ length: 999 }, () => 1), 1_000)
  expect(closed.percentileMs(99)).toBeLessThan(2)
  expect(closed.corrected().percentileMs(99)).toBeGreaterThan(900)
  expect(closed.corrected().count).toBeGreaterThan(1_400)
})

test('it comes from another process as it was', () => {
  const one = latencies(0.2, 3, 40_000)
  const other = Latencies.from(one.toText())
  expect(other.percentilePoints()).toEqual(one.percentilePoints())
  other.add(latencies(1))
  expect(other.count).toBe(4)
})

test('nothing recorded is no latency; what takes longer than an hour is an hour', () => {
  expect(new Latencies().corrected().percentileMs(99)).toBe(0)
  expect(latencies(9e9).percentileMs(100)).toBeCloseTo(3_600_000, -5)
})
