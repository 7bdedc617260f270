// Index file: what there is to know of a sealed segment without reading it. Rebuilt from the segment when missing or bad,
// so it is written without a sync and believed only with its digest.
//
//     0 magic   4 format   6 –   8 segment number   12 epoch, highest   16 store id   32 opening hash   64 closing hash
//    96 position before the first   102 last position   108 stamp before the first   114 last stamp   120 end offset
//   124 –   128 points (sparse-index.ts)   then SHA-256 of all before it
import {
  type ChainEnd,
  HASH_BYTES,
  hexOf,
  readUint48,
  sameBytes,
  sha256,
  storeIdBytes,
  viewOf,
  writeUint48,
} from './codec.ts'
import { type Files, writeAll } from './files.ts'
import { SparseIndex } from './sparse-index.ts'

// Format log.
//   1  0.1.0  the first
const INDEX_FORMAT = 1
const INDEX_MAGIC = 0x494a544f // 'OTJI'
const FIXED_BYTES = 128

export interface SealedIndex {
  readonly number: number
  readonly storeId: string
  /** Where the chain stood before the segment's first block, and behind its last. */
  readonly opening: ChainEnd
  readonly closing: ChainEnd
  readonly epochMax: number
  /** Offset in the segment behind its last block. */
  readonly endOffset: number
  readonly points: SparseIndex
}

export function indexName(segmentNumber: number): string {
  return `${segmentNumber.toString().padStart(10, '0')}.index`
}

/** Undefined when the file is missing, damaged, or another segment's. */
export async function readIndexFile(
  files: Files,
  segment: { readonly directory: string; readonly number: number; readonly storeId: string },
): Promise<SealedIndex | undefined> {
  const bytes = await files.readWhole(`${segment.directory}/${indexName(segment.number)}`)
  const index = bytes === undefined ? undefined : decodeIndex(bytes)
  return index?.number === segment.number && index.storeId === segment.storeId ? index : undefined
}

export async function writeIndexFile(files: Files, directory: string, index: SealedIndex): Promise<void> {
  const path = `${directory}/${indexName(index.number)}`
  await files.remove(`${path}.fresh`)
  const file = await files.open(`${path}.fresh`, 'create')
  try {
    await writeAll(file, encodeIndex(index), 0)
  } finally {
    await file.close()
  }
  await files.rename(`${path}.fresh`, path)
}

export function encodeIndex(index: SealedIndex): Uint8Array {
  const points = index.points.toBytes()
  const bytes = new Uint8Array(FIXED_BYTES + points.length + HASH_BYTES)
  const view = viewOf(bytes)
  view.setUint32(0, INDEX_MAGIC, true)
  view.setUint16(4, INDEX_FORMAT, true)
  view.setUint32(8, index.number, true)
  view.setUint32(12, index.epochMax, true)
  bytes.set(storeIdBytes(index.storeId), 16)
  bytes.set(index.opening.hash, 32)
  bytes.set(index.closing.hash, 64)
  writeUint48(view, 96, index.opening.position)
  writeUint48(view, 102, index.closing.position)
  writeUint48(view, 108, index.opening.recordedMs)
  writeUint48(view, 114, index.closing.recordedMs)
  view.setUint32(120, index.endOffset, true)
  bytes.set(points, FIXED_BYTES)
  bytes.set(sha256(bytes.subarray(0, bytes.length - HASH_BYTES)), bytes.length - HASH_BYTES)
  return bytes
}

export function decodeIndex(bytes: Uint8Array): SealedIndex | undefined {
  if (bytes.length < FIXED_BYTES + HASH_BYTES) return undefined
  const view = viewOf(bytes)
  const end = bytes.length - HASH_BYTES
  if (view.getUint32(0, true) !== INDEX_MAGIC || view.getUint16(4, true) !== INDEX_FORMAT) return undefined
  if (!sameBytes(sha256(bytes.subarray(0, end)), bytes.subarray(end))) return undefined
  return {
    number: view.getUint32(8, true),
    epochMax: view.getUint32(12, true),
    storeId: hexOf(bytes.subarray(16, 32)),
    opening: { position: readUint48(view, 96), hash: bytes.slice(32, 64), recordedMs: readUint48(view, 108) },
    closing: { position: readUint48(view, 102), hash: bytes.slice(64, 96), recordedMs: readUint48(view, 114) },
    endOffset: view.getUint32(120, true),
    points: SparseIndex.fromBytes(bytes.subarray(FIXED_BYTES, end)),
  }
}
