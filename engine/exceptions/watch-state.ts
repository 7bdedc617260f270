// WatchState: what the watch knows of all families. Columns for what every family has, objects only for those that have
// something open or something ahead, and a thousand that just ended: of others a closed order costs some eighty bytes, and what
// stands open in it another eighty.
// Owns: rows that are to be looked at, and which goes first.   Does not own: when to look, whom to tell, the journal.
//   X10  What is kept of a family beside its columns follows from its entries: it may be dropped at any time and read again.
import { DueTimes } from '../deadlines/due-times.ts'
import type { JournalEntry } from '../entry.ts'
import type { Leg } from '../kpis/leg-counts.ts'
import { OrderColumns } from '../kpis/order-columns.ts'
import type { OrderRecord } from '../kpis/order-record.ts'
import { SourceDays } from '../kpis/source-days.ts'
import { UsualDurations } from '../kpis/usual-durations.ts'
import type { Condition, OrderException } from './condition.ts'
import { Marks } from './marks.ts'
import { OpenExceptions } from './open-exceptions.ts'

// 200,000 families with something ahead have their marks at hand, at some 300 bytes each; of others they are read again.
const MARKS_MAX = 200_000
// 1,000 of which nothing more is expected keep theirs too: what is said of one all the same is mostly said soon, and to read its
// entries again costs as much as a hundred looks.
const RESTING_MAX = 1_000
// 50,000 families that are due within seconds wait with what will then be wrong; others are read when they are due.
export const IMMINENT_MAX = 50_000

/** What is taken back and counted where no leg is another. */
const NO_LEGS: readonly Leg[] = []

/** What a look finds in a family. */
export interface Found {
  readonly conditions: readonly Condition[]
  /** Nothing more is expected of it but what its conditions say. */
  readonly isLast: boolean
}

export class WatchState {
  /** Everything up to here is folded. */
  position = 0
  /** The latest the clock has been, or an entry was recorded: what fell due then stays so when the clock is set back. */
  nowMs = 0
  readonly open = new OpenExceptions()
  readonly marks = new Map<number, Marks>()
  readonly dueTimes = new DueTimes()
  readonly orders = new OrderColumns()
  readonly usual = new UsualDurations()
  readonly sourceDays = new SourceDays()
  /** Rows whose moment has come, rows something was said about, rows of which something is usual now that was not. */
  readonly queues: readonly Set<number>[] = [new Set(), new Set(), new Set()]
  /** What will be wrong with rows that are due in a moment. Never saved. */
  readonly imminent = new Map<number, Found>()
  /** Rows of which nothing more is expected and whose marks are at hand yet, those that rest longest first. Never saved. */
  readonly resting = new Set<number>()
  private readonly scratch = new OrderColumns()

  /** Folds one entry; in order of position, each once. */
  fold(entry: JournalEntry, row: number): void {
    this.position = entry.position
    this.nowMs = Math.max(this.nowMs, entry.recordedMs)
    this.sourceDays.fold(entry)
    this.usual.note(row, entry.recordedMs)
    this.imminent.delete(row)
    const marks = entry.previous === 0 ? this.mark(row, new Marks()) : this.marks.get(row)
    if (marks?.fold(entry) === false) this.marks.delete(row)
  }

  /** Keeps the marks of `row`; beyond the limit those go that were made first. */
  mark(row: number, marks: Marks): Marks {
    this.marks.set(row, marks)
    dropFirst(this.marks, MARKS_MAX)
    return marks
  }

  /** Keeps what is open in `row`, and when it is to be looked at again. */
  settle(row: number, open: readonly OrderException[], dueMs: number | undefined): void {
    this.open.set(row, open)
    this.dueTimes.arm(row, dueMs)
  }

  /** Nothing more is expected of `row`: what is at hand for the next look goes, if not at once. */
  rest(row: number): void {
    const { dueTimes, marks, open, resting } = this
    if (dueTimes.dueMs(row) !== undefined) return
    resting.delete(row)
    resting.add(row)
    if (resting.size <= RESTING_MAX) return
    const [first] = resting
    resting.delete(first as number)
    marks.delete(first as number)
    open.rest(first as number)
  }

  /** Keeps what will be wrong with `row` until it is due. */
  foresee(row: number, found: Found): void {
    this.imminent.set(row, found)
    dropFirst(this.imminent, IMMINENT_MAX)
  }

  /** Takes on what is known of the order in `row`, and learns from it what is usual. */
  learn(row: number, record: OrderRecord | undefined): void {
    const { orders, usual } = this
    // Of what is said most changes no leg.
    if (orders.hasSameLegs(row, record)) {
      orders.set(row, record)
      usual.learn(row, NO_LEGS, NO_LEGS)
      return
    }
    const known = orders.legs(row)
    orders.set(row, record)
    usual.learn(row, known, orders.legs(row))
  }

  /** What was known of the order in `row` when the hour of the clock began, where entries recorded since are not looked at yet. */
  learnAtBorder(row: number, record: OrderRecord | undefined): void {
    const { orders, scratch, usual } = this
    // As the columns have it: to the second.
    scratch.set(0, record)
    usual.learnAtBorder(row, orders.legs(row), scratch.legs(0))
  }

  get queued(): number {
    return this.queues.reduce((sum, queue) => sum + queue.size, 0)
  }
}

function dropFirst(rows: Map<number, unknown>, most: number): void {
  if (rows.size <= most) return
  const [first] = rows.keys()
  rows.delete(first as number)
}
