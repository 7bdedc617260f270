// Targets: what an event is about: which families, and which actors there. Reads a unit; owns the numbers that it taught. Pure.
import type { ActorKey } from '../machines/ids.ts'
import type { JournalEntry, VerdictDetail } from './entry.ts'
import { type Family, waitingFamilyId } from './family.ts'
import { kindNamed, linkIn } from './links.ts'
import { type Led, type Meant, meantIn } from './meaning.ts'
import { ambiguous, unknownNumber } from './reasons.ts'
import { type Holder, hasLost, holdersFor, isShared } from './references.ts'
import { wasKnownBy } from './retiring/retirement.ts'
import type { Said } from './said.ts'
import { SmallMap } from './small-map.ts'
import type { Unit } from './unit.ts'

/** A family an event is about, and its actors there. */
export interface Target extends Meant {
  readonly family: string
  /** Why the subject is not clear, where it is not. */
  readonly unclear?: VerdictDetail
}

export class Targets {
  private readonly unit: Pick<Unit, 'family' | 'past' | 'world'>
  /** Families that the unit taught a number to, by the entry that did. Made when first asked for: most events teach none. */
  private taught: SmallMap<SmallMap<number>> | undefined

  constructor(unit: Targets['unit']) {
    this.unit = unit
  }

  /** The families an event is about. One where it waits, when none or too many are known. */
  of(said: Said): readonly Target[] {
    const { event } = said
    if (event.subject.kind === 'order') return [this.in(event.subject.number, said)]
    const { number } = event.subject
    const ids = this.holders(number)
    if (ids.length === 1) {
      const only = this.only(ids[0] as string, said)
      if (only !== undefined) return [only]
    }
    const holders: Holder[] = []
    const found: { readonly id: string; readonly holders: readonly Holder[] }[] = []
    for (const id of ids) {
      const held = holdersFor(event, said.source, this.unit.family(id))
      holders.push(...held)
      if (held.length > 0 || this.wasHolder(id, said)) found.push({ id, holders: held })
    }
    if (found.length === 0) {
      const linked = this.linkedTarget(said)
      if (linked !== undefined) return [linked]
      const retired = this.retiredTargets(said)
      return retired.length > 0 ? retired : [unclearTarget(number, unknownNumber(event))]
    }
    if (!isOneThing(holders, found.length))
      return [
        unclearTarget(
          number,
          ambiguous(
            event,
            found.map(({ id }) => id),
          ),
        ),
      ]
    const targets = found.map(({ id, holders }) => targetOf(id, this.meant(this.unit.family(id), said, { holders })))
    // What is about those who held the number then is for nobody in a family that took it since.
    return targets.some(isSomebody) ? targets.filter(target => isSomebody(target) || !target.isThen) : targets
  }

  /** The same in the usual case: one family ever held the number, and holds it. Undefined where it does not. */
  private only(id: string, said: Said): Target | undefined {
    const family = this.unit.family(id)
    const holders = holdersFor(said.event, said.source, family)
    return holders.length === 0 ? undefined : targetOf(id, this.meant(family, said, { holders }))
  }

  /** Where nobody holds the number: what a person linked it to, and last of all. */
  private linkedTarget(said: Said): Target | undefined {
    const { subject } = said.event
    let newest: { readonly id: string; readonly position: number } | undefined
    for (const id of this.holders(subject.number)) {
      const link = linkIn(this.unit.family(id).links, subject)
      if (link !== undefined && link.position >= (newest?.position ?? 0)) newest = { id, position: link.position }
    }
    return newest === undefined ? undefined : this.in(newest.id, said)
  }

  /** Orders that held the number when they were retired, where nobody holds it now. By number: who held it first is not known any more. */
  private retiredTargets({ event: { subject } }: Said): readonly Target[] {
    const kind = kindNamed(subject)
    const kinds = kind === 'return' ? ['return', 'rma'] : kind === undefined ? undefined : [kind]
    return [...this.holders(subject.number)].sort().flatMap(id => {
      const { retired } = this.unit.family(id)
      const isIt = retired !== undefined && wasKnownBy(retired, subject.number, kinds)
      return isIt ? [{ family: id, actors: [], isInferred: false }] : []
    })
  }

  /** Whether a shipment of the family held the number at the event's place, and was cancelled since. */
  private wasHolder(id: string, said: Said): boolean {
    const family = this.unit.family(id)
    const { event } = said
    if (event.place > family.lastPlace || !hasLost(family, event.subject.number)) return false
    return this.meant(family, said).actors.length > 0
  }

  /** What an event is about within a family; no actors where that is not clear. */
  in(id: string, said: Said): Target {
    return targetOf(id, this.meant(this.unit.family(id), said))
  }

  /** The same where a person said which actor it leads to: nothing else is asked. */
  linked(id: string, { event, source }: Said, actor: ActorKey): Target {
    return targetOf(id, meantIn(event, source, this.unit.family(id), { actor }))
  }

  /**
   * A subject is read at the event's own place (domain C2). What is open counts from the first moment on that something
   * fits; a shared number goes to all who hold it then or take it later, cancelled since or not.
   */
  private meant(family: Family, { event, source }: Said, led?: Led): Meant {
    const now = meantIn(event, source, family, led)
    if (event.place > family.lastPlace) return now
    if (!now.isInferred && !hasLost(family, event.subject.number)) return now
    const found = new Set<ActorKey>()
    for (const then of this.unit.past(family.id).moments(family, event.place)) {
      const { actors } = meantIn(event, source, then)
      if (now.isInferred && (actors.length > 0 || now.isThen)) return { ...now, actors }
      for (const key of actors) found.add(key)
    }
    return { actors: [...found].sort(), isInferred: now.isInferred }
  }

  /** Families that ever held `number`, those this unit taught it to included. */
  holders(number: string): readonly string[] {
    const known = this.unit.world.holders(number)
    const taught = this.taught?.get(number)
    if (taught === undefined) return known
    const all = new Set(known)
    taught.forEach((_, family) => void all.add(family))
    return [...all]
  }

  /** Whether anybody held `number` before the entry at `position`. */
  wasHeld(number: string, position: number): boolean {
    let isTaught = false
    this.taught?.get(number)?.forEach(taught => {
      isTaught ||= taught < position
    })
    return isTaught || this.unit.world.holders(number).length > 0
  }

  /** Notes that the entry taught its family a number. */
  teach(number: string, { family, position }: JournalEntry): void {
    this.taught ??= new SmallMap()
    let families = this.taught.get(number)
    if (families === undefined) {
      families = new SmallMap()
      this.taught.set(number, families)
    }
    if (!families.has(family)) families.set(family, position)
  }
}

const targetOf = (family: string, { actors, isInferred, isThen }: Meant): Target => ({
  family,
  actors,
  isInferred,
  isThen,
})

const isSomebody = ({ actors }: Target): boolean => actors.length > 0

const unclearTarget = (number: string, unclear: VerdictDetail): Target => ({
  family: waitingFamilyId(number),
  actors: [],
  isInferred: false,
  unclear,
})

/** Whether holders are parts of one thing: where several families hold the number, of one kind, and one that may be shared. */
function isOneThing(holders: readonly Holder[], families: number): boolean {
  if (families === 1) return true
  const kinds = new Set(holders.map(holder => holder.reference.kind))
  return kinds.size <= 1 && holders.every(holder => isShared(holder.reference.kind))
}
