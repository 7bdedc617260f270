// Rewriting: a sealed segment in a new file, with less in some of its entries. Positions, frames and the hash of each block stay,
// so the chain holds over it (codec.ts); what the file holds from then on is told by its digest, in an entry at the end of the journal.
//   J6  The entry is durable before the file takes the segment's name. Until then the old file is there, and verifies by itself;
//       from then on the new one, which verifies by the entry. There is never a moment without one of them.
// Bytes only: what may be left out, and who decides it, is for engine/retiring to say.
import { createHash } from 'node:crypto'
import { BlockReader } from './block-reader.ts'
import {
  type ChainEnd,
  decodeFrames,
  hexOf,
  rewrittenBlock,
  type StoreIdentity,
  storeIdBytes,
  visitFrames,
} from './codec.ts'
import { type Files, type OpenFile, writeAll } from './files.ts'
import { indexName, type SealedIndex } from './index-file.ts'
import { type EntryFrame, JournalDamage, type StoredFrame } from './journal.ts'
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, segmentName } from './segment-file.ts'
import { SparseIndex } from './sparse-index.ts'

/** The kind of the entry, as its frame shows it. */
export const REWRITING_ENTRY = 5
/** A file in the folder that stands there from before the first segment is written anew until after the last. */
export const UNFINISHED_NAME = 'RETIRING'
/** Format of its body: JSON, so that it explains itself. */
const REWRITING_FORMAT = 1

/** What the entry says. Hashes in hexadecimal. */
export interface Rewriting {
  readonly segment: number
  /** Where the chain stands before its first block and behind its last, then as now. */
  readonly opening: { readonly position: number; readonly hash: string }
  readonly closing: { readonly position: number; readonly hash: string }
  /** SHA-256 of the new file, all of it. */
  readonly digest: string
  /** How many entries were left with less, this time. */
  readonly entries: number
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/** What becomes of an entry; the frame itself where it stays as it is. */
export type Change = (frame: StoredFrame) => EntryFrame

/** Where the entry stands, and what it says. */
export interface RewritingAt extends Rewriting {
  readonly position: number
}

export interface RewritingDraft {
  readonly rewriting: Rewriting
  readonly index: SealedIndex
  readonly fresh: string
}

export const packRewriting = (rewriting: Rewriting): Uint8Array =>
  Buffer.from(JSON.stringify({ format: REWRITING_FORMAT, ...rewriting }))

/** Undefined where the body is none of ours: it vouches for nothing then. */
export function unpackRewriting({ body, position }: Pick<StoredFrame, 'body' | 'position'>): RewritingAt | undefined {
  try {
    const { format, ...rewriting } = JSON.parse(Buffer.from(body).toString()) as Rewriting & { readonly format: number }
    return format === REWRITING_FORMAT ? { ...rewriting, position } : undefined
  } catch {
    return undefined
  }
}

export function tellRewriting(
  frame: StoredFrame | undefined,
  { onRewriting }: { readonly onRewriting?: (rewriting: RewritingAt) => void },
): void {
  const rewriting = frame && onRewriting && unpackRewriting(frame)
  if (rewriting !== undefined) onRewriting?.(rewriting)
}

/** Throws JournalDamage where the journal ends before the entry about a segment (J6): it has lost its end. */
export function checkRewritten(
  segments: readonly { readonly index: SealedIndex; readonly rewrittenAfter: number }[],
  head: ChainEnd,
): void {
  for (const { index, rewrittenAfter } of segments) {
    if (rewrittenAfter === 0 || rewrittenAfter < head.position) continue
    const file = segmentName(index.number)
    const message = `${file}: it was written anew, and the journal ends before the entry that says so`
    throw new JournalDamage(message, { position: head.position + 1, file })
  }
}

export interface RewritingOptions {
  readonly files: Files
  readonly directory: string
  readonly store: StoreIdentity
  /** Names the fresh file: a former owner that wakes up finds its own gone, and never renames another's (E10). */
  readonly epoch: number
  readonly index: SealedIndex
  /** Where the journal ends now. */
  readonly after: number
  readonly change: Change
}

/** The segment's new file, durable under a name that no opening reads. Rejects with JournalDamage where a block does not verify. */
export async function writtenAnew(options: RewritingOptions): Promise<RewritingDraft> {
  const { directory, epoch, files, index } = options
  const fresh = `${directory}/${segmentName(index.number)}.${epoch}.fresh`
  await files.remove(fresh)
  const file = await files.open(fresh, 'create')
  try {
    const written = await writeBlocks(file, options)
    await file.sync()
    return { ...written, fresh }
  } finally {
    await file.close()
  }
}

/** Puts the new file in place of the old. The index file goes first: it says where entries stood in the old one. */
export async function takePlace(files: Files, directory: string, { fresh, index }: RewritingDraft): Promise<void> {
  await files.remove(`${directory}/${indexName(index.number)}`)
  await files.syncDirectory(directory)
  await files.rename(fresh, `${directory}/${segmentName(index.number)}`)
  await files.syncDirectory(directory)
}

async function writeBlocks(
  file: OpenFile,
  { after, change, directory, files, index, store }: RewritingOptions,
): Promise<Omit<RewritingDraft, 'fresh'>> {
  const name = segmentName(index.number)
  const digest = createHash('sha256')
  const points = new SparseIndex()
  let endOffset = 0
  let entries = 0
  const put = async (bytes: Uint8Array) => {
    digest.update(bytes)
    await writeAll(file, bytes, endOffset)
    endOffset += bytes.length
  }
  await put(encodeSegmentHeader({ number: index.number, store, rewrittenAfter: after }))
  const source = await files.open(`${directory}/${name}`, 'read')
  try {
    const { endOffset: to, opening } = index
    const from = SEGMENT_HEADER_BYTES
    const reader = new BlockReader({ file: source, storeId: storeIdBytes(store.storeId), from, to, after: opening })
    for (let blocks = await reader.next(); blocks !== undefined; blocks = await reader.next())
      for (const { at, bytes, header } of blocks) {
        const frames: StoredFrame[] = []
        if (!decodeFrames(bytes, at, header, 0, frames)) throw damage(name, header.first)
        const changed = frames.map(change)
        const count = changed.filter((frame, place) => frame !== frames[place]).length
        entries += count
        const isAsItWas = count === 0
        const block = isAsItWas
          ? bytes.subarray(at, at + header.extentBytes)
          : rewrittenBlock(bytes, at, header, changed)
        const last = header.first + header.count - 1
        const place = { offset: endOffset, last, recordedMs: header.recordedMs }
        visitFrames(block, 0, header, (position, offset) => points.note(position, endOffset + offset, place))
        await put(block)
      }
    if (reader.stop?.kind !== 'end') throw damage(name, index.closing.position)
  } finally {
    await source.close()
  }
  const rewriting = {
    segment: index.number,
    opening: chainText(index.opening),
    closing: chainText(index.closing),
    digest: digest.digest('hex'),
    entries,
    bytesBefore: index.endOffset,
    bytesAfter: endOffset,
  }
  return { rewriting, index: { ...index, endOffset, points } }
}

const chainText = ({ hash, position }: ChainEnd) => ({ position, hash: hexOf(hash) })

const damage = (file: string, position: number): JournalDamage =>
  new JournalDamage(`${file}: a block that verified no longer does`, { position, file })
