// Twin: what the faces (HTTP, GraphQL, command line, bench) may ask of a running engine. Types only.
import type { EntityKind } from '../machines/ids.ts'
import type { Source } from '../machines/sources.ts'
import type { Attached, Companion } from './companions.ts'
import type { JournalEntry } from './entry.ts'
import type { Family, Retired } from './family.ts'
import type { Outcome, OutcomeCode } from './outcome.ts'
import type { BoardFacet, BoardFilter, BoardOrder, BoardPage, FacetCount } from './projections/order-board.ts'
import type { EraseOutcome, EraseRequest } from './sealing/erasing.ts'
import type { Erasure } from './sealing/erasure.ts'

/** Who sends. `sources` are the source ids the credentials speak for; undefined means every configured one. */
export interface Sender {
  readonly sources?: ReadonlySet<string>
}

export type Found =
  | { readonly kind: 'none' }
  /** `actors` are the keys within the family that hold the reference (machines/ids.ts). */
  | {
      readonly kind: 'found'
      readonly holders: readonly { readonly family: Family; readonly actors: readonly string[] }[]
    }
  /** Nobody holds it now; these did, and were retired. */
  | { readonly kind: 'retired'; readonly orders: readonly RetiredOrder[] }

export interface RetiredOrder extends Retired {
  readonly id: string
}

export interface SourceStatus {
  readonly source: Source
  /** Time of its newest event, and when we recorded it; undefined when nothing came since the store was made. */
  readonly lastEventMs?: number
  readonly lastRecordedMs?: number
  readonly outcomes: Readonly<Partial<Record<OutcomeCode, number>>>
  /** Gaps seen in its own sequence, and the latest: after → before. */
  readonly sequenceGaps: number
  readonly lastGap?: { readonly after: number; readonly before: number }
}

/** What would be written if an event came now. The positions are those it would have. */
export interface Foresight {
  readonly outcome: Outcome
  readonly entries: readonly JournalEntry[]
}

/** A family that was set aside: why, and since when by the engine's clock. */
export interface SetAside {
  readonly family: string
  readonly reason: string
  readonly sinceMs: number
}

/** One durable entry as a follower of the feed sees it. */
export interface FeedItem {
  readonly cursor: string
  readonly entry: JournalEntry
}

export interface FollowOptions {
  /** Exclusive; undefined starts with what comes next; the empty cursor '' starts at the beginning. */
  readonly after?: string
  readonly filter?: (entry: JournalEntry) => boolean
  /** Ends once everything durable at the call was given, instead of going on live. */
  readonly untilHead?: boolean
  readonly signal?: AbortSignal
}

/** A family's row: a small number, given in the order they first appear, the same after every opening. */
export interface FamilyRows {
  readonly size: number
  /** -1 where there is no such family. */
  row(id: string): number
  id(row: number): string
  /** Position of its last durable entry; 0 where it has none. */
  headAt(row: number): number
}

export interface TwinHead {
  readonly position: string
  readonly hash: string
}

export interface EngineHealth {
  readonly ready: boolean
  /** Why not, when not ready. */
  readonly reason?: string
}

export interface Twin {
  /** The engine's clock: virtual in tests and replays. */
  readonly clock: { readonly nowMs: number }
  /** Whether anything is being decided or waits to be. */
  readonly isBusy: boolean
  /**
   * One outcome per input, in input order, each only when durable. Never rejects for bad input. With `override`, a reason,
   * their source must be an operator, who goes over owners and permissions; never over quantities or what the chart has not.
   */
  submit(inputs: readonly unknown[], sender?: Sender, override?: string): Promise<readonly Outcome[]>
  /**
   * Undefined while less than a batch waits for its turn; else resolves when the next batch is taken. What is read of a long stream before
   * that only waits, and takes many times the memory of its bytes.
   */
  backlog(): Promise<void> | undefined
  /** The same judgement, one after another on top of each other; nothing is written or remembered. */
  preview(inputs: readonly unknown[], sender?: Sender): Promise<readonly Outcome[]>

  /** The same of one event, with every entry it would make: what moves, and what is judged again because of it. */
  foresee(input: unknown, sender?: Sender, override?: string): Promise<Foresight>

  /** Makes an order's personal values unreadable for ever (E12); what happened to it stays. */
  erase(request: EraseRequest): Promise<EraseOutcome>
  /** When and why that was done; undefined where it was not. */
  erasure(family: string): Erasure | undefined
  /** `value` (an entry, a context, an answer) as people may read it: what is sealed in it in clear, or as `[erased]`. */
  opened<Value>(value: Value): Value

  family(id: string): Promise<Family | undefined>
  readonly rows: FamilyRows
  /** Families as they are now, those that only wait too; empty ones where there are none. In the order asked. */
  families(ids: readonly string[]): Promise<readonly Family[]>
  /** Lets `companion` fold every entry from now on, and gives what the checkpoint held of it. */
  attach(companion: Companion): Attached
  /** Families that hold `ref`: an order id, or any business reference, optionally as `KIND/NUMBER` (event.ts REFERENCE_KINDS). */
  find(ref: string): Promise<Found>
  /** A family's entries, oldest first, at most `first` after position `after` (exclusive, 0 for all). Empty when caught up. */
  entries(family: string, options: { after: number; first: number }): Promise<readonly JournalEntry[]>

  orders(filter: BoardFilter, order: BoardOrder, page: { first: number; after?: string }): BoardPage
  orderCounts(filter: BoardFilter, by: readonly BoardFacet[]): readonly FacetCount[]
  /** How many live actors of `kind` are in each state: region → state → count. */
  stateCounts(kind: EntityKind): Readonly<Record<string, Readonly<Record<string, number>>>>
  sources(): readonly SourceStatus[]
  /** Families that cannot be judged until the store is opened again. */
  quarantined(): readonly SetAside[]

  /**
   * Durable entries in order, each once: first what came after the cursor, then live, without gap or repeat.
   * A reader that cannot keep up loses nothing: it catches up from the journal at its own pace (P3).
   */
  follow(options: FollowOptions): AsyncIterable<FeedItem>

  /** Durable position as followers and clients see it. */
  positionText(position: number): string
  head(): TwinHead
  health(): EngineHealth
  /** Counters and gauges for /metrics: name → labels → value. */
  metrics(): readonly MetricFamily[]
  /** Stops intake, answers what is in flight, checkpoints, closes. */
  close(): Promise<void>
}

export interface MetricFamily {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}
