// The hash of data tells what documents say apart, and is kept with them.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataHash, hashOfText, hashText } from '../../engine/hash.ts'

const KEY = { a: 0x6f726465, b: 0x72747769 }
const textOf = (value: unknown) => hashText(dataHash(value, KEY))

test('[C5] what JSON says alike has one hash, what it says otherwise another', () => {
  const value = fc.jsonValue({ maxDepth: 3 })
  fc.assert(
    fc.property(value, value, (one, other) => {
      expect(textOf(structuredClone(one))).toBe(textOf(one))
      expect(textOf(one) === textOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other))
    }),
  )
})

test('[C5] values that nearly say the same', () => {
  const values = [
    [],
    {},
    '',
    '0',
    0,
    1,
    '1',
    [1],
    [[1]],
    { a: 1 },
    { a: '1' },
    { a: [1] },
    [{ a: 1 }],
    null,
    true,
    false,
    0.5,
    2 ** 31,
    -1,
    ['ab', 'c'],
    ['a', 'bc'],
    { a: { b: 1 }, c: 2 },
    { a: { b: 1, c: 2 } },
  ]
  expect(new Set(values.map(textOf)).size).toBe(values.length)
  expect(textOf({ a: 1, b: undefined })).toBe(textOf({ a: 1 }))
  expect(textOf(-0)).toBe(textOf(0))
})

test('[G20] a hash is the same for ever, and comes back from its text', () => {
  expect(textOf({ lines: [{ line: '10', quantity: 20 }], currency: 'USD', rate: 0.25 })).toBe('Du9HBRDrRSz0')
  fc.assert(
    fc.property(fc.nat({ max: 0xffffffff }), fc.nat({ max: 0xffffffff }), (high, low) => {
      expect(hashOfText(hashText({ high, low }))).toEqual({ high, low })
    }),
  )
})
