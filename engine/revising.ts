// Revising: a family made anew from all its facts, where adding one more is not enough: a correction says what an event should have been,
// and a late fact may change what others are about, or how they are read. Pure.
// Owns: when that is so, and what comes of it.   Does not own: how facts make a family (fold.ts), what is written of it (unit.ts).
import type { ActorKey } from '../machines/ids.ts'
import { rereads } from '../machines/order/context.ts'
import { type Actor, NOBODY } from './actors.ts'
import { overShared } from './amounts.ts'
import type { Judged } from './attempt.ts'
import type { Documents } from './document-list.ts'
import { canonicalText, documentOf, documentsAnew } from './documents.ts'
import type { Family } from './family.ts'
import { correctedEvent, type Fact, folded, namedBy } from './fold.ts'
import { takesOff } from './meaning.ts'
import { byPlace, linesOf, type Past, SHORT_ORDER_LINES } from './past.ts'
import { badCorrection, unknownEvent } from './reasons.ts'
import { eventKey, type Said } from './said.ts'
import type { World } from './world.ts'

/** What counts, and how it came to. */
export type Counted = Extract<Judged, { kind: 'moved' }> & {
  /** Made anew from all facts: changes are whole, and documents may belong to others. */
  readonly anew?: {
    readonly documents: Documents
    /** Facts that turn out to be about others than those they were judged for. */
    readonly misread: readonly Said[]
  }
}
export type Result = (Counted & { readonly counted: readonly ActorKey[] }) | Extract<Judged, { kind: 'obstacle' }>

/** What it needs of its unit of work. */
interface UnitPart {
  readonly world: World
  /** What came of a family's events, drafts included. */
  past(family: string): Past
}

export class Revising {
  private readonly unit: UnitPart
  private folds = 0
  /** How often the same event made a family anew for the same actors. Made when it first does: most units fold nothing. */
  private again: Map<string, number> | undefined

  constructor(unit: UnitPart) {
    this.unit = unit
  }

  /** Whether a document came later, of a subject that had to be inferred: this earlier one shows that it is about another. */
  isMistaken(family: Family, { event }: Said, name: string): boolean {
    if (event.place > family.lastPlace || event.place > family.unsettledPlace) return false
    const past = this.unit.past(family.id)
    return past
      .facts()
      .some(
        fact =>
          fact.isInferred &&
          fact.event.place > event.place &&
          [...past.countedFor(family, fact.input)].some(key => documentOf(fact.event, key) === name),
      )
  }

  /** Whether a late fact changes what others are about or how they are read, or is itself read otherwise since (fold.ts). */
  changesMeaning(family: Family, { event }: Fact): boolean {
    if (event.place > family.lastPlace) return false
    if (rereads(family.actors.order?.context as never, event)) return true
    const mayFree = takesOff(event)
    if (event.place > family.unsettledPlace && !mayFree) return false
    return this.unit
      .past(family.id)
      .facts()
      .some(
        fact =>
          fact.event.place > event.place && (fact.isInferred || (mayFree && fact.event.subject.kind === 'reference')),
      )
  }

  /** The family as it is once the event a correction names is what it should have been. */
  corrected(family: Family, said: Said, actors: readonly ActorKey[]): Result {
    const { event } = said
    if (event.type !== 'correction.reported') throw new Error('revising: only corrections correct')
    const it: Fact = { ...said, actors, isInferred: false }
    const named = this.unit
      .past(family.id)
      .facts()
      .find(fact => namedBy(fact, it))
    if (named === undefined) return { kind: 'obstacle', obstacle: unknownEvent(event.data.event) }
    const corrected = correctedEvent(named, event.data.data)
    if (corrected === undefined) return { kind: 'obstacle', obstacle: badCorrection(event.data.event) }
    const over = overShared(corrected)
    if (over !== undefined) return { kind: 'obstacle', obstacle: over }
    return this.anew(family, it, false)
  }

  /** Beyond these something turns for ever: the family is set aside before others have waited long. */
  private guard(family: Family, { actors, event }: Fact): void {
    const name = [family.id, eventKey(event), ...actors].join('\0')
    const timesMax = Math.max(AGAIN_MIN, (AGAIN_MAX * SHORT_ORDER_LINES) / linesOf(family))
    this.again ??= new Map()
    const times = (this.again.get(name) ?? 0) + 1
    this.again.set(name, times)
    if (++this.folds > FOLDS_MAX || times > timesMax)
      throw new Error('revising: what one event made anew never came to rest')
  }

  /** The family folded from all its facts and this one. */
  anew(family: Family, it: Fact, isLate: boolean): Counted & { readonly counted: readonly ActorKey[] } {
    this.guard(family, it)
    const facts = byPlace([...this.unit.past(family.id).facts(), it])
    const { family: whole, misread } = folded({ steppers: this.unit.world.steppers, known: family }, facts)
    let actors = NOBODY
    const moved: ActorKey[] = family.actors.keys.filter(key => !whole.actors.has(key)).sort()
    for (const actor of whole.actors.all) {
      const { key } = actor
      const known = family.actors.get(key)
      if (known !== undefined && !it.actors.includes(key) && isSame(known, actor)) actors = actors.with(known)
      else {
        actors = actors.with({ ...actor, version: (known?.version ?? 0) + 1 })
        moved.push(key)
      }
    }
    const anew = { documents: documentsAnew(family, whole), misread }
    return { kind: 'moved', counted: it.actors, actors, moved, changed: [], isLate, anew }
  }
}

// 10,000: a full lot of late facts, each woken by the last, folds a thousand times.
const FOLDS_MAX = 10_000
// 100, ten at least: an event makes a family anew once, and again where what it is about has changed since. Each time there is one fact more:
// of a short order the first hundred folds take half a second, two thousand half a minute; of 3,000 lines ten take a second.
const AGAIN_MAX = 100
const AGAIN_MIN = 10

const isSame = (a: Actor, b: Actor): boolean =>
  a.state === b.state && canonicalText(a.context) === canonicalText(b.context)
