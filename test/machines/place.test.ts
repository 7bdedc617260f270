import { expect, test } from 'vitest'
import { placeMs, placeOf } from '../../machines/ids.ts'

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
