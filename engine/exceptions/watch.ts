// Watch: which exceptions are open in all families, kept up to date (domain §6). A follower of the feed, beside the turns:
// it holds nothing up, and whatever it knows follows from the journal, the policies and the clock.
// Owns:  each family's ledger, open exceptions, next due time, and record for the measures.
// Does not own: the clock (handed in), the seconds (somebody calls `tick` once a second), families (the twin's).
// Hears from the twin: follow(entries).   Speaks to: listeners, one change at a time.
//   X4  A change is told once its entry is durable and has been read; a due exception at the first tick after its second.
//   X5  After opening the journal is followed from its beginning: the same journal gives the same open exceptions.

import { parsePosition } from '../answers.ts'
import { DueTimes } from '../deadlines/due-times.ts'
import type { Policies } from '../deadlines/policies.ts'
import type { JournalEntry } from '../entry.ts'
import { emptyFamily, type Family, isWaitingFamily } from '../family.ts'
import { legsOf, type OrderRecord, orderRecord } from '../kpis/order-record.ts'
import { SourceDays } from '../kpis/source-days.ts'
import { UsualDurations } from '../kpis/usual-durations.ts'
import type { Twin } from '../twin.ts'
import { believedAt } from './as-of.ts'
import type { OrderException, Surroundings } from './condition.ts'
import { conditionsOf, nextDueMs, openAt } from './exceptions.ts'
import { factsOf } from './facts.ts'
import { Ledger } from './ledger.ts'
import { Poisoned } from './poisoned.ts'

export interface ExceptionChange {
  readonly kind: 'opened' | 'changed' | 'closed'
  readonly exception: OrderException
  /** The family's newest entry when this was seen; the closing event is among those up to it. */
  readonly position: number
}

type Listener = (change: ExceptionChange) => void

export interface WatchOptions {
  readonly twin: Twin
  readonly policies: Policies
  readonly clock: { readonly nowMs: number }
  /** Told of a family that could not be read; it is tried again when it changes. */
  readonly onTrouble?: (trouble: string) => void
}

/** What is known of one family. */
interface Seen {
  readonly id: string
  readonly row: number
  readonly ledger: Ledger
  open: readonly OrderException[]
  record: OrderRecord | undefined
  head: number
}

/** Whether a reader would notice: other words, another time, or somebody did something about it. */
const isOtherwise = (was: OrderException, now: OrderException): boolean =>
  was.detail !== now.detail || was.opensMs !== now.opensMs || lastStep(was) !== lastStep(now)
const lastStep = ({ handling }: OrderException): number => handling?.steps.at(-1)?.position ?? 0

// 100 families between looks at the event loop: a few milliseconds.
const SETTLED_AT_ONCE = 100

export class Watch {
  readonly around: Surroundings & { readonly usual: UsualDurations }
  readonly sourceDays = new SourceDays()
  /** Families set aside: no entry tells of them. */
  readonly poisoned = new Poisoned()
  private readonly options: WatchOptions
  private readonly seen = new Map<string, Seen>()
  private readonly byRow: Seen[] = []
  private readonly dueTimes = new DueTimes()
  private readonly dirty = new Set<string>()
  private readonly listeners = new Set<Listener>()
  private readonly waiting = new Set<{ readonly position: number; readonly resolve: () => void }>()
  private readonly ending = new AbortController()
  private settling: Promise<void> | undefined
  private isCaughtUp = false
  private readTo = 0
  private settledTo = 0
  private usualDigest = ''

  constructor(options: WatchOptions) {
    this.options = options
    this.around = { policies: options.policies, usual: new UsualDurations() }
  }

  /** Reads the journal, then follows it until `close`. Resolves at the end; rejects when the journal cannot be read. */
  async run(): Promise<void> {
    const { twin } = this.options
    const { signal } = this.ending
    const start = parsePosition(twin.head().position) ?? 0
    for await (const { entry } of twin.follow({ after: '', untilHead: true, signal })) this.hear(entry)
    this.isCaughtUp = true
    this.readTo = Math.max(this.readTo, start)
    await this.settle()
    for await (const { entry } of twin.follow({ after: twin.positionText(this.readTo), signal })) {
      this.hear(entry)
      this.schedule()
    }
  }

  close(): void {
    this.ending.abort()
    for (const waiter of this.waiting) waiter.resolve()
    this.waiting.clear()
  }

  /** Once a second: looks at the families whose moment has come. */
  async tick(): Promise<void> {
    for (const row of this.dueTimes.due(this.options.clock.nowMs)) {
      const id = this.byRow[row]?.id
      if (id !== undefined) this.dirty.add(id)
    }
    for (const exception of this.poisoned.look(this.options))
      this.say({ kind: 'opened', exception, position: this.readTo })
    const digest = this.around.usual.digest()
    if (digest !== this.usualDigest) this.usualChanged(digest)
    await this.settle()
  }

  /** Resolves once everything up to `position` has been looked at. */
  upTo(position: number): Promise<void> {
    if (this.settledTo >= position || this.ending.signal.aborted) return Promise.resolve()
    return new Promise(resolve => void this.waiting.add({ position, resolve }))
  }

  /** All open exceptions, in no order. */
  *openExceptions(): Generator<OrderException> {
    yield* this.poisoned.open
    for (const seen of this.seen.values()) yield* seen.open
  }

  openIn(family: string): readonly OrderException[] {
    const open = this.seen.get(family)?.open ?? []
    const poisoned = this.poisoned.of(family)
    return poisoned === undefined ? open : [poisoned, ...open]
  }

  /** The ledger of a family whose head is `head`; undefined where the watch has not come so far. */
  ledger(family: string, head: number): Ledger | undefined {
    return this.readTo >= head ? this.seen.get(family)?.ledger : undefined
  }

  *records(): Generator<OrderRecord> {
    for (const { record } of this.seen.values()) if (record !== undefined) yield record
  }

  get armed(): number {
    return this.dueTimes.armed
  }

  /** Told of every change until the returned function is called. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  private hear(entry: JournalEntry): void {
    this.readTo = entry.position
    this.sourceDays.fold(entry)
    this.of(entry.family).ledger.fold(entry)
    this.dirty.add(entry.family)
  }

  private of(id: string): Seen {
    const known = this.seen.get(id)
    if (known !== undefined) return known
    const seen: Seen = { id, row: this.byRow.length, ledger: new Ledger(), open: [], record: undefined, head: 0 }
    this.byRow.push(seen)
    this.seen.set(id, seen)
    return seen
  }

  /** What else arrives in this turn of the event loop shares the look. */
  private schedule(): void {
    setImmediate(() => void this.settle())
  }

  private settle(): Promise<void> {
    if (!this.isCaughtUp) return Promise.resolve()
    this.settling ??= this.settleAll()
    return this.settling
  }

  private async settleAll(): Promise<void> {
    // Whoever began this has noted it before it can end.
    await Promise.resolve()
    while (this.dirty.size > 0 && !this.ending.signal.aborted) {
      const target = this.readTo
      const ids = [...this.dirty]
      this.dirty.clear()
      for (let from = 0; from < ids.length; from += SETTLED_AT_ONCE) {
        for (const id of ids.slice(from, from + SETTLED_AT_ONCE)) await this.look(this.of(id))
        await new Promise<void>(resolve => void setImmediate(resolve))
      }
      this.reached(target)
    }
    if (this.dirty.size === 0) this.reached(this.readTo)
    // In the same step as the last look at `dirty`: what becomes dirty after it starts a run of its own.
    this.settling = undefined
  }

  private reached(position: number): void {
    this.settledTo = Math.max(this.settledTo, position)
    for (const waiter of this.waiting) {
      if (waiter.position > this.settledTo) continue
      this.waiting.delete(waiter)
      waiter.resolve()
    }
  }

  private async look(seen: Seen): Promise<void> {
    try {
      this.update(seen, (await this.family(seen.id)) ?? emptyFamily(seen.id))
    } catch (fault) {
      this.options.onTrouble?.(`exceptions of ${seen.id} are not up to date: ${(fault as Error).message}`)
    }
  }

  /** Families without an order are not shown by the twin: what waits in them is folded here. */
  private async family(id: string): Promise<Family | undefined> {
    const { twin } = this.options
    if (!isWaitingFamily(id)) return twin.family(id)
    return believedAt(id, await twin.entries(id, { after: 0, first: Number.MAX_SAFE_INTEGER }), {}).family
  }

  private update(seen: Seen, family: Family): void {
    const { nowMs } = this.options.clock
    const facts = factsOf(family, seen.ledger)
    const conditions = conditionsOf(facts, this.around)
    const open = openAt(conditions, { family: seen.id, nowMs, policies: this.options.policies })
    this.dueTimes.arm(seen.row, nextDueMs(conditions, nowMs))
    const was = seen.open
    seen.open = open
    // The clock alone changes no measure.
    if (seen.head !== family.head) this.learn(seen, orderRecord(facts))
    seen.head = family.head
    this.tell(was, open, family.head)
  }

  private learn(seen: Seen, record: OrderRecord | undefined): void {
    for (const leg of seen.record === undefined ? [] : legsOf(seen.record)) this.around.usual.count(leg, -1)
    for (const leg of record === undefined ? [] : legsOf(record)) this.around.usual.count(leg)
    seen.record = record
  }

  /** What is usual has changed: promises not kept yet are looked at again. */
  private usualChanged(digest: string): void {
    this.usualDigest = digest
    for (const { id, record } of this.seen.values())
      if (record?.promisedMs !== undefined && record.deliveredMs === undefined) this.dirty.add(id)
  }

  private tell(was: readonly OrderException[], now: readonly OrderException[], position: number): void {
    if (this.listeners.size === 0) return
    const before = new Map(was.map(each => [each.key, each]))
    for (const exception of now) {
      const known = before.get(exception.key)
      before.delete(exception.key)
      if (known === undefined) this.say({ kind: 'opened', exception, position })
      else if (isOtherwise(known, exception)) this.say({ kind: 'changed', exception, position })
    }
    for (const exception of before.values()) this.say({ kind: 'closed', exception, position })
  }

  private say(change: ExceptionChange): void {
    for (const listener of this.listeners) listener(change)
  }
}
