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
export const hash64 = (text: string, key: HashKey): Hash64 => hashOf('', text, 0, key)

/** The hash of `first`, a NUL and `second`, as if they were one text: putting them together would cost more than hashing. */
export const hash64Of = (first: string, second: string, key: HashKey): Hash64 => hashOf(first, second, 1, key)

/** The hash of `first` and `second` as one text. */
export const hash64Joined = (first: string, second: string, key: HashKey): Hash64 => hashOf(first, second, 0, key)

/** `first`, so many NULs as there are `between`, `second`. */
function hashOf(first: string, second: string, between: number, key: HashKey): Hash64 {
  const length = first.length + between + second.length
  let h1 = key.a ^ length
  let h2 = key.b ^ (length << 16)
  const start = second.length - length
  for (let index = start; index < second.length; index++) {
    const unit = index >= 0 ? second.charCodeAt(index) : index >= -between ? 0 : first.charCodeAt(index - start)
    h1 = Math.imul(h1 ^ unit, 0x9e3779b1)
    h1 = (h1 << 13) | (h1 >>> 19)
    h2 = Math.imul(h2 ^ unit, 0x85ebca6b)
    h2 = (h2 << 17) | (h2 >>> 15)
  }
  h1 = finalised(h1 ^ Math.imul(h2, 0xcc9e2d51))
  h2 = finalised(h2 ^ Math.imul(h1, 0x1b873593))
  return { high: h1 >>> 0, low: h2 >>> 0 }
}

// Before each value one unit says what it is: values that look alike differ.
const A_TEXT = 0x1_0001
const A_WHOLE_NUMBER = 0x1_0002
const A_NUMBER = 0x1_0003
const A_LIST = 0x1_0004
const A_RECORD = 0x1_0005
const AN_END = 0x1_0006
const OTHERS: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  [null, 0x1_0007],
  [undefined, 0x1_0007],
  [true, 0x1_0008],
  [false, 0x1_0009],
])

/**
 * Hash of what JSON would say of `value`, without saying it: members in their own order, those that are undefined left out.
 * Pure.
 */
export function dataHash(value: unknown, key: HashKey): Hash64 {
  lane1 = key.a
  lane2 = key.b
  mixValue(value)
  const high = finalised(lane1 ^ Math.imul(lane2, 0xcc9e2d51))
  const low = finalised(lane2 ^ Math.imul(high, 0x1b873593))
  return { high: high >>> 0, low: low >>> 0 }
}

let lane1 = 0
let lane2 = 0
const float = new Float64Array(1)
const halves = new Int32Array(float.buffer)

function mix(unit: number): void {
  const h1 = Math.imul(lane1 ^ unit, 0x9e3779b1)
  lane1 = (h1 << 13) | (h1 >>> 19)
  const h2 = Math.imul(lane2 ^ unit, 0x85ebca6b)
  lane2 = (h2 << 17) | (h2 >>> 15)
}

/** As `mix` does it of each unit; both lanes are put down only behind the last. */
function mixText(text: string): void {
  mix(A_TEXT)
  mix(text.length)
  let h1 = lane1
  let h2 = lane2
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    h1 = Math.imul(h1 ^ unit, 0x9e3779b1)
    h1 = (h1 << 13) | (h1 >>> 19)
    h2 = Math.imul(h2 ^ unit, 0x85ebca6b)
    h2 = (h2 << 17) | (h2 >>> 15)
  }
  lane1 = h1
  lane2 = h2
}

function mixNumber(value: number): void {
  if ((value | 0) === value) {
    mix(A_WHOLE_NUMBER)
    mix(value)
    return
  }
  float[0] = value
  mix(A_NUMBER)
  mix(halves[0] as number)
  mix(halves[1] as number)
}

function mixValue(value: unknown): void {
  if (typeof value === 'string') mixText(value)
  else if (typeof value === 'number') mixNumber(value)
  else if (typeof value !== 'object' || value === null) mix(OTHERS.get(value) as number)
  else if (Array.isArray(value)) {
    mix(A_LIST)
    mix(value.length)
    for (let index = 0; index < value.length; index++) mixValue(value[index])
  } else {
    mix(A_RECORD)
    const record = value as Readonly<Record<string, unknown>>
    for (const name in record) {
      const member = record[name]
      if (member === undefined) continue
      mixText(name)
      mixValue(member)
    }
    mix(AN_END)
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const LETTER_CODES = Uint8Array.from(LETTERS, letter => letter.charCodeAt(0))
const SIXES = new Uint8Array(128)
for (let six = 0; six < 64; six++) SIXES[LETTER_CODES[six] as number] = six

const letterAt = (half: number, shift: number): number => LETTER_CODES[(half >>> shift) & 63] as number

/** A hash as twelve letters: six bits each, both halves from their highest on. */
export const hashText = ({ high, low }: Hash64): string =>
  String.fromCharCode(
    letterAt(high, 30),
    letterAt(high, 24),
    letterAt(high, 18),
    letterAt(high, 12),
    letterAt(high, 6),
    letterAt(high, 0),
    letterAt(low, 30),
    letterAt(low, 24),
    letterAt(low, 18),
    letterAt(low, 12),
    letterAt(low, 6),
    letterAt(low, 0),
  )

/** The hash that hashText gave as `text`. */
export const hashOfText = (text: string): Hash64 => ({ high: halfOf(text, 0), low: halfOf(text, 6) })

function halfOf(text: string, from: number): number {
  let half = 0
  for (let at = from; at < from + 6; at++) half = (half << 6) | (SIXES[text.charCodeAt(at)] as number)
  return half >>> 0
}

function finalised(lane: number): number {
  let mixed = lane
  mixed ^= mixed >>> 16
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
