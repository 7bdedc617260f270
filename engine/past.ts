// Past: what came of the events of one family, as one unit of work sees it: its drafts included. Pure; indexed once.
import { type EventInput, parseSubject } from '../machines/event.ts'
import { isDeskEventType } from '../machines/event-types.ts'
import type { ActorKey, Place } from '../machines/ids.ts'
import type { OrderContext } from '../machines/order/context.ts'
import { Course } from './course.ts'
import { discardedBy, isAnew, isFact, isRefusal, type JournalEntry, SUBJECT_INFERRED } from './entry.ts'
import type { Family } from './family.ts'
import { type Fact, folded } from './fold.ts'
import { eventKey, parsedAgain } from './said.ts'
import type { World } from './world.ts'

const NOBODY: ReadonlySet<ActorKey> = new Set()

/** What judging costs where an event's place is past: moments that were looked at, each as often as it is of a short order. */
export interface Cost {
  moments: number
}

// 100: a short order. What it costs to apply an event to a long one goes by its lines.
export const SHORT_ORDER_LINES = 100

/** Lines of the family's order, those of a short one at least. */
export function linesOf({ actors }: Family): number {
  const order = actors.order?.context as OrderContext | undefined
  return Math.max(SHORT_ORDER_LINES, order?.lines.length ?? 0)
}

export class Past {
  readonly id: string
  private readonly world: World
  private readonly drafts: JournalEntry[]
  private known: readonly JournalEntry[] | undefined
  private factsKnown: { readonly facts: readonly Fact[]; readonly looked: number } | undefined
  private refusedKnown: { readonly refused: readonly JournalEntry[]; readonly looked: number } | undefined
  private counts: { byEvent: Map<string, Set<ActorKey>>; looked: number } | undefined
  private let: { readonly go: Set<string>; looked: number } | undefined
  private waiting: { readonly parked: Family['parked']; readonly keys: ReadonlySet<string> } | undefined
  private course: { readonly of: Family; readonly facts: readonly Fact[]; readonly course: Course } | undefined

  private readonly cost: Cost

  /** `drafts` are the unit's entries of the family: more come while it works. `cost` is told of what is looked at. */
  constructor(world: World, id: string, drafts: JournalEntry[], cost: Cost = { moments: 0 }) {
    this.world = world
    this.id = id
    this.drafts = drafts
    this.cost = cost
  }

  /** Every entry, oldest first. */
  *history(from = 0): Generator<JournalEntry> {
    this.known ??= this.world.history(this.id)
    for (let index = from; index < this.known.length; index++) yield this.known[index] as JournalEntry
    const drafted = Math.max(0, from - this.known.length)
    for (let index = drafted; index < this.drafts.length; index++) yield this.drafts[index] as JournalEntry
  }

  private get length(): number {
    this.known ??= this.world.history(this.id)
    return this.known.length + this.drafts.length
  }

  /** What counts, by place. */
  facts(): readonly Fact[] {
    const { facts, looked } = this.factsKnown ?? { facts: [], looked: 0 }
    if (looked === this.length) return facts
    const more = this.factsOf(this.history(looked))
    this.factsKnown = { facts: more.length === 0 ? facts : byPlace([...facts, ...more]), looked: this.length }
    return this.factsKnown.facts
  }

  private factsOf(entries: Iterable<JournalEntry>): Fact[] {
    const facts: Fact[] = []
    for (const entry of entries) {
      const said = isFact(entry) && entry.actors.length > 0 ? parsedAgain(entry.event, this.world.sources) : undefined
      if (said !== undefined)
        facts.push({ ...said, actors: entry.actors, isInferred: entry.detail.code === SUBJECT_INFERRED })
    }
    return facts
  }

  /** The actors of `family`, which is this one as it is now, that an event counts for: after a fold those it was applied to. */
  countedFor(family: Family, event: EventInput): ReadonlySet<ActorKey> {
    this.counts ??= { byEvent: new Map(), looked: 0 }
    const more = [...this.history(this.counts.looked)]
    const anew = more.findLastIndex(isAnew)
    if (anew >= 0) this.counts.byEvent = this.foldedUntil(this.counts.looked + anew, family)
    const { byEvent } = this.counts
    for (const entry of more.slice(anew + 1)) {
      if (!isFact(entry)) continue
      const key = eventKey(entry.event)
      const actors = byEvent.get(key)
      if (actors === undefined) byEvent.set(key, new Set(entry.actors))
      else for (const actor of entry.actors) actors.add(actor)
    }
    this.counts.looked = this.length
    return byEvent.get(eventKey(event)) ?? NOBODY
  }

  /** Whom each event counted for after the entry at `index`, which made the family anew. */
  private foldedUntil(index: number, known: Family): Map<string, Set<ActorKey>> {
    const entries = [...this.history()].slice(0, index + 1)
    return folded({ steppers: this.world.steppers, known }, byPlace(this.factsOf(entries))).counted
  }

  /** Events that were refused, each once, by place: they may count by now, or wait. */
  refused(): readonly JournalEntry[] {
    const { looked, refused } = this.refusedKnown ?? { looked: 0, refused: [] }
    if (looked === this.length) return refused
    const more = [...this.history(looked)].filter(entry => isRefusal(entry) && !isDeskEventType(entry.event.type))
    this.refusedKnown = { refused: more.length === 0 ? refused : merged(refused, more), looked: this.length }
    return this.refusedKnown.refused
  }

  /** Entries of events that named `number`, which is no order's, as far as they are still to be judged by it. */
  *naming(number: string): Generator<JournalEntry> {
    for (const entry of this.history()) {
      const { event, verdict } = entry
      const subject = parseSubject(event.subject)
      if (verdict === 'id_reused' || subject?.kind === 'order' || subject?.number !== number) continue
      if (!isDeskEventType(event.type) && !this.isDiscarded(event)) yield entry
    }
  }

  /** Whom an event was judged for last; nobody where it never was. */
  judgedFor(event: EventInput): readonly ActorKey[] {
    let actors: readonly ActorKey[] = []
    for (const entry of this.history()) if (eventKey(entry.event) === eventKey(event)) actors = entry.actors
    return actors
  }

  /** Whether an event waits in `family`, which is this one as it is now. */
  isParked({ parked }: Family, event: EventInput): boolean {
    if (parked.length === 0) return false
    if (this.waiting?.parked !== parked)
      this.waiting = { parked, keys: new Set(parked.map(each => eventKey(each.event))) }
    return this.waiting.keys.has(eventKey(event))
  }

  /** Whether a person let go of an event for good: it is never judged again. */
  isDiscarded(event: Pick<EventInput, 'id' | 'source'>): boolean {
    this.let ??= { go: new Set(), looked: 0 }
    for (const entry of this.history(this.let.looked)) {
      const discarded = discardedBy(entry)
      if (discarded !== undefined) this.let.go.add(eventKey(discarded))
    }
    this.let.looked = this.length
    return this.let.go.has(eventKey(event))
  }

  /** `family`, which is this one as it is now, as of `place` and after each later fact. */
  *moments(family: Family, place: Place): Generator<Family> {
    const facts = this.facts()
    if (this.course?.of.actors !== family.actors || this.course.facts !== facts) {
      const course = new Course({ steppers: this.world.steppers, known: family }, facts)
      this.course = { of: family, facts, course }
    }
    const weight = Math.ceil(linesOf(family) / SHORT_ORDER_LINES)
    for (const then of this.course.course.since(place)) {
      this.cost.moments += weight
      yield then
    }
  }
}

export const byPlace = (facts: readonly Fact[]): readonly Fact[] =>
  [...facts].sort((a, b) => (a.event.place < b.event.place ? -1 : a.event.place > b.event.place ? 1 : 0))

/** Of each event the entry that came last, by place. */
function merged(refused: readonly JournalEntry[], more: readonly JournalEntry[]): readonly JournalEntry[] {
  const newest = new Map([...refused, ...more].map(entry => [eventKey(entry.event), entry]))
  return [...newest.values()].sort((a, b) => (a.place < b.place ? -1 : 1))
}
