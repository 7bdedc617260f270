// How much memory a day took in its second half, and whether that is too much.
import { expect, test } from 'vitest'
import { grownMb, growthFlaw, type Resident } from '../../bench/network/memory-growth.ts'
import { soak } from '../../bench/network/scenarios/soak.ts'

const SECONDS = 100
/** MB at each second of a day, and 40 more every other second that are collected in the next. */
const day = (mb: (second: number) => number): Resident =>
  Array.from({ length: SECONDS }, (_, second) => [second, mb(second) + 40 * (second % 2)])

test('what is taken before the half is no growth, nor is garbage', () => {
  expect(grownMb(day(second => Math.min(second, 50) * 10))).toBe(0)
  expect(grownMb(day(() => 300))).toBe(0)
})

test('what is taken from the half on is', () => {
  expect(grownMb(day(second => 300 + 2 * second))).toBe(80)
})

test('what is given back is less than nothing, and no samples are no growth', () => {
  expect(grownMb(day(second => 500 - second))).toBe(-40)
  expect(grownMb([])).toBe(0)
})

test('a day may grow by so much, and by so much an event', () => {
  const limit = { mb: 100, bytesPerEvent: 1_000 }
  expect(growthFlaw({ grownMb: 150, events: 50_000 }, limit)).toBeUndefined()
  expect(growthFlaw({ grownMb: 151, events: 50_000 }, limit)).toBe(
    '151 MB more in the second half, of 50000 events: 150 at most',
  )
})

test('a twin that keeps every event of a long even day in memory is found out', () => {
  const events = 1_000_000
  const [growth, keptBytes] = [soak.growth ?? { mb: 0, bytesPerEvent: 0 }, 600]
  expect(growthFlaw({ grownMb: (events * keptBytes) / 1e6, events }, growth)).toMatch(/^600 MB more/)
})
