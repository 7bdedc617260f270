// Sealed texts as bytes: NUL, whose key, its number, a dot, Base64 letters, NUL (engine/sealing/token.ts). Three bytes hold four
// letters. What reads alike and is written otherwise (leading zeros, bits behind the last byte) stays text. Pure.

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const NO_LETTER = 64
const SIXES = new Uint8Array(128).fill(NO_LETTER)
for (let six = 0; six < 64; six++) SIXES[LETTERS.charCodeAt(six)] = six

const DOT = 0x2e
const ORDER = 0x6f
const EVENT = 0x65
// 10 digits in base 36 stay below 2 ** 52.
const KEY_DIGITS_MAX = 10

/** The bytes of the last text that sealedLength took for one. */
export interface SealedBytes {
  isEvent: boolean
  key: number
  bytes: Uint8Array
  length: number
}

// Grows with the longest value sealed so far; a remark has at most 4,000 letters.
const last: SealedBytes = { isEvent: false, key: 0, bytes: new Uint8Array(4_096), length: 0 }

/** What `text` is as bytes, until the next call; undefined where it is no sealed text, or not the one these bytes give. */
export function sealedBytes(text: string): SealedBytes | undefined {
  const owner = text.charCodeAt(1)
  const end = text.length - 1
  if (text.charCodeAt(0) !== 0 || text.charCodeAt(end) !== 0 || (owner !== ORDER && owner !== EVENT)) return undefined
  let at = 2
  let key = 0
  while (at < end && text.charCodeAt(at) !== DOT) {
    const digit = digitOf(text.charCodeAt(at++))
    if (digit < 0 || (key === 0 && at > 3)) return undefined
    key = key * 36 + digit
  }
  if (at === 2 || at > 2 + KEY_DIGITS_MAX || at === end) return undefined
  last.isEvent = owner === EVENT
  last.key = key
  return boxed(text, at + 1, end) ? last : undefined
}

function boxed(text: string, from: number, end: number): boolean {
  if (last.bytes.length < end) last.bytes = new Uint8Array(end * 2)
  const { bytes } = last
  let bits = 0
  let held = 0
  let length = 0
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at)
    const six = code < 128 ? (SIXES[code] as number) : NO_LETTER
    if (six === NO_LETTER) return false
    held = ((held << 6) | six) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[length++] = held >> bits
  }
  last.length = length
  // Four letters to three bytes: six bits left over would be a letter too many.
  return bits < 6 && (held & ((1 << bits) - 1)) === 0
}

function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  return code >= 0x61 && code <= 0x7a ? code - 0x57 : -1
}

export const sealedText = (isEvent: boolean, key: number, box: string): string =>
  `\0${isEvent ? 'e' : 'o'}${key.toString(36)}.${box}\0`
