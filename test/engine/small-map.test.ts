import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SmallMap } from '../../engine/small-map.ts'

describe('a small map', () => {
  it('holds what a map holds, in its order, whatever is set', () => {
    const members = fc.array(fc.tuple(fc.constantFrom('', 'a', 'b', 'c', '__proto__'), fc.option(fc.nat())), {
      maxLength: 6,
    })
    fc.assert(
      fc.property(members, set => {
        const small = new SmallMap<number | null>()
        const known = new Map<string, number | null>()
        for (const [key, value] of set) {
          small.set(key, value)
          known.set(key, value)
          for (const each of ['', 'a', 'b', 'c', 'd', '__proto__'])
            expect([small.has(each), small.get(each)]).toEqual([known.has(each), known.get(each)])
        }
        const seen: unknown[] = []
        small.forEach((value, key) => void seen.push([key, value]))
        expect(seen).toEqual([...known])
      }),
    )
  })
})
