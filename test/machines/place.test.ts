import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placeMs, placeOf } from '../../machines/ids.ts'
import { isoTime } from '../../machines/time.ts'

const at = { timeMs: Date.UTC(2026, 10, 21), source: 'erp', id: 'e' }

test('[C1] places sort by time, then sequence, then source, then id, as plain text', () => {
  const inOrder = [
    { ...at, timeMs: -1 + at.timeMs, sequence: 9, source: 'z', id: 'z' },
    { ...at, sequence: undefined, source: 'z', id: 'z' },
    { ...at, sequence: 0, source: 'z', id: 'z' },
    { ...at, sequence: 2, source: 'z', id: 'z' },
    { ...at, sequence: 10, id: 'b' },
    { ...at, sequence: 10, source: 'wms', id: 'a' },
    { ...at, sequence: 10, source: 'wms', id: 'b' },
    { ...at, timeMs: 1 + at.timeMs, sequence: 0, source: 'a', id: 'a' },
  ].map(placeOf)
  expect([...inOrder].reverse().sort()).toEqual(inOrder)
})

test('[C1] a place tells its time', () => {
  expect(placeMs(placeOf(at))).toBe(at.timeMs)
})

test('[C1] the time of a place is nine digits in base 36, as numbers say them', () => {
  fc.assert(
    fc.property(fc.nat({ max: 36 ** 9 - 1 }), timeMs => {
      const place = placeOf({ ...at, timeMs })
      expect(place.split('!')[0]).toBe(timeMs.toString(36).padStart(9, '0'))
      expect(placeMs(place)).toBe(timeMs)
    }),
  )
})

test('a time is written as Date writes it, in every year', () => {
  const whole = fc.integer({ min: -1_000_000, max: 300_000_000_000_000 })
  const today = fc.integer({ min: at.timeMs, max: at.timeMs + 3 * 86_400_000 })
  fc.assert(fc.property(fc.oneof(whole, today), ms => isoTime(ms) === new Date(ms).toISOString()))
})
