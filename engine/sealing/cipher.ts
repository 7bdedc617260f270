// Cipher: closes a value under a key and opens it again. A synthetic initialisation vector, as in RFC 5297: HMAC-SHA-256 of the
// value, cut to 128 bits, is both the proof that nothing was changed and where AES-256 in counter mode begins. So the same value
// under the same key gives the same bytes: contents are compared, and events judged again, without opening anything. What that
// tells, that two values of one order are equal, is told to nobody else: keys are an order's own. Pure.
import { type Cipheriv, createCipheriv, createSecretKey, hash, timingSafeEqual } from 'node:crypto'

/** Length of a key, bytes. */
export const KEY_BYTES = 32
const VECTOR_BYTES = 16
const BLOCK_CIPHER = 'aes-256-ecb'
const BLOCK_BYTES = 16
// What SHA-256 works through at once, and what comes out of it.
const HASH_BLOCK_BYTES = 64
const HASH_BYTES = 32

export interface CipherKey {
  /** The key of the HMAC. */
  readonly code: Uint8Array
  /**
   * AES-256, block by block: what counter mode is made of. It stays with the key, since an object for each value, as Node has it
   * for counter mode, costs three times what is done with it, most of that when the collector comes to it.
   */
  readonly aes: Cipheriv
}

/** Two keys of one, for the two things it is used for: the halves of one SHA-512. */
export function cipherKey(bytes: Uint8Array): CipherKey {
  purposed.set(bytes, PURPOSE.length)
  both.write(hash('sha512', purposed, 'binary'), 'latin1')
  const code = new Uint8Array(KEY_BYTES)
  code.set(codeHalf)
  return { code, aes: createCipheriv(BLOCK_CIPHER, createSecretKey(aesHalf), null).setAutoPadding(false) }
}
const PURPOSE = Buffer.from('ordertwin sealing ')
const purposed = Buffer.concat([PURPOSE, Buffer.alloc(KEY_BYTES)])
const both = Buffer.alloc(KEY_BYTES + KEY_BYTES)
const codeHalf = both.subarray(0, KEY_BYTES)
const aesHalf = both.subarray(KEY_BYTES)

/** Leaves nothing in memory of the key that was used last: what was worked with lies there until the next. */
export function forgetLast(): void {
  purposed.fill(0, PURPOSE.length)
  both.fill(0)
  hashed.fill(INNER_PAD, 0, KEY_BYTES)
  hashed.fill(0, HASH_BLOCK_BYTES)
  outerHashed.fill(OUTER_PAD, 0, KEY_BYTES)
}

/** Text as it is, anything else as JSON: one letter tells. */
const TEXT = 't'
const JSON_VALUE = 'j'

/** Base64 without padding, of URLs. */
export function sealedBox({ aes, code }: CipherKey, value: unknown): string {
  const clear = typeof value === 'string' ? TEXT + value : JSON_VALUE + JSON.stringify(value)
  // At most three bytes a letter.
  room(clear.length * 3)
  const length = hashed.write(clear, HASH_BLOCK_BYTES, 'utf8')
  box.write(codeOf(code, length), 0, VECTOR_BYTES, 'latin1')
  const stream = keyStream(aes, length)
  for (let at = 0; at < length; at++)
    box[VECTOR_BYTES + at] = (hashed[HASH_BLOCK_BYTES + at] as number) ^ (stream[at] as number)
  return box.toString('base64url', 0, VECTOR_BYTES + length)
}

/** The value, or undefined where the box was not closed under this key. */
export function openedBox({ aes, code }: CipherKey, text: string): { readonly value: unknown } | undefined {
  const length = Buffer.byteLength(text, 'base64url') - VECTOR_BYTES
  if (length < 1) return undefined
  room(length)
  if (box.write(text, 'base64url') !== VECTOR_BYTES + length) return undefined
  const stream = keyStream(aes, length)
  for (let at = 0; at < length; at++)
    hashed[HASH_BLOCK_BYTES + at] = (box[VECTOR_BYTES + at] as number) ^ (stream[at] as number)
  claimed.write(codeOf(code, length), 0, VECTOR_BYTES, 'latin1')
  if (!timingSafeEqual(claimed, box.subarray(0, VECTOR_BYTES))) return undefined
  const clear = hashed.toString('utf8', HASH_BLOCK_BYTES, HASH_BLOCK_BYTES + length)
  return { value: clear.startsWith(TEXT) ? clear.slice(1) : JSON.parse(clear.slice(1)) }
}

/** What counter mode puts over `length` bytes, and some more: numbers of 128 bits, counted from the vector in `box`, closed. */
function keyStream(aes: Cipheriv, length: number): Uint8Array {
  const bytes = Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES
  box.copy(counters, 0, 0, VECTOR_BYTES)
  for (let at = BLOCK_BYTES; at < bytes; at += BLOCK_BYTES) {
    counters.copyWithin(at, at - BLOCK_BYTES, at)
    for (let digit = at + BLOCK_BYTES - 1; digit >= at; digit--) {
      counters[digit] = (counters[digit] as number) + 1
      // What has come round to zero carries.
      if (counters[digit] !== 0) break
    }
  }
  return aes.update(counters.subarray(0, bytes))
}

// Two hashes of bytes that lie there cost a third of an HMAC object. 4 KB: what a remark may have; more makes room for itself and
// keeps it. Each begins with a block of the pad that keys are hashed with.
const INNER_PAD = 0x36
const OUTER_PAD = 0x5c
const outerHashed = Buffer.alloc(HASH_BLOCK_BYTES + HASH_BYTES, OUTER_PAD)
const claimed = Buffer.alloc(VECTOR_BYTES)
let hashed = Buffer.alloc(0)
let box = Buffer.alloc(0)
let counters = Buffer.alloc(0)
room(4_096)

function room(bytes: number): void {
  if (counters.length >= bytes + BLOCK_BYTES) return
  hashed = Buffer.alloc(HASH_BLOCK_BYTES + bytes, INNER_PAD)
  box = Buffer.alloc(VECTOR_BYTES + bytes)
  counters = Buffer.alloc(bytes + BLOCK_BYTES)
}

/** HMAC-SHA-256 (RFC 2104) of the `length` bytes in `hashed` behind its first block, a letter a byte. */
function codeOf(key: Uint8Array, length: number): string {
  for (let at = 0; at < KEY_BYTES; at++) {
    hashed[at] = (key[at] as number) ^ INNER_PAD
    outerHashed[at] = (key[at] as number) ^ OUTER_PAD
  }
  const inner = hash('sha256', hashed.subarray(0, HASH_BLOCK_BYTES + length), 'binary')
  outerHashed.write(inner, HASH_BLOCK_BYTES, HASH_BYTES, 'latin1')
  return hash('sha256', outerHashed, 'binary')
}
