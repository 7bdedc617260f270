// Cipher: closes a value under a key and opens it again. AES-256-GCM with a nonce that HMAC-SHA-256 derives from the value
// itself: the same value under the same key gives the same bytes, so that contents are compared, and events judged again, without
// opening anything. What that tells, that two values of one order are equal, is told to nobody else: keys are an order's own. Pure.
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'

/** Length of a key, bytes. */
export const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

export interface CipherKey {
  readonly nonce: KeyObject
  readonly box: KeyObject
}

/** Two keys of one, for the two things it is used for. */
export const cipherKey = (bytes: Uint8Array): CipherKey => ({
  nonce: derived('nonce', bytes),
  box: derived('box', bytes),
})

const derived = (purpose: string, bytes: Uint8Array): KeyObject =>
  createSecretKey(hash('sha256', Buffer.concat([Buffer.from(`ordertwin ${purpose} `), bytes]), 'buffer'))

/** Text as it is, anything else as JSON: one letter tells. */
const TEXT = 't'
const JSON_VALUE = 'j'

export function sealedBox({ box, nonce }: CipherKey, value: unknown): string {
  const clear = typeof value === 'string' ? TEXT + value : JSON_VALUE + JSON.stringify(value)
  const derivedNonce = createHmac('sha256', nonce).update(clear).digest().subarray(0, NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', box, derivedNonce)
  const closed = cipher.update(clear, 'utf8')
  cipher.final()
  return Buffer.concat([derivedNonce, cipher.getAuthTag(), closed]).toString('base64url')
}

/** The value, or undefined where the box was not closed under this key. */
export function openedBox({ box: key }: CipherKey, box: string): { readonly value: unknown } | undefined {
  const bytes = Buffer.from(box, 'base64url')
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  try {
    const clear = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    return { value: clear.startsWith(TEXT) ? clear.slice(1) : JSON.parse(clear.slice(1)) }
  } catch {
    return undefined
  }
}
