// Decide: what the engine would do with one event. Pure: it reads a world, changes nothing, and gives the entries to append.
// In order of precedence: duplicate → id_reused → not_owner → version_conflict → not_allowed_in_state → quantity_exceeded
// → parked → superseded → accepted (domain §5). All entries of one event belong together: its verdict in each family,
// and what it wakes: parked events, events that waited under a number, events a shared number remembers.
//   D1  What the world has not loaded is asked for by throwing NotLoaded; nothing has happened then, the event is tried again.
//   D2  Woken events are tried earliest place first, until none moves (C6).
import type { Obstacle } from '../machines/chart.ts'
import { type CanonicalEvent, type EventInput, parseEvent, parseSubject } from '../machines/event.ts'
import { type EventType, eventTypeEntry } from '../machines/event-types.ts'
import { type ActorKey, ORDER_KEY, type Place } from '../machines/ids.ts'
import type { Source, SourceBook } from '../machines/sources.ts'
import { canonicalText, contentDigest, documentOf } from './documents.ts'
import { type ActorChange, applied, changeOf, isFact, type JournalEntry, type VerdictDetail } from './entry.ts'
import { type Family, isWaitingFamily, type ParkedEvent, waitingFamilyId } from './family.ts'
import { correctedEvent, type Fact, folded, judge, namedBy, type Steppers } from './judge.ts'
import type { Verdict } from './outcome.ts'
import { foreignRole, ownerObstacle } from './ownership.ts'
import { actorsOf, type Holder, holdersIn, isShared, learnedNumbers } from './references.ts'

/** What deciding may read. Every function answers at once, or throws NotLoaded. */
export interface World {
  /** The batch's stamp, epoch milliseconds. */
  readonly nowMs: number
  /** The position the first entry will take. */
  readonly nextPosition: number
  readonly sources: SourceBook
  readonly steppers: Steppers
  readonly limits: DecideLimits
  /** The family as it is now; an empty one where nothing is known. */
  family(id: string): Family
  /** Ids of the families that ever held `number`. */
  holders(number: string): readonly string[]
  /** Every entry of the family, oldest first. */
  history(id: string): readonly JournalEntry[]
  /** The entry that first answered this id of this source. */
  seen(source: string, id: string): JournalEntry | undefined
  /** How many events of `source` wait, in all families. */
  parkedOf(source: string): number
}

export interface DecideLimits {
  readonly parkedPerFamilyMax: number
  readonly parkedPerSourceMax: number
  /** How long events wait before they are overdue, where their source's profile does not say. */
  readonly parkForMs: number
}

export const DECIDE_LIMITS: DecideLimits = {
  // 1,000: each parked event is tried again at every fact of its family.
  parkedPerFamilyMax: 1_000,
  parkedPerSourceMax: 100_000,
  parkForMs: 24 * 3_600_000,
}

/** Something the world must load first. */
export type Need =
  | { readonly family: string }
  | { readonly history: string }
  | { readonly number: string }
  | { readonly source: string; readonly id: string }

/** Not an error: deciding stops here, changes nothing, and is done again once `need` is loaded. */
export class NotLoaded {
  readonly need: Need
  constructor(need: Need) {
    this.need = need
  }
}

export type Decision =
  /** Nothing is written: the same event came before. `first` is the entry that answered it. */
  | { readonly kind: 'duplicate'; readonly first: JournalEntry; readonly since: readonly JournalEntry[] }
  /** Nothing is written: a parking lot is full and nothing in it is overdue. */
  | { readonly kind: 'overloaded'; readonly reason: string }
  /** `entries` to append, in order; the first `answers` of them are the event's own verdicts, one per family. */
  | {
      readonly kind: 'entries'
      readonly entries: readonly JournalEntry[]
      readonly answers: number
      readonly families: ReadonlyMap<string, Family>
    }

/** Decides `event` of `source`; `input` is it as sent. */
export function decide(world: World, event: CanonicalEvent, input: EventInput, source: Source): Decision {
  const seen = world.seen(source.id, event.id)
  if (seen !== undefined && sameContent(seen.event, input))
    return { kind: 'duplicate', first: seen, since: laterVerdicts(world, seen) }
  const unit = new Unit(world)
  const said: Said = { event, input, source }
  const targets = unit.targetsOf(said)
  const full = unit.fullLot(said, targets)
  for (const target of targets) {
    const verdict = seen === undefined ? unit.settle(target, said, {}) : unit.refuseReuse(target, said)
    if (verdict === 'parked' && full !== undefined) return { kind: 'overloaded', reason: full }
  }
  const answers = unit.entries.length
  unit.wake()
  return { kind: 'entries', entries: unit.numbered(answers), answers, families: unit.families }
}

/** Same content: type, subject as sent, time and data (E7). */
export function sameContent(a: EventInput, b: EventInput): boolean {
  return (
    a.type === b.type &&
    a.subject === b.subject &&
    a.time === b.time &&
    canonicalText(a.data ?? {}) === canonicalText(b.data ?? {})
  )
}

/** What became of an event after its first verdict, newest last. */
function laterVerdicts(world: World, first: JournalEntry): readonly JournalEntry[] {
  if (first.verdict !== 'parked') return []
  return world
    .history(first.family)
    .filter(
      entry =>
        entry.position > first.position &&
        entry.event.id === first.event.id &&
        entry.event.source === first.event.source,
    )
}

interface Said {
  readonly event: CanonicalEvent
  readonly input: EventInput
  readonly source: Source
}

interface Target {
  readonly family: string
  readonly actors: readonly ActorKey[]
  /** Why the subject is not clear, where it is not. */
  readonly unclear?: VerdictDetail
}

interface EntryParts {
  readonly verdict: Verdict
  readonly actors?: readonly ActorKey[]
  readonly detail?: VerdictDetail
  readonly from?: string
  readonly to?: string
  readonly changes?: readonly ActorChange[]
  readonly learned?: readonly string[]
  readonly documents?: Readonly<Record<string, string>>
  readonly parks?: JournalEntry['parks']
  readonly frees?: readonly number[]
  readonly removes?: readonly ActorKey[]
  readonly cause?: number
}

/** A family learned a number: who holds it now, and by which entry. */
interface Lesson {
  readonly number: string
  readonly family: string
  readonly moved: readonly ActorKey[]
  readonly cause: number
}

/** The entries of one event, and the families as they will be once these are durable. */
class Unit {
  readonly entries: JournalEntry[] = []
  readonly families = new Map<string, Family>()
  private readonly world: World
  private readonly toWake: { family: string; cause: number }[] = []
  private readonly toTeach: Lesson[] = []

  constructor(world: World) {
    this.world = world
  }

  /** The family as it will be, its actors moved to today's charts (E11); the entry that first counts carries them whole. */
  family(id: string): Family {
    return migrated(this.families.get(id) ?? this.world.family(id), this.world.steppers)
  }

  /** The families an event is about. One where it waits, when none or too many are known. */
  targetsOf(said: Said): readonly Target[] {
    const { event, source } = said
    const { entity } = eventTypeEntry(event.type)
    if (event.subject.kind === 'order') {
      const family = this.family(event.subject.number)
      const holders: Holder[] =
        family.actors[ORDER_KEY] === undefined
          ? []
          : [{ family: family.id, actor: ORDER_KEY, reference: { kind: 'order', number: family.id, scope: [] } }]
      return [{ family: family.id, actors: actorsOf(event, entity, family, holders, source) }]
    }
    const { number } = event.subject
    const holders = this.holdersOf(said)
    const families = [...new Set(holders.map(holder => holder.family))]
    if (families.length === 0) return [{ family: waitingFamilyId(number), actors: [], unclear: unknownNumber(event) }]
    const kinds = new Set(holders.map(holder => holder.reference.kind))
    const isClear =
      families.length === 1 || (kinds.size === 1 && holders.every(holder => isShared(holder.reference.kind)))
    if (!isClear) return [{ family: waitingFamilyId(number), actors: [], unclear: ambiguous(event, families) }]
    return families.map(id => {
      const own = holders.filter(holder => holder.family === id)
      return { family: id, actors: actorsOf(event, entity, this.family(id), own, source) }
    })
  }

  private holdersOf({ event, source }: Said, only?: string): readonly Holder[] {
    const { subject } = event
    const kinds =
      subject.kind === 'return'
        ? (['return', 'rma'] as const)
        : [subject.kind === 'reference' ? subject.reference : subject.kind]
    const families = only === undefined ? this.holderFamilies(subject.number) : [only]
    return families.flatMap(id =>
      kinds.flatMap(kind => holdersIn(this.family(id), { number: subject.number, kind, source, timeMs: event.timeMs })),
    )
  }

  /** Families that ever held `number`, those this unit taught it to included. */
  private holderFamilies(number: string): readonly string[] {
    const taught = this.entries.filter(entry => entry.learned.includes(number)).map(entry => entry.family)
    return [...new Set([...this.world.holders(number), ...taught])]
  }

  /** Why nothing more may be parked; undefined while there is room, or overdue events to let go of. */
  fullLot({ event, source }: Said, targets: readonly Target[]): string | undefined {
    const { limits, nowMs } = this.world
    if (this.world.parkedOf(source.id) >= limits.parkedPerSourceMax)
      return `${source.id} has ${limits.parkedPerSourceMax} events waiting`
    for (const target of targets) {
      const { parked } = this.family(target.family)
      if (parked.length < limits.parkedPerFamilyMax || parked.some(each => isOverdue(each, nowMs))) continue
      return `${parked.length} events wait for ${target.family}; ${event.type} is one too many`
    }
    return undefined
  }

  refuseReuse(target: Target, said: Said): Verdict {
    const detail = { code: 'id_reused', reason: `${said.source.id} sent this id before with other content` }
    this.write(target.family, said, { verdict: 'id_reused', actors: target.actors, detail })
    return 'id_reused'
  }

  /**
   * One verdict in one family, written unless the event waited before and goes on waiting for the same.
   * `waited` is set when the event is taken out of the family's own lot.
   */
  settle(target: Target, said: Said, { waited, cause }: { waited?: ParkedEvent; cause?: number }): Verdict {
    const family = this.family(target.family)
    const { event, source } = said
    const frees = waited === undefined ? [] : [waited.position]
    const refuse = (obstacle: Obstacle): Verdict => {
      const verdict = obstacle.verdict as Exclude<Obstacle['verdict'], 'waits'>
      this.write(family.id, said, { verdict, actors: target.actors, detail: detailOf(obstacle), frees, cause })
      return verdict
    }
    const foreign = foreignRole(event, source)
    if (foreign !== undefined) return refuse(foreign)
    if (target.unclear !== undefined || target.actors.length === 0)
      return this.park(target, said, target.unclear ?? unknownNumber(event), { waited, cause })

    const document = this.documentsOf(family, target.actors, said)
    if (document.kind === 'other') return refuse(numberInUse(document.name))
    const it = { event, source, actors: document.open }
    const judged =
      document.open.length === 0
        ? this.ownership(family, said, target.actors)
        : event.type === 'correction.reported'
          ? this.correction(family, said)
          : judge(this.world.steppers, family, it, () => this.facts(family.id))
    if (judged.kind === 'obstacle' && judged.obstacle.verdict === 'not_owner') return refuse(judged.obstacle)
    const current = family.actors[target.actors[0] as ActorKey]?.version ?? 0
    if (
      waited === undefined &&
      cause === undefined &&
      event.expectedVersion !== undefined &&
      event.expectedVersion !== current
    ) {
      const reason = `expected version ${event.expectedVersion}, it is ${current}`
      this.write(family.id, said, {
        verdict: 'version_conflict',
        actors: target.actors,
        detail: { code: 'version_conflict', reason },
      })
      return 'version_conflict'
    }
    if (judged.kind === 'obstacle') {
      if (judged.obstacle.verdict !== 'waits') return refuse(judged.obstacle)
      return this.park(target, said, detailOf(judged.obstacle), { waited, cause })
    }
    return this.count(family, said, {
      ...judged,
      primary: target.actors[0] as ActorKey,
      counted: event.type === 'correction.reported' ? target.actors : document.open,
      documents: document.fresh,
      frees,
      cause,
    })
  }

  private park(
    target: Target,
    said: Said,
    detail: VerdictDetail,
    { waited, cause }: { waited?: ParkedEvent; cause?: number },
  ): Verdict {
    if (waited !== undefined && waited.code === detail.code && waited.reason === detail.reason) return 'parked'
    const { limits, nowMs } = this.world
    const { source } = said
    const lot = this.family(target.family).parked
    // A full lot lets go of what is overdue; it stays in history and can be replayed.
    const overdue =
      lot.length >= limits.parkedPerFamilyMax
        ? lot.filter(each => isOverdue(each, nowMs)).map(each => each.position)
        : []
    this.write(target.family, said, {
      verdict: 'parked',
      actors: target.actors,
      detail,
      frees: waited === undefined ? overdue : [waited.position],
      parks: {
        sinceMs: waited?.sinceMs ?? nowMs,
        untilMs: (waited?.sinceMs ?? nowMs) + (source.profile?.parkForMs ?? limits.parkForMs),
        code: detail.code ?? 'waits',
        reason: detail.reason ?? '',
        waitsFor: detail.waitsFor,
      },
      cause,
    })
    return 'parked'
  }

  /** A document all of whose actors know it already: it says nothing new, but only its owner may say it. */
  private ownership(
    family: Family,
    { event, source }: Said,
    actors: readonly ActorKey[],
  ): CountedMove | { kind: 'obstacle'; obstacle: Obstacle } {
    for (const key of actors) {
      const actor = family.actors[key]
      const order = family.actors[ORDER_KEY]?.context
      const obstacle = actor === undefined ? undefined : ownerObstacle(event, source, actor, order as never)
      if (obstacle?.verdict === 'not_owner') return { kind: 'obstacle', obstacle }
    }
    const bumped: Record<ActorKey, Family['actors'][string]> = { ...family.actors }
    for (const key of actors) {
      const actor = bumped[key]
      if (actor !== undefined) bumped[key] = { ...actor, version: actor.version + 1 }
    }
    return { kind: 'moved', actors: bumped, moved: actors.filter(key => bumped[key] !== undefined), isLate: true }
  }

  private documentsOf(family: Family, actors: readonly ActorKey[], { event }: Said) {
    const fresh: Record<string, string> = {}
    const open: ActorKey[] = []
    for (const key of actors) {
      const name = documentOf(event, key)
      if (name === undefined) {
        open.push(key)
        continue
      }
      const digest = contentDigest(event)
      const known = family.documents[name]
      if (known !== undefined && known !== digest) return { kind: 'other' as const, name, open: [], fresh: {} }
      if (known === undefined) {
        fresh[name] = digest
        open.push(key)
      }
    }
    return { kind: 'fits' as const, name: '', open, fresh }
  }

  /** The family as it is once the event a correction names is what it should have been: folded anew from all facts. */
  private correction(family: Family, said: Said): CountedMove | { kind: 'obstacle'; obstacle: Obstacle } {
    const { event, source } = said
    if (event.type !== 'correction.reported') throw new Error('decide: only corrections correct')
    const facts = this.facts(family.id)
    const it: Fact = { event, source, actors: [] }
    const named = facts.find(fact => namedBy(fact, it))
    if (named === undefined) return { kind: 'obstacle', obstacle: unknownEvent(event.data.event) }
    if (correctedEvent(named, event.data.data) === undefined)
      return { kind: 'obstacle', obstacle: badCorrection(event.data.event) }
    const whole = folded(this.world.steppers, family.id, byPlace([...facts, it]))
    const keys = new Set([...Object.keys(family.actors), ...Object.keys(whole.actors)])
    const actors: Record<ActorKey, Family['actors'][string]> = {}
    for (const key of keys) {
      const actor = whole.actors[key]
      if (actor !== undefined) actors[key] = { ...actor, version: (family.actors[key]?.version ?? 0) + 1 }
    }
    return { kind: 'moved', actors, moved: [...keys], isLate: false }
  }

  private count(family: Family, said: Said, move: CountedMove & CountedParts): Verdict {
    const { actors, cause, counted, documents, frees, isLate, moved, primary } = move
    const isCorrection = said.event.type === 'correction.reported'
    const verdict = isLate ? 'superseded' : 'accepted'
    const after: Family = { ...family, actors }
    const stored = this.families.get(family.id) ?? this.world.family(family.id)
    const migrated = Object.keys(actors).filter(key => stored.actors[key]?.chart !== actors[key]?.chart)
    const changes = [...new Set([...moved, ...migrated])].flatMap(key => {
      const actor = actors[key]
      return actor === undefined ? [] : [changeOf(key, isCorrection ? undefined : stored.actors[key], actor)]
    })
    this.write(family.id, said, {
      verdict,
      actors: counted,
      from: family.actors[primary]?.state,
      to: actors[primary]?.state,
      changes,
      learned: learnedNumbers(family, after, moved),
      documents,
      frees,
      cause,
      ...(isCorrection ? { removes: moved.filter(key => actors[key] === undefined) } : {}),
    })
    return verdict
  }

  private write(familyId: string, { event, input }: Said, parts: EntryParts): void {
    const family = this.family(familyId)
    const entry: JournalEntry = {
      position: this.world.nextPosition + this.entries.length,
      recordedMs: this.world.nowMs,
      family: familyId,
      previous: family.head,
      verdict: parts.verdict,
      event: input,
      place: event.place,
      actors: parts.actors ?? [],
      from: parts.from,
      to: parts.to,
      detail: parts.detail ?? {},
      changes: parts.changes ?? [],
      learned: parts.learned ?? [],
      documents: parts.documents ?? {},
      parks: parts.parks,
      frees: parts.frees ?? [],
      removes: parts.removes,
      cause: parts.cause,
    }
    this.entries.push(entry)
    const after = applied(family, entry)
    this.families.set(familyId, after)
    if (!isFact(entry)) return
    if (after.parked.length > 0) this.toWake.push({ family: familyId, cause: entry.position })
    const moved = entry.changes.map(change => change.key)
    for (const number of entry.learned) this.toTeach.push({ number, family: familyId, moved, cause: entry.position })
  }

  /** Tries everything the facts written so far may free, until nothing moves. */
  wake(): void {
    for (;;) {
      const lesson = this.toTeach.shift()
      if (lesson !== undefined) {
        this.emptyWaiting(lesson.number, lesson.cause)
        this.join(lesson)
        continue
      }
      const woken = this.toWake.shift()
      if (woken === undefined) return
      this.wakeFamily(woken)
    }
  }

  /** D2: earliest place first; after one moves the family is woken again by its own entry. */
  private wakeFamily({ family: id, cause }: { family: string; cause: number }): void {
    for (const waited of this.family(id).parked) {
      const said = this.saidAgain(waited.event)
      if (said === undefined) continue
      const target = this.targetWithin(id, said)
      if (target.actors.length === 0) continue
      const verdict = this.settle(target, said, { waited, cause })
      if (verdict === 'accepted' || verdict === 'superseded') return
    }
  }

  /** The actors an event means within a family it waits in. */
  private targetWithin(id: string, said: Said): Target {
    const { event, source } = said
    if (event.subject.kind === 'order') return this.targetsOf(said)[0] as Target
    const holders = this.holdersOf(said, id)
    const { entity } = eventTypeEntry(event.type)
    return { family: id, actors: holders.length === 0 ? [] : actorsOf(event, entity, this.family(id), holders, source) }
  }

  /** Events that waited under a number go to whoever holds it now. */
  private emptyWaiting(number: string, cause: number): void {
    const id = waitingFamilyId(number)
    for (const waited of this.family(id).parked) {
      const said = this.saidAgain(waited.event)
      if (said === undefined) continue
      const targets = this.targetsOf(said)
      if (targets.some(target => isWaitingFamily(target.family))) {
        this.settle(targets[0] as Target, said, { waited, cause })
        continue
      }
      const verdicts = targets.map(target => this.settle(target, said, { cause }))
      this.write(id, said, { verdict: verdicts[0] as Verdict, frees: [waited.position], cause })
    }
  }

  /** A shared number remembers its events: an actor that takes it later is judged against them too. */
  private join({ number, family: id, moved, cause }: Lesson): void {
    const holders = holdersIn(this.family(id), { number }).filter(holder => isShared(holder.reference.kind))
    const joining = new Set(holders.map(holder => holder.actor).filter(actor => moved.includes(actor)))
    const others = this.holderFamilies(number).filter(other => other !== id)
    const hasOwnHolder = holders.some(holder => !moved.includes(holder.actor))
    if (joining.size === 0 || (others.length === 0 && !hasOwnHolder)) return
    const judged = this.judgedActors(id)
    for (const remembered of this.remembered(number, [...others, id])) {
      const said = this.saidAgain(remembered)
      if (said === undefined) continue
      const target = this.targetWithin(id, said)
      const known = judged.get(eventKey(remembered))
      const actors = target.actors.filter(actor => joining.has(actor) && !known?.has(actor))
      if (actors.length > 0) this.settle({ ...target, actors }, said, { cause })
    }
  }

  /** Which actors of a family each event was judged for already. */
  private judgedActors(id: string): ReadonlyMap<string, ReadonlySet<ActorKey>> {
    const judged = new Map<string, Set<ActorKey>>()
    for (const { actors, event } of this.history(id)) {
      const known = judged.get(eventKey(event)) ?? new Set()
      for (const actor of actors) known.add(actor)
      judged.set(eventKey(event), known)
    }
    return judged
  }

  /** Every event that named `number` in `families`, once each, by place. */
  private remembered(number: string, families: readonly string[]): readonly EventInput[] {
    const found = new Map<string, { place: Place; event: EventInput }>()
    for (const id of families)
      for (const { event, place, verdict } of this.history(id)) {
        const subject = parseSubject(event.subject)
        if (verdict === 'id_reused' || subject?.kind === 'order' || subject?.number !== number) continue
        found.set(eventKey(event), { place, event })
      }
    return [...found.values()].sort((a, b) => (a.place < b.place ? -1 : 1)).map(each => each.event)
  }

  private history(id: string): readonly JournalEntry[] {
    const drafts = this.entries.filter(entry => entry.family === id)
    return drafts.length === 0 ? this.world.history(id) : [...this.world.history(id), ...drafts]
  }

  private facts(id: string): readonly Fact[] {
    const facts = this.history(id).flatMap((entry): Fact[] => {
      const said = isFact(entry) && entry.actors.length > 0 ? this.saidAgain(entry.event) : undefined
      return said === undefined ? [] : [{ event: said.event, source: said.source, actors: entry.actors }]
    })
    return byPlace(facts)
  }

  private saidAgain(input: EventInput): Said | undefined {
    return parsedAgain(input, this.world.sources)
  }

  /** The entries; the first says how many verdicts its event has, when several. */
  numbered(answers: number): readonly JournalEntry[] {
    const [first, ...rest] = this.entries
    return first === undefined || answers < 2 ? this.entries : [{ ...first, spread: answers }, ...rest]
  }
}

/** `family` with every actor under today's chart. Throws Quarantine where there is no way across. */
function migrated(family: Family, steppers: Steppers): Family {
  const old = Object.entries(family.actors).filter(([, actor]) => actor.chart !== steppers[actor.kind].chart.version)
  if (old.length === 0) return family
  const actors = { ...family.actors }
  for (const [key, actor] of old) {
    const { chart } = steppers[actor.kind]
    const moved = actor.chart < chart.version ? chart.migrate?.(actor.state, actor.context) : undefined
    if (moved === undefined)
      throw new Quarantine(family.id, `no way from ${actor.kind} chart ${actor.chart} to ${chart.version}`)
    actors[key] = { ...actor, ...moved, chart: chart.version }
  }
  return { ...family, actors }
}

/** A family that cannot be judged: it alone is set aside, the rest runs on. */
export class Quarantine extends Error {
  readonly family: string
  constructor(family: string, reason: string, cause?: unknown) {
    super(`family ${family}: ${reason}`, { cause })
    this.family = family
  }
}

type CountedMove = {
  readonly kind: 'moved'
  readonly actors: Family['actors']
  readonly moved: readonly ActorKey[]
  readonly isLate: boolean
}
interface CountedParts {
  /** The actor the answer is about. */
  readonly primary: ActorKey
  /** The actors it counts for: none where it repeats a document they know. */
  readonly counted: readonly ActorKey[]
  readonly documents: Readonly<Record<string, string>>
  readonly frees: readonly number[]
  readonly cause?: number
}

const eventKey = (event: EventInput): string => `${event.source}\0${event.id}`

const byPlace = (facts: readonly Fact[]): readonly Fact[] =>
  [...facts].sort((a, b) => (a.event.place < b.event.place ? -1 : 1))

// Stored events are parsed again whenever they matter again; each once, as long as its entry is in memory.
const parsedInputs = new WeakMap<EventInput, Said>()

/** An event that was judged before, parsed again with today's schemas. Undefined when its source is not configured any more. */
export function parsedAgain(input: EventInput, sources: SourceBook): Said | undefined {
  const known = parsedInputs.get(input)
  if (known !== undefined && sources.byId.get(known.source.id) === known.source) return known
  const source = sources.byId.get(input.source)
  if (source === undefined) return undefined
  const parsed = parseEvent(input, source, Number.POSITIVE_INFINITY)
  if ('flaws' in parsed) return undefined
  const said = { event: parsed.event, input, source }
  parsedInputs.set(input, said)
  return said
}

const isOverdue = (parked: ParkedEvent, nowMs: number): boolean => parked.untilMs < nowMs

const detailOf = ({ code, locked, owner, reason, waitsFor }: Obstacle): VerdictDetail => ({
  code,
  reason,
  owner,
  waitsFor,
  locked,
})

const numberInUse = (document: string): Obstacle => ({
  verdict: 'not_allowed_in_state',
  code: 'number_in_use',
  reason: `${document} came before under another event id, and said something else`,
})

const unknownEvent = (id: string): Obstacle => ({
  verdict: 'waits',
  code: 'unknown_event',
  reason: `the event ${id} this corrects is not known yet`,
})

const badCorrection = (id: string): Obstacle => ({
  verdict: 'not_allowed_in_state',
  code: 'correction_malformed',
  reason: `what ${id} should have said is not of its shape`,
})

function unknownNumber(event: CanonicalEvent): VerdictDetail {
  const { entity } = eventTypeEntry(event.type)
  const teaches: EventType =
    event.subject.kind === 'order'
      ? event.type.startsWith('order.') || entity === 'order'
        ? 'order.captured'
        : 'order.released'
      : TEACHES[entity]
  const owner = teaches === 'order.captured' || teaches === 'return.initiated' ? 'channel' : 'erp'
  return {
    code: 'unknown_subject',
    reason: `${event.subjectText} is not known yet`,
    waitsFor: { event: teaches, owner },
  }
}
const TEACHES = {
  order: 'order.captured',
  shipment: 'order.released',
  return: 'return.initiated',
  any: 'order.captured',
} as const

const ambiguous = (event: CanonicalEvent, families: readonly string[]): VerdictDetail => ({
  code: 'ambiguous_reference',
  reason: `${event.subjectText} means more than one thing: ${families.slice(0, 10).join(', ')}`,
})
