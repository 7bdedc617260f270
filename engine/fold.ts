// Fold: the family that facts make, applied by place. Pure.
// It answers what was so at a place (course.ts), and makes a family anew where adding one more fact is not enough: a fact of
// an earlier place may change what later ones are about, in which units they are read, or what they should have said.
import { type CanonicalEvent, type EventInput, keptEvent } from '../machines/event.ts'
import { type ActorKey, laterPlace } from '../machines/ids.ts'
import { attempt, type Case } from './attempt.ts'
import { contentDigest, documentOf } from './documents.ts'
import { emptyFamily, type Family } from './family.ts'
import { meantIn } from './meaning.ts'
import { carriersOf, hasLost, holdersFor, namesShared } from './references.ts'
import { eventKey } from './said.ts'
import type { Steppers } from './transition.ts'

/** An event that counts, and the actors it counts for. */
export interface Fact extends Case {
  readonly input: EventInput
  /** What it is about was read from what was open at its place, not from a number. */
  readonly isInferred: boolean
}

export interface FoldOptions {
  readonly steppers: Steppers
  /** The family as it is now. */
  readonly known: Family
}

export interface Folded {
  /** With the documents the facts are. */
  readonly family: Family
  /** Facts that are about others than those they were judged for: these must be judged again. */
  readonly misread: readonly Fact[]
  /** The actors each event was applied to. */
  readonly counted: Map<string, Set<ActorKey>>
}

/** The family that `facts` (by place) make. */
export function folded(options: FoldOptions, facts: readonly Fact[]): Folded {
  const fold = new Fold(options)
  for (const fact of facts) {
    fold.put(fact)
    while (fold.next() !== undefined);
  }
  const misread = fold.finish()
  const documents = [...fold.documents].flatMap(([name, event]) => [name, contentDigest(event)])
  return { family: { ...fold.family, documents }, misread, counted: fold.counted(facts) }
}

/** A fact in the fold, and the actors it has been applied to. */
interface Told {
  fact: Fact
  readonly done: Set<ActorKey>
  /** Where that was to be inferred: whom it first made sense for. */
  meant?: readonly ActorKey[]
  /** It could not be applied to the family as it was after so many steps. */
  triedAt?: number
}

/**
 * Applies facts by place. What a fact is about is read as of then: one whose actor is made by a later fact waits for it
 * (clocks differ), and one that names a shared number reaches each actor as that takes the number.
 */
export class Fold {
  family: Family
  readonly empty: Family
  /** How often the family has changed. */
  private steps = 0
  private readonly options: FoldOptions
  private added: Fact[] = []
  private told = new Map<string, Told>()
  /** Facts not applied to all they are about, by place: the others are never looked at again. */
  private open: Told[] = []
  /** Each document by the event that first was it. */
  documents = new Map<string, CanonicalEvent>()

  constructor(options: FoldOptions) {
    this.options = options
    this.empty = { ...emptyFamily(options.known.id), links: options.known.links }
    this.family = this.empty
  }

  put(fact: Fact): void {
    this.added.push(fact)
    if (fact.event.type === 'correction.reported') {
      this.correct(fact)
      return
    }
    const key = eventKey(fact.event)
    const known = this.told.get(key)
    if (known === undefined) {
      const told = { fact, done: new Set<ActorKey>() }
      this.told.set(key, told)
      this.open.push(told)
      return
    }
    known.fact = { ...fact, actors: [...new Set([...known.fact.actors, ...fact.actors])] }
    known.triedAt = undefined
    if (!this.open.includes(known)) this.open.push(known)
  }

  /** Applies the earliest fact that can be, and gives it; undefined when there is none. */
  next(): Fact | undefined {
    for (let index = 0; index < this.open.length; index++) {
      const told = this.open[index] as Told
      if (told.triedAt === this.steps) continue
      if (!this.applies(told, this.actorsOf(told))) {
        told.triedAt = this.steps
        continue
      }
      if (told.done.size >= told.fact.actors.length) this.open.splice(index, 1)
      return told.fact
    }
    return undefined
  }

  /** Facts whose subject nothing here explains are about the actors they were judged for. Gives those about others. */
  finish(): readonly Fact[] {
    const open = this.open.filter(({ done }) => done.size === 0)
    const isExplained = ({ fact: { event, source } }: Told) => meantIn(event, source, this.family).actors.length > 0
    for (const told of open) {
      if (told.done.size > 0 || isExplained(told) || this.isGone(told.fact)) continue
      this.applies(told, told.fact.actors)
      // What it teaches may explain others, and make a number that they named its actor's too.
      while (this.next() !== undefined);
    }
    return open.filter(told => told.done.size === 0 && this.isMisread(told)).map(told => told.fact)
  }

  /** Whether the number it names is held here no more, or was told by a fact that turned out to be about others. */
  private isGone({ event: { subject }, isInferred }: Fact): boolean {
    if (hasLost(this.family, subject.number)) return true
    return subject.kind === 'reference' && !isInferred && carriersOf(this.family, subject.number).length === 0
  }

  /** Whether it is about others than those it was judged for. Who was among them is not judged again: it would never end. */
  private isMisread({ fact: { actors, event, source }, meant }: Told): boolean {
    return (meant ?? meantIn(event, source, this.family).actors).some(key => !actors.includes(key))
  }

  /** Whom each of `facts` counts for: corrections, and what another event is already, for those they were judged for. */
  counted(facts: readonly Fact[]): Map<string, Set<ActorKey>> {
    const counted = new Map<string, Set<ActorKey>>()
    for (const { actors, event } of facts) {
      const key = eventKey(event)
      const done = this.told.get(key)?.done
      const judged = actors.filter(actor => done === undefined || this.isKnown(event, actor))
      counted.set(key, new Set([...(counted.get(key) ?? []), ...(done ?? []), ...judged]))
    }
    return counted
  }

  /** Whether another event is the document it would be for `actor`. */
  private isKnown(event: CanonicalEvent, actor: ActorKey): boolean {
    const first = this.documents.get(documentOf(event, actor) ?? '')
    return first !== undefined && eventKey(first) !== eventKey(event)
  }

  /** A correction counts from its own place on: from here the corrected event is as it should have been. */
  private correct(correction: Fact): void {
    const corrected = correctedFacts(this.added, correction)
    this.family = this.empty
    this.steps++
    this.added = []
    this.told = new Map()
    this.open = []
    this.documents = new Map()
    for (const fact of corrected) {
      this.put(fact)
      while (this.next() !== undefined);
    }
  }

  /** As of now. A shared number's new holders are judged first (waking.ts, W3): here it stays with those it was judged for. */
  private actorsOf(told: Told): readonly ActorKey[] {
    const { done, fact } = told
    const { actors, event, isInferred, source } = fact
    const now = told.meant === undefined ? meantIn(event, source, this.family) : undefined
    if (now?.isAmbiguous) return this.stayingWith(fact)
    const meant = told.meant ?? now?.actors ?? []
    if (isInferred && (meant.length > 0 || now?.isThen)) told.meant = meant
    if (namesShared(event, source, this.family)) return meant.filter(key => actors.includes(key))
    return done.size === 0 ? meant : []
  }

  /** It was clear, or a person said what it is about: it stays with those it was judged for, as far as they have its number yet. */
  private stayingWith({ actors, event, source }: Fact): readonly ActorKey[] {
    const there = actors.filter(key => this.family.actors.has(key))
    const holders = holdersFor(event, source, this.family)
    const holding = there.filter(key => holders.some(({ actor }) => actor === key))
    return holding.length > 0 ? holding : there
  }

  private applies({ done, fact }: Told, actors: readonly ActorKey[]): boolean {
    const documents = actors.map(key => documentOf(fact.event, key))
    const fresh = actors.filter((key, index) => !done.has(key) && !this.documents.has(documents[index] ?? ''))
    if (fresh.length === 0) return false
    const result = attempt({ ...this.options, family: this.family, mode: 'assume' }, { ...fact, actors: fresh })
    if (result.kind === 'obstacle') return false
    for (const key of fresh) done.add(key)
    for (const name of documents)
      if (name !== undefined && !this.documents.has(name)) this.documents.set(name, fact.event)
    this.steps++
    const lastPlace = laterPlace(this.family.lastPlace, fact.event.place)
    this.family = { ...this.family, actors: result.actors, lastPlace }
    return true
  }
}

/** `facts` with the event a correction names as it should have been; corrections themselves fall out. */
export function correctedFacts(facts: readonly Fact[], correction: Fact): readonly Fact[] {
  const { event } = correction
  if (event.type !== 'correction.reported') return facts
  return facts
    .filter(fact => fact !== correction && fact.event.type !== 'correction.reported')
    .map(fact =>
      namedBy(fact, correction) ? { ...fact, event: correctedEvent(fact, event.data.data) ?? fact.event } : fact,
    )
}

export const namedBy = (fact: Case, correction: Case): boolean =>
  correction.event.type === 'correction.reported' &&
  fact.event.source === correction.event.source &&
  fact.event.id === correction.event.data.event

/** The fact's event with other data; undefined when that data is not of its shape. */
export function correctedEvent({ event, source }: Case, data: unknown): CanonicalEvent | undefined {
  const { id, schemaVersion, sequence, subjectText, timeText, type } = event
  const input = {
    id,
    source: source.id,
    type,
    subject: subjectText,
    time: timeText,
    sequence,
    dataschema: schemaVersion,
    data,
  }
  const parsed = keptEvent(input, source)
  return 'event' in parsed ? parsed.event : undefined
}
