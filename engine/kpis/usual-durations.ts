// UsualDurations: how long the steps of a shipment usually take, learned from this twin's own journal, by `time` and not by
// arrival. What is told stands for an hour of the clock: it is what the entries recorded before that hour say, no more and no
// less, whenever it is computed. So it is the same after any restart (decision 0012), and what rests on it need not be
// looked at again at each event.
// Owns: what is counted up to the border and since, and which rows lag behind.   Does not own: when a row is looked at.
//   M3  What is usual within an hour follows from the entries recorded before it.
import type { SectionContent } from '../snapshots/checkpoint-file.ts'
import { Column } from './columns.ts'
import { keysOf, type Leg, LegCounts, type SavedLegCounts, type Scope, type Stage } from './leg-counts.ts'

// 20: below that a percentile is an anecdote, and nothing is foretold from it.
const SAMPLES_MIN = 20
// Four of five take no longer: a promise is at risk before it is likelier than not to break.
const USUAL_SHARE = 0.8
const HOUR_MS = 3_600_000

/** Of a row's entries that are not counted yet: there are none, or they were recorded before the border, since, or both. */
const [NONE, BEFORE, BOTH, SINCE] = [0, 1, 2, 3] as const

export interface SavedUsual {
  readonly borderMs: number
  readonly now: SavedLegCounts
  readonly atBorder: SavedLegCounts
  readonly published: readonly (readonly [string, number])[]
  readonly isPublished: boolean
}

export class UsualDurations {
  /** Start of the hour of the clock, epoch milliseconds: what is told rests on what was recorded before it. */
  borderMs = 0
  /** Legs of all families as they were looked at last, and as of the border. */
  private now = new LegCounts()
  private border = new LegCounts()
  /** How each row lags. */
  private readonly lags = new Column('byte')
  private rows = 0
  private behind = 0
  private published: ReadonlyMap<string, number> = new Map()
  private isPublished = true

  /** The clock is at `nowMs`, or something was recorded then. From a new hour on, all there was by then counts. */
  cross(nowMs: number): void {
    const borderMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS
    if (borderMs <= this.borderMs) return
    this.borderMs = borderMs
    this.border = this.now.copy()
    this.isPublished = false
    for (let row = this.lags.firstWritten(0); row >= 0; row = this.lags.firstWritten(row + 1)) this.lag(row, BEFORE)
  }

  /** An entry of `row` was recorded and is not counted yet. In order of position. */
  note(row: number, recordedMs: number): void {
    this.cross(recordedMs)
    if (recordedMs < this.borderMs) this.lag(row, BEFORE)
    else this.lag(row, this.isBehind(row) ? BOTH : SINCE)
  }

  /** Whether what is counted of `row` is of before the border while its newest entry is not: `learnAtBorder` it then. */
  isAstride(row: number): boolean {
    return this.lags.get(row) === BOTH
  }

  /** Whether entries of `row` recorded before the border are not counted yet. */
  isBehind(row: number): boolean {
    const lag = this.lags.get(row)
    return lag === BEFORE || lag === BOTH
  }

  /** Rows of which that is so. */
  get rowsBehind(): number {
    return this.behind
  }

  /** `row`, with `known` counted so far, had `legs` at the border. */
  learnAtBorder(row: number, known: readonly Leg[], legs: readonly Leg[]): void {
    if (!this.isBehind(row)) return
    this.border.replace(known, legs)
    this.isPublished = false
    this.lag(row, SINCE)
  }

  /** `row`, with `known` counted so far, has `legs` now that all its entries are known. */
  learn(row: number, known: readonly Leg[], legs: readonly Leg[]): void {
    this.learnAtBorder(row, known, legs)
    this.now.replace(known, legs)
    this.lag(row, NONE)
  }

  /** From now on tells what is known as of the border. Whether that is anything else than before. */
  publish(): boolean {
    if (this.isPublished) return false
    const usual = this.border.percentiles(USUAL_SHARE, SAMPLES_MIN)
    const isNew = usual.size !== this.published.size || [...usual].some(([key, ms]) => this.published.get(key) !== ms)
    this.published = usual
    this.isPublished = true
    return isNew
  }

  /** What four of five take at most, per node and service where enough is known, else per node, else over all. */
  usualMs(stage: Stage, scope: Scope): number | undefined {
    for (const key of keysOf(stage, scope)) {
      const usual = this.published.get(key)
      if (usual !== undefined) return usual
    }
    return undefined
  }

  saved(): SavedUsual {
    const { border, borderMs, isPublished, now, published } = this
    return { borderMs, now: now.saved(), atBorder: border.saved(), published: [...published], isPublished }
  }

  /** How each row lags, a byte each. */
  savedLags(): SectionContent {
    return this.lags.saved(this.rows)
  }

  load({ atBorder, borderMs, isPublished, now, published }: SavedUsual, lags: Uint8Array): void {
    this.borderMs = borderMs
    this.now = LegCounts.from(now)
    this.border = LegCounts.from(atBorder)
    this.published = new Map(published)
    this.isPublished = isPublished
    lags.forEach((lag, row) => void this.lag(row, lag))
  }

  private lag(row: number, lag: number): void {
    if (row >= this.rows) this.rows = row + 1
    if (this.isBehind(row)) this.behind--
    this.lags.set(row, lag)
    if (this.isBehind(row)) this.behind++
  }
}
