// Cipher: closes a value under a key and opens it again. A synthetic initialisation vector, as in RFC 5297: HMAC-SHA-256 of the
// value, cut to 128 bits, is both the proof that nothing was changed and where AES-256 in counter mode begins. So the same value
// under the same key gives the same bytes: contents are compared, and events judged again, without opening anything. What that
// tells, that two values of one order are equal, is told to nobody else: keys are an order's own. Pure.
import { createCipheriv, createDecipheriv, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto'

/** Length of a key, bytes. */
export const KEY_BYTES = 32
const VECTOR_BYTES = 16
const CIPHER = 'aes-256-ctr'
// What SHA-256 works through at once, and what comes out of it.
const HASH_BLOCK_BYTES = 64
const HASH_BYTES = 32

export interface CipherKey {
  /** The key of the HMAC as it is hashed before the value, and before the hash of both (RFC 2104). */
  readonly inner: Buffer
  readonly outer: Buffer
  readonly box: KeyObject
}

/** Two keys of one, for the two things it is used for: the halves of one SHA-512. */
export function cipherKey(bytes: Uint8Array): CipherKey {
  const both = Buffer.from(hash('sha512', Buffer.concat([PURPOSE, bytes]), 'binary'), 'latin1')
  const vectorKey = both.subarray(0, KEY_BYTES)
  return {
    inner: padded(vectorKey, 0x36),
    outer: padded(vectorKey, 0x5c),
    box: createSecretKey(both.subarray(KEY_BYTES)),
  }
}
const PURPOSE = Buffer.from('ordertwin sealing ')

function padded(key: Uint8Array, pad: number): Buffer {
  const block = Buffer.allocUnsafe(HASH_BLOCK_BYTES).fill(pad)
  for (let index = 0; index < key.length; index++) block[index] = (key[index] as number) ^ pad
  return block
}

/** Text as it is, anything else as JSON: one letter tells. */
const TEXT = 't'
const JSON_VALUE = 'j'

/** Base64 without padding, of URLs. */
export function sealedBox({ box, inner, outer }: CipherKey, value: unknown): string {
  const clear = typeof value === 'string' ? TEXT + value : JSON_VALUE + JSON.stringify(value)
  // At most three bytes a letter.
  room(VECTOR_BYTES + clear.length * 3)
  const length = hashed.write(clear, HASH_BLOCK_BYTES, 'utf8')
  vector.write(codeOf(inner, outer, length), 0, VECTOR_BYTES, 'latin1')
  closed.set(vector)
  closed.write(createCipheriv(CIPHER, box, vector).update(clear, 'utf8', 'latin1'), VECTOR_BYTES, length, 'latin1')
  return closed.toString('base64url', 0, VECTOR_BYTES + length)
}

/** The value, or undefined where the box was not closed under this key. */
export function openedBox({ box: key, inner, outer }: CipherKey, box: string): { readonly value: unknown } | undefined {
  const bytes = Buffer.from(box, 'base64url')
  const length = bytes.length - VECTOR_BYTES
  if (length < 1) return undefined
  room(length)
  const claimed = bytes.subarray(0, VECTOR_BYTES)
  hashed.set(createDecipheriv(CIPHER, key, claimed).update(bytes.subarray(VECTOR_BYTES)), HASH_BLOCK_BYTES)
  vector.write(codeOf(inner, outer, length), 0, VECTOR_BYTES, 'latin1')
  if (!timingSafeEqual(vector, claimed)) return undefined
  const clear = hashed.toString('utf8', HASH_BLOCK_BYTES, HASH_BLOCK_BYTES + length)
  return { value: clear.startsWith(TEXT) ? clear.slice(1) : JSON.parse(clear.slice(1)) }
}

// Two hashes of bytes that lie there cost a third of an HMAC object, and texts of a letter a byte half of what buffers do. 4 KB:
// what a remark may have; more makes room for itself and keeps it.
let hashed = Buffer.alloc(HASH_BLOCK_BYTES + 4_096)
let closed = Buffer.alloc(VECTOR_BYTES + 4_096)
const vector = Buffer.alloc(VECTOR_BYTES)
const outerHashed = Buffer.alloc(HASH_BLOCK_BYTES + HASH_BYTES)

function room(bytes: number): void {
  if (closed.length >= bytes) return
  hashed = Buffer.alloc(HASH_BLOCK_BYTES + bytes)
  closed = Buffer.alloc(bytes)
}

/** HMAC-SHA-256 of the `length` bytes in `hashed` behind its first block, a letter a byte. */
function codeOf(inner: Buffer, outer: Buffer, length: number): string {
  hashed.set(inner)
  outerHashed.set(outer)
  outerHashed.write(
    hash('sha256', hashed.subarray(0, HASH_BLOCK_BYTES + length), 'binary'),
    HASH_BLOCK_BYTES,
    HASH_BYTES,
    'latin1',
  )
  return hash('sha256', outerHashed, 'binary')
}
