import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSame } from '../../../engine/packing/same.ts'

describe('same', () => {
  it.each<[unknown, unknown, boolean]>([
    [{ a: 1, b: 2 }, { a: 1, b: 2 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1, b: 2 }, { a: 1 }, false],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, false],
    [{ a: undefined }, {}, false],
    [{}, { a: undefined }, false],
    [{}, [], false],
    [[1], [1, 2], false],
    [0, -0, false],
    [Number.NaN, Number.NaN, true],
    [null, {}, false],
  ])('is what packs alike: %j and %j', (one, other, same) => {
    expect([isSame(one, other), isSame(other, one)]).toEqual([same, same])
  })

  it('holds of a copy, and of no value with one member more', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(isSame(value, structuredClone(value))).toBe(true)
        if (typeof value !== 'object' || value === null || Array.isArray(value)) return
        expect(isSame(value, { ...value, '~': 1 })).toBe('~' in value && value['~'] === 1)
      }),
    )
  })
})
