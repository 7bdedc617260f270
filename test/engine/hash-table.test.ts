import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HASH_VALUE_MAX } from '../../engine/hash-slots.ts'
import { HashTable } from '../../engine/hash-table.ts'

describe('hash table', () => {
  test('nothing is found in an empty one', () => {
    const table = new HashTable()
    expect(table.get(0, 0)).toBe(-1)
    expect(table.all(0, 0)).toEqual([])
    expect(table.size).toBe(0)
  })

  test('zero, the largest value and the largest hash are values and hashes like any other', () => {
    const table = new HashTable()
    const values = [0, 0xffff_fffd, 0xffff_fffe, 0xffff_ffff, 2 ** 32, HASH_VALUE_MAX]
    for (const value of values) table.add(0xffff_ffff, 0xffff_ffff, value)
    expect(table.all(0xffff_ffff, 0xffff_ffff)).toEqual(values)
    table.add(0, 0, 0)
    expect(table.all(0, 0)).toEqual([0])
    expect(table.size).toBe(7)
  })

  test('a value that does not fit is refused', () => {
    for (const value of [-1, HASH_VALUE_MAX + 1, Number.NaN])
      expect(() => new HashTable().add(1, 1, value)).toThrow(RangeError)
  })

  test('one hash may have many values; adding a pair again changes nothing', () => {
    const table = new HashTable()
    for (const value of [5, 6, 5, 7, 6]) table.add(9, 9, value)
    expect(table.all(9, 9)).toEqual([5, 6, 7])
    expect(table.get(9, 9)).toBe(5)
    expect(table.size).toBe(3)
  })

  // Few hashes and few slots that differ: collisions, wrap-around and growth all happen.
  const high = fc.constantFrom(0, 0x0100_0000, 0xff00_0001)
  const low = fc.oneof(
    fc.nat({ max: 40 }),
    fc.constantFrom(15, 0x1f, 0xffff_fff0, 0xffff_ffff),
    fc.nat({ max: 0xffff_ffff }),
  )
  const value = fc.oneof(
    fc.nat({ max: 30 }),
    fc.maxSafeNat().map(number => number % HASH_VALUE_MAX),
  )
  // All of the length asked for: left to itself fast-check makes lists of ten at most.
  const lists = fc.array(fc.record({ high, low, value }), { minLength: 150, maxLength: 400, size: 'max' })

  test.each([
    ['small', undefined],
    ['large', 20],
    ['large from the first on', 0],
  ])('a %s one does the same as a Map of lists, also after a checkpoint', (_, runMin) => {
    const property = fc.property(lists, entries => {
      let table = new HashTable(runMin)
      const model = new Map<string, number[]>()
      for (const [index, { high, low, value }] of entries.entries()) {
        const key = `${high} ${low}`
        const values = model.get(key) ?? []
        model.set(key, values)
        table.add(high, low, value)
        if (!values.includes(value)) values.push(value)
        expect(table.get(high, low)).toBe(values[0])
        if (index % 100 === 99) table = HashTable.fromBytes(table.toBytes(), runMin)!
      }
      let size = 0
      for (const [key, values] of model) {
        const [high, low] = key.split(' ').map(Number)
        expect(table.all(high!, low!)).toEqual(values)
        size += values.length
      }
      expect(table.size).toBe(size)
      expect(table.get(0x7700_0000, 5)).toBe(-1)
    })
    fc.assert(property, { numRuns: 100 })
  })

  test('what it was read from is not written into, however large its values', () => {
    const table = new HashTable()
    table.add(1, 1, 2 ** 33)
    const bytes = table.toBytes()
    const before = Buffer.from(bytes)
    const again = HashTable.fromBytes(bytes)!
    for (let low = 2; low < 8; low++) again.add(1, low, 2 ** 34)
    expect(Buffer.from(bytes).equals(before)).toBe(true)
    expect(again.get(1, 1)).toBe(2 ** 33)
  })

  test.each([
    ['9 to 10 bytes per entry while it is small', undefined, 8.8, 10.4],
    ['5 to 6 bytes per entry once it is large', 100, 5, 6.4],
  ])('takes some %s', (_, runMin, least, most) => {
    const table = new HashTable(runMin)
    const hash = (index: number) => [Math.imul(index, 0x9e3779b1) >>> 0, Math.imul(index, 0x85ebca6b) >>> 0] as const
    for (let index = 0; index < 200_000; index++) table.add(...hash(index), index)
    expect(table.size).toBe(200_000)
    expect(table.bytes / table.size).toBeGreaterThan(least)
    expect(table.bytes / table.size).toBeLessThan(most)
    for (let index = 0; index < 200_000; index += 997) expect(table.get(...hash(index))).toBe(index)
    expect(table.get(...hash(200_001))).toBe(-1)
  })

  test.each([[undefined], [0]])(
    'bytes that are cut short or not a table are not read as one (runs from %s on)',
    runMin => {
      const table = new HashTable(runMin)
      table.add(1, 2, 3)
      const bytes = table.toBytes()
      expect(HashTable.fromBytes(bytes)?.get(1, 2)).toBe(3)
      for (const length of [0, 10, 16, 20, bytes.length - 1]) {
        expect(HashTable.fromBytes(bytes.subarray(0, length))).toBeUndefined()
      }
      expect(HashTable.fromBytes(Buffer.concat([bytes, new Uint8Array(1)]))).toBeUndefined()
      expect(HashTable.fromBytes(new Uint8Array(bytes.length))).toBeUndefined()
    },
  )
})
