// Walk: from the first segment to the head, and what is found there: the end, a torn write, or damage. Reads only.
//
//   torn    the last commit, when part of it never reached the disk (whole sectors of it are zero, or its end is) and nobody
//           can have been told of it (neither the head mark nor a later commit shows that its sync returned).
//   damage  everything else: JournalDamage names position and file.
//
// A sealed segment is known by its index file, when that links to its neighbours; otherwise its blocks are read.

import { BlockReader, type Stop } from './block-reader.ts'
import {
  BLOCK_HEADER_BYTES,
  type BlockHeader,
  type ChainEnd,
  decodeBlockHeader,
  genesisHash,
  isZero,
  JOURNAL_FORMAT,
  readFrame,
  SECTOR_BYTES,
  type StoreIdentity,
  sameBytes,
  storeIdBytes,
  visitFrames,
} from './codec.ts'
import { type Files, type OpenFile, readUpTo } from './files.ts'
import { type HeadMark, readHeadMark } from './head-mark.ts'
import { readIndexFile, type SealedIndex } from './index-file.ts'
import { JournalDamage } from './journal.ts'
import { checkRewritten, REWRITING_ENTRY, type RewritingAt, tellRewriting } from './rewriting.ts'
import { decodeSegmentHeader, parseSegmentName, SEGMENT_HEADER_BYTES, segmentName } from './segment-file.ts'
import { SparseIndex } from './sparse-index.ts'
import { StoreRefused } from './store-refused.ts'

const ZEROS = new Uint8Array(1024 * 1024)

export interface Walked {
  readonly store: StoreIdentity
  /** Segments with blocks, oldest first. `sealed` is whether an index file vouched for it. */
  readonly segments: readonly WalkedSegment[]
  /** Numbers of segment files behind them that hold nothing acknowledged. */
  readonly unused: readonly number[]
  readonly head: ChainEnd
  readonly epochMax: number
  /** The commit that was begun and never acknowledged, if there is one. */
  readonly torn: { readonly position: number; readonly file: string } | undefined
}

export interface WalkedSegment {
  readonly index: SealedIndex
  readonly sealed: boolean
  readonly fileBytes: number
  /** As its header has it: 0 unless it was written anew (rewriting.ts). */
  readonly rewrittenAfter: number
}

export interface WalkOptions {
  readonly files: Files
  readonly directory: string
  /** Read and verify every block, whatever the index files say. */
  readonly thorough?: boolean
  /** Stop at the commit that ends at this position, as if nothing followed. */
  readonly upTo?: number
  /** Hears of each segment once it is verified. */
  readonly onSegment?: (segment: WalkedSegment) => void
  /** Hears of each entry that says a segment was written anew, as far as blocks are read: of every one when `thorough`. */
  readonly onRewriting?: (rewriting: RewritingAt) => void
  /** Hears of the end of each commit that is read, oldest first: of every one when `thorough`. */
  readonly onCommit?: (end: ChainEnd) => void
}

/** Undefined when the folder holds no segment that was ever finished. Rejects with JournalDamage or StoreRefused. */
export async function walkJournal(options: WalkOptions): Promise<Walked | undefined> {
  const { files, directory } = options
  // Before any segment is read: a writer may be ahead of us, and its mark must not be.
  const mark = await readHeadMark(files, directory)
  const found = await segmentFiles(options)
  if (found === undefined) return undefined
  return await new Walk(options, found, mark).run()
}

interface FoundSegment {
  readonly number: number
  readonly path: string
  readonly bytes: number
  readonly rewrittenAfter: number
}

/** A segment while it is open: only the ones being looked at are, of which there may be thousands. */
interface SegmentFile extends FoundSegment {
  readonly file: OpenFile
}

interface FoundSegments {
  readonly store: StoreIdentity
  readonly segments: readonly FoundSegment[]
  /** Number of the file behind them whose header was never finished. */
  readonly unfinished: number | undefined
}

class Walk {
  readonly #options: WalkOptions
  readonly #found: FoundSegments
  readonly #mark: HeadMark | undefined
  readonly #walked: WalkedSegment[] = []
  #head: ChainEnd
  #epochMax = 0
  #markSeen = false

  constructor(options: WalkOptions, found: FoundSegments, mark: HeadMark | undefined) {
    this.#options = options
    this.#found = found
    this.#mark = mark?.storeId === found.store.storeId ? mark : undefined
    this.#head = { position: 0, hash: genesisHash(found.store), recordedMs: 0 }
  }

  async run(): Promise<Walked> {
    const { segments, store, unfinished } = this.#found
    const sealed = this.#options.thorough ? 0 : await this.#followIndexes()
    let torn: Walked['torn']
    for (const segment of segments.slice(sealed)) {
      torn = await opened(this.#options.files, segment, file => this.#readSegment(file))
      if (torn !== undefined || this.#reached()) break
    }
    if (!this.#reached()) this.#checkMark()
    if (this.#options.upTo === undefined) checkRewritten(this.#walked, this.#head)
    const last = this.#walked.at(-1)?.index.number ?? segments[0]!.number - 1
    const unused = segments.map(segment => segment.number).filter(number => number > last)
    if (unfinished !== undefined) unused.push(unfinished)
    return { store, segments: this.#walked, unused, head: this.#head, epochMax: this.#epochMax, torn }
  }

  /** Takes segments from the first on as long as their index files link. Returns how many. */
  async #followIndexes(): Promise<number> {
    const { directory, files } = this.#options
    const { segments, store } = this.#found
    for (const [count, segment] of segments.entries()) {
      if (this.#reached()) break
      const { number, bytes, rewrittenAfter } = segment
      const index = await readIndexFile(files, { directory, number, storeId: store.storeId })
      if (index === undefined || !(await opened(files, segment, file => this.#links(file, index)))) {
        // An index that another owner left may be whole and yet not true: then the blocks themselves are asked.
        const continues = await opened(files, segment, file => this.#continues(file))
        return continues ? count : this.#startOver()
      }
      this.#accept({ index, sealed: true, fileBytes: bytes, rewrittenAfter })
    }
    return segments.length
  }

  /** Whether `index` goes on where the chain stands, ends where the blocks of `segment` do, and not past where to stop. */
  async #links(segment: SegmentFile, index: SealedIndex): Promise<boolean> {
    if (!sameChain(index.opening, this.#head) || this.#isPast(index.closing)) return false
    return index.endOffset <= segment.bytes && (await headerAt(segment, index.endOffset)) === undefined
  }

  /** Whether the first block of `segment`, if it has one, follows what the index files say of those before it. */
  async #continues(segment: SegmentFile): Promise<boolean> {
    const header = await headerAt(segment, SEGMENT_HEADER_BYTES)
    return header === undefined || sameBytes(header.previousHash, this.#head.hash)
  }

  #startOver(): number {
    this.#walked.length = 0
    this.#head = { position: 0, hash: genesisHash(this.#found.store), recordedMs: 0 }
    this.#epochMax = 0
    this.#markSeen = false
    return 0
  }

  /** Reads `segment` up to where its blocks end. Returns what was torn there; undefined when the next segment may follow. */
  async #readSegment(segment: SegmentFile): Promise<Walked['torn']> {
    const opening = this.#head
    const points = new SparseIndex()
    const reader = this.#reader(segment, opening)
    let endOffset = SEGMENT_HEADER_BYTES
    let pointCount = 0
    let latest = opening
    let epochMax = this.#epochMax
    read: for (let blocks = await reader.next(); blocks !== undefined; blocks = await reader.next()) {
      for (const { header, bytes, at, offset } of blocks) {
        if (header.isRewritten && segment.rewrittenAfter === 0)
          throw damage('a block was written anew, its segment was not', header.first, segmentName(segment.number))
        const last = header.first + header.count - 1
        const block = { offset, last, recordedMs: header.recordedMs }
        visitFrames(bytes, at, header, (position, frame, kind) => {
          points.note(position, offset + frame - at, block)
          if (kind === REWRITING_ENTRY)
            tellRewriting(readFrame(bytes, frame, position, header.recordedMs), this.#options)
        })
        latest = { position: last, hash: header.hash, recordedMs: header.recordedMs }
        epochMax = Math.max(epochMax, header.epoch)
        if (header.closes) {
          this.#head = latest
          this.#epochMax = epochMax
          endOffset = offset + header.extentBytes
          pointCount = points.count
          this.#compareMark(latest, segment)
          this.#options.onCommit?.(latest)
          if (this.#reached()) break read
        }
      }
    }
    points.truncate(pointCount)
    if (this.#head !== opening) {
      const index: SealedIndex = {
        number: segment.number,
        storeId: this.#found.store.storeId,
        opening,
        closing: this.#head,
        epochMax: this.#epochMax,
        endOffset,
        points,
      }
      this.#accept({ index, sealed: false, fileBytes: segment.bytes, rewrittenAfter: segment.rewrittenAfter })
    }
    return this.#reached() ? undefined : await this.#judge(segment, reader)
  }

  #reached(): boolean {
    return this.#head.position === this.#options.upTo
  }

  /** Whether `chain` is past where the walk shall end. */
  #isPast(chain: ChainEnd): boolean {
    return chain.position > (this.#options.upTo ?? chain.position)
  }

  #reader(segment: SegmentFile, after: ChainEnd): BlockReader {
    const storeId = storeIdBytes(this.#found.store.storeId)
    return new BlockReader({ file: segment.file, storeId, from: SEGMENT_HEADER_BYTES, to: segment.bytes, after })
  }

  /** What the stop of `reader` means: undefined for a clean end, the torn commit, or JournalDamage. */
  async #judge(segment: SegmentFile, reader: BlockReader): Promise<Walked['torn']> {
    const stop = reader.stop!
    const first = this.#head.position + 1
    const file = segmentName(segment.number)
    const { directory } = this.#options
    if (stop.kind === 'too_new') {
      throw new StoreRefused('store_too_new', directory, `${file} was written by a later version`)
    }
    const rest = await restOf(segment, stop.offset)
    if (stop.kind === 'end' || rest === 'zero') {
      if (reader.openCommit === undefined) return undefined
    } else if (!(await looksTorn(segment, stop))) {
      throw damage(`a block does not verify (${stop.kind})`, first, file)
    }
    if (await this.#laterCommit(segment, stop.offset, first)) {
      throw damage('a block does not verify and acknowledged ones follow it', first, file)
    }
    if (this.#mark !== undefined && this.#mark.position >= first) {
      throw damage('the last block does not verify, and it was acknowledged', first, file)
    }
    return { position: first, file }
  }

  /** Whether any block from `offset` on belongs to another commit than the one that begins at position `first`. */
  async #laterCommit(segment: SegmentFile, offset: number, first: number): Promise<boolean> {
    for (const candidate of this.#found.segments) {
      if (candidate.number < segment.number) continue
      const from = candidate.number === segment.number ? offset : SEGMENT_HEADER_BYTES
      const isOther = (header: BlockHeader) => header.commitFirst !== first
      if (await opened(this.#options.files, candidate, file => anyHeader(file, from, isOther))) return true
    }
    return false
  }

  #accept(segment: WalkedSegment): void {
    const { closing, epochMax, number } = segment.index
    this.#walked.push(segment)
    this.#head = closing
    this.#epochMax = Math.max(this.#epochMax, epochMax)
    if (segment.sealed) this.#compareMark(closing, { number })
    this.#options.onSegment?.(segment)
  }

  #compareMark(chain: ChainEnd, segment: { readonly number: number }): void {
    if (this.#mark?.position !== chain.position) return
    if (!sameBytes(this.#mark.hash, chain.hash)) {
      throw damage('the block is not the one that was acknowledged', chain.position, segmentName(segment.number))
    }
    this.#markSeen = true
  }

  #checkMark(): void {
    if (this.#mark === undefined || this.#markSeen || this.#mark.position <= this.#head.position) return
    const last = this.#walked.at(-1)?.index.number ?? this.#found.segments[0]!.number
    throw damage(
      `the journal ends before position ${this.#mark.position}, which was acknowledged`,
      this.#head.position + 1,
      segmentName(last),
    )
  }
}

async function segmentFiles({ files, directory }: WalkOptions): Promise<FoundSegments | undefined> {
  const names = await files.list(directory)
  const numbers = names.flatMap(name => parseSegmentName(name) ?? []).sort((left, right) => left - right)
  const segments: FoundSegment[] = []
  let store: StoreIdentity | undefined
  let unfinished: number | undefined
  for (const number of numbers) {
    const name = segmentName(number)
    const path = `${directory}/${name}`
    if (number !== segments.length + 1) throw damage('a segment is missing before this one', 0, name)
    const { header, bytes, isEmpty } = await opened(files, { number, path, bytes: 0, rewrittenAfter: 0 }, readStart)
    if (header === undefined) {
      // A segment is whole before any block goes in, so only the newest can be unfinished, and then it is empty.
      if (number !== numbers.at(-1) || !isEmpty) throw damage('the segment header does not verify', 0, name)
      unfinished = number
      continue
    }
    if (header.format > JOURNAL_FORMAT) {
      throw new StoreRefused('store_too_new', directory, `${name} was written by a later version`)
    }
    if (header.number !== number || (store !== undefined && header.store.storeId !== store.storeId)) {
      throw damage('the segment belongs elsewhere', 0, name)
    }
    store = header.store
    segments.push({ number, path, bytes, rewrittenAfter: header.rewrittenAfter })
  }
  return store === undefined ? undefined : { store, segments, unfinished }
}

async function readStart(segment: SegmentFile) {
  const bytes = await segment.file.size()
  const header = decodeSegmentHeader(await readUpTo(segment.file, 0, SEGMENT_HEADER_BYTES))
  const isEmpty = header === undefined && !(await anyHeader({ ...segment, bytes }, 0, () => true))
  return { header, bytes, isEmpty }
}

async function opened<T>(files: Files, segment: FoundSegment, use: (file: SegmentFile) => Promise<T>): Promise<T> {
  const file = await files.open(segment.path, 'read')
  try {
    return await use({ ...segment, file })
  } finally {
    await file.close()
  }
}

async function headerAt(segment: SegmentFile, offset: number): Promise<BlockHeader | undefined> {
  return decodeBlockHeader(await readUpTo(segment.file, offset, BLOCK_HEADER_BYTES), 0)
}

async function restOf(segment: SegmentFile, offset: number): Promise<'zero' | 'written'> {
  for await (const slice of slicesOf(segment, offset)) {
    if (!sameBytes(slice, ZEROS.subarray(0, slice.length))) return 'written'
  }
  return 'zero'
}

/** Whether what is at the stop is a block of which part never reached the disk. */
async function looksTorn(segment: SegmentFile, stop: Stop): Promise<boolean> {
  if (stop.kind === 'unlinked') return false
  const start = await readUpTo(segment.file, stop.offset, SECTOR_BYTES)
  const header = decodeBlockHeader(start, 0)
  // A short write within the header leaves the rest of the sector zero; every whole block has bytes there.
  if (header === undefined) return isZero(start, BLOCK_HEADER_BYTES, start.length)
  const extent = await readUpTo(segment.file, stop.offset, header.extentBytes)
  if (extent.length < header.extentBytes) return false
  if (extent[extent.length - 1] === 0) return true
  for (let at = 0; at < extent.length; at += SECTOR_BYTES) if (isZero(extent, at, at + SECTOR_BYTES)) return true
  return false
}

/** Whether a block header stands at any sector from `offset` on that `matches`. */
async function anyHeader(
  segment: SegmentFile,
  offset: number,
  matches: (header: BlockHeader) => boolean,
): Promise<boolean> {
  for await (const slice of slicesOf(segment, offset)) {
    for (let at = 0; at < slice.length; at += SECTOR_BYTES) {
      const header = decodeBlockHeader(slice, at)
      if (header !== undefined && matches(header)) return true
    }
  }
  return false
}

async function* slicesOf(segment: SegmentFile, from: number): AsyncGenerator<Uint8Array> {
  for (let offset = from; offset < segment.bytes; offset += ZEROS.length) {
    yield await readUpTo(segment.file, offset, Math.min(ZEROS.length, segment.bytes - offset))
  }
}

function sameChain(left: ChainEnd, right: ChainEnd): boolean {
  return left.position === right.position && sameBytes(left.hash, right.hash)
}

function damage(message: string, position: number, file: string): JournalDamage {
  return new JournalDamage(`${file}, position ${position}: ${message}`, { position, file })
}
