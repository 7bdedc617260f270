// Segment file: one stretch of the journal. A sector of header, then blocks; zeros where none are yet.
// The header says only what holds for as long as the store: it is written when the segment is made, before any block.
//
//     0 magic   4 CRC-32 of the rest of the sector   8 format   10 –   12 segment number   16 store id   32 hash key
//    40 where the journal ended when this segment was written anew (rewriting.ts); 0 as long as it is as it was first   46 –
import { crc32 } from 'node:zlib'
import {
  hexOf,
  JOURNAL_FORMAT,
  readUint48,
  SECTOR_BYTES,
  type StoreIdentity,
  storeIdBytes,
  viewOf,
  writeUint48,
} from './codec.ts'
import { type Files, type OpenFile, writeAll } from './files.ts'

export const SEGMENT_HEADER_BYTES = SECTOR_BYTES
// 64 MiB: rebuilding one index takes a tenth of a second, and 100 GB are 1,600 files.
export const SEGMENT_BYTES = 64 * 1024 * 1024

// 1 MiB at a time, each synced: a commit next to it waits for one slice at most, not for 64 MiB of zeros.
const ZERO_SLICE = new Uint8Array(1024 * 1024)
const SEGMENT_MAGIC = 0x534a544f // 'OTJS'

export interface SegmentHeader {
  readonly format: number
  readonly number: number
  readonly store: StoreIdentity
  /** The journal's last position when the segment was written anew: the entry that says so comes behind it. 0: never. */
  readonly rewrittenAfter: number
}

export function segmentName(number: number): string {
  return `${number.toString().padStart(10, '0')}.segment`
}

/** The segment number a file name stands for; undefined for any other file. */
export function parseSegmentName(name: string): number | undefined {
  return /^\d{10}\.segment$/.test(name) ? Number.parseInt(name, 10) : undefined
}

export function encodeSegmentHeader(header: {
  readonly number: number
  readonly store: StoreIdentity
  readonly rewrittenAfter?: number
}): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES)
  const view = viewOf(bytes)
  view.setUint32(0, SEGMENT_MAGIC, true)
  view.setUint16(8, JOURNAL_FORMAT, true)
  view.setUint32(12, header.number, true)
  bytes.set(storeIdBytes(header.store.storeId), 16)
  view.setUint32(32, header.store.hashKey.a, true)
  view.setUint32(36, header.store.hashKey.b, true)
  writeUint48(view, 40, header.rewrittenAfter ?? 0)
  view.setUint32(4, crc32(bytes.subarray(8)), true)
  return bytes
}

/** Undefined when these are not the bytes of a segment's header. */
export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined
  const view = viewOf(bytes)
  if (view.getUint32(0, true) !== SEGMENT_MAGIC) return undefined
  if (view.getUint32(4, true) !== crc32(bytes.subarray(8, SEGMENT_HEADER_BYTES))) return undefined
  const hashKey = { a: view.getUint32(32, true), b: view.getUint32(36, true) }
  return {
    format: view.getUint16(8, true),
    number: view.getUint32(12, true),
    store: { storeId: hexOf(bytes.subarray(16, 32)), hashKey },
    rewrittenAfter: readUint48(view, 40),
  }
}

/**
 * Makes an empty segment, whole and durable under its name when it resolves, and open for writing. Rejects when the file
 * exists already; leaves nothing behind when it fails for any other reason.
 */
export async function createSegment(
  files: Files,
  segment: {
    readonly directory: string
    readonly number: number
    readonly store: StoreIdentity
    readonly bytes: number
  },
): Promise<OpenFile> {
  const path = `${segment.directory}/${segmentName(segment.number)}`
  const file = await files.open(path, 'create')
  try {
    await writeAll(file, encodeSegmentHeader(segment), 0)
    await fillWithZeros(file, SEGMENT_HEADER_BYTES, segment.bytes)
    await files.syncDirectory(segment.directory)
    return file
  } catch (error) {
    await file.close()
    await files.remove(path)
    throw error
  }
}

/** Zeros from `from` up to `to`, synced together with all written to `file` before. */
export async function fillWithZeros(file: OpenFile, from: number, to: number): Promise<void> {
  let offset = from
  do {
    const length = Math.min(ZERO_SLICE.length, to - offset)
    if (length > 0) await writeAll(file, ZERO_SLICE.subarray(0, length), offset)
    await file.sync()
    offset += length
  } while (offset < to)
}
