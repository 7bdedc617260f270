// SegmentReader: reads single entries. Finds the 16 KB an entry lies in, reads them at once, keeps what was read last.
import {
  BLOCK_HEADER_BYTES,
  type ChainEnd,
  decodeBlockHeader,
  frameEnd,
  readFrame,
  roundedUp,
  SECTOR_BYTES,
} from './codec.ts'
import { type Files, type OpenFile, readInto } from './files.ts'
import { JournalDamage, type StoredFrame } from './journal.ts'
import { segmentName } from './segment-file.ts'
import type { IndexPoint, SparseIndex } from './sparse-index.ts'

// 512 chunks of 20 KB: 10 MB hold the last 40,000 entries, which are asked for again most, and what families being rebuilt ask for twice.
const CHUNKS_MAX = 512
// 8: an order's entries lie far apart, and are read in two rounds. The reads share four threads with the sync that everybody waits for:
// it waits for two of them.
const READS_AT_ONCE = 8
// 20 KiB: a chunk, and most entries that begin in it and end behind it.
const CHUNK_BYTES = 20 * 1024
// 32 chunks' memory waits to be used again: as much as four readers ask for at once.
const FREE_MAX = 32
// 64 files: a segment is 64 MB, so 4 GB of journal are read without opening a file again.
const FILES_MAX = 64

/** A segment as far as it can be read: its blocks end at `endOffset`, its last position is `last`. */
export interface ReadableSegment {
  readonly number: number
  readonly opening: ChainEnd
  readonly last: number
  readonly endOffset: number
  readonly points: SparseIndex
}

interface Chunk {
  /** The newest chunk's grow with every append. */
  bytes: Uint8Array
  readonly point: IndexPoint
}

/** What lies within one chunk of a segment. */
interface Group {
  readonly segment: ReadableSegment
  /** The chunk's point. */
  readonly index: number
  readonly requests: Request[]
}

interface Request {
  readonly position: number
  readonly place: number
}

export class SegmentReader {
  readonly #files: Files
  readonly #directory: string
  readonly #chunks = new Map<string, Chunk>()
  /** Memory of chunks that were let go of: made anew for each read, it has the collector run more than twice as often. */
  readonly #free: ArrayBuffer[] = []
  readonly #open = new Map<number, { readonly file: Promise<OpenFile>; users: number }>()
  /** None once closed: who still reads then closes the file behind himself. */
  #filesMax = FILES_MAX

  constructor(files: Files, directory: string) {
    this.#files = files
    this.#directory = directory
  }

  /** The entries at `positions`, in that order. `segmentOf` says which segment holds a position; undefined when none does. */
  async read(
    positions: readonly number[],
    segmentOf: (position: number) => ReadableSegment | undefined,
  ): Promise<StoredFrame[]> {
    const groups = new Map<string, Group>()
    for (const [place, position] of positions.entries()) {
      const segment = segmentOf(position)
      if (segment === undefined) throw new JournalDamage(`there is no entry at position ${position}`, { position })
      const index = segment.points.find(position)
      const key = keyOf(segment.number, index)
      const group = groups.get(key)
      if (group === undefined) groups.set(key, { segment, index, requests: [{ position, place }] })
      else group.requests.push({ position, place })
    }
    const frames: StoredFrame[] = new Array(positions.length)
    const waiting = groups.entries()
    const work = async () => {
      for (const [key, group] of waiting) await this.#pick(key, group, frames)
    }
    await Promise.all(Array.from({ length: READS_AT_ONCE }, work))
    return frames
  }

  /** Keeps `bytes`, just appended at `offset`, behind point `before` of the segment: what is asked for again is mostly new. */
  keep(
    { number, points }: Pick<ReadableSegment, 'number' | 'points'>,
    before: number,
    offset: number,
    bytes: Uint8Array,
  ): void {
    const end = offset + bytes.length
    const part = (from: number, index: number) =>
      bytes.subarray(from - offset, (points.at(index + 1)?.offset ?? end) - offset)
    const known = this.#chunks.get(keyOf(number, before))
    if (known !== undefined && known.point.offset + known.bytes.length === offset) {
      known.bytes = this.#joined(known.bytes, part(offset, before))
      this.#put(keyOf(number, before), known)
    }
    for (let index = before + 1; index < points.count; index++) {
      const point = points.at(index) as IndexPoint
      this.#put(keyOf(number, index), { point, bytes: this.#joined(undefined, part(point.offset, index)) })
    }
  }

  /** `more` behind `known`, in memory of its own: in that of `known` where it has room. Appends of one entry would copy a chunk each. */
  #joined(known: Uint8Array | undefined, more: Uint8Array): Uint8Array {
    const before = known?.length ?? 0
    const length = before + more.length
    const isRoomy = known !== undefined && length <= known.buffer.byteLength
    const bytes = isRoomy ? new Uint8Array(known.buffer, 0, length) : this.#room(length)
    if (known !== undefined && !isRoomy) bytes.set(known)
    bytes.set(more, before)
    return bytes
  }

  /** Keeps nothing of a segment that is another file from now on. No read may be going on. */
  async forget(number: number): Promise<void> {
    for (const key of this.#chunks.keys()) if (key.startsWith(`${number}:`)) this.#drop(key)
    const known = this.#open.get(number)
    this.#open.delete(number)
    await (await known?.file)?.close()
  }

  async close(): Promise<void> {
    this.#chunks.clear()
    this.#free.length = 0
    this.#filesMax = 0
    await this.#closeIdle()
  }

  /** Runs `use` with the segment's file open for reading. */
  async #withFile<T>(number: number, use: (file: OpenFile) => Promise<T>): Promise<T> {
    const entry = this.#open.get(number) ?? { file: this.#openFile(number), users: 0 }
    // Behind all others again: the one in front is the first to close.
    this.#open.delete(number)
    this.#open.set(number, entry)
    entry.users++
    try {
      return await use(await entry.file)
    } finally {
      entry.users--
      await this.#closeIdle()
    }
  }

  async #openFile(number: number): Promise<OpenFile> {
    try {
      return await this.#files.open(`${this.#directory}/${segmentName(number)}`, 'read')
    } catch (error) {
      this.#open.delete(number)
      throw error
    }
  }

  async #closeIdle(): Promise<void> {
    for (const [number, { file, users }] of this.#open) {
      if (this.#open.size <= this.#filesMax) return
      if (users > 0) continue
      this.#open.delete(number)
      await (await file).close()
    }
  }

  /** Nothing is waited for between a chunk and what is picked from it: its memory may be another's soon. */
  async #pick(key: string, { index, requests, segment }: Group, frames: StoredFrame[]): Promise<void> {
    const point = segment.points.at(index)
    if (point === undefined) throw missing(segment, segment.opening.position + 1)
    // The index knows the entries of a commit before they are written: what lies behind the end is not read, or it would be kept
    // as it was before.
    const end = Math.min(segment.points.at(index + 1)?.offset ?? segment.endOffset, segment.endOffset)
    const length = end - point.offset
    requests.sort((left, right) => left.position - right.position)
    const known = this.#chunks.get(key)
    // The newest chunk grows with every append: what was read of it before may be too short by now.
    if (known !== undefined && known.bytes.length >= length) {
      this.#put(key, known)
      return pickFrames(known, segment, requests, frames)
    }
    const read = this.#withFile(segment.number, file => readInto(file, point.offset, this.#room(length)))
    const bytes = await read.catch(cause => {
      // A bad sector is no less damage than a bad byte: whose entries lie there is set aside alone.
      throw isUnreadable(cause) ? missing(segment, requests[0]?.position ?? 0, cause) : cause
    })
    const chunk = { bytes, point }
    this.#put(key, chunk)
    pickFrames(chunk, segment, requests, frames)
  }

  #room(length: number): Uint8Array {
    if (length > CHUNK_BYTES) return new Uint8Array(length)
    return new Uint8Array(this.#free.pop() ?? new ArrayBuffer(CHUNK_BYTES), 0, length)
  }

  /** As the one that was asked for last. */
  #put(key: string, chunk: Chunk): void {
    this.#drop(key, chunk)
    this.#chunks.set(key, chunk)
    if (this.#chunks.size > CHUNKS_MAX) this.#drop(this.#chunks.keys().next().value!)
  }

  #drop(key: string, unless?: Chunk): void {
    const known = this.#chunks.get(key)
    this.#chunks.delete(key)
    if (known === undefined || known === unless) return
    const { buffer } = known.bytes
    if (buffer.byteLength === CHUNK_BYTES && this.#free.length < FREE_MAX) this.#free.push(buffer as ArrayBuffer)
  }
}

const keyOf = (segment: number, index: number): string => `${segment}:${index}`

/** Walks the chunk once and puts each requested frame in its place. `requests` are in order of position. */
function pickFrames(
  { bytes, point }: Chunk,
  segment: ReadableSegment,
  requests: readonly Request[],
  frames: StoredFrame[],
): void {
  let { position, blockLast, recordedMs } = point
  let at = 0
  for (const request of requests) {
    while (position < request.position) {
      const end = frameEnd(bytes, at)
      if (end === undefined) throw missing(segment, request.position)
      at = end
      if (position === blockLast) {
        const next = blockBehind(bytes, at, point.offset)
        if (next === undefined || next.first !== position + 1) throw missing(segment, request.position)
        ;({ blockLast, recordedMs } = next)
        at = next.at
      }
      position++
    }
    const frame = readFrame(bytes, at, position, recordedMs)
    if (frame === undefined) throw missing(segment, request.position)
    // Its own copy: the chunk's memory is used again.
    frames[request.place] = { ...frame, body: frame.body.slice() }
  }
}

/** The block behind the one whose payload ends at `at`. Blocks start on sectors of the file, after at least one byte of padding. */
function blockBehind(bytes: Uint8Array, at: number, chunkOffset: number) {
  const start = roundedUp(chunkOffset + at + 1, SECTOR_BYTES) - chunkOffset
  const header = decodeBlockHeader(bytes, start)
  if (header === undefined) return undefined
  const { first, count, recordedMs } = header
  return { first, blockLast: first + count - 1, recordedMs, at: start + BLOCK_HEADER_BYTES }
}

const isUnreadable = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EIO'

function missing(segment: ReadableSegment, position: number, cause?: unknown): JournalDamage {
  const file = segmentName(segment.number)
  return new JournalDamage(`${file}, position ${position}: the entry does not verify`, { position, file, cause })
}
