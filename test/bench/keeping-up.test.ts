// Whether a day fits, in words.
import { expect, test } from 'vitest'
import { behindOf, type Fared, fitText } from '../../bench/network/keeping-up.ts'

const at = (ms: number, due: number, answered: number) => ({ ms, due, answered })

test('a twin that answers within a second is never behind', () => {
  expect(behindOf([at(0, 100, 0), at(500, 200, 50), at(1_000, 300, 100), at(1_500, 400, 200)])).toBeUndefined()
})

test('it is behind for as long as something waits for more than a second, and what it answers then is all it can', () => {
  const late = [at(0, 1_000, 0), at(1_000, 1_000, 400), at(2_000, 1_000, 800), at(3_000, 1_000, 1_000)]
  expect(behindOf(late)).toEqual({ seconds: 2, answeredPerSecond: 400 })
})

const fared: Fared = {
  behind: undefined,
  deliveries: 60_000,
  offeredPerSecondMax: 8_000,
  backlogMax: 20_000,
  p99Ms: 123.4,
  drainSeconds: 1.5,
  pace: { seconds: 20, simulatedPerReal: 3_000 },
  isHeldBack: false,
}
const behind = { seconds: 7, answeredPerSecond: 5_000 }

test('a day that fits says with how much room', () => {
  expect(fitText(fared)).toBe(
    "It fits: 8,000 in the busiest second, 3,000 times as many as at the day's own pace; 99 of 100 were answered within 123 ms.",
  )
})

test('one that does not says how long it was behind, and at what pace it should', () => {
  const text = fitText({ ...fared, behind })
  expect(text).toMatch(
    /^It does not fit at this pace: for 7 s something had waited for more than a second, 20,000 events/,
  )
  expect(text).toMatch(/5,000 a second were answered meanwhile\. At that it should with --seconds 32\.$/)
})

test('what an outage held back comes at once, however slowly the day is played: no pace is advised', () => {
  const text = fitText({ ...fared, behind, isHeldBack: true })
  expect(text).toMatch(/^It fell behind, as it may after an outage: .*; all was answered 1\.5 s after the last was due/)
  expect(text).not.toContain('--seconds')
})

test('a burst says when the last of it was answered', () => {
  expect(fitText({ ...fared, deliveries: 9_000, pace: undefined })).toBe(
    '9,000 came at once: the last was answered 1.5 s later, 6,000 a second.',
  )
})
