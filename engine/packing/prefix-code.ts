// Prefix code: bodies in fewer bits. A byte takes the fewer of them the more often it comes behind bytes like the one before it;
// tags (tags.ts) are alike by their upper half, letters and digits too. Canonical and without state: every body is read alone.
//
//   coded    the first byte's lower half names the format, its upper half says how many bits of the last byte mean nothing;
//            then each further byte's code, behind one another, the highest bit first.
//   code     by the upper half of the byte before, 0 at the beginning; lengths in code-lengths.ts, codes of one length in the order of
//            their bytes (canonical Huffman). Bytes that are rare there are an escape and their eight bits.
import { CODE_LENGTHS } from './code-lengths.ts'

// Bits of a code, escaped bytes aside. 10: a table of 1,024 for each of the sixteen contexts stays in a processor's own caches.
export const CODE_BITS_MAX = 10
export const CODE_BITS_MIN = 2

/** What a code means behind which the eight bits of a rare byte come. */
export const ESCAPE = 256

export const CONTEXTS = 16
/** The context of what stands behind `byte`. */
export const contextBehind = (byte: number): number => byte >> 4

const FORMAT_BITS = 4
const FORMAT_MASK = 0x0f
const BYTE_BITS = 8
const LENGTH_BITS = 5
const LENGTH_MASK = 0x1f
// Bits are written and read four bytes at a time: a rare byte takes 18 at most, and seven may stand before it.
const WINDOW_BYTES = 4
const WINDOW_BITS = 32
const CODED_BYTES_MAX = 3
// 256 KB: more than a thousand bodies share one allocation.
const CHUNK_BYTES = 256 * 1024

/** By context and byte: the code's bits over its length. */
const codes = new Int32Array(CONTEXTS * 256)
/** By context and the next ten bits: what they begin with, over its length: every ten bits begin with some code. */
const meanings = new Uint16Array(CONTEXTS << CODE_BITS_MAX)
for (const [context, row] of CODE_LENGTHS.entries()) fillTables(lengthsIn(row), context)

function lengthsIn(row: string): readonly number[] {
  return Array.from(row, digit => Number.parseInt(digit, 16))
}

function fillTables(lengths: readonly number[], context: number): void {
  let next = 0
  let escaping = 0
  for (let length = 1; length <= CODE_BITS_MAX; length++) {
    for (const [meaning, its] of lengths.entries()) {
      if (its !== length) continue
      if (meaning === ESCAPE) escaping = (next << LENGTH_BITS) | length
      else codes[context * 256 + meaning] = (next << LENGTH_BITS) | length
      const first = (context << CODE_BITS_MAX) | (next << (CODE_BITS_MAX - length))
      meanings.fill((meaning << LENGTH_BITS) | length, first, first + (1 << (CODE_BITS_MAX - length)))
      next++
    }
    next <<= 1
  }
  for (let byte = 0; byte < 256; byte++) {
    if (lengths[byte] !== 0) continue
    const bits = ((escaping >> LENGTH_BITS) << BYTE_BITS) | byte
    codes[context * 256 + byte] = (bits << LENGTH_BITS) | ((escaping & LENGTH_MASK) + BYTE_BITS)
  }
}

let chunk = new DataView(new ArrayBuffer(CHUNK_BYTES))
let used = 0

/**
 * The body in codes, `format` in its first byte: bytes nobody else writes into. Undefined where that would be no shorter. The first byte of
 * `plain`, its own format, is not coded.
 */
export function coded(plain: Uint8Array, format: number): Uint8Array | undefined {
  const { length } = plain
  const room = length * CODED_BYTES_MAX + WINDOW_BYTES
  if (chunk.byteLength - used < room) [chunk, used] = [new DataView(new ArrayBuffer(Math.max(CHUNK_BYTES, room))), 0]
  const target = chunk
  const start = used
  let at = start + 1
  let bits = 0
  let count = 0
  let context = 0
  for (let index = 1; index < length; index++) {
    const byte = plain[index] as number
    const code = codes[(context << BYTE_BITS) | byte] as number
    const more = code & LENGTH_MASK
    bits = (bits << more) | (code >> LENGTH_BITS)
    count += more
    // All that is there, whole bytes or not: a branch on it would be foreseen half of the time. At most 25 bits.
    target.setInt32(at, bits << (WINDOW_BITS - count))
    at += count >> 3
    count &= 7
    context = contextBehind(byte)
  }
  const padding = count === 0 ? 0 : BYTE_BITS - count
  const end = count === 0 ? at : at + 1
  if (end - start >= length) return undefined
  target.setUint8(start, format | (padding << FORMAT_BITS))
  used = end
  return new Uint8Array(target.buffer, start, end - start)
}

/** Whether a body is one that `coded` made under this format. */
export const isCoded = (body: Uint8Array, format: number): boolean => ((body[0] as number) & FORMAT_MASK) === format

const BODY = new Uint8Array(CHUNK_BYTES)
const PLAIN = new Uint8Array(CHUNK_BYTES * (BYTE_BITS / CODE_BITS_MIN))

/** What `coded` was given, but for its first byte: until the next call. */
export function decoded(body: Uint8Array): Uint8Array {
  const { length } = body
  const end = length * BYTE_BITS - ((body[0] as number) >> FORMAT_BITS)
  // A copy, as bits are read beyond the body's end.
  const isLarge = length + WINDOW_BYTES > CHUNK_BYTES
  const source = isLarge ? new Uint8Array(length + WINDOW_BYTES) : BODY
  const target = isLarge ? new Uint8Array(length * (BYTE_BITS / CODE_BITS_MIN)) : PLAIN
  source.set(body)
  const view = new DataView(source.buffer)
  let at = 1
  let context = 0
  let from = BYTE_BITS
  while (from < end) {
    const bits = view.getInt32(from >> 3) << (from & 7)
    const found = meanings[(context << CODE_BITS_MAX) | (bits >>> (WINDOW_BITS - CODE_BITS_MAX))] as number
    const taken = found & LENGTH_MASK
    from += taken
    let byte = found >> LENGTH_BITS
    if (byte === ESCAPE) {
      byte = (bits << taken) >>> (WINDOW_BITS - BYTE_BITS)
      from += BYTE_BITS
    }
    target[at++] = byte
    context = contextBehind(byte)
  }
  return target.subarray(0, at)
}
