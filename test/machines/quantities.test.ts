// Quantities as whole numbers of base units: exact, or refused (domain §4).
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseQuantity, percentOf } from '../../machines/quantities.ts'

const kilos = (precision: number) => ({ unit: 'KG', precision })
const wholePart = (base: number, precision: number) => Math.floor(base / 10 ** precision)
/** The decimal that `base` units are, and more digits behind it. */
const decimal = (base: number, precision: number, more = ''): number =>
  Number(`${wholePart(base, precision)}.${String(base % 10 ** precision).padStart(precision, '0')}${more}`)

describe('[§4] a quantity in base units', () => {
  const rows: readonly (readonly [string, number | undefined, number, number, number?])[] = [
    ['600.0000004 kg has more than six decimals', undefined, 600.0000004, 6],
    ['however many digits stand before them', undefined, 123456789.1234561, 6],
    ['or however few', undefined, 1e-17, 3],
    ['0.1 kg is 100 g', 100, 0.1, 3],
    ['what adding doubles leaves is no fraction', 300, 0.1 + 0.2, 3],
    ['sixteen digits are told', 1234567890123456, 123456789012.3456, 4],
    ['what whole numbers do not hold is not', undefined, 1e12, 6],
    ['half a case of 24', 12, 0.5, 0, 24],
    ['not three tenths of one of 25', undefined, 0.3, 0, 25],
    ['24 of a twelfth', 2, 24, 0, 1 / 12],
  ]
  for (const [name, base, quantity, precision, factor = 1] of rows)
    test(name, () => {
      expect(baseQuantity({ ...kilos(precision), conversions: { CA: factor } }, quantity, 'CA')).toBe(base)
    })

  test('is what was said, and with one decimal more it is refused', () => {
    const said = fc.record({
      base: fc.integer({ min: 0, max: 1e13 }),
      precision: fc.integer({ min: 0, max: 6 }),
      more: fc.integer({ min: 1, max: 9 }),
    })
    fc.assert(
      fc.property(said, ({ base, more, precision }) => {
        expect(baseQuantity(kilos(precision), decimal(base, precision))).toBe(base)
        expect(baseQuantity(kilos(precision), decimal(base, precision, String(more)))).toBeUndefined()
      }),
    )
  })
})

test('[§4] a percentage of a quantity is rounded down once, not before', () => {
  expect([percentOf(375, 18.4), percentOf(374, 18.4), percentOf(10, 0), percentOf(-10, 50)]).toEqual([69, 68, 0, 0])
  const said = fc.record({ quantity: fc.maxSafeNat(), hundredths: fc.integer({ min: 0, max: 10_000 }) })
  fc.assert(
    fc.property(said, ({ hundredths, quantity }) => {
      const exact = (BigInt(quantity) * BigInt(hundredths)) / 10_000n
      expect(percentOf(quantity, hundredths / 100)).toBe(Number(exact))
    }),
  )
})
