// SegmentJournal: the journal on disk, as segment files that are filled with zeros before use and then only written into.
// Owns:  the folder's files and its lock.   Does not own: what entries mean, when to append, when to open again.
//   S1  A commit is one write and one fdatasync, into bytes that exist already: it changes no metadata and cannot meet a
//       full disk. A full disk shows in the spare segment, as `no_space`, with nothing written (J1).
//   S2  Nothing is told of a commit, not to readers either, before its sync has returned and LOCK was seen to be still ours.
//   S3  A file whose write or sync has failed is never written, synced or trusted again (J3); positions up to the head
//       before can be read as long as the journal is open.
//   S4  Segments are never recycled, and never change once the next one has its first block; one that is written anew is
//       another file (rewriting.ts).
import assert from 'node:assert/strict'
import { type Block, BlockReader } from './block-reader.ts'
import { type ChainEnd, type CommitPlan, decodeFrames, encodeCommit, planCommit, storeIdBytes } from './codec.ts'
import { diskFiles } from './disk-files.ts'
import { type Files, type OpenFile, writeAll } from './files.ts'
import { type HeadMarkWriter, openHeadMark } from './head-mark.ts'
import { type SealedIndex, writeIndexFile } from './index-file.ts'
import {
  type Appended,
  type AppendFailure,
  type EntryFrame,
  type Journal,
  JournalDamage,
  type JournalHead,
  type StoredFrame,
} from './journal.ts'
import { readLock } from './lock.ts'
import { type OpenedStore, type OpenedTail, openStore } from './opening.ts'
import { type Change, packRewriting, REWRITING_ENTRY, type Rewriting, takePlace, writtenAnew } from './rewriting.ts'
import { SEGMENT_BYTES, SEGMENT_HEADER_BYTES, segmentName } from './segment-file.ts'
import { type ReadableSegment, SegmentReader } from './segment-reader.ts'
import { SpareSegment } from './spare-segment.ts'
import { SparseIndex } from './sparse-index.ts'

export interface SegmentJournalOptions {
  readonly directory: string
  /** For a new store's id and hash key. */
  readonly randomBytes: (count: number) => Uint8Array
  /** Size of new segments; no commit can be larger. */
  readonly segmentBytes?: number
  /** Open a folder that is a copy, or whose LOCK is gone. Only when the original will not be opened again. */
  readonly adopt?: boolean
  readonly files?: Files
}

/**
 * Opens the store in `directory`, making it when there is none. Rejects with StoreRefused (locked, copied, too new, no
 * space) or JournalDamage. Takes the time of reading one segment and writing it again; sealed segments are not read.
 */
export async function openSegmentJournal(options: SegmentJournalOptions): Promise<SegmentJournal> {
  const { directory, randomBytes, segmentBytes = SEGMENT_BYTES, adopt = false, files = diskFiles } = options
  const opened = await openStore({ files, directory, segmentBytes, adopt, randomBytes })
  try {
    return new SegmentJournal({ files, directory, segmentBytes }, opened, await openHeadMark(files, directory))
  } catch (error) {
    await opened.tail.file.close()
    await opened.claim.release()
    throw error
  }
}

interface Place {
  readonly files: Files
  readonly directory: string
  readonly segmentBytes: number
}

interface Tail extends OpenedTail {
  endOffset: number
  epochMax: number
}

export class SegmentJournal implements Journal {
  readonly storeId: string
  readonly hashKey: { readonly a: number; readonly b: number }
  readonly epoch: number
  /** The commit that was begun before this opening and had never been acknowledged; it was dropped. */
  readonly torn: OpenedStore['torn']
  readonly #place: Place
  readonly #claim: OpenedStore['claim']
  readonly #storeIdBytes: Uint8Array
  readonly #mark: HeadMarkWriter
  readonly #spare: SpareSegment
  readonly #reader: SegmentReader
  readonly #sealed: SealedIndex[]
  #sealedBytes: number
  #tail: Tail
  #head: ChainEnd
  #failure: AppendFailure | undefined
  #appending: Promise<Appended> | undefined
  #sealing: Promise<void> = Promise.resolve()
  #buffer = new Uint8Array(0)

  /** Only openSegmentJournal calls it. */
  constructor(place: Place, opened: OpenedStore, mark: HeadMarkWriter) {
    this.storeId = opened.store.storeId
    this.hashKey = opened.store.hashKey
    this.epoch = opened.lock.epoch
    this.torn = opened.torn
    this.#place = place
    this.#claim = opened.claim
    this.#storeIdBytes = storeIdBytes(this.storeId)
    this.#mark = mark
    this.#spare = new SpareSegment({ ...place, store: opened.store })
    this.#reader = new SegmentReader(place.files, place.directory)
    this.#sealed = [...opened.sealed]
    this.#sealedBytes = opened.sealed.reduce((sum, segment) => sum + segment.endOffset - SEGMENT_HEADER_BYTES, 0)
    this.#tail = { ...opened.tail }
    this.#head = opened.head
    if (this.#head.position > 0) this.#noteHead()
    this.#prepareSpare()
  }

  head(): JournalHead {
    const { position, hash, recordedMs } = this.#head
    return { position, hash, recordedMs, bytes: this.#sealedBytes + this.#tail.endOffset - SEGMENT_HEADER_BYTES }
  }

  failure(): AppendFailure | undefined {
    return this.#failure
  }

  roomBytes(): number {
    return this.#tail.fileBytes - this.#tail.endOffset + this.#spare.readyBytes
  }

  async append(recordedMs: number, frames: readonly EntryFrame[]): Promise<Appended> {
    assert(frames.length > 0, 'a commit has entries')
    assert(this.#appending === undefined, 'one append at a time')
    assert(recordedMs >= this.#head.recordedMs, 'time is never stamped backwards')
    if (this.#failure !== undefined) return { failure: this.#failure }
    this.#appending = this.#commit(recordedMs, frames)
    try {
      return await this.#appending
    } finally {
      this.#appending = undefined
    }
  }

  async read(positions: readonly number[]): Promise<readonly StoredFrame[]> {
    return await this.#reader.read(positions, position => this.#segmentOf(position))
  }

  async *scan(from: number): AsyncGenerator<readonly StoredFrame[]> {
    let position = from
    while (position < this.#head.position) {
      for await (const batch of this.#scanSegment(this.#segmentOf(position + 1)!, position)) {
        position = batch.at(-1)!.position
        yield batch
      }
    }
  }

  /** Positions of each sealed segment, oldest first. */
  get sealed(): readonly { readonly number: number; readonly first: number; readonly last: number }[] {
    return this.#sealed.map(({ closing, number, opening }) => ({
      number,
      first: opening.position + 1,
      last: closing.position,
    }))
  }

  /** Seals the segment that is written to, if it holds anything. What kept it from being done; undefined when done. */
  async beginSegment(): Promise<AppendFailure | undefined> {
    if (this.#failure !== undefined) return this.#failure
    return this.#tail.endOffset === SEGMENT_HEADER_BYTES ? undefined : await this.#rollOver(0)
  }

  /**
   * Writes sealed segment `number` anew, with what `change` makes of its entries (J6). Nobody may read meanwhile. Rejects when
   * the disk fails it: then the old file stays, or an opening finds the new one.
   */
  async rewrite(
    number: number,
    recordedMs: number,
    change: Change,
  ): Promise<{ readonly rewriting: Rewriting } | { readonly failure: AppendFailure }> {
    const at = this.#sealed.findIndex(each => each.number === number)
    assert(at >= 0, 'only sealed segments are written anew')
    await this.#sealing
    const { directory, files } = this.#place
    const index = this.#sealed[at]!
    const store = { storeId: this.storeId, hashKey: this.hashKey }
    const options = { files, directory, store, epoch: this.epoch, index, after: this.#head.position, change }
    const draft = await writtenAnew(options)
    const none = { high: 0, low: 0 }
    const body = packRewriting(draft.rewriting)
    const frame = { family: none, eventId: none, previous: 0, kind: REWRITING_ENTRY, verdict: 0, body }
    const appended = await this.append(recordedMs, [frame])
    if ('failure' in appended) return appended
    await takePlace(files, directory, draft)
    this.#sealed[at] = draft.index
    this.#sealedBytes += draft.index.endOffset - index.endOffset
    await this.#reader.forget(number)
    if (await this.#owns()) await writeIndexFile(files, directory, draft.index)
    return { rewriting: draft.rewriting }
  }

  async close(): Promise<void> {
    if (this.#failure?.code === 'closed') return
    await this.#appending
    this.#failure = { code: 'closed' }
    try {
      await this.#sealing
      await this.#spare.close()
      await this.#mark.close()
      await this.#reader.close()
      await this.#tail.file.close()
    } finally {
      await this.#claim.release()
    }
  }

  async #commit(recordedMs: number, frames: readonly EntryFrame[]): Promise<Appended> {
    const plan = planCommit(frames)
    if (this.#tail.endOffset + plan.extentBytes > this.#tail.fileBytes) {
      const failure = await this.#rollOver(plan.extentBytes)
      if (failure !== undefined) return { failure }
    }
    const tail = this.#tail
    const pointsBefore = tail.points.count
    const { bytes, after } = this.#encode(recordedMs, frames, plan)
    const failure = await this.#makeDurable(tail.file, bytes, tail.endOffset)
    if (failure !== undefined) {
      tail.points.truncate(pointsBefore)
      this.#failure = failure
      return { failure }
    }
    this.#reader.keep(tail, pointsBefore - 1, tail.endOffset, bytes)
    tail.endOffset += bytes.length
    tail.epochMax = this.epoch
    this.#head = after
    this.#noteHead()
    this.#prepareSpare()
    return { head: this.head() }
  }

  #encode(recordedMs: number, frames: readonly EntryFrame[], plan: CommitPlan): { bytes: Uint8Array; after: ChainEnd } {
    if (this.#buffer.length < plan.extentBytes) this.#buffer = new Uint8Array(plan.extentBytes)
    const { points, endOffset } = this.#tail
    const commit = { plan, frames, storeId: this.#storeIdBytes, epoch: this.epoch, recordedMs, after: this.#head }
    const after = encodeCommit(this.#buffer, commit, (position, offset, block) =>
      points.note(position, endOffset + offset, { offset: endOffset + block.offset, last: block.last, recordedMs }),
    )
    return { bytes: this.#buffer.subarray(0, plan.extentBytes), after }
  }

  async #makeDurable(file: OpenFile, bytes: Uint8Array, offset: number): Promise<AppendFailure | undefined> {
    try {
      await writeAll(file, bytes, offset)
      await file.sync()
      return (await this.#owns()) ? undefined : { code: 'fenced' }
    } catch (cause) {
      return { code: 'poisoned', cause }
    }
  }

  async #owns(): Promise<boolean> {
    const lock = await readLock(this.#place.files, this.#place.directory)
    return lock?.epoch === this.epoch && lock.storeId === this.storeId
  }

  /** Goes on in the spare segment. Undefined when done; nothing was written when not. */
  async #rollOver(extentBytes: number): Promise<AppendFailure | undefined> {
    assert(SEGMENT_HEADER_BYTES + extentBytes <= this.#place.segmentBytes, 'a commit fits into a segment')
    const full = this.#tail
    try {
      const { number, file, fileBytes } = await this.#spare.take(full.number + 1)
      this.#tail = {
        number,
        file,
        fileBytes,
        opening: this.#head,
        endOffset: SEGMENT_HEADER_BYTES,
        epochMax: full.epochMax,
        points: new SparseIndex(),
      }
    } catch (cause) {
      if (await this.#owns().catch(() => false)) return { code: 'no_space', cause }
      this.#failure = { code: 'fenced' }
      return this.#failure
    }
    this.#seal(full)
    return undefined
  }

  #seal(full: Tail): void {
    const { number, opening, endOffset, epochMax, points } = full
    const { storeId } = this
    const index = { number, storeId, opening, closing: this.#head, epochMax, endOffset, points }
    this.#sealed.push(index)
    this.#sealedBytes += endOffset - SEGMENT_HEADER_BYTES
    this.#sealing = this.#sealing.then(() => this.#writeIndex(index, full.file))
  }

  /** An index file that cannot be written is made when the store is opened next. */
  async #writeIndex(index: SealedIndex, file: OpenFile): Promise<void> {
    await file.close().catch(() => undefined)
    if (await this.#owns().catch(() => false)) {
      await writeIndexFile(this.#place.files, this.#place.directory, index).catch(() => undefined)
    }
  }

  #noteHead(): void {
    const { position, hash } = this.#head
    this.#mark.note({ storeId: this.storeId, position, hash })
  }

  /** From half a segment on, so that a small store takes the room of one and a fast one has seconds to spare. */
  #prepareSpare(): void {
    if (this.#tail.endOffset * 2 > this.#tail.fileBytes) this.#spare.prepare(this.#tail.number + 1)
  }

  #segmentOf(position: number): ReadableSegment | undefined {
    if (!Number.isSafeInteger(position) || position < 1 || position > this.#head.position) return undefined
    if (position > this.#tail.opening.position) return readable({ ...this.#tail, closing: this.#head })
    let low = 0
    let high = this.#sealed.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#sealed[middle]!.closing.position < position) low = middle + 1
      else high = middle
    }
    return readable(this.#sealed[low]!)
  }

  async *#scanSegment(segment: ReadableSegment, from: number): AsyncGenerator<readonly StoredFrame[]> {
    const name = segmentName(segment.number)
    const file = await this.#place.files.open(`${this.#place.directory}/${name}`, 'read')
    try {
      const reader = this.#blocksFrom(segment, file, from + 1)
      let expected = from + 1
      for (let blocks = await reader.next(); blocks !== undefined; blocks = await reader.next()) {
        const frames = framesOf(blocks, expected, name)
        if (frames.length === 0) continue
        expected = frames.at(-1)!.position + 1
        yield frames
      }
      if (reader.stop!.kind === 'end' && expected === segment.last + 1) return
      throw damage(`a block does not verify (${reader.stop!.kind})`, expected, name)
    } finally {
      await file.close()
    }
  }

  /** Blocks from the one that holds `position` on, or from one shortly before it. */
  #blocksFrom(segment: ReadableSegment, file: OpenFile, position: number): BlockReader {
    const from = segment.points.at(segment.points.find(position))?.blockOffset ?? SEGMENT_HEADER_BYTES
    const after = from === SEGMENT_HEADER_BYTES ? segment.opening : undefined
    return new BlockReader({ file, storeId: this.#storeIdBytes, from, to: segment.endOffset, after })
  }
}

function framesOf(blocks: readonly Block[], from: number, file: string): StoredFrame[] {
  const frames: StoredFrame[] = []
  for (const { bytes, at, header } of blocks) {
    if (!decodeFrames(bytes, at, header, from, frames)) {
      throw damage('the entries of a block do not fill it', header.first, file)
    }
  }
  return frames
}

function readable(segment: Omit<SealedIndex, 'storeId' | 'epochMax'>): ReadableSegment {
  const { number, opening, closing, endOffset, points } = segment
  return { number, opening, last: closing.position, endOffset, points }
}

function damage(message: string, position: number, file: string): JournalDamage {
  return new JournalDamage(`${file}, position ${position}: ${message}`, { position, file })
}
