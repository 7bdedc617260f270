// Journal: the log of record. Ordered, gap-free, checksummed, hash-chained, durable before append resolves.
// Owns:  the bytes of entries and their order.   Does not own: what an entry means (engine/entry.ts packs and unpacks).
//   J1  append is all or nothing and durable (fsynced) when it resolves with a head.
//   J2  Positions start at 1 and have no gaps. An entry never changes.
//   J3  After a failed or short write or sync the journal is poisoned: every later append fails, reads of what was
//       durable before go on. It opens again only through open(), which verifies (reliability.md F1, F3).
//   J4  One writer: open() takes the lock and a new epoch; an append by a former epoch fails (E10).
import type { Hash64, HashKey } from '../hash.ts'

/** One entry as the journal sees it: what recovery needs without decoding, and a body it does not look into. */
export interface EntryFrame {
  /** Hash of the family id: recovery builds the directory from it. */
  readonly family: Hash64
  /** Hash of source and event id; zero halves where the entry answers no event of a source. */
  readonly eventId: Hash64
  /** Position of the same family's previous entry; 0 when this is its first. */
  readonly previous: number
  /** Entry kind and verdict as small numbers (engine/entry.ts names them). */
  readonly kind: number
  readonly verdict: number
  readonly body: Uint8Array
}

export interface StoredFrame extends EntryFrame {
  readonly position: number
  /** Stamp of the block the entry came in, epoch milliseconds. */
  readonly recordedMs: number
}

export interface JournalHead {
  /** Last durable position; 0 when empty. */
  readonly position: number
  /** SHA-256 of the last block, chained over all before it; the store's genesis hash when empty. */
  readonly hash: Uint8Array
  /** Stamp of the last block, epoch milliseconds; 0 when empty. */
  readonly recordedMs: number
  /** Bytes of all blocks so far, headers and padding included. */
  readonly bytes: number
}

export type AppendFailure =
  | { readonly code: 'poisoned'; readonly cause: unknown }
  | { readonly code: 'fenced' }
  /** No room for the next segment. Nothing was written and nothing is lost: the same append may succeed later. */
  | { readonly code: 'no_space'; readonly cause: unknown }
  | { readonly code: 'closed' }

export type Appended = { readonly head: JournalHead } | { readonly failure: AppendFailure }

export interface Journal {
  /** Random per store, made when the store was; names it in every block. */
  readonly storeId: string
  readonly hashKey: HashKey
  readonly epoch: number
  /** The last block known durable. */
  head(): JournalHead
  /** Why nothing can be appended any more, for good (never `no_space`); undefined while all is well. */
  failure(): AppendFailure | undefined
  /** Bytes that can be appended without asking the disk for more: what is left of this segment and of the next if ready. */
  roomBytes(): number
  /**
   * Appends `frames` (at least one) as blocks of at most BLOCK_BYTES_MAX, one sync. `recordedMs` never runs backwards.
   * Frames take positions head().position + 1 … in order. One append at a time: the caller waits for the last.
   * After `poisoned` or `fenced` it is unknown whether the frames are there: the next open() will say.
   */
  append(recordedMs: number, frames: readonly EntryFrame[]): Promise<Appended>
  /** The entries at `positions`, in that order. Rejects with JournalDamage when one is not there or does not verify. */
  read(positions: readonly number[]): Promise<readonly StoredFrame[]>
  /** Entries after `from` (exclusive), oldest first, in batches, up to the head as it is when each batch is read. Never waits for new ones. */
  scan(from: number): AsyncIterable<readonly StoredFrame[]>
  close(): Promise<void>
}

/** Bytes that do not verify, or a gap: the journal refuses to go on and says where. */
export class JournalDamage extends Error {
  readonly code = 'journal_damaged'
  readonly position: number
  readonly file: string | undefined
  constructor(message: string, where: { position: number; file?: string; cause?: unknown }) {
    super(message, { cause: where.cause })
    this.position = where.position
    this.file = where.file
  }
}
