// Keyed 64-bit hashes of names (event ids, families, references). They find, they never decide: whoever follows one
// compares the stored name itself. Keyed per store so that nobody outside can choose colliding names.

export interface HashKey {
  readonly a: number
  readonly b: number
}

/** A 64-bit hash as two unsigned 32-bit halves. */
export interface Hash64 {
  readonly high: number
  readonly low: number
}

/** Hash of `text` under `key`: two multiply-xor lanes over UTF-16 units, finalised as in MurmurHash3. Pure. */
export function hash64(text: string, key: HashKey): Hash64 {
  return hashOf('', text, text.length, key)
}

/** The hash of `first`, a NUL and `second`, as if they were one text: putting them together would cost more than hashing. */
export function hash64Of(first: string, second: string, key: HashKey): Hash64 {
  return hashOf(first, second, first.length + 1 + second.length, key)
}

function hashOf(first: string, second: string, length: number, key: HashKey): Hash64 {
  let h1 = key.a ^ length
  let h2 = key.b ^ (length << 16)
  const start = second.length - length
  for (let index = start; index < second.length; index++) {
    // Before the second text: the first, then one NUL.
    const unit = index >= 0 ? second.charCodeAt(index) : index === -1 ? 0 : first.charCodeAt(index - start)
    h1 = Math.imul(h1 ^ unit, 0x9e3779b1)
    h1 = (h1 << 13) | (h1 >>> 19)
    h2 = Math.imul(h2 ^ unit, 0x85ebca6b)
    h2 = (h2 << 17) | (h2 >>> 15)
  }
  h1 = finalised(h1 ^ Math.imul(h2, 0xcc9e2d51))
  h2 = finalised(h2 ^ Math.imul(h1, 0x1b873593))
  return { high: h1 >>> 0, low: h2 >>> 0 }
}

function finalised(lane: number): number {
  let mixed = lane
  mixed ^= mixed >>> 16
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
