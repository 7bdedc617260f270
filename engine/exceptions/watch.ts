// Watch: which exceptions are open in all families, kept up to date (domain §6), beside the turns. Whatever it knows follows
// from the journal, the policies and the clock.
// Owns: who is told, and what has been looked at.   Does not own: what is known (watch-state.ts), the looks (looks.ts), the
// clock (handed in), the seconds (somebody calls `tick`).
// Hears from the twin: fold(entries), as its companion.   Speaks to: listeners, one change at a time.
//   X4  A change is told once its entry is durable and has been looked at; a due exception at the first tick at or after its second.
//   X13 What something was said of is looked at once the twin has nothing else to do, and of a busy one some ticks apart: what is
//       said of a family meanwhile costs one look. Who asks what is known is told of all of it, and what falls due is told in its
//       second.
//   X5  What is known is kept in the checkpoint and the journal followed from there; without it from its beginning. Either way
//       the same journal gives the same open exceptions.

import type { Companion } from '../companions.ts'
import type { Policies } from '../deadlines/policies.ts'
import type { JournalEntry } from '../entry.ts'
import { JournalDamage } from '../journal/journal.ts'
import type { OrderColumns } from '../kpis/order-columns.ts'
import type { OrderRecord } from '../kpis/order-record.ts'
import type { SourceDays } from '../kpis/source-days.ts'
import { othersTurn } from '../others-turn.ts'
import type { SectionContent } from '../snapshots/checkpoint-file.ts'
import { catchUp } from './catching-up.ts'
import { isExceptionOf, type OrderException } from './condition.ts'
import { Looks, type LooksOptions } from './looks.ts'
import type { OpenList } from './open-list.ts'
import { Poisoned } from './poisoned.ts'
import { watchSections, watchStateFrom } from './watch-sections.ts'
import { WatchState } from './watch-state.ts'

export interface ExceptionChange {
  readonly kind: 'opened' | 'changed' | 'closed'
  readonly exception: OrderException
  /** As it was when it was told last; undefined where it was not open. */
  readonly was?: OrderException
  /** The family's newest entry when this was seen; the closing event is among those up to it. */
  readonly position: number
}

type Listener = (change: ExceptionChange) => void

export type WatchOptions = LooksOptions

// 4 ticks: with lines of 5,000 orders coming as fast as they can 99 of 100 batches were looked at within 0.8 s, with 20,000 within 2 s, as
// without a rest; with 7 it was 1.3 and 2.6 s (measured before idle moments were used). Of an order of which more is said within that
// time the last is looked at.
const REST_TICKS = 4

export class Watch implements Companion {
  readonly name = 'watch'
  /** Families set aside: no entry tells of them. */
  readonly poisoned = new Poisoned()
  private readonly options: WatchOptions
  private readonly listeners = new Set<Listener>()
  private readonly waiting = new Set<{ readonly position: number; readonly resolve: () => void }>()
  private readonly ending = Promise.withResolvers<void>()
  private looks: Looks
  private onTick: (() => void) | undefined
  private settling: Promise<void> | undefined
  private isLive = false
  private isClosed = false
  /** Ticks since what was said was looked at last. */
  private ticks = REST_TICKS
  /** The journal's position as followers see it. */
  private published = 0
  private settledTo = 0

  constructor(options: WatchOptions) {
    this.options = options
    this.looks = this.looksOver(new WatchState())
  }

  /** The clock it goes by: the latest there was. */
  get nowMs(): number {
    return this.looks.nowMs
  }

  get around(): Looks['around'] {
    return this.looks.around
  }

  get sourceDays(): SourceDays {
    return this.looks.state.sourceDays
  }

  get orders(): OrderColumns {
    return this.looks.state.orders
  }

  /** Takes up what the checkpoint holds, reads the journal from there, then goes on until `close`. Rejects where that is damaged. */
  async run(): Promise<void> {
    await this.takeUp()
    this.looks.cross()
    // No await between the last look at the head and going live: what is published in between would be folded by nobody.
    while (this.looks.state.position < this.published && !this.isClosed)
      if (!(await this.catchesUp())) await this.nextTick()
    if (this.isClosed) return
    this.isLive = true
    await this.settle()
    await this.ending.promise
  }

  // Apart from `run`, which goes on for ever and would keep what it has read: a quarter of a gigabyte of a million orders.
  private async takeUp(): Promise<void> {
    const { policies, twin } = this.options
    const { head, sections, tookUp } = twin.attach(this)
    this.published = Math.max(this.published, head)
    const known = sections && (await watchStateFrom(sections, policies, othersTurn))
    if (known !== undefined) this.looks = this.looksOver(known)
    tookUp()
  }

  close(): void {
    this.isClosed = true
    for (const waiter of this.waiting) waiter.resolve()
    this.waiting.clear()
    this.onTick?.()
    this.ending.resolve()
  }

  fold(entries: readonly JournalEntry[], head: number, rows: readonly number[]): void {
    this.published = head
    // Until it has caught up it reads them from the journal, in their order.
    if (!this.isLive || this.isClosed) return
    const { state } = this.looks
    for (let index = 0; index < entries.length; index++) {
      const row = rows[index] as number
      state.fold(entries[index] as JournalEntry, row)
      this.looks.note(row)
    }
    state.position = head
  }

  idle(): void {
    if (this.looks.said > 0) void this.settleBehindOthers()
  }

  /** Undefined while nothing is known. */
  saved(): Readonly<Record<string, SectionContent>> | undefined {
    const { state } = this.looks
    return state.position === 0 ? undefined : watchSections(state, this.options.policies, this.looks.pending())
  }

  /** Several times a second: settles what is due, and looks at what is due soon. */
  async tick(): Promise<void> {
    this.onTick?.()
    this.ticks++
    this.looks.wake()
    for (const exception of this.poisoned.look(this.options))
      this.say({ kind: 'opened', exception, position: this.looks.state.position })
    await this.settle()
    if (!this.isLive) return
    this.looks.learnUsual()
    this.looks.prepare()
    await this.settle()
  }

  /** Resolves once everything up to `position` has been looked at. */
  upTo(position: number): Promise<void> {
    if (this.settledTo >= position || this.isClosed) return Promise.resolve()
    return new Promise(resolve => {
      this.waiting.add({ position, resolve })
      // Whoever waits ends the rest.
      void this.settle()
    })
  }

  /** All open exceptions, in no order. */
  openExceptions(): OpenList {
    return this.looks.state.open.all(this.poisoned.open)
  }

  openIn(family: string): readonly OrderException[] {
    const open = this.looks.state.open.get(this.options.twin.rows.row(family)) ?? []
    const poisoned = this.poisoned.of(family)
    return poisoned === undefined ? open : [poisoned, ...open]
  }

  *records(): Generator<OrderRecord> {
    for (const row of this.orders.capturedWithin({ fromMs: 0, toMs: Number.POSITIVE_INFINITY })) {
      const record = this.orders.get(row)
      if (record !== undefined) yield record
    }
  }

  /** Families that will be looked at when their moment comes. */
  get armed(): number {
    return this.looks.state.dueTimes.armed
  }

  /** Families that are to be looked at and have not been. */
  get backlog(): number {
    return this.looks.state.queued + this.looks.pending().length
  }

  /** Told of every change until the returned function is called. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  private looksOver(state: WatchState): Looks {
    const onTrouble = (trouble: string) => {
      // What is read while the twin closes cannot be read.
      if (!this.isClosed) this.options.onTrouble?.(trouble)
    }
    return new Looks({ ...this.options, onTrouble }, state, (row, was, now) => {
      // What was found in the journal is no news.
      if (this.isLive && this.listeners.size > 0) this.tell(was, now, this.options.twin.rows.headAt(row))
    })
  }

  /** False when the journal could not be read for now. */
  private async catchesUp(): Promise<boolean> {
    const { looks, options } = this
    try {
      await catchUp({
        twin: options.twin,
        looks,
        head: () => this.published,
        isOver: () => this.isClosed,
        pause: othersTurn,
      })
      return true
    } catch (fault) {
      if (fault instanceof JournalDamage) throw fault
      options.onTrouble?.(`exceptions are not known yet: ${(fault as Error).message}`)
      return this.isClosed
    }
  }

  private nextTick(): Promise<void> {
    return new Promise(resolve => {
      this.onTick = resolve
    })
  }

  /** Twice: what has come to the sockets meanwhile is read in between, and may make the twin busy. */
  private async settleBehindOthers(): Promise<void> {
    await othersTurn()
    await othersTurn()
    await this.settle()
  }

  private settle(): Promise<void> {
    if (!this.isLive || this.isClosed) return Promise.resolve()
    this.settling ??= this.settleAll()
    return this.settling
  }

  private async settleAll(): Promise<void> {
    // Whoever began this has noted it before it can end.
    await Promise.resolve()
    const { looks } = this
    const { state } = looks
    try {
      while (!this.isClosed) {
        const isSaidWaiting = this.rests()
        if (looks.queued(isSaidWaiting) === 0) break
        if (isSaidWaiting) {
          await looks.slice(true)
          await othersTurn()
          continue
        }
        const target = state.position
        const began = this.ticks
        looks.beginPass()
        do {
          await looks.slice()
          if (state.queued > 0) await othersTurn()
        } while (looks.left > 0 && !this.isClosed && !this.rests())
        if (looks.left > 0) continue
        // The rest counts from the pass's beginning: so long what was said first in it has waited.
        this.ticks -= began
        this.reached(target)
      }
      if (state.queued === 0) this.reached(state.position)
    } finally {
      // In the same step as the last look at the queues: what comes after it starts a run of its own.
      this.settling = undefined
    }
  }

  /** Whether what is said waits: for the twin to be idle, or for the next look at all of it (X13). */
  private rests(): boolean {
    return this.options.twin.isBusy && !this.isUrgent
  }

  private get isUrgent(): boolean {
    return this.ticks >= REST_TICKS || this.waiting.size > 0
  }

  private reached(position: number): void {
    this.settledTo = Math.max(this.settledTo, position)
    for (const waiter of this.waiting) {
      if (waiter.position > this.settledTo) continue
      this.waiting.delete(waiter)
      waiter.resolve()
    }
  }

  private tell(was: readonly OrderException[], now: readonly OrderException[], position: number): void {
    if (was === now || (was.length === 0 && now.length === 0)) return
    const before = new Map(was.map(each => [each.key, each]))
    for (const exception of now) {
      const known = before.get(exception.key)
      before.delete(exception.key)
      if (known === undefined) this.say({ kind: 'opened', exception, position })
      else if (isOtherwise(known, exception, this.options.policies))
        this.say({ kind: 'changed', exception, was: known, position })
    }
    for (const exception of before.values()) this.say({ kind: 'closed', exception, was: exception, position })
  }

  private say(change: ExceptionChange): void {
    for (const listener of this.listeners)
      try {
        listener(change)
      } catch (fault) {
        this.options.onTrouble?.(`who listens to exceptions does not take one: ${(fault as Error).message}`)
      }
  }
}

/** Whether a reader would notice. What people did is told apart by its last step: read again, it is another object (X10). */
const isOtherwise = (was: OrderException, now: OrderException, policies: Policies): boolean =>
  was !== now && (lastStep(was) !== lastStep(now) || !isExceptionOf({ ...was, handling: now.handling }, now, policies))
const lastStep = ({ handling }: OrderException): number => handling?.steps.at(-1)?.position ?? 0
