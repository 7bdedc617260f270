import { expect, test } from 'vitest'
import { DemoClock } from '../../cli/demo-clock.ts'

test('[E4] the clock of the demo tells whole milliseconds, however fast the log is played', () => {
  let nowMs = 1_000
  const clock = new DemoClock(5_000, () => nowMs)
  nowMs += 10
  expect(clock.nowMs).toBe(5_010)
  clock.follow(7_000.7)
  nowMs += 10
  expect(clock.nowMs).toBe(7_010)
})
