// Unit: the entries of one event, and the families as they will be once these are durable. Pure: the world stays as it is.
import type { Obstacle } from '../machines/chart.ts'
import type { CanonicalEvent } from '../machines/event.ts'
import type { ActorKey, Place } from '../machines/ids.ts'
import type { Actor } from './actors.ts'
import { type Documents, NO_DOCUMENTS } from './document-list.ts'
import { documentsOf } from './documents.ts'
import {
  type ActorChange,
  applied,
  appliedWith,
  changeOf,
  isFact,
  isSealedAlone,
  type JournalEntry,
  type RemovedActor,
  SUBJECT_INFERRED,
  type VerdictDetail,
} from './entry.ts'
import { type Family, isOverdue, isWaitingFamily, type ParkedEvent, waitingFamilyId } from './family.ts'
import type { Fact } from './fold.ts'
import { judge, repeated } from './judge.ts'
import { migrated, withMigrated } from './migration.ts'
import { parkUnknown } from './named-orders.ts'
import type { Verdict } from './outcome.ts'
import { foreignRole } from './ownership.ts'
import { Past } from './past.ts'
import { detailOf, unknownNumber } from './reasons.ts'
import { learnedNumbers } from './references.ts'
import { orderRetired } from './retiring/retirement.ts'
import { type Counted, type Result, Revising } from './revising.ts'
import type { Said } from './said.ts'
import { type Kept, keptAlone, keptByOrder } from './sealing/seals.ts'
import { SmallMap } from './small-map.ts'
import { type Target, Targets } from './targets.ts'
import { UNCHANGED } from './transition.ts'
import type { World } from './world.ts'

/** Why an event is judged that has been judged before. */
export interface Again {
  /** The fact that led here. */
  readonly cause?: number
  /** It is taken out of the family's own lot. */
  readonly waited?: ParkedEvent
  /** It was refused: only what turns that is written. */
  readonly refused?: true
}

interface EntryParts {
  readonly verdict: Verdict
  readonly actors?: readonly ActorKey[]
  readonly detail?: VerdictDetail
  readonly from?: string
  readonly to?: string
  readonly changes?: readonly ActorChange[]
  /** The actors that `changes` lead to. */
  readonly becomes?: Family['actors']
  readonly learned?: readonly string[]
  readonly documents?: Documents
  readonly parks?: JournalEntry['parks']
  readonly frees?: readonly number[]
  readonly removes?: JournalEntry['removes']
  readonly cause?: number
}

export interface Behind {
  readonly family: string
  readonly said: Said
  readonly cause: number
}

export class Unit {
  readonly entries: JournalEntry[] = []
  readonly families = new SmallMap<Family>()
  // Made when first asked for: most events need none of them, and every event makes a unit.
  private drafts: Map<string, JournalEntry[]> | undefined
  private pasts: Map<string, Past> | undefined
  /** Events by a shared number that are about more, or about others, than they have been judged for: these come next. */
  readonly behind: Behind[] = []
  readonly world: World
  /** What events are about. */
  readonly targets: Targets
  private readonly revising: Revising
  /** What was looked at so far. */
  readonly cost = { moments: 0 }

  constructor(world: World) {
    this.world = world
    this.targets = new Targets(this)
    this.revising = new Revising(this)
  }

  /** What came of the events of a family, this unit's drafts included. */
  past(id: string): Past {
    this.pasts ??= new Map()
    let past = this.pasts.get(id)
    if (past === undefined) {
      past = new Past(this.world, id, this.draftsOf(id), this.cost)
      this.pasts.set(id, past)
    }
    return past
  }

  private draftsOf(id: string): JournalEntry[] {
    this.drafts ??= new Map()
    let drafts = this.drafts.get(id)
    if (drafts === undefined) {
      drafts = this.entries.filter(entry => entry.family === id)
      this.drafts.set(id, drafts)
    }
    return drafts
  }

  private get nextPosition(): number {
    return this.world.nextPosition + this.entries.length
  }

  /** The family as it will be, its actors moved to today's charts (E11); the next entry carries those whole. */
  family(id: string): Family {
    const stored = this.stored(id)
    if (stored !== this.seen?.stored) this.seen = { stored, today: migrated(stored, this.world.steppers) }
    return this.seen.today
  }
  /** The family looked at last: it is asked for many times over while one event is judged. */
  private seen: { readonly stored: Family; readonly today: Family } | undefined

  /** Whether anything was ever said under `number` that nobody held. */
  hasWaiting(number: string): boolean {
    if (this.world.hasWaiting(number)) return true
    return this.hasWaitingDrafts && this.families.has(waitingFamilyId(number))
  }
  private hasWaitingDrafts = false

  private stored(id: string): Family {
    if (this.latest?.id !== id) this.latest = this.families.get(id) ?? this.world.family(id)
    return this.latest
  }
  /** The family stored or asked for last. */
  private latest: Family | undefined

  refuseReuse(target: Target, said: Said): Verdict {
    const detail = { code: 'id_reused', reason: `${said.source.id} sent this id before with other content` }
    return this.write(target.family, said, { verdict: 'id_reused', actors: target.actors, detail })
  }

  /** One verdict in one family, written unless an event that was judged before comes to the same again. */
  settle(target: Target, sent: Said, again: Again = {}): Verdict {
    const verdict = this.settled(target, sent, again)
    // Of a load of a thousand orders that are named a thousand times each is looked for once.
    if (isFact({ verdict }) && sent.override === undefined && this.named !== sent.event) {
      this.named = sent.event
      parkUnknown(this, sent, again.cause)
    }
    return verdict
  }
  /** The event whose orders were looked for last. */
  private named: CanonicalEvent | undefined

  private settled(target: Target, sent: Said, again: Again): Verdict {
    const family = this.family(target.family)
    const foreign = foreignRole(sent.event, sent.source, sent.override)
    if (foreign !== undefined) return this.refuse(target, sent, foreign, again)
    if (family.retired !== undefined) return this.refuse(target, sent, orderRetired(family.id, family.retired), again)
    if (target.unclear !== undefined || target.actors.length === 0) {
      const conflict = isAgain(again) ? undefined : versionConflict(sent.event, family, target.actors)
      if (conflict !== undefined) return this.conflict(target, sent, conflict)
      return this.wait(target, sent, target.unclear ?? unknownNumber(sent.event), again)
    }
    // What actors come to hold is sealed as the event is.
    this.kept = keptByOrder(sent, family, this.world.seals)
    const { said } = this.kept
    const { event } = said
    const documents = documentsOf(family, target.actors, event)
    const inUse =
      documents.taken === undefined || this.revising.isMistaken(family, said, documents.taken)
        ? undefined
        : documents.taken
    const judged =
      inUse !== undefined || documents.open.length === 0
        ? repeated(family, { ...said, actors: target.actors }, inUse)
        : this.judged(family, said, withActors(target, documents.open))
    if (judged.kind === 'obstacle' && judged.obstacle.verdict === 'not_owner')
      return this.refuse(target, said, judged.obstacle, again)
    const conflict = isAgain(again) ? undefined : versionConflict(event, family, target.actors)
    if (conflict !== undefined) return this.conflict(target, said, conflict)
    if (judged.kind === 'obstacle')
      return judged.obstacle.verdict === 'waits'
        ? this.wait(target, said, detailOf(judged.obstacle), again)
        : this.refuse(target, said, judged.obstacle, again)
    const waiting = without(documents.open, judged.counted)
    const counted = without(target.actors, waiting)
    // Of a document that comes twice the earlier place counts.
    const isRepeat = documents.open.length < target.actors.length && event.place < family.lastPlace
    const move: Counted =
      isRepeat || documents.taken !== undefined
        ? this.revising.anew(family, { ...said, ...target, actors: counted }, judged.isLate)
        : judged
    for (const misread of move.anew?.misread ?? NONE) this.queue(family, misread)
    if (waiting.length > 0) this.queue(family, said)
    return this.count(family, said, move, {
      primary: target.actors[0] as ActorKey,
      counted,
      isInferred: target.isInferred,
      documents: documents.fresh,
      again,
    })
  }

  /** Behind the entry that is written next. */
  private queue({ id }: Family, said: Said): void {
    this.behind.push({ family: id, said, cause: this.nextPosition })
  }

  private judged(family: Family, said: Said, target: Target): Result {
    if (said.event.type === 'correction.reported') return this.revising.corrected(family, said, target.actors)
    const { event, input, override, source } = said
    const it: Fact = { event, input, source, override, actors: target.actors, isInferred: target.isInferred }
    const moments = (place: Place) => this.past(family.id).moments(family, place)
    const judged = judge(this.world.steppers, family, it, moments)
    if (judged.kind === 'obstacle') return judged
    if (judged.kind === 'moved' && !this.revising.changesMeaning(family, it)) return judged
    const { counted } = judged
    return this.revising.anew(family, { ...it, actors: counted }, judged.kind === 'moved' && judged.isLate)
  }

  private conflict(target: Target, said: Said, detail: VerdictDetail): Verdict {
    return this.write(target.family, said, { verdict: 'version_conflict', actors: target.actors, detail })
  }

  private refuse(target: Target, said: Said, obstacle: Obstacle, { cause, refused, waited }: Again): Verdict {
    const verdict = obstacle.verdict as Exclude<Obstacle['verdict'], 'waits'>
    if (refused) return verdict
    const frees = waited === undefined ? [] : [waited.position]
    const detail = detailOf(obstacle)
    return this.write(target.family, said, { verdict, actors: target.actors, detail, frees, cause })
  }

  /** What a person forces is done now or not at all: nobody may find it done a week later. */
  private wait(target: Target, said: Said, detail: VerdictDetail, again: Again): Verdict {
    if (said.override === undefined) return this.park(target, said, detail, again)
    return this.write(target.family, said, { verdict: 'not_allowed_in_state', actors: target.actors, detail })
  }

  park(target: Target, said: Said, detail: VerdictDetail, { cause, refused, waited }: Again): Verdict {
    if (refused || (waited?.code === detail.code && waited?.reason === detail.reason)) return 'parked'
    const { limits, nowMs } = this.world
    const sinceMs = waited?.sinceMs ?? nowMs
    return this.write(target.family, said, {
      verdict: 'parked',
      actors: target.actors,
      detail,
      frees: waited === undefined ? this.overdueOf(target.family) : [waited.position],
      parks: {
        sinceMs,
        untilMs: sinceMs + (said.source.profile?.parkForMs ?? limits.parkForMs),
        code: detail.code ?? 'waits',
        reason: detail.reason ?? '',
        waitsFor: detail.waitsFor,
      },
      cause,
    })
  }

  /** What a full lot lets go of to make room; it stays in history and can be replayed. */
  private overdueOf(id: string): readonly number[] {
    const { limits, nowMs } = this.world
    const { parked } = this.family(id)
    if (parked.length < limits.parkedPerFamilyMax) return []
    return parked.filter(each => isOverdue(each, nowMs)).map(each => each.position)
  }

  private count(family: Family, said: Said, move: Counted, parts: CountedParts): Verdict {
    const { actors, anew, changed, isLate, moved } = move
    const { again, counted, documents, isInferred, primary } = parts
    // Who moved is there, but where a fold of all facts did not make it again.
    const kept = anew === undefined ? moved : moved.filter(key => actors.has(key))
    const changes = kept.map((key, index) => {
      const set = anew === undefined ? (changed[index] ?? UNCHANGED) : undefined
      return changeOf(family.actors.get(key), actors.get(key) as Actor, set)
    })
    return this.write(family.id, said, {
      verdict: isLate ? 'superseded' : 'accepted',
      actors: counted,
      detail: isInferred ? { code: SUBJECT_INFERRED } : NO_DETAIL,
      from: family.actors.get(primary)?.state,
      to: actors.get(primary)?.state,
      changes,
      becomes: anew === undefined ? actors : undefined,
      learned: learnedNumbers(family.actors, actors, moved),
      documents: anew?.documents ?? documents,
      frees: again.waited === undefined ? NONE : [again.waited.position],
      cause: again.cause,
      removes: anew === undefined ? undefined : removedBy(move, family),
    })
  }

  write(id: string, said: Said, parts: EntryParts): Verdict {
    const detail = parts.detail ?? NO_DETAIL
    const stored = this.stored(id)
    const {
      key,
      said: { event, input },
    } = this.keptIn(stored, said, parts.verdict)
    const changes = withMigrated(stored, this.family(id), parts.changes ?? NONE)
    const entry: JournalEntry = {
      position: this.nextPosition,
      recordedMs: this.world.nowMs,
      family: id,
      previous: stored.head,
      verdict: parts.verdict,
      event: input,
      place: event.place,
      actors: parts.actors ?? NONE,
      from: parts.from,
      to: parts.to,
      detail: said.override === undefined ? detail : { ...detail, override: said.override },
      changes,
      learned: parts.learned ?? NONE,
      documents: parts.documents ?? NO_DOCUMENTS,
      parks: parts.parks,
      frees: parts.frees ?? NONE,
      removes: parts.removes?.length === 0 ? undefined : parts.removes,
      cause: parts.cause,
      key,
    }
    this.entries.push(entry)
    this.drafts?.get(id)?.push(entry)
    for (const number of entry.learned) this.targets.teach(number, entry)
    const becomes = changes === parts.changes ? parts.becomes : undefined
    this.latest = becomes === undefined ? applied(stored, entry) : appliedWith(becomes, stored, entry)
    this.families.set(id, this.latest)
    this.hasWaitingDrafts ||= isWaitingFamily(id)
    // What today's charts made of what stood under them is not looked through again.
    if (becomes !== undefined) this.seen = { stored: this.latest, today: this.latest }
    return entry.verdict
  }

  /** The event as an entry of this verdict keeps it. */
  private keptIn(family: Family, said: Said, verdict: Verdict): Kept {
    if (isSealedAlone({ family: family.id, verdict })) return keptAlone(said, family, this.world.seals)
    // What was judged was sealed for it.
    return this.kept?.said === said ? this.kept : keptByOrder(said, family, this.world.seals)
  }
  /** What was sealed last for an order's own entries. */
  private kept: Kept | undefined

  /** The entries; the first says how many verdicts its event has, when several. */
  numbered(answers: number): readonly JournalEntry[] {
    if (answers < 2) return this.entries
    const [first, ...rest] = this.entries
    return first === undefined ? [] : [{ ...first, spread: answers }, ...rest]
  }
}

interface CountedParts {
  /** The actor the answer is about. */
  readonly primary: ActorKey
  /** The actors it counts for, those that knew the document before included: a fold may find that it was about others. */
  readonly counted: readonly ActorKey[]
  readonly isInferred: boolean
  readonly documents: Documents
  readonly again: Again
}

const NONE: readonly never[] = []
const NO_DETAIL: VerdictDetail = {}

const withActors = (target: Target, actors: readonly ActorKey[]): Target =>
  target.actors === actors ? target : { ...target, actors }

/** `keys` less those among `others`; `keys` itself where none is. */
const without = (keys: readonly ActorKey[], others: readonly ActorKey[]): readonly ActorKey[] =>
  keys === others ? NONE : others.length === 0 ? keys : keys.filter(key => !others.includes(key))

/** The actors of `family` that a fold of all facts did not make. */
const removedBy = ({ actors, moved }: Counted, family: Family): readonly RemovedActor[] =>
  moved.flatMap(key => (actors.has(key) ? [] : [{ key, was: family.actors.get(key)?.state ?? '' }]))

const isAgain = ({ cause, waited, refused }: Again): boolean =>
  cause !== undefined || waited !== undefined || refused !== undefined

function versionConflict(
  { expectedVersion }: CanonicalEvent,
  family: Family,
  actors: readonly ActorKey[],
): VerdictDetail | undefined {
  const current = family.actors.get(actors[0] as ActorKey)?.version ?? 0
  if (expectedVersion === undefined || expectedVersion === current) return undefined
  return { code: 'version_conflict', reason: `expected version ${expectedVersion}, it is ${current}` }
}
