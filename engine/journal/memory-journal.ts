// MemoryJournal: the journal without a disk, for tests, previews and demonstrations. The same blocks, the same hashes as
// SegmentJournal makes of the same appends; durable for as long as its JournalMemory is.
import assert from 'node:assert/strict'
import type { HashKey } from '../hash.ts'
import {
  type ChainEnd,
  decodeBlockHeader,
  decodeFrames,
  encodeCommit,
  genesisHash,
  hexOf,
  planCommit,
  STORE_ID_BYTES,
  storeIdBytes,
} from './codec.ts'
import {
  type Appended,
  type AppendFailure,
  type EntryFrame,
  type Journal,
  JournalDamage,
  type JournalHead,
  type StoredFrame,
} from './journal.ts'

/** What would be on the disk. Pass it to a second openMemoryJournal to open the same store again. */
export interface JournalMemory {
  readonly storeId: string
  readonly hashKey: HashKey
  epoch: number
  readonly commits: StoredCommit[]
}

interface StoredCommit {
  readonly bytes: Uint8Array
  readonly first: number
  readonly after: ChainEnd
  /** Bytes of this commit and all before it. */
  readonly bytesSoFar: number
}

export interface MemoryJournalOptions {
  readonly memory?: JournalMemory
  /** For a new store's id and hash key; without it they are all zeros. */
  readonly randomBytes?: (count: number) => Uint8Array
  /** Stands for the write and the sync of each commit: what it rejects with poisons the journal. */
  readonly commit?: (bytes: Uint8Array) => Promise<void>
}

export function newJournalMemory(randomBytes: (count: number) => Uint8Array = zeros): JournalMemory {
  const [a, b] = new Uint32Array(randomBytes(8).slice().buffer)
  return { storeId: hexOf(randomBytes(STORE_ID_BYTES)), hashKey: { a: a!, b: b! }, epoch: 0, commits: [] }
}

export function openMemoryJournal(options: MemoryJournalOptions = {}): MemoryJournal {
  const memory = options.memory ?? newJournalMemory(options.randomBytes)
  memory.epoch++
  return new MemoryJournal(memory, options.commit ?? (() => Promise.resolve()))
}

export class MemoryJournal implements Journal {
  readonly storeId: string
  readonly hashKey: HashKey
  readonly epoch: number
  readonly #memory: JournalMemory
  readonly #commit: (bytes: Uint8Array) => Promise<void>
  #commitCount: number
  #failure: AppendFailure | undefined
  #appending = false
  #decoded: { readonly commit: StoredCommit; readonly frames: readonly StoredFrame[] } | undefined

  /** Only openMemoryJournal calls it. */
  constructor(memory: JournalMemory, commit: (bytes: Uint8Array) => Promise<void>) {
    this.storeId = memory.storeId
    this.hashKey = memory.hashKey
    this.epoch = memory.epoch
    this.#memory = memory
    this.#commit = commit
    this.#commitCount = memory.commits.length
  }

  head(): JournalHead {
    return { ...this.#chain(), bytes: this.#memory.commits[this.#commitCount - 1]?.bytesSoFar ?? 0 }
  }

  failure(): AppendFailure | undefined {
    return this.#failure
  }

  roomBytes(): number {
    return Number.POSITIVE_INFINITY
  }

  async append(recordedMs: number, frames: readonly EntryFrame[]): Promise<Appended> {
    assert(frames.length > 0, 'a commit has entries')
    assert(!this.#appending, 'one append at a time')
    assert(recordedMs >= this.#chain().recordedMs, 'time is never stamped backwards')
    if (this.#failure !== undefined) return { failure: this.#failure }
    const commit = this.#encode(recordedMs, frames)
    this.#appending = true
    try {
      await this.#commit(commit.bytes)
    } catch (cause) {
      this.#failure = { code: 'poisoned', cause }
      return { failure: this.#failure }
    } finally {
      this.#appending = false
    }
    return this.#publish(commit)
  }

  async read(positions: readonly number[]): Promise<readonly StoredFrame[]> {
    return positions.map(position => {
      const commit = this.#commitOf(position)
      if (commit === undefined) throw new JournalDamage(`there is no entry at position ${position}`, { position })
      return this.#framesOf(commit)[position - commit.first]!
    })
  }

  async *scan(from: number): AsyncGenerator<readonly StoredFrame[]> {
    for (let index = 0; index < this.#commitCount; index++) {
      const commit = this.#memory.commits[index]!
      if (commit.after.position > from) yield framesOf(commit).slice(Math.max(0, from + 1 - commit.first))
    }
  }

  async close(): Promise<void> {
    this.#failure = { code: 'closed' }
  }

  #encode(recordedMs: number, frames: readonly EntryFrame[]): StoredCommit {
    const plan = planCommit(frames)
    const bytes = new Uint8Array(plan.extentBytes)
    const after = this.#chain()
    const storeId = storeIdBytes(this.storeId)
    const end = encodeCommit(bytes, { plan, frames, storeId, epoch: this.epoch, recordedMs, after })
    return { bytes, first: after.position + 1, after: end, bytesSoFar: this.head().bytes + bytes.length }
  }

  #publish(commit: StoredCommit): Appended {
    if (this.#memory.epoch !== this.epoch) {
      this.#failure = { code: 'fenced' }
      return { failure: this.#failure }
    }
    this.#memory.commits.push(commit)
    this.#commitCount++
    return { head: this.head() }
  }

  #chain(): ChainEnd {
    const last = this.#memory.commits[this.#commitCount - 1]
    return last?.after ?? { position: 0, hash: genesisHash(this.#memory), recordedMs: 0 }
  }

  /** Decoded once while the same commit is asked for: a batch's reads come in runs. */
  #framesOf(commit: StoredCommit): readonly StoredFrame[] {
    if (this.#decoded?.commit !== commit) this.#decoded = { commit, frames: framesOf(commit) }
    return this.#decoded.frames
  }

  #commitOf(position: number): StoredCommit | undefined {
    if (!Number.isSafeInteger(position)) return undefined
    let low = 0
    let high = this.#commitCount
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#memory.commits[middle]!.after.position < position) low = middle + 1
      else high = middle
    }
    const commit = low < this.#commitCount ? this.#memory.commits[low] : undefined
    return commit !== undefined && position >= commit.first ? commit : undefined
  }
}

function zeros(count: number): Uint8Array {
  return new Uint8Array(count)
}

function framesOf({ bytes, first }: StoredCommit): StoredFrame[] {
  const frames: StoredFrame[] = []
  for (let at = 0; at < bytes.length; ) {
    const header = decodeBlockHeader(bytes, at)
    assert(header !== undefined && decodeFrames(bytes, at, header, first, frames), 'memory holds what was put there')
    at += header.extentBytes
  }
  return frames
}
