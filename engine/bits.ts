// Numbers of a few bits, one behind the other in words of 32; behind the last there is a word more. Nothing here asks where a word ends: as
// often as not a number goes beyond it, which no processor foresees.

const WORD_BITS = 32

/** The number of `width` bits, 1 to 32, that begins at `bit`. */
export function bitsAt(words: Uint32Array, bit: number, width: number): number {
  const word = bit >>> 5
  const shift = bit & (WORD_BITS - 1)
  // In two steps: a shift by a whole word is none.
  const bits = (words[word]! >>> shift) | ((words[word + 1]! << 1) << (WORD_BITS - 1 - shift))
  return (bits & (0xffff_ffff >>> (WORD_BITS - width))) >>> 0
}

/** Puts `value` where all bits are 0, so many as it has. */
export function putBits(words: Uint32Array, bit: number, value: number): void {
  const word = bit >>> 5
  const shift = bit & (WORD_BITS - 1)
  words[word]! |= value << shift
  words[word + 1]! |= (value >>> 1) >>> (WORD_BITS - 1 - shift)
}

/** How many words `count` numbers of `width` bits take, and one. */
export const wordsFor = (count: number, width: number): number => Math.ceil((count * width) / WORD_BITS) + 1

/** Bits that numbers up to `highest` take, which is below 2^32; at least one. */
export const bitsOf = (highest: number): number => Math.max(1, WORD_BITS - Math.clz32(highest))
