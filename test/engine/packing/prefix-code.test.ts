// The prefix code of bodies: whatever is coded comes back as it was, no body gets longer, and codes stay as they are.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CODE_LENGTHS } from '../../../engine/packing/code-lengths.ts'
import {
  CODE_BITS_MAX,
  CODE_BITS_MIN,
  CONTEXTS,
  coded,
  contextBehind,
  decoded,
  isCoded,
} from '../../../engine/packing/prefix-code.ts'

const FORMAT = 4

/** What comes back of a body whose first byte is not coded. */
function backFrom(bytes: readonly number[]): readonly number[] | undefined {
  const body = coded(Uint8Array.from([3, ...bytes]), FORMAT)
  return body && [...decoded(body).subarray(1)]
}

/** Bytes like those of bodies: numbers, texts, words. Of others many would be no shorter. */
const bodyBytes = fc
  .array(
    fc.oneof(
      fc.constant([0]),
      fc.integer({ min: 0, max: 15 }).map(number => [number]),
      fc.stringMatching(/^[0-9-]{0,20}$/).map(text => [0x40 + text.length, ...Buffer.from(text)]),
      fc.integer({ min: 0, max: 255 }).map(byte => [byte]),
    ),
    { maxLength: 60 },
  )
  .map(parts => parts.flat())

describe('the prefix code', () => {
  test('[E6] whatever is coded comes back as it was, of any number of bits, and never longer than it was', () => {
    let shorter = 0
    fc.assert(
      fc.property(bodyBytes, bytes => {
        const body = coded(Uint8Array.from([3, ...bytes]), FORMAT)
        if (body === undefined) return
        shorter++
        expect(body.length).toBeLessThanOrEqual(bytes.length)
        expect(isCoded(body, FORMAT)).toBe(true)
        expect([...decoded(body).subarray(1)]).toEqual(bytes)
      }),
      { numRuns: 2_000 },
    )
    expect(shorter).toBeGreaterThan(500)
  })

  test('[E6] every byte comes back behind every other, frequent or rare', () => {
    // Zeros in front are short: the rare bytes behind them take more than they are.
    const zeros = new Array<number>(24).fill(0)
    for (let before = 0; before < 256; before++)
      for (let byte = 0; byte < 256; byte++) {
        const bytes = [...zeros, before, byte]
        expect(backFrom(bytes)).toEqual(bytes)
      }
  })

  test('[E6] what codes would not make shorter is left as it is: nothing, noise, letters of other scripts', () => {
    const noise = createHash('sha512').update('noise').digest()
    for (const bytes of [[], [...noise], [...Buffer.from('обычный текст, которого в журнале почти не бывает')]])
      expect(coded(Uint8Array.from([3, ...bytes]), FORMAT)).toBeUndefined()
  })

  test('[E6] a body is its own: coding the next, or one that is large, changes none before', () => {
    const first = coded(new Uint8Array(40), FORMAT) as Uint8Array
    const bytes = [...first]
    const large = coded(new Uint8Array(3_000_000), FORMAT) as Uint8Array
    coded(new Uint8Array(50), FORMAT)
    expect([...first]).toEqual(bytes)
    expect(decoded(large)).toHaveLength(3_000_000)
    expect(decoded(large).every(byte => byte === 0 || byte === FORMAT)).toBe(true)
    expect([...decoded(first).subarray(1)]).toEqual(new Array<number>(39).fill(0))
  })

  test('[E6] bodies of every size come back, also where they, or what they were, are as large as the memory they pass through', () => {
    const large = 256 * 1024
    const bitsOfZero = Number.parseInt(CODE_LENGTHS[0]?.[0] ?? '', 16)
    // As much as a coded body is copied to, and as much as comes out of that: two bits a byte at least.
    for (const size of [(8 * large) / bitsOfZero, large, 4 * large])
      for (let more = -12; more < 12; more++) {
        const plain = new Uint8Array(size + more)
        // Rare bytes at the end take 18 bits.
        plain.fill(0x98, size + more - (more & 3))
        const back = decoded(coded(plain, FORMAT) as Uint8Array)
        expect(back.length).toBe(size + more)
        expect(Buffer.compare(back.subarray(1), plain.subarray(1))).toBe(0)
      }
  })

  test('[E6] what takes more bits than it had finds room wherever the memory for it ends', () => {
    // Most bytes are rare here: longer coded, and left as it is. Many of them use up one memory after another.
    const rare = Uint8Array.from({ length: 3_000 }, (_, index) => 0x90 + (index % 7))
    const kept = coded(new Uint8Array(30), FORMAT) as Uint8Array
    const bytes = [...kept]
    for (let round = 0; round < 400; round++) {
      coded(rare, FORMAT)
      expect(coded(new Uint8Array(30 + (round % 50)), FORMAT)).toBeDefined()
    }
    expect([...kept]).toEqual(bytes)
  })

  test('[E6] no code begins another, none is left over, and each is as long as is promised', () => {
    expect(CODE_LENGTHS).toHaveLength(CONTEXTS)
    expect(contextBehind(255)).toBe(CONTEXTS - 1)
    for (const row of CODE_LENGTHS) {
      expect(row).toHaveLength(257)
      const lengths = Array.from(row, digit => Number.parseInt(digit, 16)).filter(length => length > 0)
      // Kraft: the parts of all that each code takes for itself.
      expect(lengths.reduce((sum, length) => sum + 2 ** -length, 0)).toBe(1)
      expect(Math.min(...lengths)).toBeGreaterThanOrEqual(CODE_BITS_MIN)
      expect(Math.max(...lengths)).toBeLessThanOrEqual(CODE_BITS_MAX)
      expect(row.at(-1)).not.toBe('0')
    }
  })

  test('[E6] codes that were released stay as they are', () => {
    expect(createHash('sha256').update(CODE_LENGTHS.join()).digest('hex').slice(0, 16)).toBe('f9476571782327d2')
  })
})
