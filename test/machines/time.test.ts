// Times and numbers written for speed: held against the slow way of the language itself.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { base36Of9, base36Of11 } from '../../machines/base36.ts'
import { instantMs, isoTime } from '../../machines/time.ts'

const RUNS = { seed: 36, numRuns: 20_000 }
const DAY_MS = 24 * 3_600_000
const YEAR_2200_MS = Date.UTC(2200, 0)

describe('times of events', () => {
  test('a time is read as it was written, on every day of two centuries', () => {
    const wrong: number[] = []
    for (let day = 0; day * DAY_MS < YEAR_2200_MS; day++)
      for (const ms of [day * DAY_MS, (day + 1) * DAY_MS - 1]) if (instantMs(isoTime(ms)) !== ms) wrong.push(ms)
    expect(wrong).toEqual([])
  })

  test('a text with any one character changed is read as Date.parse reads it, or not at all', () => {
    const changed = fc.tuple(
      fc.integer({ min: 0, max: YEAR_2200_MS }),
      fc.nat(23),
      fc.constantFrom(...'0123456789-:.TZ Ox'),
    )
    fc.assert(
      fc.property(changed, ([ms, at, letter]) => {
        const text = isoTime(ms)
        const other = text.slice(0, at) + letter + text.slice(at + 1)
        const read = instantMs(other)
        if (read !== undefined) expect(read).toBe(Date.parse(other))
        else expect(isRolledOver(other)).toBe(true)
      }),
      RUNS,
    )
  })
})

/** Whether the language does not read it, or reads another day, or one before 1970: none of these is a time of an event. */
function isRolledOver(text: string): boolean {
  const ms = Date.parse(text)
  return (
    !(ms >= 0) ||
    !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(text) ||
    isoTime(ms).slice(0, 10) !== text.slice(0, 10)
  )
}

test('numbers in base 36 are those of the language, padded: they compare as texts', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.integer({ min: 0, max: 36 ** 9 - 1 }), (large, small) => {
      expect(base36Of11(large)).toBe(large.toString(36).padStart(11, '0'))
      expect(base36Of9(small)).toBe(small.toString(36).padStart(9, '0'))
    }),
    RUNS,
  )
  expect(base36Of11(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER.toString(36))
})
