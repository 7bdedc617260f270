// Family record: a row's value with a digest around it (reliability.md F4, F5: LevelDB hands out flipped bits, and packed
// bytes with a flipped bit decode to something else without complaint).
//
//     0 digest: SHA-256 of store id, key, head and bytes, its first 16 bytes   16 head (48 bits)   22 format   23 bytes
//
// A cryptographic digest, not a CRC: it costs 2 µs where reading the row from a disk costs 20, it leaves no chance worth naming over
// billions of reads, and since key and store are in it, a row under another key or from another store's folder shows too.
import { hash as digestOf } from 'node:crypto'
import type { StoredFamily } from './family-store.ts'

// Format log. A row of another format is not read: it is rebuilt.
//   1  0.1.0  the first
const RECORD_FORMAT = 1
const DIGEST_BYTES = 16
const HEADER_BYTES = 23

export function encodeRecord(storeId: string, key: string, { head, bytes }: StoredFamily): Uint8Array {
  const record = Buffer.allocUnsafe(HEADER_BYTES + bytes.length)
  record.writeUIntLE(head, DIGEST_BYTES, 6)
  record[22] = RECORD_FORMAT
  record.set(bytes, HEADER_BYTES)
  record.set(digest(storeId, key, record), 0)
  return record
}

/** Undefined unless the record is exactly what was written under `key` in the store `storeId`. `bytes` are a view of it. */
export function decodeRecord(storeId: string, key: string, record: Uint8Array): StoredFamily | undefined {
  if (record.length < HEADER_BYTES || record[22] !== RECORD_FORMAT) return undefined
  const buffer = Buffer.from(record.buffer, record.byteOffset, record.length)
  if (digest(storeId, key, buffer).compare(buffer, 0, DIGEST_BYTES) !== 0) return undefined
  return { head: buffer.readUIntLE(DIGEST_BYTES, 6), bytes: record.subarray(HEADER_BYTES) }
}

function digest(storeId: string, key: string, record: Buffer): Buffer {
  // The lengths of store id and key are fixed by what precedes them: no two pairs read the same.
  const name = Buffer.from(`${storeId.length} ${key.length} ${storeId}${key}`)
  const covered = Buffer.concat([name, record.subarray(DIGEST_BYTES)])
  return digestOf('sha256', covered, 'buffer').subarray(0, DIGEST_BYTES)
}
