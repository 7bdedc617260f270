// Salvage: everything of a damaged journal that still verifies, and what is missing between. Reads only. Each block stands for
// itself: its own checksum and hash say that it is whole, its store id that it is ours, its positions where it belongs.
import {
  BLOCK_HEADER_BYTES,
  type BlockHeader,
  blockVerifies,
  decodeBlockHeader,
  decodeFrames,
  hexOf,
  SECTOR_BYTES,
} from './codec.ts'
import type { Files } from './files.ts'
import { readHeadMark } from './head-mark.ts'
import type { StoredFrame } from './journal.ts'
import { parseSegmentName } from './segment-file.ts'

/** Positions that no block holds any more, and where they should have been. */
export interface MissingRange {
  readonly from: number
  readonly to: number
  /** File names between whose blocks they stood. */
  readonly files: readonly string[]
  /** Stamps of the blocks before and after, epoch milliseconds; 0 where there is none. */
  readonly afterMs: number
  readonly beforeMs: number
}

export interface Salvaged {
  /** Undefined when no block verifies. */
  readonly storeId: string | undefined
  /** Last position of the commits from the first on without a gap: a journal may be cut there. */
  readonly wholeUpTo: number
  /** Name of the segment that position is in; empty where there is none. */
  readonly wholeFile: string
  readonly last: number
  readonly missing: readonly MissingRange[]
}

interface Found {
  readonly header: BlockHeader
  readonly file: string
  readonly frames: readonly StoredFrame[]
}

/** `onFrames` hears of every commit that is whole, oldest first. Commits of which a block is missing are missing. */
export async function salvageJournal(
  files: Files,
  directory: string,
  onFrames: (frames: readonly StoredFrame[]) => void,
): Promise<Salvaged> {
  const names = (await files.list(directory)).filter(name => parseSegmentName(name) !== undefined).sort()
  const tally = new Tally(onFrames)
  for (const name of names) {
    const bytes = await files.readWhole(`${directory}/${name}`)
    if (bytes !== undefined) for (const block of blocksIn(bytes, name)) tally.take(block)
  }
  return tally.result((await readHeadMark(files, directory))?.position ?? 0)
}

/** Last position of the last commit that ends by both; 0 when there is none. The journal must be whole. */
export async function lastCommit(
  files: Files,
  directory: string,
  upTo: { readonly position: number; readonly recordedMs: number },
): Promise<number> {
  let last = 0
  const names = (await files.list(directory)).filter(name => parseSegmentName(name) !== undefined).sort()
  for (const name of names) {
    const bytes = await files.readWhole(`${directory}/${name}`)
    for (const { header } of bytes === undefined ? [] : blocksIn(bytes, name)) {
      const end = header.first + header.count - 1
      if (end > upTo.position || header.recordedMs > upTo.recordedMs) return last
      if (header.closes) last = end
    }
  }
  return last
}

/** Every block of a segment that verifies, wherever it stands: blocks begin at sectors. */
function* blocksIn(bytes: Uint8Array, file: string): Generator<Found> {
  for (let at = SECTOR_BYTES; at + BLOCK_HEADER_BYTES <= bytes.length; ) {
    const header = decodeBlockHeader(bytes, at)
    const frames: StoredFrame[] = []
    const isWhole =
      header !== undefined &&
      at + BLOCK_HEADER_BYTES + header.payloadBytes <= bytes.length &&
      blockVerifies(bytes, at, header) &&
      decodeFrames(bytes, at, header, 0, frames)
    if (isWhole) yield { header, file, frames }
    at += isWhole ? header.extentBytes : SECTOR_BYTES
  }
}

class Tally {
  private readonly onFrames: (frames: readonly StoredFrame[]) => void
  private readonly missing: MissingRange[] = []
  private storeId: string | undefined
  private last = 0
  private lastFile = ''
  private wholeFile = ''
  private lastMs = 0
  private commit: Found[] = []

  constructor(onFrames: (frames: readonly StoredFrame[]) => void) {
    this.onFrames = onFrames
  }

  take(block: Found): void {
    const { header } = block
    this.storeId ??= hexOf(header.storeId)
    // A block of another store, or a former owner's of a position that is taken already.
    if (hexOf(header.storeId) !== this.storeId || header.first <= this.last) return
    const open = this.commit.at(-1)?.header
    const follows = open === undefined ? header.first === header.commitFirst : header.first === open.first + open.count
    if (!follows || (open !== undefined && open.commitFirst !== header.commitFirst)) this.commit = []
    if (this.commit.length === 0 && header.first !== header.commitFirst) return
    this.commit.push(block)
    if (header.closes) this.close()
  }

  /** `acknowledged` is how far the journal went once, as far as anybody knows. */
  result(acknowledged: number): Salvaged {
    const { last, lastFile, lastMs, missing, storeId } = this
    if (acknowledged > last)
      missing.push({ from: last + 1, to: acknowledged, files: [lastFile], afterMs: lastMs, beforeMs: 0 })
    const wholeFile = missing.length === 0 ? lastFile : this.wholeFile
    return { storeId, last, missing, wholeUpTo: (missing[0]?.from ?? last + 1) - 1, wholeFile }
  }

  private close(): void {
    const [first] = this.commit
    const end = this.commit.at(-1)
    if (first === undefined || end === undefined) return
    if (first.header.first !== this.last + 1)
      this.missing.push({
        from: this.last + 1,
        to: first.header.first - 1,
        files: [...new Set([this.lastFile, first.file])].filter(name => name !== ''),
        afterMs: this.lastMs,
        beforeMs: first.header.recordedMs,
      })
    if (this.missing.length === 0) this.wholeFile = end.file
    for (const { frames } of this.commit) this.onFrames(frames)
    this.last = end.header.first + end.header.count - 1
    this.lastFile = end.file
    this.lastMs = end.header.recordedMs
    this.commit = []
  }
}
