// Codec: the bytes of blocks and frames. Pure; a block is verified here and nowhere else.
//
//   block    128-byte header, frames one behind the other, then 0xff up to the next sector: at least one byte of it, so
//            that a block written whole never ends in zero.
//   commit   one block or several, written at once; only the last one says `closes`. A commit that is not closed never was.
//   sector   every block starts on one: no write touches a sector that holds acknowledged bytes.
//   rewritten   a block of which entries were left out since (rewriting.ts). It keeps the hash of what it was, so that the chain
//            holds over it; what it holds now is told by its CRCs, and by the digest of its file in a later entry.
//
//   header     0 magic   4 CRC-32 of the header behind it   8 hash   40 previous hash   72 store id   88 format   90 flags
//             92 epoch   96 first position   102 first position of its commit   108 recorded ms   114 –   116 count
//            120 payload length   124 payload CRC-32.        hash = SHA-256 of everything from 40 to the end of the payload
//   frame      0 CRC-32 of the rest, seeded with the position   4 body length (24 bits) and kind   8 family hash
//             16 event id hash   24 previous position (48 bits)   30 verdict   31 –   32 body
//
// All numbers little-endian. Cost: 32 bytes per entry and 128 per block.
import assert from 'node:assert/strict'
import { hash as digestOf } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { HashKey } from '../hash.ts'
import type { EntryFrame, StoredFrame } from './journal.ts'

// Format log. Numbers only grow; test/fixtures holds a journal of each, and every one of them still opens.
//   1  0.1.0  the first; blocks and segments that were written anew say so
export const JOURNAL_FORMAT = 1

// 512: what every disk writes whole. Larger sectors also hold: their other bytes are written again as they were.
export const SECTOR_BYTES = 512
export const BLOCK_HEADER_BYTES = 128
export const FRAME_HEADER_BYTES = 32
// 1 MiB: what one read, one CRC and one SHA-256 take in well under a millisecond each.
export const BLOCK_BYTES_MAX = 1024 * 1024
// 16 MiB less one: the length of a body is 24 bits. An entry larger than a block gets a block of its own.
export const BODY_BYTES_MAX = 0xff_ff_ff
export const HASH_BYTES = 32
export const STORE_ID_BYTES = 16

const BLOCK_MAGIC = 0x424a544f // 'OTJB'
const CLOSES = 1
const REWRITTEN = 2
const PADDING = 0xff

/** What names a store: in every segment, and by its id in every block. */
export interface StoreIdentity {
  /** 32 hexadecimal digits. */
  readonly storeId: string
  readonly hashKey: HashKey
}

/** Where the chain stands: what the next block must follow. */
export interface ChainEnd {
  /** Last position so far; 0 before the first. */
  readonly position: number
  readonly hash: Uint8Array
  readonly recordedMs: number
}

export interface BlockHeader {
  readonly hash: Uint8Array
  readonly previousHash: Uint8Array
  readonly storeId: Uint8Array
  readonly format: number
  readonly closes: boolean
  /** Its hash is of what it was before entries were left out. */
  readonly isRewritten: boolean
  readonly epoch: number
  readonly first: number
  readonly commitFirst: number
  readonly recordedMs: number
  readonly count: number
  readonly payloadBytes: number
  readonly payloadCrc: number
  /** Bytes up to the next block, padding included. */
  readonly extentBytes: number
}

/** The hash that the first block of a store follows. */
export function genesisHash(store: StoreIdentity): Uint8Array {
  const { a, b } = store.hashKey
  return sha256(`ordertwin journal ${store.storeId} ${a >>> 0} ${b >>> 0}`)
}

export function blockExtentBytes(payloadBytes: number): number {
  return roundedUp(BLOCK_HEADER_BYTES + payloadBytes + 1, SECTOR_BYTES)
}

export function frameBytes(frame: EntryFrame): number {
  return FRAME_HEADER_BYTES + frame.body.length
}

export interface CommitPlan {
  readonly blocks: readonly { readonly from: number; readonly to: number; readonly payloadBytes: number }[]
  readonly extentBytes: number
}

/** Cuts `frames` into blocks of at most BLOCK_BYTES_MAX; a frame larger than that stands alone. */
export function planCommit(frames: readonly EntryFrame[]): CommitPlan {
  const blocks: { from: number; to: number; payloadBytes: number }[] = []
  let extentBytes = 0
  let from = 0
  let payloadBytes = 0
  for (let index = 0; index <= frames.length; index++) {
    const frame = frames[index]
    const bytes = frame === undefined ? 0 : frameBytes(frame)
    const full = index > from && BLOCK_HEADER_BYTES + payloadBytes + bytes + 1 > BLOCK_BYTES_MAX
    if (frame === undefined || full) {
      blocks.push({ from, to: index, payloadBytes })
      extentBytes += blockExtentBytes(payloadBytes)
      from = index
      payloadBytes = 0
    }
    payloadBytes += bytes
  }
  return { blocks, extentBytes }
}

/**
 * Writes the commit of `frames` into `target`, which holds at least `plan.extentBytes`. Returns where the chain then stands.
 * `visit` hears of each frame: its position, its offset in `target`, and its block's.
 */
export function encodeCommit(
  target: Uint8Array,
  commit: {
    readonly plan: CommitPlan
    readonly frames: readonly EntryFrame[]
    readonly storeId: Uint8Array
    readonly epoch: number
    readonly recordedMs: number
    readonly after: ChainEnd
  },
  visit?: (position: number, offset: number, block: { readonly offset: number; readonly last: number }) => void,
): ChainEnd {
  const view = viewOf(target)
  const { plan, frames, recordedMs, after } = commit
  let offset = 0
  let hash = after.hash
  for (const [index, block] of plan.blocks.entries()) {
    const first = after.position + 1 + block.from
    const last = after.position + block.to
    let at = offset + BLOCK_HEADER_BYTES
    for (let entry = block.from; entry < block.to; entry++) {
      const frame = frames[entry]!
      visit?.(first + entry - block.from, at, { offset, last })
      at = encodeFrame(target, view, at, first + entry - block.from, frame)
    }
    const end = offset + blockExtentBytes(block.payloadBytes)
    target.fill(PADDING, at, end)
    hash = encodeHeader(target, view, offset, {
      previousHash: hash,
      storeId: commit.storeId,
      flags: index === plan.blocks.length - 1 ? CLOSES : 0,
      epoch: commit.epoch,
      first,
      commitFirst: after.position + 1,
      recordedMs,
      count: block.to - block.from,
      payloadBytes: block.payloadBytes,
    })
    offset = end
  }
  return { position: after.position + frames.length, hash, recordedMs }
}

/** The header at `offset`; undefined when there is none that verifies. The payload is not looked at. */
export function decodeBlockHeader(bytes: Uint8Array, offset: number): BlockHeader | undefined {
  if (offset + BLOCK_HEADER_BYTES > bytes.length) return undefined
  const view = viewOf(bytes)
  if (view.getUint32(offset, true) !== BLOCK_MAGIC) return undefined
  if (view.getUint32(offset + 4, true) !== crc32(bytes.subarray(offset + 8, offset + BLOCK_HEADER_BYTES)))
    return undefined
  const payloadBytes = view.getUint32(offset + 120, true)
  return {
    hash: bytes.slice(offset + 8, offset + 40),
    previousHash: bytes.subarray(offset + 40, offset + 72),
    storeId: bytes.subarray(offset + 72, offset + 88),
    format: view.getUint16(offset + 88, true),
    closes: (view.getUint16(offset + 90, true) & CLOSES) !== 0,
    isRewritten: (view.getUint16(offset + 90, true) & REWRITTEN) !== 0,
    epoch: view.getUint32(offset + 92, true),
    first: readUint48(view, offset + 96),
    commitFirst: readUint48(view, offset + 102),
    recordedMs: readUint48(view, offset + 108),
    count: view.getUint32(offset + 116, true),
    payloadBytes,
    payloadCrc: view.getUint32(offset + 124, true),
    extentBytes: blockExtentBytes(payloadBytes),
  }
}

/**
 * Whether the payload behind `header` at `offset` is what was written: CRC-32, then SHA-256, which of a rewritten block nobody
 * can tell any more. All its bytes must be there.
 */
export function blockVerifies(bytes: Uint8Array, offset: number, header: BlockHeader): boolean {
  const end = offset + BLOCK_HEADER_BYTES + header.payloadBytes
  if (crc32(bytes.subarray(offset + BLOCK_HEADER_BYTES, end)) !== header.payloadCrc) return false
  return header.isRewritten || sameBytes(sha256(bytes.subarray(offset + 40, end)), header.hash)
}

/** The block at `offset`, whose header is `header`, with `frames` in place of its own: as many, under its hash and in its place of the chain. */
export function rewrittenBlock(
  bytes: Uint8Array,
  offset: number,
  { first }: Pick<BlockHeader, 'first'>,
  frames: readonly EntryFrame[],
): Uint8Array {
  const payloadBytes = frames.reduce((sum, frame) => sum + frameBytes(frame), 0)
  const target = new Uint8Array(blockExtentBytes(payloadBytes)).fill(PADDING)
  const view = viewOf(target)
  target.set(bytes.subarray(offset, offset + BLOCK_HEADER_BYTES))
  let at = BLOCK_HEADER_BYTES
  for (const [index, frame] of frames.entries()) at = encodeFrame(target, view, at, first + index, frame)
  view.setUint16(90, view.getUint16(90, true) | REWRITTEN, true)
  view.setUint32(120, payloadBytes, true)
  view.setUint32(124, crc32(target.subarray(BLOCK_HEADER_BYTES, at)), true)
  view.setUint32(4, crc32(target.subarray(8, BLOCK_HEADER_BYTES)), true)
  return target
}

/** Appends the frames of a verified block to `frames`, bodies as views of `bytes`, from position `from` on. False when they do not fill it. */
export function decodeFrames(
  bytes: Uint8Array,
  offset: number,
  header: BlockHeader,
  from: number,
  frames: StoredFrame[],
): boolean {
  const view = viewOf(bytes)
  const end = offset + BLOCK_HEADER_BYTES + header.payloadBytes
  let at = offset + BLOCK_HEADER_BYTES
  for (let index = 0; index < header.count; index++) {
    if (at + FRAME_HEADER_BYTES > end) return false
    const next = at + FRAME_HEADER_BYTES + (view.getUint32(at + 4, true) & BODY_BYTES_MAX)
    if (next > end) return false
    const position = header.first + index
    if (position >= from) frames.push(decodeFrame(bytes, view, at, position, header.recordedMs))
    at = next
  }
  return at === end
}

/** Calls `visit` with position, offset and kind of each frame of a verified block. */
export function visitFrames(
  bytes: Uint8Array,
  offset: number,
  header: BlockHeader,
  visit: (position: number, offset: number, kind: number) => void,
): void {
  const view = viewOf(bytes)
  let at = offset + BLOCK_HEADER_BYTES
  for (let index = 0; index < header.count; index++) {
    const lengthAndKind = view.getUint32(at + 4, true)
    visit(header.first + index, at, lengthAndKind >>> 24)
    at += FRAME_HEADER_BYTES + (lengthAndKind & BODY_BYTES_MAX)
  }
}

/** Offset behind the frame at `at`; undefined when `bytes` do not hold all of it. Trusts the length: verify the frame before use. */
export function frameEnd(bytes: Uint8Array, at: number): number | undefined {
  if (at + FRAME_HEADER_BYTES > bytes.length) return undefined
  const length = bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16)
  const end = at + FRAME_HEADER_BYTES + length
  return end > bytes.length ? undefined : end
}

/** The frame at `at` if it is the one of `position`, by its own CRC; its body a view of `bytes`. */
export function readFrame(
  bytes: Uint8Array,
  at: number,
  position: number,
  recordedMs: number,
): StoredFrame | undefined {
  const end = frameEnd(bytes, at)
  if (end === undefined) return undefined
  const view = viewOf(bytes)
  if (view.getUint32(at, true) !== frameCrc(bytes, at, end, position)) return undefined
  return decodeFrame(bytes, view, at, position, recordedMs)
}

export function sha256(content: Uint8Array | string): Uint8Array {
  return new Uint8Array(digestOf('sha256', content, 'buffer'))
}

export function storeIdBytes(storeId: string): Uint8Array {
  return Uint8Array.from(Buffer.from(storeId, 'hex'))
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0
}

export function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let index = from; index < to; index++) if (bytes[index] !== 0) return false
  return true
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

export function readUint48(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint16(offset + 4, true) * 0x1_0000_0000
}

export function writeUint48(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value >>> 0, true)
  view.setUint16(offset + 4, Math.floor(value / 0x1_0000_0000), true)
}

export function roundedUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit
}

function encodeHeader(
  target: Uint8Array,
  view: DataView,
  offset: number,
  header: {
    readonly previousHash: Uint8Array
    readonly storeId: Uint8Array
    readonly flags: number
    readonly epoch: number
    readonly first: number
    readonly commitFirst: number
    readonly recordedMs: number
    readonly count: number
    readonly payloadBytes: number
  },
): Uint8Array {
  const payload = offset + BLOCK_HEADER_BYTES
  const end = payload + header.payloadBytes
  view.setUint32(offset, BLOCK_MAGIC, true)
  target.set(header.previousHash, offset + 40)
  target.set(header.storeId, offset + 72)
  view.setUint16(offset + 88, JOURNAL_FORMAT, true)
  view.setUint16(offset + 90, header.flags, true)
  view.setUint32(offset + 92, header.epoch, true)
  writeUint48(view, offset + 96, header.first)
  writeUint48(view, offset + 102, header.commitFirst)
  writeUint48(view, offset + 108, header.recordedMs)
  view.setUint16(offset + 114, 0, true)
  view.setUint32(offset + 116, header.count, true)
  view.setUint32(offset + 120, header.payloadBytes, true)
  view.setUint32(offset + 124, crc32(target.subarray(payload, end)), true)
  const hash = sha256(target.subarray(offset + 40, end))
  target.set(hash, offset + 8)
  view.setUint32(offset + 4, crc32(target.subarray(offset + 8, payload)), true)
  return hash
}

function encodeFrame(target: Uint8Array, view: DataView, at: number, position: number, frame: EntryFrame): number {
  const { family, eventId, body } = frame
  assert(body.length <= BODY_BYTES_MAX, 'the length of a body fits into its frame')
  const end = at + FRAME_HEADER_BYTES + body.length
  view.setUint32(at + 4, body.length | (frame.kind << 24), true)
  view.setUint32(at + 8, family.high, true)
  view.setUint32(at + 12, family.low, true)
  view.setUint32(at + 16, eventId.high, true)
  view.setUint32(at + 20, eventId.low, true)
  writeUint48(view, at + 24, frame.previous)
  target[at + 30] = frame.verdict
  target[at + 31] = 0
  target.set(body, at + FRAME_HEADER_BYTES)
  view.setUint32(at, frameCrc(target, at, end, position), true)
  return end
}

function decodeFrame(bytes: Uint8Array, view: DataView, at: number, position: number, recordedMs: number): StoredFrame {
  const lengthAndKind = view.getUint32(at + 4, true)
  const body = at + FRAME_HEADER_BYTES
  return {
    position,
    recordedMs,
    family: { high: view.getUint32(at + 8, true), low: view.getUint32(at + 12, true) },
    eventId: { high: view.getUint32(at + 16, true), low: view.getUint32(at + 20, true) },
    previous: readUint48(view, at + 24),
    kind: lengthAndKind >>> 24,
    verdict: bytes[at + 30]!,
    body: new Uint8Array(bytes.buffer, bytes.byteOffset + body, lengthAndKind & BODY_BYTES_MAX),
  }
}

// Seeded with the position: a whole frame at the wrong place does not verify either.
function frameCrc(bytes: Uint8Array, at: number, end: number, position: number): number {
  return crc32(bytes.subarray(at + 4, end), position >>> 0)
}
