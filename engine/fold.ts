// Fold: the family that facts make, applied by place. Pure.
// It answers what was so at a place (domain C2), and makes a family anew where adding one more fact is not enough: a fact of
// an earlier place may change what later ones are about, in which units they are read, or what they should have said.
import { type CanonicalEvent, parseEvent } from '../machines/event.ts'
import { laterPlace, type Place } from '../machines/ids.ts'
import { attempt, type Case } from './attempt.ts'
import { emptyFamily, type Family } from './family.ts'
import { meantIn } from './references.ts'
import type { Steppers } from './transition.ts'

/** An event that counts, and the actors it counts for. */
export interface Fact extends Case {
  /** What it is about was read from what was open at its place, not from a number. */
  readonly isInferred: boolean
}

export interface FoldOptions {
  readonly steppers: Steppers
  /** The family as it is now. */
  readonly known: Family
}

/** The family as of `place`, then after each later fact. Facts (by place) are applied, not judged: each was legal once. */
export function* moments(options: FoldOptions, facts: readonly Fact[], place: Place): Generator<Family> {
  const fold = new Fold(options)
  let isSince = false
  for (const fact of facts) {
    if (!isSince && fact.event.place > place) {
      isSince = true
      yield fold.family
    }
    fold.add(fact)
    if (isSince) yield fold.family
  }
  if (!isSince) yield fold.family
}

/** The family that `facts` (by place) make. */
export function folded(options: FoldOptions, facts: readonly Fact[]): Family {
  const fold = new Fold(options)
  for (const fact of facts) fold.add(fact)
  return fold.family
}

/** Applies facts by place. One whose actor is made by a later fact waits for it: clocks differ. */
class Fold {
  family: Family
  private readonly options: FoldOptions
  private waiting: Fact[] = []
  private added: Fact[] = []

  constructor(options: FoldOptions) {
    this.options = options
    this.family = emptyFamily(options.known.id)
  }

  add(fact: Fact): void {
    this.added.push(fact)
    if (fact.event.type === 'correction.reported') {
      this.correct(fact)
      return
    }
    this.waiting.push(fact)
    while (this.appliesOne());
  }

  /** A correction counts from its own place on: from here the corrected event is as it should have been. */
  private correct(correction: Fact): void {
    const corrected = correctedFacts(this.added, correction)
    this.family = emptyFamily(this.family.id)
    this.added = []
    this.waiting = []
    for (const fact of corrected) this.add(fact)
  }

  private appliesOne(): boolean {
    for (const [index, fact] of this.waiting.entries()) {
      const result = attempt({ ...this.options, family: this.family, mode: 'assume' }, this.asOfNow(fact))
      if (result.kind === 'obstacle') continue
      this.waiting.splice(index, 1)
      const lastPlace = laterPlace(this.family.lastPlace, fact.event.place)
      this.family = { ...this.family, actors: result.actors, lastPlace }
      return true
    }
    return false
  }

  private asOfNow(fact: Fact): Fact {
    if (!fact.isInferred) return fact
    const { actors } = meantIn(fact.event, fact.source, this.family)
    return { ...fact, actors: actors.length > 0 ? actors : fact.actors.filter(key => key in this.family.actors) }
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
  const parsed = parseEvent(input, source, Number.POSITIVE_INFINITY)
  return 'event' in parsed ? parsed.event : undefined
}
