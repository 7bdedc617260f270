// Engine: the only loop. Takes a batch, decides, appends once, then applies, projects, publishes, answers.
// Owns:  the inbox, the order of things within a turn, what is durable and what is not yet.
// Does not own: what an event means (decide.ts), how bytes are kept (journal/), what readers ask (projections/).
//   E1  One loop per partition; one turn at a time.
//   E2  Two waits per turn: load what deciding needs, and append. All between is synchronous. What turns out to be missing
//       is loaded and the event goes first in the next batch. Nothing is decided while an append is in flight.
//   E3  Nothing is observable before it is durable: outcomes, changes, reads, previews, counts.
//   E4  Time is stamped once per batch and never runs backwards.
//   E5  A failed append drops the drafts, answers `journal_unavailable`, and ends writing until the store is opened again.
//   E8  Every queue has a limit and a named outcome when full.
import type { Charts } from '../machines/charts.ts'
import { type EventInput, parseEvent, parseSubject } from '../machines/event.ts'
import type { EntityKind } from '../machines/ids.ts'
import { type Source, sourceBook } from '../machines/sources.ts'
import * as answers from './answers.ts'
import { type Base, Batch } from './batch.ts'
import { DECIDE_LIMITS, type DecideLimits, type Decision, decide, type Need, NotLoaded, Quarantine } from './decide.ts'
import { Directory } from './directory.ts'
import type { JournalEntry } from './entry.ts'
import { EVENT_ENTRY, packEntry, SETTINGS_ENTRY, unpackEntry, verdictNumber } from './entry-codec.ts'
import { Families } from './families.ts'
import { type Family, waitingFamilyId } from './family.ts'
import { hash64 } from './hash.ts'
import { INBOX_LIMITS, Inbox, type InboxLimits, type Submission, type Waiting } from './inbox.ts'
import { type EntryFrame, type Journal, JournalDamage } from './journal/journal.ts'
import { steppersOf } from './judge.ts'
import type { Outcome } from './outcome.ts'
import { settlesId } from './projections/event-ids.ts'
import { Feed } from './projections/feed.ts'
import type { BoardFacet, BoardFilter, BoardOrder, BoardPage, FacetCount } from './projections/order-board.ts'
import { OrderBoard } from './projections/order-board.ts'
import { SourceLog } from './projections/source-log.ts'
import { StateCounts } from './projections/state-counts.ts'
import { holdersIn } from './references.ts'
import { currentSettings, latestSettings } from './settings.ts'
import type { FamilyStore } from './snapshots/family-store.ts'
import type {
  EngineHealth,
  FeedItem,
  FollowOptions,
  Found,
  MetricFamily,
  Sender,
  SourceStatus,
  Twin,
  TwinHead,
} from './twin.ts'

export interface EngineLimits extends DecideLimits, InboxLimits {
  /** Events decided and appended together. */
  readonly batchEventsMax: number
  /** Families kept in memory between batches. */
  readonly liveFamiliesMax: number
  /** Events of one preview: it holds the loop while it runs. */
  readonly previewEventsMax: number
}

export const ENGINE_LIMITS: EngineLimits = {
  ...DECIDE_LIMITS,
  ...INBOX_LIMITS,
  // 2,000: the sync costs under 0.1 µs an event; larger batches gain nothing and delay the first answer.
  batchEventsMax: 2_000,
  liveFamiliesMax: 20_000,
  previewEventsMax: 50_000,
}

export interface EngineOptions {
  readonly journal: Journal
  readonly store: FamilyStore
  readonly sources: readonly Source[]
  readonly charts: Charts
  readonly clock: { readonly nowMs: number }
  readonly limits?: Partial<EngineLimits>
  /** Told of trouble that stops nothing: a snapshot not written, a family set aside. */
  readonly onTrouble?: (trouble: string) => void
}

/** Opens the twin over an opened journal: rebuilds what is derived, then takes events. Rejects with JournalDamage. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const engine = new Engine(options)
  await engine.recover()
  return engine
}

// An event is put off while what it needs is loaded. 64: each time it asks for something new; more is a decision that
// never settles, a broken promise of ours.
const ATTEMPTS_MAX = 64

type Item = Waiting<Outcome>

interface PreviewJob {
  readonly inputs: readonly unknown[]
  readonly sender: Sender | undefined
  readonly done: (outcomes: readonly Outcome[]) => void
}

interface Decided {
  readonly item: Item
  readonly decision: Decision | undefined
  readonly outcome: Outcome | undefined
}

export class Engine implements Twin {
  private readonly journal: Journal
  private readonly base: Base
  private readonly limits: EngineLimits
  readonly clock: { readonly nowMs: number }
  private readonly onTrouble: (trouble: string) => void
  private readonly inbox: Inbox<Outcome>
  private readonly board = new OrderBoard()
  private readonly states = new StateCounts()
  private readonly feed: Feed
  private readonly charts: Charts
  private readonly sourceList: readonly Source[]
  private readonly quarantined = new Map<string, string>()
  private readonly previews: PreviewJob[] = []
  private readonly store: FamilyStore
  private deferred: Item[] = []
  private needs: Need[] = []
  private stampMs = 0
  private turning: Promise<void> | undefined
  private isClosing = false

  constructor(options: EngineOptions) {
    this.journal = options.journal
    this.store = options.store
    this.charts = options.charts
    this.clock = options.clock
    this.sourceList = options.sources
    this.limits = { ...ENGINE_LIMITS, ...options.limits }
    this.onTrouble = options.onTrouble ?? (() => undefined)
    this.inbox = new Inbox(this.limits)
    const directory = new Directory(options.journal.hashKey)
    const { journal, store } = options
    this.base = {
      directory,
      families: new Families({
        journal,
        store,
        directory,
        liveMax: this.limits.liveFamiliesMax,
        onTrouble: this.onTrouble,
      }),
      sourceLog: new SourceLog(),
      steppers: steppersOf(options.charts),
      sources: sourceBook(options.sources),
      limits: this.limits,
    }
    this.feed = new Feed(journal, journal.head().position)
  }

  /** Rebuilds directory and projections from the journal, and notes in it what is in force from now on. */
  async recover(): Promise<void> {
    let settings: Uint8Array | undefined
    for await (const frames of this.journal.scan(0))
      for (const frame of frames) {
        this.stampMs = Math.max(this.stampMs, frame.recordedMs)
        if (frame.kind === SETTINGS_ENTRY) settings = frame.body
        else this.fold(unpackEntry(frame))
      }
    const current = currentSettings(this.charts, this.sourceList)
    if (latestSettings(settings) === current.text) return
    const appended = await this.journal.append(this.stamp(), [settingsFrame(current.body)])
    if ('failure' in appended)
      throw new Error(`engine: the journal takes no entries (${appended.failure.code})`, { cause: appended.failure })
    this.feed.publish([], appended.head.position)
  }

  submit(inputs: readonly unknown[], sender?: Sender): Promise<readonly Outcome[]> {
    if (inputs.length === 0) return Promise.resolve([])
    return new Promise(resolve => {
      const outcomes = new Array<Outcome>(inputs.length)
      const submission: Submission<Outcome> = { answers: outcomes, open: inputs.length, done: () => resolve(outcomes) }
      inputs.forEach((input, index) => void this.receive({ submission, index, input, attempts: 0 }, sender))
      this.run()
    })
  }

  /** Judged one after another on top of each other, in a turn of its own; then everything is dropped. */
  preview(inputs: readonly unknown[], sender?: Sender): Promise<readonly Outcome[]> {
    if (inputs.length > this.limits.previewEventsMax) {
      const reason = `a preview takes at most ${this.limits.previewEventsMax} events`
      return Promise.resolve(inputs.map(input => answers.overloaded(input, 'preview_too_large', reason)))
    }
    return new Promise(done => {
      this.previews.push({ inputs, sender, done })
      this.run()
    })
  }

  async family(id: string): Promise<Family | undefined> {
    await this.base.families.load([id])
    const family = this.base.families.get(id)
    return family === undefined || Object.keys(family.actors).length === 0 ? undefined : family
  }

  async find(ref: string): Promise<Found> {
    const named = parseSubject(`ref/${ref}`)
    const wanted = named?.kind === 'reference' ? named : { number: ref, reference: undefined }
    const ids = this.base.directory.holders(wanted.number)
    await this.base.families.load(ids)
    const holders = ids.flatMap(id => {
      const family = this.base.families.get(id)
      if (family === undefined) return []
      const actors = holdersIn(family, { number: wanted.number, kind: wanted.reference }).map(holder => holder.actor)
      return actors.length === 0 ? [] : [{ family, actors: [...new Set(actors)] }]
    })
    return holders.length === 0 ? { kind: 'none' } : { kind: 'found', holders }
  }

  async entries(family: string, { after, first }: { after: number; first: number }): Promise<readonly JournalEntry[]> {
    const entries = await this.base.families.entriesOf(family, after)
    return entries.slice(0, first)
  }

  orders(filter: BoardFilter, order: BoardOrder, page: { first: number; after?: string }): BoardPage {
    return this.board.page(filter, order, page)
  }

  orderCounts(filter: BoardFilter, by: readonly BoardFacet[]): readonly FacetCount[] {
    return this.board.counts(filter, by)
  }

  stateCounts(kind: EntityKind): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return this.states.of(kind, this.base.steppers)
  }

  sources(): readonly SourceStatus[] {
    return this.sourceList.map(source => {
      const record = this.base.sourceLog.of(source.id)
      const isHeard = record.lastRecordedMs > 0
      return {
        source,
        lastEventMs: isHeard ? record.lastEventMs : undefined,
        lastRecordedMs: isHeard ? record.lastRecordedMs : undefined,
        outcomes: record.outcomes,
        sequenceGaps: record.sequenceGaps,
        lastGap: record.lastGap,
      }
    })
  }

  async *follow({ after, filter, signal }: FollowOptions): AsyncGenerator<FeedItem> {
    const from = after === undefined ? this.feed.head : (answers.parsePosition(after) ?? 0)
    for await (const entry of this.feed.follow(from, signal))
      if (filter === undefined || filter(entry)) yield { cursor: answers.positionText(entry.position), entry }
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
    return this.isClosing ? { ready: false, reason: 'shutting down' } : { ready: true }
  }

  metrics(): readonly MetricFamily[] {
    const gauge = (name: string, help: string, value: number): MetricFamily => ({
      name,
      help,
      type: 'gauge',
      samples: [{ labels: {}, value }],
    })
    const outcomes = this.sourceList.flatMap(({ id }) =>
      Object.entries(this.base.sourceLog.of(id).outcomes).map(([outcome, value]) => ({
        labels: { source: id, outcome },
        value,
      })),
    )
    return [
      { name: 'ordertwin_events_total', help: 'Events by source and outcome.', type: 'counter', samples: outcomes },
      gauge('ordertwin_journal_entries', 'Entries in the journal.', this.journal.head().position),
      gauge('ordertwin_journal_bytes', 'Bytes in the journal.', this.journal.head().bytes),
      gauge('ordertwin_orders', 'Orders known.', this.board.size),
      gauge('ordertwin_parked_events', 'Events that wait.', this.base.sourceLog.parked),
      gauge('ordertwin_inbox_events', 'Events that wait for their turn.', this.inbox.size),
      gauge('ordertwin_live_families', 'Families in memory.', this.base.families.size),
      gauge('ordertwin_followers', 'Readers of the feed.', this.feed.followerCount),
      gauge('ordertwin_quarantined_families', 'Families set aside.', this.quarantined.size),
      gauge('ordertwin_ready', 'Whether events are taken.', this.health().ready ? 1 : 0),
    ]
  }

  async close(): Promise<void> {
    this.isClosing = true
    await this.turning
    this.feed.close()
    await this.base.families.saveAll()
    await this.store.close()
    await this.journal.close()
  }

  private receive(item: Item, sender: Sender | undefined): void {
    const refusal = this.refusal(item, sender)
    if (refusal !== undefined) this.answer(item, refusal)
  }

  /** Puts the event into the inbox, or says why not. */
  private refusal(item: Item, sender: Sender | undefined): Outcome | undefined {
    const { input } = item
    const source = (input as { source?: unknown } | null | undefined)?.source
    if (this.isClosing) return answers.overloaded(input, 'shutting_down', 'the server is shutting down')
    if (source === undefined || source === null || source === '')
      return answers.malformed(input, [{ path: 'source', message: 'is required' }])
    if (typeof source !== 'string' || !this.speaksFor(sender, source)) return answers.unauthorized(input, source)
    if (this.inbox.put(source, item)) return undefined
    this.base.sourceLog.count(source, 'overloaded')
    return answers.overloaded(input, 'inbox_full', `too many events of ${source} wait for their turn`)
  }

  private speaksFor(sender: Sender | undefined, source: string): boolean {
    return this.base.sources.byId.has(source) && (sender?.sources?.has(source) ?? true)
  }

  private answer({ index, submission }: Item, outcome: Outcome): void {
    submission.answers[index] = outcome
    if (--submission.open === 0) submission.done()
  }

  private run(): void {
    if (this.turning !== undefined) return
    this.turning = this.turns().finally(() => {
      this.turning = undefined
      // What came between the last look and here is not lost.
      if (this.hasWork()) this.run()
    })
  }

  private hasWork(): boolean {
    return this.inbox.size > 0 || this.deferred.length > 0 || this.previews.length > 0
  }

  private async turns(): Promise<void> {
    // One turn of the event loop: what arrives in it shares the batch.
    await new Promise<void>(resolve => void setImmediate(resolve))
    while (this.hasWork()) {
      const job = this.previews.shift()
      if (job !== undefined) await this.runPreview(job)
      if (this.inbox.size > 0 || this.deferred.length > 0) await this.turn()
    }
  }

  private async turn(): Promise<void> {
    const items = [...this.deferred, ...this.inbox.take(Math.max(0, this.limits.batchEventsMax - this.deferred.length))]
    const needs = this.needs
    this.deferred = []
    this.needs = []
    const read = await this.load(
      items.map(item => item.input),
      needs,
    )
    const batch = new Batch(this.base, { nowMs: this.stamp(), firstPosition: this.journal.head().position + 1, read })
    const decided = items.map(item => this.decideItem(batch, item)).filter(each => each !== undefined)
    if (batch.entries.length > 0 && !(await this.append(batch))) {
      for (const { item } of decided) this.answer(item, answers.journalUnavailable(item.input, 'a write failed'))
      return
    }
    this.apply(batch)
    for (const { item, decision, outcome } of decided) this.answer(item, this.settled(item, decision, outcome, batch))
    this.base.families.evict()
    // Snapshots may lag behind by eight cache sizes before intake waits for them.
    if (this.base.families.backlog > this.limits.liveFamiliesMax * 8) await this.base.families.settled()
  }

  /** Decides one event on top of the batch. Undefined when it was put off until something is loaded. */
  private decideItem(batch: Batch, item: Item): Decided | undefined {
    try {
      const decision = this.decideInput(batch, item.input)
      if ('outcome' in decision) return { item, decision: undefined, outcome: decision }
      if (decision.kind === 'entries') batch.add(decision.entries, decision.families)
      return { item, decision, outcome: undefined }
    } catch (thrown) {
      if (thrown instanceof NotLoaded && ++item.attempts < ATTEMPTS_MAX) {
        this.needs.push(thrown.need)
        this.deferred.push(item)
        return undefined
      }
      return { item, decision: undefined, outcome: this.setAside(item.input, thrown) }
    }
  }

  private decideInput(batch: Batch, input: unknown): Decision | Outcome {
    const source = this.base.sources.byId.get((input as EventInput).source) as Source
    const parsed = parseEvent(input, source, batch.nowMs)
    if ('flaws' in parsed) return answers.malformed(input, parsed.flaws)
    for (const id of this.quarantined.keys())
      if (parsed.event.subject.number === id)
        return answers.overloaded(input, 'family_quarantined', this.quarantined.get(id) ?? '')
    return decide(batch, parsed.event, input as EventInput, source)
  }

  /** A family the engine could not load or step is set aside alone; the rest runs on. */
  private setAside(input: unknown, thrown: unknown): Outcome {
    const subject = parseSubject(String((input as EventInput).subject))
    const family = thrown instanceof Quarantine ? thrown.family : (subject?.number ?? '')
    const reason = thrown instanceof Error ? thrown.message : 'deciding never settled'
    this.quarantined.set(family, reason)
    this.onTrouble(`family ${family} is set aside: ${reason}`)
    return answers.overloaded(input, 'family_quarantined', reason)
  }

  private async append(batch: Batch): Promise<boolean> {
    const appended = await this.journal.append(
      batch.nowMs,
      batch.entries.map(entry => this.frame(entry)),
    )
    if ('head' in appended) return true
    this.onTrouble(`the journal takes no entries: ${appended.failure.code}`)
    return false
  }

  private frame(entry: JournalEntry): EntryFrame {
    const { hashKey } = this.journal
    return {
      family: hash64(entry.family, hashKey),
      eventId: hash64(`${entry.event.source}\0${entry.event.id}`, hashKey),
      previous: entry.previous,
      kind: EVENT_ENTRY,
      verdict: verdictNumber(entry.verdict),
      body: packEntry(entry),
    }
  }

  private apply(batch: Batch): void {
    this.base.families.commit(batch.families, batch.entries)
    for (const entry of batch.entries) this.fold(entry)
    if (batch.entries.length > 0) this.feed.publish(batch.entries, this.journal.head().position)
  }

  /** Everything derived from one durable entry. */
  private fold(entry: JournalEntry): void {
    const { directory, sourceLog } = this.base
    const row = directory.noteFamily(entry.family, entry.position)
    for (const number of entry.learned) directory.noteNumber(number, row)
    if (settlesId(entry)) directory.noteEvent(entry.event.source, entry.event.id, entry.position)
    this.board.fold(entry, row)
    this.states.fold(entry)
    sourceLog.fold(entry)
  }

  private settled(item: Item, decision: Decision | undefined, outcome: Outcome | undefined, batch: Batch): Outcome {
    const source = (item.input as EventInput).source
    const result = outcome ?? this.outcomeOf(item.input, decision as Decision, batch)
    // Outcomes that no entry records are counted here (E7); the others by their entries.
    if (outcome !== undefined || (decision as Decision).kind !== 'entries')
      this.base.sourceLog.count(source, result.outcome)
    return result
  }

  private outcomeOf(input: unknown, decision: Decision, batch: Batch): Outcome {
    if (decision.kind === 'duplicate') return answers.duplicateOf(decision.first, decision.since)
    if (decision.kind === 'overloaded') return answers.overloaded(input, 'parking_full', decision.reason)
    const own = decision.entries.slice(0, decision.answers)
    return answers.outcomeOf(own, id => decision.families.get(id) ?? batch.families.get(id), this.base.steppers)
  }

  private async runPreview({ inputs, sender, done }: PreviewJob): Promise<void> {
    let needs: Need[] = []
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const read = await this.load(inputs, needs)
      const batch = new Batch(this.base, {
        nowMs: Math.max(this.stampMs, this.clock.nowMs),
        firstPosition: this.journal.head().position + 1,
        read,
      })
      needs = []
      const outcomes = inputs.map(input => this.previewed(batch, input, sender, needs))
      if (needs.length === 0) return done(outcomes as Outcome[])
    }
    done(inputs.map(input => answers.overloaded(input, 'preview_unsettled', 'the preview did not settle')))
  }

  private previewed(batch: Batch, input: unknown, sender: Sender | undefined, needs: Need[]): Outcome | undefined {
    const source = (input as { source?: unknown } | null | undefined)?.source
    if (typeof source !== 'string') return answers.malformed(input, [{ path: 'source', message: 'is required' }])
    if (!this.speaksFor(sender, source)) return answers.unauthorized(input, source)
    try {
      const decision = this.decideInput(batch, input)
      if ('outcome' in decision) return decision
      if (decision.kind === 'entries') batch.add(decision.entries, decision.families)
      return this.outcomeOf(input, decision, batch)
    } catch (thrown) {
      if (!(thrown instanceof NotLoaded)) return answers.overloaded(input, 'family_quarantined', String(thrown))
      needs.push(thrown.need)
      return undefined
    }
  }

  /** Brings into memory what deciding `inputs` will ask for, as far as their attributes tell, and everything in `needs`. */
  private async load(inputs: readonly unknown[], needs: readonly Need[]): Promise<ReadonlyMap<number, JournalEntry>> {
    const { directory, families } = this.base
    const ids = new Set<string>()
    const positions = new Set<number>()
    const wantNumber = (number: string) => {
      for (const id of directory.holders(number)) ids.add(id)
      ids.add(waitingFamilyId(number))
    }
    for (const input of inputs) {
      const { id, source, subject: text } = (input ?? {}) as Partial<EventInput>
      const subject = typeof text === 'string' ? parseSubject(text) : undefined
      if (subject?.kind === 'order') ids.add(subject.number)
      else if (subject !== undefined) wantNumber(subject.number)
      if (typeof id === 'string' && typeof source === 'string')
        for (const position of directory.seenAt(source, id)) positions.add(position)
    }
    const histories: string[] = []
    for (const need of needs) {
      if ('family' in need) ids.add(need.family)
      else if ('number' in need) wantNumber(need.number)
      else if ('history' in need) histories.push(need.history)
      else for (const position of directory.seenAt(need.source, need.id)) positions.add(position)
    }
    const read = new Map<number, JournalEntry>()
    if (positions.size > 0)
      for (const frame of await this.journal.read([...positions])) {
        const entry = unpackEntry(frame)
        read.set(frame.position, entry)
        ids.add(entry.family)
        if (entry.verdict === 'parked') histories.push(entry.family)
      }
    await this.loadFamilies([...ids, ...histories])
    await families.loadHistory(histories)
    return read
  }

  /** One damaged family must not keep the others from being loaded. */
  private async loadFamilies(ids: readonly string[]): Promise<void> {
    const { families } = this.base
    try {
      await families.load(ids)
    } catch (damage) {
      if (!(damage instanceof JournalDamage)) throw damage
      for (const id of ids) {
        await families.load([id]).catch(cause => {
          this.quarantined.set(id, String(cause))
          this.onTrouble(`family ${id} is set aside: ${String(cause)}`)
        })
      }
    }
  }

  /** Never backwards, whatever the clock does (E4). */
  private stamp(): number {
    this.stampMs = Math.max(this.stampMs, this.clock.nowMs)
    return this.stampMs
  }
}

const settingsFrame = (body: Uint8Array): EntryFrame => ({
  family: { high: 0, low: 0 },
  eventId: { high: 0, low: 0 },
  previous: 0,
  kind: SETTINGS_ENTRY,
  verdict: 0,
  body,
})
