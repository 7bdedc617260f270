// Looks: looks at families and settles what is open in them. Each look costs some microseconds, so it is taken from
// queues in slices of bounded size; what is due within seconds is looked at beforehand, and then only its moment is waited for.
// Owns: rows in hand, and those that could not be read.   Does not own: what is known (watch-state.ts), when a slice is taken.
//   X11  Looks are taken in slices of bounded size: whatever waits, a turn waits for one slice at most.
//   X12 A family that cannot be read is tried again, and holds up no other.
import type { Policies } from '../deadlines/policies.ts'
import type { JournalEntry } from '../entry.ts'
import type { Family } from '../family.ts'
import { orderRecord } from '../kpis/order-record.ts'
import type { Twin } from '../twin.ts'
import { believedAt } from './as-of.ts'
import type { OrderException, Surroundings } from './condition.ts'
import { conditionsOf, NOTHING_OPEN, nextDueMs, openAt } from './exceptions.ts'
import { factsWith, isOver } from './facts.ts'
import { Marks } from './marks.ts'
import { type Found, IMMINENT_MAX, type WatchState } from './watch-state.ts'

export interface LooksOptions {
  readonly twin: Twin
  readonly policies: Policies
  readonly clock: { readonly nowMs: number }
  /** Told once of a family that could not be read. */
  readonly onTrouble?: (trouble: string) => void
}

/** What is open in a row is another than it was. */
type OnSettled = (row: number, was: readonly OrderException[], now: readonly OrderException[]) => void

// 64 looks take about half a millisecond. Where many wait a slice is larger, up to 256: a turn waits for it, and what was said
// in many turns of one family is looked at once.
const LOOKS_MIN = 64
const LOOKS_MAX = 256
const LOOKS_SHARE = 32
// What was looked at beforehand is settled 16 times as fast.
const READY_PER_LOOK = 16
// 5 s: no more fall due in one second than are looked at in that time.
const LEAD_MS = 5_000
// 16 families that could not be read are tried again at a time: of those that never can there may be many.
const RETRIES_AT_ONCE = 16
// Legs rest on nothing that marks tell.
const NO_MARKS = new Marks()

const [DUE, SAID, USUAL] = [0, 1, 2]

export class Looks {
  readonly state: WatchState
  readonly around: Surroundings & { readonly usual: WatchState['usual'] }
  private readonly options: LooksOptions
  private readonly onSettled: OnSettled
  /** Rows taken out of their queues and not looked at yet. */
  private inHand: readonly number[] = []
  /** Queued rows of which nothing had been said when the pass began. */
  private readonly fresh = new Set<number>()
  /** Rows that could not be read, the longest waiting first, and those somebody was told of. */
  private readonly unread = new Set<number>()
  private readonly troubled = new Set<number>()
  private preparedSecond = 0

  constructor(options: LooksOptions, state: WatchState, onSettled: OnSettled) {
    this.options = options
    this.state = state
    this.around = { policies: options.policies, usual: state.usual }
    this.onSettled = onSettled
  }

  /** Never backwards (E4). */
  get nowMs(): number {
    this.state.nowMs = Math.max(this.state.nowMs, this.options.clock.nowMs)
    return this.state.nowMs
  }

  /** Rows that are to be looked at and have not been. */
  pending(): readonly number[] {
    return [...this.inHand, ...this.unread]
  }

  /** Something was said of `row`. */
  note(row: number): void {
    const { said } = this
    this.queue(row)
    if (this.said > said) this.fresh.add(row)
  }

  private queue(row: number): void {
    this.state.queues[SAID]?.add(row)
  }

  /** From here on `left` counts what is queued now. */
  beginPass(): void {
    this.fresh.clear()
  }

  /** Rows of which something was said before the pass began that are to be looked at yet. */
  get left(): number {
    return this.said - this.fresh.size
  }

  /** Rows of which something was said that are to be looked at. */
  get said(): number {
    return this.state.queues[SAID]?.size ?? 0
  }

  /** Rows that are to be looked at, those of which something was said left out where they wait. */
  queued(isSaidWaiting: boolean): number {
    return this.state.queued - (isSaidWaiting ? this.said : 0)
  }

  /** Queues what is due by now, and some of what could not be read. */
  wake(): void {
    for (const row of [...this.unread].slice(0, RETRIES_AT_ONCE)) {
      this.unread.delete(row)
      this.note(row)
    }
    for (const row of this.state.dueTimes.due(this.nowMs)) this.state.queues[DUE]?.add(row)
  }

  /** Once a second: who is due soon is looked at now, so that nothing is left to do when the moment comes. */
  prepare(): void {
    const { nowMs } = this
    const { dueTimes, imminent, queues } = this.state
    const second = Math.floor(nowMs / 1_000)
    if (second === this.preparedSecond) return
    this.preparedSecond = second
    let room = IMMINENT_MAX - imminent.size
    for (const row of dueTimes.until(nowMs + LEAD_MS)) {
      if (room <= 0) return
      if (imminent.has(row)) continue
      queues[DUE]?.add(row)
      room--
    }
  }

  /** An hour of the clock may have begun: what was recorded before it is what counts in it. */
  cross(): void {
    this.state.usual.cross(this.nowMs)
  }

  /** Once an hour of the clock: promises not kept yet are looked at again where what is usual has changed. */
  learnUsual(): void {
    const { state } = this
    this.cross()
    if (!this.isBorderKnown() || !state.usual.publish()) return
    for (const row of state.orders.promised()) {
      state.imminent.delete(row)
      state.queues[USUAL]?.add(row)
    }
  }

  /** Looks at some of the rows that are queued. */
  async slice(isSaidWaiting = false): Promise<void> {
    const rows = this.take(isSaidWaiting)
    this.inHand = rows
    // The clock is read once for all of them.
    this.cross()
    const cold = rows.filter(row => !this.isReady(row))
    if (cold.length > 0) await this.look(cold)
    this.inHand = []
  }

  /** All that was recorded before this hour is counted, as far as it can be read. */
  private isBorderKnown(): boolean {
    const { usual } = this.state
    if (usual.rowsBehind > this.unread.size) return false
    return usual.rowsBehind === [...this.unread].filter(row => usual.isBehind(row)).length
  }

  /** Settles a family whose marks hold all its entries. */
  update(row: number, family: Family, marks: Marks): void {
    this.troubled.delete(row)
    this.state.resting.delete(row)
    const facts = factsWith(family, marks)
    this.state.learn(row, orderRecord(facts))
    const isLast = facts.order === undefined || isOver(facts.order)
    this.settle(row, { conditions: conditionsOf(facts, this.around), isLast })
  }

  /** Out of their queues, what goes first first. */
  private take(isSaidWaiting: boolean): readonly number[] {
    const { imminent, queued, queues } = this.state
    const looksMax = Math.min(LOOKS_MAX, Math.max(LOOKS_MIN, Math.floor(queued / LOOKS_SHARE)))
    const rows: number[] = []
    let looks = 0
    for (const [kind, queue] of queues.entries()) {
      if (kind === SAID && isSaidWaiting) continue
      for (const row of queue) {
        if (looks >= looksMax) return rows
        for (const each of queues) if (each.size > 0) each.delete(row)
        this.fresh.delete(row)
        rows.push(row)
        looks += imminent.has(row) ? 1 / READY_PER_LOOK : 1
      }
    }
    return rows
  }

  /** What was foreseen has come, and nothing has been said since. */
  private isReady(row: number): boolean {
    const foreseen = this.state.imminent.get(row)
    if (foreseen === undefined) return false
    this.state.imminent.delete(row)
    this.settle(row, foreseen)
    return true
  }

  /** Those of which something was said meanwhile are queued again, as if they had not been looked at. */
  private async look(rows: readonly number[]): Promise<void> {
    const families = await this.families(rows)
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index] as number
      const family = families[index]
      if (family === undefined) continue
      const marks = this.state.marks.get(row)
      // Nothing is waited for where nothing must be read.
      const mustRead = marks === undefined || this.state.usual.isAstride(row)
      if (mustRead ? await this.lookReading(row, family) : this.lookAt(row, family, marks)) continue
      this.queue(row)
      this.fresh.delete(row)
    }
  }

  /** As they are; undefined where one cannot be read. */
  private async families(rows: readonly number[]): Promise<readonly (Family | undefined)[]> {
    const { twin } = this.options
    try {
      return await twin.families(rows.map(row => twin.rows.id(row)))
    } catch (fault) {
      if (rows.length > 1) return (await Promise.all(rows.map(row => this.families([row])))).flat()
      this.tellTrouble(rows[0] as number, fault)
      return [undefined]
    }
  }

  /** Looks at a family of which entries must be read first. */
  private async lookReading(row: number, family: Family): Promise<boolean> {
    try {
      const marks = this.state.marks.get(row) ?? (await this.marksOf(row))
      if (this.state.usual.isAstride(row)) await this.lookAtBorder(row)
      return this.lookAt(row, family, marks)
    } catch (fault) {
      this.tellTrouble(row, fault)
      return true
    }
  }

  /** False when `family` is not as it is any more. */
  private lookAt(row: number, family: Family, marks: Marks): boolean {
    try {
      const head = this.options.twin.rows.headAt(row)
      // What was said while the entries were read is not in the marks, nor will it be.
      if (marks.position !== head) this.state.marks.delete(row)
      const isLatest = marks.position === head && family.head === head
      if (isLatest) this.update(row, family, marks)
      return isLatest
    } catch (fault) {
      this.tellTrouble(row, fault)
      return true
    }
  }

  /** Looks at a family as it was when this hour began. */
  private async lookAtBorder(row: number): Promise<void> {
    const { borderMs } = this.state.usual
    const entries = await this.entriesOf(row)
    const { family } = believedAt(this.options.twin.rows.id(row), entries, { timeMs: borderMs - 1 })
    // Where an hour has begun meanwhile, what was found is of no use.
    if (this.state.usual.borderMs === borderMs) this.learnAtBorder(row, family)
  }

  /** What `family` told when this hour began. */
  learnAtBorder(row: number, family: Family): void {
    this.state.learnAtBorder(row, orderRecord(factsWith(family, NO_MARKS)))
  }

  /** Read again from the family's entries (X10). */
  private async marksOf(row: number): Promise<Marks> {
    return this.state.mark(row, Marks.of(await this.entriesOf(row)))
  }

  private entriesOf(row: number): Promise<readonly JournalEntry[]> {
    const { twin } = this.options
    return twin.entries(twin.rows.id(row), { after: 0, first: Number.MAX_SAFE_INTEGER })
  }

  private settle(row: number, found: Found): void {
    const { policies, twin } = this.options
    const { nowMs } = this.state
    const was = this.state.open.get(row) ?? NOTHING_OPEN
    const open = openAt(found.conditions, { family: twin.rows.id(row), nowMs, policies, known: was })
    const dueMs = nextDueMs(found.conditions, nowMs)
    this.state.settle(row, open, dueMs)
    if (dueMs !== undefined && dueMs <= nowMs + LEAD_MS) this.state.foresee(row, found)
    this.onSettled(row, was, open)
    if (found.isLast) this.state.rest(row)
  }

  private tellTrouble(row: number, fault: unknown): void {
    this.unread.add(row)
    if (this.troubled.has(row)) return
    this.troubled.add(row)
    const family = this.options.twin.rows.id(row)
    this.options.onTrouble?.(`exceptions of ${family} are not up to date: ${(fault as Error).message}`)
  }
}
