// Family record: a row's value with a digest around it (reliability.md F4, F5: LevelDB hands out flipped bits, and packed
// bytes with a flipped bit decode to something else without complaint).
//
//     0 digest: SHA-256 of store id, key and all behind it, its first 16 bytes   16 head (48 bits)   22 format
//    23 positions before the head: one more than there are of them, then how far each is before the one after it, the newest
//       first, 7 bits a byte; 0 where they are not known     then the family's bytes
//
// A cryptographic digest, not a CRC: it costs 2 µs where reading the row from a disk costs 20, it leaves no chance worth naming over
// billions of reads, and since key and store are in it, a row under another key or from another store's folder shows too.
import { hash as digestOf } from 'node:crypto'
import type { StoredFamily } from './family-store.ts'

// Format log. A row of another format is not read: it is rebuilt.
//   1  0.1.0  the first
//   2  0.1.0  with the positions of a family's entries
const RECORD_FORMAT = 2
const DIGEST_BYTES = 16
const HEADER_BYTES = 23

export function encodeRecord(storeId: string, key: string, { bytes, earlier, head }: StoredFamily): Uint8Array {
  const positions = packPositions(earlier, head)
  const record = Buffer.allocUnsafe(HEADER_BYTES + positions.length + bytes.length)
  record.writeUIntLE(head, DIGEST_BYTES, 6)
  record[22] = RECORD_FORMAT
  record.set(positions, HEADER_BYTES)
  record.set(bytes, HEADER_BYTES + positions.length)
  record.set(digest(storeId, key, record), 0)
  return record
}

/** Undefined unless the record is exactly what was written under `key` in the store `storeId`. `bytes` are a view of it. */
export function decodeRecord(storeId: string, key: string, record: Uint8Array): StoredFamily | undefined {
  if (record.length < HEADER_BYTES || record[22] !== RECORD_FORMAT) return undefined
  const buffer = Buffer.from(record.buffer, record.byteOffset, record.length)
  if (digest(storeId, key, buffer).compare(buffer, 0, DIGEST_BYTES) !== 0) return undefined
  const head = buffer.readUIntLE(DIGEST_BYTES, 6)
  const { earlier, end } = unpackPositions(record, head)
  return { head, earlier, bytes: record.subarray(end) }
}

function packPositions(earlier: readonly number[] | undefined, head: number): readonly number[] {
  const bytes: number[] = []
  const write = (value: number) => {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
    bytes.push(rest)
  }
  if (earlier === undefined) return [0]
  write(earlier.length + 1)
  let later = head
  for (let index = earlier.length - 1; index >= 0; index--) {
    const position = earlier[index] as number
    write(later - position)
    later = position
  }
  return bytes
}

/** Those before `head`, and where they end in the record. */
function unpackPositions(record: Uint8Array, head: number) {
  let at = HEADER_BYTES
  const read = (): number => {
    let value = 0
    for (let unit = 1; ; unit *= 0x80) {
      const byte = record[at++] as number
      value += (byte & 0x7f) * unit
      if (byte < 0x80) return value
    }
  }
  const count = read() - 1
  if (count < 0) return { earlier: undefined, end: at }
  const earlier = new Array<number>(count)
  let later = head
  for (let index = count - 1; index >= 0; index--) {
    later -= read()
    earlier[index] = later
  }
  return { earlier, end: at }
}

function digest(storeId: string, key: string, record: Buffer): Buffer {
  // The lengths of store id and key are fixed by what precedes them: no two pairs read the same.
  const name = Buffer.from(`${storeId.length} ${key.length} ${storeId}${key}`)
  const covered = Buffer.concat([name, record.subarray(DIGEST_BYTES)])
  return digestOf('sha256', covered, 'buffer').subarray(0, DIGEST_BYTES)
}
