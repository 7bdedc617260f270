// Waking: what the facts of a unit set moving. Owns the queues of a decision, not what anything comes to (unit.ts).
//   W1  Parked events are tried again, earliest place first, after each fact of their family, until none moves (C6).
//   W2  Events that waited under a number go to whoever holds it now.
//   W3  A shared number remembers its events: an actor that takes it later is judged against them too.
//   W4  Refusals of later places are judged again when a fact from before them arrives; they turn or stay.
import type { EventInput } from '../machines/event.ts'
import { parseSubject } from '../machines/event.ts'
import type { ActorKey, Place } from '../machines/ids.ts'
import { isFact, isRefusal, type JournalEntry } from './entry.ts'
import { isWaitingFamily, waitingFamilyId } from './family.ts'
import type { Verdict } from './outcome.ts'
import { holdersIn, isShared } from './references.ts'
import { eventKey, parsedAgain, type Said } from './said.ts'
import type { Target, Unit } from './unit.ts'

/** A family learned a number: who holds it now, and by which entry. */
interface Lesson {
  readonly number: string
  readonly family: string
  readonly moved: readonly ActorKey[]
  readonly cause: number
}

interface Stirred {
  readonly family: string
  readonly cause: number
}

export class Waking {
  private readonly unit: Unit
  /** Entries of the unit up to here have been looked at. */
  private looked = 0
  private readonly lessons: Lesson[] = []
  private readonly stirred: Stirred[] = []
  private readonly late: (Stirred & { readonly place: Place })[] = []

  constructor(unit: Unit) {
    this.unit = unit
  }

  /** Tries everything the facts written so far may free, until nothing moves. */
  run(): void {
    for (;;) {
      this.look()
      const lesson = this.lessons.shift()
      if (lesson !== undefined) {
        this.emptyWaiting(lesson)
        this.join(lesson)
        continue
      }
      const woken = this.stirred.shift()
      if (woken !== undefined) {
        this.wake(woken)
        continue
      }
      const late = this.late.shift()
      if (late === undefined) return
      this.reconsider(late)
    }
  }

  private look(): void {
    const { entries } = this.unit
    for (; this.looked < entries.length; this.looked++) {
      const { changes, family, learned, place, position: cause, verdict } = entries[this.looked] as JournalEntry
      if (!isFact({ verdict })) continue
      const moved = changes.map(change => change.key)
      for (const number of learned) this.lessons.push({ number, family, moved, cause })
      const { parked, unsettledPlace } = this.unit.family(family)
      if (parked.length > 0) this.stirred.push({ family, cause })
      if (place < unsettledPlace) this.late.push({ family, cause, place })
    }
  }

  /** W1. After one moves the family is stirred again by its own entry. */
  private wake({ cause, family: id }: Stirred): void {
    for (const waited of this.unit.family(id).parked) {
      const said = this.saidAgain(waited.event)
      const target = said && this.unit.targetIn(id, said)
      if (said === undefined || target === undefined || target.actors.length === 0) continue
      if (isFact({ verdict: this.unit.settle(target, said, { waited, cause }) })) return
    }
  }

  /** W2 */
  private emptyWaiting({ cause, number }: Lesson): void {
    const id = waitingFamilyId(number)
    for (const waited of this.unit.family(id).parked) {
      const said = this.saidAgain(waited.event)
      if (said === undefined) continue
      const targets = this.unit.targetsOf(said)
      if (targets.some(target => isWaitingFamily(target.family))) {
        this.unit.settle(targets[0] as Target, said, { waited, cause })
        continue
      }
      const verdicts = targets.map(target => this.unit.settle(target, said, { cause }))
      this.unit.write(id, said, { verdict: verdicts[0] as Verdict, frees: [waited.position], cause })
    }
  }

  /** W3 */
  private join({ cause, family: id, moved, number }: Lesson): void {
    const holders = holdersIn(this.unit.family(id), { number }).filter(holder => isShared(holder.reference.kind))
    const joining = new Set(holders.map(holder => holder.actor).filter(actor => moved.includes(actor)))
    const others = this.unit.holderFamilies(number).filter(other => other !== id)
    const holding = new Set(holders.map(holder => holder.actor))
    if (joining.size === 0 || (others.length === 0 && holding.size === 1)) return
    const judged = this.judgedActors(id)
    for (const remembered of this.remembered(number, [...others, id])) {
      const said = this.saidAgain(remembered)
      if (said === undefined) continue
      const target = this.unit.targetIn(id, said)
      const known = judged.get(eventKey(remembered))
      const actors = target.actors.filter(actor => joining.has(actor) && !known?.has(actor))
      if (actors.length > 0) this.unit.settle({ ...target, actors }, said, { cause })
    }
  }

  /** Which actors of a family each event was judged for already. */
  private judgedActors(id: string): ReadonlyMap<string, ReadonlySet<ActorKey>> {
    const judged = new Map<string, Set<ActorKey>>()
    for (const { actors, event } of this.unit.history(id)) {
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
      for (const { event, place, verdict } of this.unit.history(id)) {
        const subject = parseSubject(event.subject)
        if (verdict === 'id_reused' || subject?.kind === 'order' || subject?.number !== number) continue
        found.set(eventKey(event), { place, event })
      }
    return [...found.values()].sort((a, b) => (a.place < b.place ? -1 : 1)).map(each => each.event)
  }

  /** W4. After one turns, its own entry has those behind it judged again. */
  private reconsider({ cause, family: id, place }: Stirred & { readonly place: Place }): void {
    for (const refused of this.refusedSince(id, place)) {
      const said = this.saidAgain(refused.event)
      const target = said && this.unit.targetIn(id, said)
      if (said === undefined || target === undefined || target.actors.length === 0) continue
      if (isFact({ verdict: this.unit.settle(target, said, { refused: true, cause }) })) return
    }
  }

  /** Events behind `place` whose last verdict in the family was a refusal, earliest first. */
  private refusedSince(id: string, place: Place): readonly JournalEntry[] {
    const last = new Map<string, JournalEntry>()
    for (const entry of this.unit.history(id)) if (entry.place > place) last.set(eventKey(entry.event), entry)
    return [...last.values()].filter(isRefusal).sort((a, b) => (a.place < b.place ? -1 : 1))
  }

  private saidAgain(input: EventInput): Said | undefined {
    return parsedAgain(input, this.unit.world.sources)
  }
}
