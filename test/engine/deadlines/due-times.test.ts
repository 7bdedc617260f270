import { describe, expect, it } from 'vitest'
import { DueTimes } from '../../../engine/deadlines/due-times.ts'
import { writtenOut } from '../../helpers/sections.ts'

describe('due times', () => {
  it('[V1] come due once, at or after their second, never before', () => {
    const times = new DueTimes()
    times.arm(0, 1_000_500)
    times.arm(7, 2_000_000)
    expect(times.due(1_000_500)).toEqual([])
    expect(times.due(1_001_000)).toEqual([0])
    expect(times.due(1_001_000)).toEqual([])
    expect(times.due(9_000_000)).toEqual([7])
  })

  it('[V1] come due after a pause as if there had been none', () => {
    const times = new DueTimes()
    for (let row = 0; row < 5_000; row++) times.arm(row, row * 1_000)
    expect(times.due(4_999_000)).toHaveLength(5_000)
  })

  it('are moved and disarmed', () => {
    const times = new DueTimes()
    times.arm(3, 5_000)
    times.arm(3, 9_000)
    expect(times.due(5_000)).toEqual([])
    expect(times.dueMs(3)).toBe(9_000)
    times.arm(3, undefined)
    expect(times.dueMs(3)).toBeUndefined()
    expect(times.due(99_000)).toEqual([])
  })

  it('[V1] are found in whatever block and order they were armed, and after a checkpoint too', () => {
    const times = new DueTimes()
    for (let row = 20_000; row > 0; row -= 7) times.arm(row, 50_000 + (row % 13) * 1_000)
    times.arm(5_000, 60_000)
    times.arm(5_000, 10_000)
    expect(times.until(10_000)).toEqual([5_000])
    expect(times.due(49_000)).toEqual([5_000])
    const again = new DueTimes()
    again.load(writtenOut(times.saved()))
    const first = Array.from({ length: 20_001 }, (_, row) => row).filter(row => row > 0 && (20_000 - row) % 7 === 0)
    for (const each of [times, again])
      expect(each.due(50_000)).toEqual(first.filter(row => row % 13 === 0 && row !== 5_000))
    expect(again.armed).toBe(times.armed)
  })

  it('[V2] of ten million rows cost four bytes each, and one scan finds the few that are due', () => {
    const rows = 10_000_000
    const times = new DueTimes()
    for (let row = rows - 1; row >= 0; row--) times.arm(row, 1_800_000_000_000 + (row % 1_000_000) * 1_000)
    expect(times.armed).toBe(rows)
    expect(times.due(1_799_999_999_000)).toEqual([])
    expect(times.due(1_800_000_000_000)).toHaveLength(10)
  })
})
