// Opening: from a folder to one that may be written to (architecture, Storage 3). In this order:
//   1. claim the folder, or store_locked                       4. walk the journal: whole, torn at its end, or JournalDamage
//   2. compare its inode with LOCK's, or store_copied          5. copy what verifies of the open segment to a fresh file: bytes
//   3. write a new epoch to LOCK (E10)                            read back after a crash may be in memory only (F3)
// What is torn is dropped by not being copied. Until step 5 nothing but LOCK is written.
import type { HashKey } from '../hash.ts'
import { BlockReader } from './block-reader.ts'
import { type ChainEnd, genesisHash, hexOf, STORE_ID_BYTES, type StoreIdentity, storeIdBytes } from './codec.ts'
import { type Claim, type Files, type OpenFile, writeAll } from './files.ts'
import { indexName, type SealedIndex, writeIndexFile } from './index-file.ts'
import { JournalDamage } from './journal.ts'
import { type LockRecord, readLock, writeLock } from './lock.ts'
import { createSegment, encodeSegmentHeader, fillWithZeros, SEGMENT_HEADER_BYTES, segmentName } from './segment-file.ts'
import { SparseIndex } from './sparse-index.ts'
import { StoreRefused } from './store-refused.ts'
import { type Walked, type WalkedSegment, walkJournal } from './walk.ts'

export interface OpeningOptions {
  readonly files: Files
  readonly directory: string
  readonly segmentBytes: number
  readonly adopt: boolean
  readonly randomBytes: (count: number) => Uint8Array
}

export interface OpenedStore {
  readonly store: StoreIdentity
  readonly lock: LockRecord
  readonly claim: Claim
  readonly head: ChainEnd
  readonly sealed: readonly SealedIndex[]
  readonly tail: OpenedTail
  readonly torn: Walked['torn']
}

/** The segment that is written to. Its index is empty when it holds no block yet. */
export interface OpenedTail {
  readonly number: number
  readonly file: OpenFile
  readonly fileBytes: number
  readonly opening: ChainEnd
  readonly endOffset: number
  /** The highest epoch of any block up to its end. */
  readonly epochMax: number
  readonly points: SparseIndex
}

/** Rejects with StoreRefused or JournalDamage; the folder is then unclaimed again. */
export async function openStore(options: OpeningOptions): Promise<OpenedStore> {
  const { files, directory } = options
  await files.makeDirectory(directory)
  const claim = await files.claim(directory)
  try {
    return { claim, ...(await openClaimed(options)) }
  } catch (error) {
    await claim.release()
    throw isNoSpace(error)
      ? new StoreRefused('store_no_space', directory, 'no room on the disk to open this store', error)
      : error
  }
}

async function openClaimed(options: OpeningOptions): Promise<Omit<OpenedStore, 'claim'>> {
  const { files, directory } = options
  const before = await readLock(files, directory)
  const inode = await files.identity(directory)
  await refuseCopy(options, before, inode)
  const drafted = await newEpoch(options, before, inode)
  const walked = await walkJournal({ files, directory })
  if (walked === undefined) {
    if (drafted.established) throw new JournalDamage('every segment is gone', { position: 1 })
    return await openNew(options, drafted)
  }
  const lock = await settledLock(options, drafted, walked)
  await removeLeftovers(options, walked)
  // A segment that waits to be written to is not removed but replaced: there is never a moment without any.
  const tail = await freshTail(options, walked)
  await files.remove(`${directory}/${indexName(tail.number)}`)
  const sealed = walked.segments.filter(segment => segment.index.number !== tail.number)
  for (const { index, sealed: known } of sealed) if (!known) await writeIndexFile(files, directory, index)
  const { store, head, torn } = walked
  return { store, lock, head, sealed: sealed.map(segment => segment.index), tail, torn }
}

async function refuseCopy(
  { files, directory, adopt }: OpeningOptions,
  lock: LockRecord | undefined,
  inode: string,
): Promise<void> {
  if (adopt || lock?.inode === inode) return
  if (lock !== undefined) {
    throw new StoreRefused('store_copied', directory, 'this folder is a copy of a store, or was restored')
  }
  const names = await files.list(directory)
  if (names.some(name => name.endsWith('.segment'))) {
    throw new StoreRefused(
      'store_copied',
      directory,
      'this store has no LOCK file: it is a copy, or the file was removed',
    )
  }
}

async function newEpoch(
  { files, directory, randomBytes }: OpeningOptions,
  before: LockRecord | undefined,
  inode: string,
): Promise<LockRecord> {
  const storeId = before?.storeId ?? hexOf(randomBytes(STORE_ID_BYTES))
  const lock = { storeId, epoch: (before?.epoch ?? 0) + 1, inode, established: before?.established ?? false }
  await writeLock(files, directory, lock)
  return lock
}

/** LOCK as the journal itself has it: an adopted folder had none, or that of another store. */
async function settledLock(options: OpeningOptions, lock: LockRecord, walked: Walked): Promise<LockRecord> {
  const storeId = walked.store.storeId
  if (lock.storeId === storeId && lock.established && lock.epoch > walked.epochMax) return lock
  if (!options.adopt && lock.established) {
    throw new JournalDamage('LOCK names another store or an earlier epoch than the journal', { position: 0 })
  }
  const settled = { ...lock, storeId, established: true, epoch: Math.max(lock.epoch, walked.epochMax + 1) }
  await writeLock(options.files, options.directory, settled)
  return settled
}

async function openNew(options: OpeningOptions, drafted: LockRecord): Promise<Omit<OpenedStore, 'claim'>> {
  const { files, directory } = options
  const store: StoreIdentity = { storeId: drafted.storeId, hashKey: newHashKey(options.randomBytes) }
  await files.remove(`${directory}/${segmentName(1)}`)
  const head: ChainEnd = { position: 0, hash: genesisHash(store), recordedMs: 0 }
  const file = await createSegment(files, { directory, number: 1, store, bytes: options.segmentBytes })
  const points = new SparseIndex()
  const begun = {
    number: 1,
    file,
    fileBytes: options.segmentBytes,
    endOffset: SEGMENT_HEADER_BYTES,
    epochMax: 0,
    points,
  }
  const tail: OpenedTail = { ...begun, opening: head }
  const lock = { ...drafted, established: true }
  await writeLock(files, directory, lock)
  return { store, lock, head, sealed: [], tail, torn: undefined }
}

function newHashKey(randomBytes: (count: number) => Uint8Array): HashKey {
  const [a, b] = new Uint32Array(randomBytes(8).slice().buffer)
  return { a: a!, b: b! }
}

/** Removes segment files with nothing acknowledged in them, and files whose writing was interrupted. */
async function removeLeftovers({ files, directory }: OpeningOptions, walked: Walked): Promise<void> {
  const tail = tailNumber(walked)
  for (const number of walked.unused) if (number !== tail) await files.remove(`${directory}/${segmentName(number)}`)
  const names = await files.list(directory)
  for (const name of names) if (name.endsWith('.fresh')) await files.remove(`${directory}/${name}`)
}

/** The segment to be written to: the last one unless it is sealed. */
function tailNumber({ segments }: Walked): number {
  const last = segments.at(-1)
  if (last === undefined) return 1
  return last.sealed ? last.index.number + 1 : last.index.number
}

async function freshTail(options: OpeningOptions, walked: Walked): Promise<OpenedTail> {
  const last = walked.segments.at(-1)
  if (last !== undefined && !last.sealed) return await copiedTail(options, walked, last)
  const { epochMax, head: opening, store } = walked
  return await emptyTail(options, { number: tailNumber(walked), store, opening, epochMax })
}

async function emptyTail(
  { files, directory, segmentBytes }: OpeningOptions,
  segment: {
    readonly number: number
    readonly store: StoreIdentity
    readonly opening: ChainEnd
    readonly epochMax: number
  },
): Promise<OpenedTail> {
  const { number, store, opening, epochMax } = segment
  const tail = { number, opening, endOffset: SEGMENT_HEADER_BYTES, epochMax, points: new SparseIndex() }
  return { ...tail, ...(await freshSegment({ files, directory, number, store, fileBytes: segmentBytes })) }
}

/** Segment `number` under another name, filled by `fill` and with zeros up to `fileBytes`, then in place of what has its name. */
async function freshSegment(
  segment: {
    readonly files: Files
    readonly directory: string
    readonly number: number
    readonly store: StoreIdentity
    readonly fileBytes: number
  },
  fill: (file: OpenFile) => Promise<number> = async () => SEGMENT_HEADER_BYTES,
): Promise<{ readonly file: OpenFile; readonly fileBytes: number }> {
  const { directory, fileBytes, files, number, store } = segment
  const path = `${directory}/${segmentName(number)}`
  await files.remove(`${path}.fresh`)
  const file = await files.open(`${path}.fresh`, 'create')
  try {
    await writeAll(file, encodeSegmentHeader({ number, store }), 0)
    await fillWithZeros(file, await fill(file), fileBytes)
    await files.rename(`${path}.fresh`, path)
    await files.syncDirectory(directory)
    return { file, fileBytes }
  } catch (error) {
    await file.close()
    await files.remove(`${path}.fresh`)
    throw error
  }
}

/** The blocks of `segment` in a file of their own, each verified once more on its way. */
async function copiedTail(options: OpeningOptions, walked: Walked, segment: WalkedSegment): Promise<OpenedTail> {
  const { files, directory, segmentBytes } = options
  const { number, opening, endOffset, epochMax, points } = segment.index
  const fileBytes = Math.max(endOffset, segmentBytes)
  const path = `${directory}/${segmentName(number)}`
  const { store } = walked
  const fresh = await freshSegment({ files, directory, number, store, fileBytes }, async file => {
    await copyBlocks(files, { path, target: file, store, opening, endOffset })
    return endOffset
  })
  return { number, opening, endOffset, epochMax, points, ...fresh }
}

/** Writes the blocks of the segment at `path` to the same offsets of `target`. Rejects when one does not verify. */
export async function copyBlocks(
  files: Files,
  segment: {
    readonly path: string
    readonly target: OpenFile
    readonly store: StoreIdentity
    readonly opening: ChainEnd
    readonly endOffset: number
  },
): Promise<void> {
  const source = await files.open(segment.path, 'read')
  try {
    const storeId = storeIdBytes(segment.store.storeId)
    const { endOffset: to, opening: after } = segment
    const reader = new BlockReader({ file: source, storeId, from: SEGMENT_HEADER_BYTES, to, after })
    for (let blocks = await reader.next(); blocks !== undefined; blocks = await reader.next()) {
      const first = blocks[0]!
      const last = blocks.at(-1)!
      const bytes = first.bytes.subarray(first.at, last.at + last.header.extentBytes)
      await writeAll(segment.target, bytes, first.offset)
    }
    if (reader.stop!.kind !== 'end') {
      throw new JournalDamage('a block that verified no longer does', { position: after.position, file: segment.path })
    }
  } finally {
    await source.close()
  }
}

export function isNoSpace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}
