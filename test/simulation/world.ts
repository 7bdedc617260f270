// World: one run of the simulation. The real engine, feed and journal over a simulated disk, clock and distributor; a swarm of
// faults; checkers after every turn. The same seed gives the same run. Throws Violation at the first thing that must not be.

import type { Random } from '../../connectors/simulated/random.ts'
import type { JournalEntry } from '../../engine/entry.ts'
import { verifyJournal } from '../../engine/journal/verify.ts'
import type { Outcome } from '../../engine/outcome.ts'
import type { Chosen } from '../../engine/retiring/retirement.ts'
import { checkConverged, checkRejudged } from './convergence.ts'
import { Coverage } from './coverage.ts'
import { fingerprint, History } from './history.ts'
import { Ledger } from './ledger.ts'
import { ticks } from './process.ts'
import { checkRebuilt } from './rebuild.ts'
import { type Message, type Script, scriptOf } from './script.ts'
import { isDiskTrouble, JOURNAL_FOLDER, type Running, SimulatedStore } from './store.ts'
import { Subscriber } from './subscriber.ts'
import { type Fault, type Swarm, streamOf, swarmOf } from './swarm.ts'
import { must, Violation } from './violation.ts'
import { checkCards, checkWatched } from './watched.ts'

export interface RunOptions {
  readonly seed: number
  /** Faults left out, and the messages that stay: what shrinking found to matter. */
  readonly without?: readonly Fault[]
  readonly keep?: readonly number[]
}

export interface RunReport {
  readonly coverage: Coverage
  readonly turns: number
  readonly messages: number
  readonly entries: number
  readonly openings: number
}

// Ten times what any run needs.
const TURNS_MAX = 3_000
// A process that answers nothing for good in so many turns is opened again.
const FRUITLESS_MAX = 12
// Every fifth turn, and at each end: making everything again from entries takes as long as a few turns.
const WATCHED_EVERY = 5
const START_MS = Date.UTC(2027, 2, 1)
const DAY_MS = 86_400_000

// A run takes some ten thousand turns of the event loop. Where nothing moves any more they pass within a second.
const TICKS_MAX = 500_000

export async function runWorld(options: RunOptions): Promise<RunReport> {
  const world = new World(options)
  let isOver = false
  const watch = async (): Promise<never> => {
    for (let tick = 0; tick < TICKS_MAX && !isOver; tick++) await ticks(1)
    throw new Violation('liveness', 'nothing moves any more')
  }
  try {
    return await Promise.race([world.run(), watch()])
  } finally {
    isOver = true
  }
}

class World {
  private readonly swarm: Swarm
  private readonly random: Random
  private readonly script: Script
  private readonly store: SimulatedStore
  private readonly clock = { nowMs: START_MS }
  private readonly coverage = new Coverage()
  private readonly ledger: Ledger
  private history: History
  private readonly subscribers: Subscriber[]
  /** Position → what anybody saw there: a power cut must not take it back (E3). */
  private readonly observed = new Map<number, string>()
  /** What each source still has to send, oldest first. */
  private readonly queues: Map<string, Message[]>
  private running: Running | undefined
  private turns = 0
  private openings = 0
  private fruitless = 0
  /** Bumped whenever a message is settled: to see whether anything moves. */
  private settledCount = 0
  /** No faults any more. */
  private isEnding = false

  constructor({ keep, seed, without }: RunOptions) {
    this.swarm = swarmOf(seed, without)
    this.random = streamOf(seed, 'world')
    this.script = scriptOf(seed, this.swarm, keep && new Set(keep))
    this.store = new SimulatedStore(seed, this.swarm)
    this.ledger = new Ledger(this.store.vault)
    this.history = new History(this.coverage, this.script.isLegal)
    const see = (entry: JournalEntry) => this.see(entry)
    this.subscribers = Array.from({ length: 2 }, () => new Subscriber(see))
    this.queues = Map.groupBy(this.script.messages, message => String(message.input.source))
  }

  async run(): Promise<RunReport> {
    await this.reopen()
    while (this.isAnythingLeft() && this.turns < TURNS_MAX) await this.turn()
    must(!this.isAnythingLeft(), 'liveness', () => `messages wait after ${this.turns} turns`)
    await this.finish()
    for (const [outcome, times] of this.ledger.outcomes) this.coverage.count(`outcome ${outcome}`, times)
    this.coverage.faults(this.swarm.struck)
    return {
      coverage: this.coverage,
      turns: this.turns,
      messages: this.script.messages.length,
      entries: this.history.entries.size,
      openings: this.openings,
    }
  }

  private isAnythingLeft(): boolean {
    return [...this.queues.values()].some(queue => queue.length > 0)
  }

  private async turn(): Promise<void> {
    this.turns++
    const { process } = this.now
    this.passTime()
    const before = this.settledCount
    const sending = this.sources().map(source => this.send(source))
    const looking = this.look()
    const stopped = await Promise.race([Promise.all([...sending, looking]).then(() => undefined), process.stopped])
    this.fruitless = this.settledCount > before ? 0 : this.fruitless + 1
    if (stopped === 'held') return this.takeOver(Promise.all(sending))
    if (stopped === 'dead') return this.reopen()
    if (!(await this.unlessStopped(this.check()))) return this.reopen()
    if (this.now.engine.health().ready && this.swarm.strikes('retire')) return this.retire()
    if (!this.now.engine.health().ready || this.fruitless > FRUITLESS_MAX || this.swarm.strikes('close'))
      await this.endProcess()
  }

  private get now(): Running {
    if (this.running === undefined) throw new Error('world: nothing runs')
    return this.running
  }

  /** The clock goes on, or jumps; the disk fills up, or somebody makes room. */
  private passTime(): void {
    this.clock.nowMs += this.random.whole(10 * 60_000)
    // Ten days either way: every event stays behind the clock.
    if (this.swarm.strikes('clock_skew')) this.clock.nowMs += (this.random.whole(21) - 10) * DAY_MS
    this.clock.nowMs = Math.max(this.clock.nowMs, START_MS - 20 * DAY_MS)
    const { disk } = this.store
    disk.isFull = disk.isFull ? this.random.chance(0.7) : this.swarm.strikes('full_disk')
  }

  /** A few sources that have something to say. */
  private sources(): readonly string[] {
    const waiting = [...this.queues].filter(([, queue]) => queue.length > 0).map(([source]) => source)
    const some = waiting.filter(() => this.random.chance(0.5))
    return some.length === 0 ? waiting.slice(0, 1) : some
  }

  /** One request of `source`; what is not settled, or whose answer got lost, stays in its queue. */
  private async send(source: string): Promise<void> {
    const { engine, process } = this.now
    const queue = this.queues.get(source) as Message[]
    const messages = queue.slice(0, 1 + this.random.whole(6))
    const isLost = this.swarm.strikes('lost_answer')
    for (const { input } of messages) this.ledger.send(input)
    await ticks(this.random.whole(3))
    // As a parser hands them over, each with data of its own: of what two events share a change tells nothing (engine/entry.ts).
    const outcomes = await engine.submit(messages.map(message => structuredClone(message.input)))
    if (!process.isAlive) return
    const settled = messages.filter((message, index) => this.ledger.tell(message.input, outcomes[index] as Outcome))
    // The sender heard nothing: it will send the same again.
    if (isLost) return
    for (const message of settled) {
      const index = queue.indexOf(message)
      if (index >= 0) queue.splice(index, 1)
      this.settledCount++
    }
  }

  /** Watchers go on, and somebody asks, while the turn runs: nobody may see what is not durable. */
  private async look(): Promise<void> {
    const { engine, process } = this.now
    for (const subscriber of this.subscribers) {
      const isSlow = this.swarm.strikes('slow_subscriber')
      subscriber.allow(isSlow ? 0 : 5 + this.random.whole(40))
      if (this.swarm.strikes('lost_connection')) subscriber.connect(engine, process)
    }
    await ticks(this.random.whole(4))
    const [id] = [...this.history.families.keys()].slice(this.random.whole(Math.max(1, this.history.families.size)))
    if (id === undefined || !process.isAlive) return
    if (this.swarm.strikes('erase')) await engine.erase({ family: id, by: 'somebody', reason: 'as they asked' })
    if (!process.isAlive) return
    try {
      const family = await engine.family(id)
      const entries = await engine.entries(id, { after: this.history.position, first: 100 })
      if (!process.isAlive) return
      for (const entry of entries) this.see(entry)
      if (family !== undefined && !this.observed.has(family.head)) this.observed.set(family.head, '')
    } catch (error) {
      if (!isDiskTrouble(error)) throw error
    }
  }

  private see(entry: JournalEntry): void {
    const now = fingerprint(entry)
    const known = this.observed.get(entry.position)
    must(known === undefined || known === '' || known === now, 'never changes', () => `position ${entry.position}`)
    this.observed.set(entry.position, now)
  }

  /** Reads what the journal has gained, calmly, and holds everything against it. */
  private async check(): Promise<void> {
    const { engine, journal, process, troubles } = this.now
    for (const subscriber of this.subscribers) if (subscriber.failure !== undefined) throw subscriber.failure
    await this.calmly(async () => {
      const { keys } = this.now
      this.store.vault.learn(keys)
      await this.history.read(journal, entry => this.ledger.take(entry), this.untilStopped())
      for (const key of this.history.keysGone()) this.ledger.gone.add(key)
      if (engine.health().ready) this.checkErased()
      this.ledger.check(position => this.history.entries.get(position))
      this.checkObserved()
      if (this.turns % 8 === 0 && engine.health().ready) await checkRebuilt(engine, this.history, this.someFamilies())
      if (this.turns % WATCHED_EVERY === 0) await this.checkWatched()
    })
    const trouble = troubles.find(each => /is set aside|the engine stops/.test(each))
    must(trouble === undefined || process.sawReadError, 'trouble', () => String(trouble))
  }

  private checkErased(): void {
    const { history, store } = this
    const ends = [...history.erasures, ...history.retirements]
    const told = { entries: [...history.entries.values()], ends, gone: history.keysGone() }
    store.vault.check(this.now.engine, told, store.disk.files)
  }

  /** What is wrong, and every card, at the clock of now. */
  private async checkWatched(): Promise<void> {
    const { engine, watch } = this.now
    let isKnown = false
    const known = watch.upTo(this.history.position).then(() => {
      isKnown = true
    })
    // What a disk kept from being read is tried again at a tick.
    while (!isKnown) await Promise.race([known, watch.tick().then(() => ticks(1))])
    await watch.tick()
    checkWatched(watch, this.history)
    await checkCards(engine, watch, this.history)
  }

  private someFamilies(): readonly string[] {
    return [...this.history.families.keys()].filter(() => this.random.chance(0.3))
  }

  private checkObserved(): void {
    for (const [position, print] of this.observed) {
      const entry = this.history.entries.get(position)
      must(
        entry !== undefined && (print === '' || print === fingerprint(entry)),
        'durable before seen',
        () => `position ${position} was seen, and ${entry === undefined ? 'is not there' : 'is another entry'}`,
      )
    }
  }

  /** False when the process stopped before `looking` was done: it goes on in vain then. */
  private async unlessStopped(looking: Promise<void>): Promise<boolean> {
    const stopped = await Promise.race([looking.then(() => undefined), this.now.process.stopped])
    if (stopped !== undefined) this.excite()
    return stopped === undefined
  }

  private async calmly(look: () => Promise<void>): Promise<void> {
    const { disk, level } = this.store
    disk.isCalm = level.isCalm = true
    await look()
    if (!this.isEnding) this.excite()
  }

  /** Whether what runs now has stopped: what it was asked for is nobody's business any more. */
  private untilStopped(): () => boolean {
    const running = this.now
    return () => this.running !== running || !running.process.isAlive
  }

  private excite(): void {
    this.store.disk.isCalm = this.store.level.isCalm = false
  }

  /** It closes as it should, or is killed, as a person would who sees that it takes nothing. */
  private async endProcess(): Promise<void> {
    const { engine, process } = this.now
    if (this.random.chance(0.7)) {
      const closing = engine.close().catch(error => {
        if (!isDiskTrouble(error)) throw error
      })
      await Promise.race([closing, process.stopped])
    }
    await this.reopen()
  }

  /**
   * Orders are retired, while nobody serves; whatever becomes of that, the store is opened again. Any order in which nothing
   * waits: few worlds have one at rest, and what is retired too early hears more afterwards.
   */
  private async retire(): Promise<void> {
    const { engine, process } = this.now
    const families: Chosen[] = []
    const choosing = async () => {
      // All that is about to go has been looked at.
      await this.check()
      for (const id of this.history.families.keys()) {
        const family = this.random.chance(0.6) ? await engine.family(id) : undefined
        if (family?.actors.order === undefined || family.parked.length > 0) continue
        const entries = await engine.entries(id, { after: 0, first: 10_000 })
        families.push({ family, entries, keys: await engine.keysOf(id) })
      }
      await engine.close()
    }
    const ended = choosing()
      .then(() => 'chosen' as const)
      .catch(error => {
        if (!isDiskTrouble(error)) throw error
        return 'failed' as const
      })
    if ((await Promise.race([ended, process.stopped])) !== 'chosen' || families.length === 0) return this.reopen()
    this.store.disk.settle(process)
    this.store.decay(process)
    this.running = undefined
    this.coverage.count('orders retired', families.length)
    if ((await this.store.retire(families, this.clock)) === 'held') this.store.disk.loseClaims()
    await this.reopen()
    await this.store.resumeStale()
  }

  /** What runs is over; the next process opens what it left, however often it takes. */
  private async reopen(): Promise<void> {
    const { disk } = this.store
    if (this.running !== undefined) {
      disk.settle(this.running.process)
      this.store.decay(this.running.process)
      this.running = undefined
    }
    this.fruitless = 0
    for (let attempt = 0; this.running === undefined; attempt++) {
      must(attempt < 40, 'liveness', () => 'the store does not open')
      // Somebody makes room.
      if (attempt > 3) disk.isFull = false
      this.openings++
      this.running = await this.store.open(this.clock)
    }
    const former = this.history
    if (!(await this.unlessStopped(this.checkReopened()))) {
      // What it had read anew by then is not all that was checked before.
      this.history = former
      return this.reopen()
    }
    for (const subscriber of this.subscribers) subscriber.connect(this.now.engine, this.now.process)
  }

  /** The journal from its first position: all that was acknowledged or seen is there, as it was. */
  private async checkReopened(): Promise<void> {
    const { journal } = this.now
    const former = this.history
    this.history = new History(new Coverage(), this.script.isLegal)
    await this.calmly(() =>
      this.history.read(journal, entry => void this.checkKept(former, entry), this.untilStopped()),
    )
    for (const position of former.entries.keys())
      if (position > this.history.position) this.ledger.forget(this.history.position)
    this.history = await this.adopted(former)
    this.ledger.recheck(position => this.history.entries.get(position))
    this.checkObserved()
  }

  private checkKept(former: History, entry: JournalEntry): void {
    const known = former.entries.get(entry.position)
    must(
      known === undefined || fingerprint(known) === fingerprint(entry),
      'never changes',
      () => `position ${entry.position} was ${known && fingerprint(known)}, is ${fingerprint(entry)}`,
    )
  }

  /** The checked history goes on from where the journal is; read anew where it is shorter than what was read before. */
  private async adopted(former: History): Promise<History> {
    must(
      former.position <= this.history.position,
      'acknowledged is durable',
      () => `the journal was read up to ${former.position}; it ends at ${this.history.position}`,
    )
    former.remnants = this.history.remnants
    await this.calmly(() => former.read(this.now.journal, entry => this.ledger.take(entry), this.untilStopped()))
    this.checkErased()
    return former
  }

  /** The process is held; another is told it is dead and takes over; then the first goes on, unaware. */
  private async takeOver(sending: Promise<unknown>): Promise<void> {
    const { disk } = this.store
    const stale = this.now
    this.running = undefined
    disk.loseClaims()
    await this.reopen()
    const { process } = this.now
    for (let turn = 0; turn < 3 && process.isAlive && this.isAnythingLeft(); turn++) await this.turn()
    stale.process.goOn()
    await Promise.race([sending, ticks(60)])
    stale.process.die()
    this.coverage.count('fault stale_writer resumed')
    if (this.now.process.isAlive && !(await this.unlessStopped(this.check()))) await this.reopen()
  }

  /** No more faults: everything must come to its end, and stay when the store is closed and opened. */
  private async finish(): Promise<void> {
    const { disk, level } = this.store
    this.isEnding = true
    disk.isFull = false
    disk.isCalm = level.isCalm = true
    await this.reopen()
    await this.checkEnd()
    await this.now.engine.close()
    await this.reopen()
    await checkRebuilt(this.now.engine, this.history, [...this.history.families.keys()])
    await this.checkWatched()
    await this.now.engine.close()
    const verdict = await verifyJournal(JOURNAL_FOLDER, { files: disk.files })
    must(verdict.kind === 'whole', 'hash chain', () => JSON.stringify(verdict))
    const { erasures, retirements } = this.history
    const world = checkRejudged([...this.history.entries.values()], this.history, this.store)
    if (this.script.legal !== undefined && erasures.length + retirements.length === 0)
      checkConverged(world, this.script.legal)
  }

  private async checkEnd(): Promise<void> {
    const { engine } = this.now
    await this.check()
    await checkRebuilt(engine, this.history, [...this.history.families.keys()])
    await this.checkWatched()
    // What was retired before somebody saw it is not seen any more.
    const missed = (entry: JournalEntry, { seen }: Subscriber) =>
      this.history.remnants.has(entry.position) && !seen.has(entry.position)
    for (const subscriber of this.subscribers) {
      subscriber.allow(1_000_000)
      const wantedNow = () => [...this.history.entries.values()].filter(entry => !missed(entry, subscriber))
      for (let wait = 0; wait < 2_000 && subscriber.seen.size < wantedNow().length; wait++) await ticks(1)
      const wanted = wantedNow().map(fingerprint)
      if (subscriber.failure !== undefined) throw subscriber.failure
      const seen = [...subscriber.seen.values()]
      must(
        seen.length === wanted.length && seen.every((print, index) => print === wanted[index]),
        'subscriber',
        () => `saw ${seen.length} of ${wanted.length} entries`,
      )
    }
  }
}

export const isViolation = (error: unknown): error is Violation => error instanceof Violation
