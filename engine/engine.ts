// Engine: the only loop. Takes a batch, decides, appends once, then applies, projects, publishes, answers.
// Owns:  the inbox, the order of things within a turn, what is durable and what is not yet.
// Does not own: what an event means (decide.ts), how bytes are kept (journal/), what readers ask (reader.ts, projections/).
//   E1  One loop per partition; one turn at a time.
//   E2  Two waits per turn: load what deciding needs, and append. All between is synchronous. What turns out to be missing
//       is loaded and the event goes first in the next batch. Nothing is decided while an append is in flight.
//   E3  Nothing is observable before it is durable: outcomes, changes, reads, previews, counts.
//   E4  Time is stamped once per batch and never runs backwards.
//   E5  A failed append drops the drafts and answers `journal_unavailable`; a poisoned journal takes nothing until opened again.
//   E8  Every queue has a limit and a named outcome when full.
import type { Charts } from '../machines/charts.ts'
import type { EventInput } from '../machines/event.ts'
import type { EntityKind } from '../machines/ids.ts'
import type { Source } from '../machines/sources.ts'
import * as answers from './answers.ts'
import { Batch } from './batch.ts'
import type { Checkpoints } from './checkpoint.ts'
import { Checkpointer } from './checkpointer.ts'
import { type Attached, type Companion, Companions } from './companions.ts'
import type { Need } from './decide.ts'
import { type Decided, decideBatch, stirredIn } from './decide-batch.ts'
import { Deciding, reasonOf, type Understood } from './deciding.ts'
import { type Base, baseOver, type Derived } from './derived.ts'
import type { JournalEntry } from './entry.ts'
import type { Family } from './family.ts'
import { Inbox } from './inbox.ts'
import { answer, eventsIn, type Item, isAnswered, itemsOf, keysIn, wakingOf } from './item.ts'
import type { EntryFrame, Journal } from './journal/journal.ts'
import { LeftOver, leftWaiting } from './left-over.ts'
import { ENGINE_LIMITS, type EngineLimits } from './limits.ts'
import { type Loaded, load } from './loader.ts'
import { engineMetrics } from './metrics.ts'
import { othersTurn } from './others-turn.ts'
import type { Outcome } from './outcome.ts'
import { type PreviewJob, Previews } from './previewing.ts'
import { Feed } from './projections/feed.ts'
import type { BoardFacet, BoardFilter, BoardOrder, BoardPage, FacetCount } from './projections/order-board.ts'
import { Reader } from './reader.ts'
import { readAhead, type Unread } from './reading-ahead.ts'
import { type Recovered, recovered } from './recovery.ts'
import { type EraseOutcome, type EraseRequest, erase, keysFor } from './sealing/erasing.ts'
import type { Erasure } from './sealing/erasure.ts'
import { Erasures } from './sealing/erasures.ts'
import type { KeyFiles } from './sealing/key-files.ts'
import type { Keyring } from './sealing/keyring.ts'
import { openKeyring } from './sealing/keyring.ts'
import type { FamilyStore } from './snapshots/family-store.ts'
import type {
  EngineHealth,
  FamilyRows,
  FeedItem,
  FollowOptions,
  Foresight,
  Found,
  MetricFamily,
  Sender,
  SetAside,
  SourceStatus,
  Twin,
  TwinHead,
} from './twin.ts'

export interface EngineOptions {
  readonly journal: Journal
  readonly store: FamilyStore
  readonly keys: KeyFiles
  /** Go on where keys are lost: what they seal stays unreadable. */
  readonly lostKeys?: boolean
  readonly sources: readonly Source[]
  readonly charts: Charts
  readonly clock: { readonly nowMs: number }
  readonly limits?: Partial<EngineLimits>
  /** Where checkpoints are kept; without it opening reads the whole journal. */
  readonly checkpoints?: Checkpoints
  /** Told of trouble that stops nothing: a snapshot not written, a family set aside. */
  readonly onTrouble?: (trouble: string) => void
}

/** Opens the twin over an opened journal: rebuilds what is derived, then takes events. Rejects with JournalDamage or StoreRefused. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const nowMs = Math.max(Math.floor(options.clock.nowMs), options.journal.head().recordedMs)
  const found = await recovered({ ...options, nowMs })
  return new Engine(options, found, await openKeyring(options.keys, found.derived, options.lostKeys))
}

export class Engine implements Twin {
  readonly clock: { readonly nowMs: number }
  private readonly journal: Journal
  private readonly store: FamilyStore
  private readonly limits: EngineLimits
  private readonly onTrouble: (trouble: string) => void
  private readonly derived: Derived
  private readonly base: Base
  private readonly feed: Feed
  private readonly reader: Reader
  private readonly checkpointer: Checkpointer
  private readonly companions: Companions
  readonly rows: FamilyRows
  private readonly inbox: Inbox<Outcome>
  private readonly deciding: Deciding
  private readonly previews: Previews
  private readonly erasures: Erasures
  private readonly keyring: Keyring
  /** Events put off until what they need is loaded: they go first in the next turn. */
  private deferred: Item[] = []
  private readonly leftOver = new LeftOver()
  private stampMs: number
  private turning: Promise<void> | undefined
  private isClosing = false
  /** What ended writing, when something did that never should. */
  private broken: unknown

  /** Only openEngine calls it. */
  constructor(options: EngineOptions, { derived, savedTo, sections, settings }: Recovered, keyring: Keyring) {
    const { checkpoints, journal, onTrouble = () => undefined, sources, store } = options
    const limits = { ...ENGINE_LIMITS, ...options.limits }
    this.clock = options.clock
    this.journal = journal
    this.store = store
    this.limits = limits
    this.onTrouble = onTrouble
    this.derived = derived
    this.keyring = keyring
    const { position: openedAt } = journal.head()
    const { liveFamiliesMax: liveMax, packedFamiliesMax: packedMax } = limits
    this.base = baseOver(derived, { ...options, openedAt, keyring, limits, liveMax, packedMax, onTrouble })
    this.feed = new Feed(journal, journal.head().position)
    this.reader = new Reader({ base: this.base, derived, feed: this.feed, sources })
    this.rows = derived.directory
    this.companions = new Companions(sections, onTrouble)
    this.checkpointer = new Checkpointer({
      journal,
      derived,
      companions: this.companions,
      checkpoints,
      settings,
      savedTo,
      everyBytes: limits.checkpointEveryBytes,
      position: () => this.feed.head,
      clock: options.clock,
      onTrouble,
    })
    this.inbox = new Inbox(limits)
    this.deciding = new Deciding({ base: this.base, journal, limits })
    this.previews = new Previews({
      deciding: this.deciding,
      limits,
      batchFor: (inputs, needs) => this.previewBatch(inputs, needs),
      onTrouble,
    })
    this.erasures = new Erasures({
      obstacle: () => this.erasureObstacle(),
      erase: request => this.eraseNow(request),
      onTrouble,
    })
    this.stampMs = journal.head().recordedMs
    for (const stirred of leftWaiting(derived)) this.leftOver.add(stirred)
    if (this.leftOver.isDue) this.run()
  }

  submit(inputs: readonly unknown[], sender?: Sender, override?: string): Promise<readonly Outcome[]> {
    if (inputs.length === 0) return Promise.resolve([])
    const { answered, items } = itemsOf(inputs, override)
    for (const item of items) {
      const refusal = this.refusal(item, sender)
      if (refusal !== undefined) answer(item, refusal)
    }
    this.run()
    return answered
  }

  /** Judged one after another on top of each other, in a turn of its own; then everything is dropped. */
  preview(inputs: readonly unknown[], sender?: Sender): Promise<readonly Outcome[]> {
    return new Promise(done => this.queue({ inputs, sender, done }))
  }

  foresee(input: unknown, sender?: Sender, override?: string): Promise<Foresight> {
    return new Promise(resolve => {
      const done: PreviewJob['done'] = ([outcome], entries) => resolve({ outcome: outcome as Outcome, entries })
      this.queue({ inputs: [input], sender, override, done })
    })
  }

  private queue(job: PreviewJob): void {
    if (this.previews.put(job, this.isClosing)) this.run()
  }

  /** Done between turns, in the order asked for, once all that is to go on by itself is where it belongs. */
  erase(request: EraseRequest): Promise<EraseOutcome> {
    if (this.isClosing) return Promise.resolve({ kind: 'unavailable', reason: 'the server is shutting down' })
    const erased = this.erasures.put(request)
    this.leftOver.settle(true)
    this.run()
    return erased
  }

  /** The keys of everything that was said of a family. */
  keysOf(family: string): Promise<readonly number[]> {
    const { base, journal } = this
    return keysFor(family, { base, journal })
  }

  erasure(family: string): Erasure | undefined {
    return this.derived.erasures.get(family)
  }

  opened<Value>(value: Value): Value {
    return this.keyring.opened(value)
  }

  family(id: string): Promise<Family | undefined> {
    return this.reading(this.reader.family(id))
  }
  find(ref: string): Promise<Found> {
    return this.reading(this.reader.find(ref))
  }
  families(ids: readonly string[]): Promise<readonly Family[]> {
    return this.reading(this.reader.families(ids))
  }
  entries(family: string, page: { after: number; first: number }): Promise<readonly JournalEntry[]> {
    return this.reading(this.reader.entries(family, page))
  }
  orders(filter: BoardFilter, order: BoardOrder, page: { first: number; after?: string }): BoardPage {
    return this.reader.orders(filter, order, page)
  }
  orderCounts(filter: BoardFilter, by: readonly BoardFacet[]): readonly FacetCount[] {
    return this.reader.orderCounts(filter, by)
  }
  stateCounts(kind: EntityKind): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return this.reader.stateCounts(kind)
  }
  sources(): readonly SourceStatus[] {
    return this.reader.sources()
  }
  follow(options: FollowOptions): AsyncGenerator<FeedItem> {
    return this.reader.follow(options)
  }
  quarantined(): readonly SetAside[] {
    return this.base.quarantined.all()
  }
  attach(companion: Companion): Attached {
    return this.companions.attach(companion, this.feed.head)
  }
  positionText(position: number): string {
    return answers.positionText(position)
  }

  head(): TwinHead {
    const { hash, position } = this.journal.head()
    return { position: answers.positionText(position), hash: Buffer.from(hash).toString('hex') }
  }

  health(): EngineHealth {
    const failure = this.journal.failure()
    if (failure !== undefined)
      return { ready: false, reason: `the journal takes no entries (${failure.code}); open the store again` }
    if (this.keyring.failure() !== undefined)
      return { ready: false, reason: 'keys cannot be written; open the store again' }
    if (this.broken !== undefined)
      return { ready: false, reason: `the engine stopped (${reasonOf(this.broken)}); open the store again` }
    return this.isClosing ? { ready: false, reason: 'shutting down' } : { ready: true }
  }

  metrics(): readonly MetricFamily[] {
    const { base, derived, feed, inbox, journal } = this
    return engineMetrics({
      base,
      derived,
      journal,
      inbox,
      followers: feed.followerCount,
      isReady: this.health().ready,
    })
  }

  /** Takes nothing new, answers what it has taken, saves what spares the next opening work, closes. */
  async close(): Promise<void> {
    this.isClosing = true
    // What came just before may have begun another turn.
    while (this.turning !== undefined) await this.turning
    this.feed.close()
    await this.base.families.saveAll()
    // What broke may have folded half of an entry.
    if (this.journal.failure() === undefined && this.broken === undefined) await this.checkpointer.save()
    await this.store.close()
    await this.keyring.close()
    await this.journal.close()
  }

  /** Puts the event into the inbox, or says why not. */
  private refusal(item: Item, sender: Sender | undefined): Outcome | undefined {
    const { input } = item
    if (this.isClosing) return answers.overloaded(input, 'shutting_down', 'the server is shutting down')
    const foreign = this.deciding.foreign(input, sender)
    if (foreign !== undefined) return foreign
    const { source } = input as EventInput
    if (this.inbox.put(source, item)) return undefined
    this.derived.sourceLog.count(source, 'overloaded')
    return answers.overloaded(input, 'inbox_full', `too many events of ${source} wait for their turn`)
  }

  private run(): void {
    if (this.turning !== undefined) return
    this.turning = this.turns().finally(() => {
      this.turning = undefined
      // What came between the last look and here is not lost.
      if (this.hasWork()) this.run()
      else this.companions.idle()
    })
  }

  get isBusy(): boolean {
    return this.turning !== undefined
  }

  backlog(): Promise<void> | undefined {
    return this.inbox.size < this.limits.batchEventsMax ? undefined : this.inbox.taken
  }

  private hasWork(): boolean {
    return this.hasTurn() || this.previews.isWaiting || this.erasures.isWaiting
  }

  private hasTurn(): boolean {
    return this.inbox.size > 0 || this.deferred.length > 0 || this.leftOver.isDue
  }

  private async turns(): Promise<void> {
    // One turn of the event loop: what arrives in it shares the batch.
    await othersTurn()
    while (this.hasWork()) {
      const startMs = this.clock.nowMs
      await this.previews.runNext()
      if (!this.leftOver.isDue) await this.erasures.runNext()
      if (this.hasTurn()) await this.guardedTurn(startMs)
      // It may come to nothing that is written, so that no write is waited for in which others have their turn.
      if (this.leftOver.isDue) await othersTurn()
    }
    this.base.families.evict()
  }

  /**
   * A broken promise of our own ends writing, loudly: nothing further is taken until the store is opened again. The turn counts from
   * `startMs`: what was done before it, a preview say, is waited for too.
   */
  private async guardedTurn(startMs: number): Promise<void> {
    const { batchEventsMax } = this.limits
    const taken = this.inbox.take(Math.max(0, batchEventsMax - this.deferred.length))
    // Beside the batch, not in place of it: however many families are left over, events of others come in between.
    const waking = this.leftOver.take(Math.ceil(batchEventsMax / 2)).map(wakingOf)
    const items = [...this.deferred, ...waking, ...taken]
    this.deferred = []
    try {
      if (this.broken !== undefined) throw this.broken
      await this.turn(items)
    } catch (fault) {
      if (this.broken === undefined) this.onTrouble(`the engine stops: ${reasonOf(fault)}`)
      this.broken = fault
      for (const item of [...items, ...this.deferred])
        if (!isAnswered(item)) answer(item, answers.journalUnavailable(item.input, 'the engine stopped'))
      this.deferred = []
      this.leftOver.clear()
    }
    this.inbox.passed(taken.length, this.clock.nowMs - startMs)
  }

  /** What readers brought into memory goes as it came; while turns run they see to it. */
  private async reading<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } finally {
      // At closing all is written, and then nothing can be.
      if (this.turning === undefined && !this.isClosing) this.base.families.evict()
    }
  }

  private async turn(items: readonly Item[]): Promise<void> {
    const { deciding, limits } = this
    const needs = items.flatMap(item => item.needs)
    const understood = this.read(items, this.stamp())
    const [loaded, hasKeys] = await Promise.all([
      load(this.memory, eventsIn(understood), needs),
      this.keyring.has(items.length + keysIn(needs)),
    ])
    if (!hasKeys) {
      this.onTrouble(`no keys can be made: ${String(this.keyring.failure() ?? 'the disk is full')}`)
      this.notWritten(items, 'no key could be made')
      return
    }
    const nowMs = this.stamp()
    const { batch, decided, deferred, frames } = decideBatch({ deciding, limits, items, understood }, () =>
      this.newBatch(nowMs, loaded),
    )
    this.deferred.push(...deferred)
    if (frames.length > 0 && !(await this.append(batch.nowMs, frames))) {
      this.notWritten(
        decided.map(({ item }) => item),
        'a write failed',
      )
      return
    }
    if (frames.length > 0) this.leftOver.settle(true)
    this.apply(batch, frames)
    for (const each of decided) if (each.item.stirred === undefined) answer(each.item, this.told(each, batch))
    for (const { judgement } of decided) for (const stirred of stirredIn(judgement)) this.leftOver.add(stirred)
    this.base.families.evict()
    this.checkpointer.consider()
    // Snapshots may lag behind by one cache size before intake waits for them: on their way they take memory, a fifth of what they take live.
    await this.base.families.written(limits.liveFamiliesMax)
  }

  /** Nothing of them has happened. Their senders send them again; families that are left over have nobody who would. */
  private notWritten(items: readonly Item[], why: string): void {
    this.leftOver.settle(false)
    for (const item of items)
      if (item.stirred !== undefined) this.leftOver.add(item.stirred)
      else answer(item, answers.journalUnavailable(item.input, why))
  }

  private get memory(): { readonly base: Base; readonly journal: Journal } {
    return { base: this.base, journal: this.journal }
  }

  /** What a preview of `inputs` sees. */
  private async previewBatch(inputs: readonly unknown[], needs: readonly Need[]): Promise<Batch> {
    const nowMs = Math.max(this.stampMs, Math.floor(this.clock.nowMs))
    const unread = inputs.map(input => ({ input }))
    const loaded = await load(this.memory, eventsIn(this.read(unread, nowMs)), needs)
    return this.newBatch(nowMs, loaded, true)
  }

  /** All of them before anything else is done: one kind of work after the other (decide-batch.ts). */
  private read(items: readonly Unread[], nowMs: number): readonly (Understood | undefined)[] {
    return items.map(({ input, understood }) => understood ?? this.deciding.triedToRead(input, nowMs))
  }

  private newBatch(nowMs: number, loaded: Loaded, isPreview = false): Batch {
    return new Batch(this.base, { nowMs, firstPosition: this.journal.head().position + 1, loaded, isPreview })
  }

  private async append(nowMs: number, frames: readonly EntryFrame[]): Promise<boolean> {
    let isOver = false
    const appending = this.journal.append(nowMs, frames).finally(() => {
      isOver = true
    })
    const waiting: Iterable<Item> = this.inbox.waiting(this.limits.batchEventsMax)
    void readAhead(
      waiting,
      input => this.deciding.triedToRead(input, nowMs),
      () => isOver,
    )
    const appended = await appending
    if ('head' in appended) return true
    this.onTrouble(`the journal took no entries: ${appended.failure.code}`)
    return false
  }

  private apply(batch: Batch, frames: readonly EntryFrame[]): void {
    if (batch.entries.length === 0) return
    this.base.families.commit(batch.families, batch.entries)
    const rows = batch.entries.map((entry, index) => this.derived.fold(entry, frames[index] as EntryFrame))
    this.feed.publish(batch.entries, this.journal.head().position)
    this.companions.fold(batch.entries, this.feed.head, rows)
  }

  /** The answer to the sender. Outcomes that no entry records are counted here (E7), the others by their entries. */
  private told({ item: { input }, judgement }: Decided<Item>, batch: Batch): Outcome {
    const isRecorded = 'decision' in judgement && judgement.decision.kind === 'entries'
    const outcome =
      'outcome' in judgement ? judgement.outcome : this.deciding.outcomeOf(input, judgement.decision, batch)
    if (!isRecorded) this.derived.sourceLog.count((input as EventInput).source, outcome.outcome)
    return outcome
  }

  /** Why nothing can be erased now: the list of an order's keys is final once it is written, so what was said of it must be whole. */
  private erasureObstacle(): string | undefined {
    if (this.broken !== undefined) return 'the engine stopped; open the store again'
    return this.leftOver.isEmpty ? undefined : 'what is still to be judged cannot be written'
  }

  private async eraseNow(request: EraseRequest): Promise<EraseOutcome> {
    const { base, derived, journal, reader } = this
    const outcome = await erase(request, { base, derived, journal, reader, nowMs: this.stamp() })
    this.feed.publish([], journal.head().position)
    this.companions.fold([], this.feed.head, [])
    return outcome
  }

  /** Never backwards, whatever the clock does (E4); in whole milliseconds, as the journal keeps times by how far they are from it. */
  private stamp(): number {
    this.stampMs = Math.max(this.stampMs, Math.floor(this.clock.nowMs))
    return this.stampMs
  }
}
