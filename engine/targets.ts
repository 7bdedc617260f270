// Targets: what an event is about: which families, and which actors there. Reads a unit; owns the numbers that it taught. Pure.
import type { CanonicalEvent } from '../machines/event.ts'
import type { ActorKey, Place } from '../machines/ids.ts'
import { isNumberOf, type OrderContext } from '../machines/order/context.ts'
import type { JournalEntry, VerdictDetail } from './entry.ts'
import { type Family, waitingFamilyId } from './family.ts'
import { kindNamed, linkIn } from './links.ts'
import { type Led, type Meant, meantIn, takesOff } from './meaning.ts'
import { ambiguous, unknownNumber } from './reasons.ts'
import { type Holder, hasLost, holdersFor, isAmbiguous, isShared, isSharedBy, namesShared } from './references.ts'
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
      if (only !== undefined) return only
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
    if (!isOneThing(event, holders, found.length)) {
      const then = isAmbiguous(event, holders) ? this.clearThen(said, ids) : []
      if (then.length > 0) return then
      const families = found.map(({ id }) => id)
      return [unclearTarget(number, ambiguous(event, families))]
    }
    const targets = found.flatMap(({ id, holders }) => this.held(this.unit.family(id), said, holders))
    // What is about those who held the number then is for nobody in a family that took it since.
    return targets.some(isSomebody) ? targets.filter(target => isSomebody(target) || !target.isThen) : targets
  }

  /** The same in the usual case: one family ever held the number, and holds it. Undefined where it does not. */
  private only(id: string, said: Said): readonly Target[] | undefined {
    const family = this.unit.family(id)
    const holders = holdersFor(said.event, said.source, family)
    return holders.length === 0 ? undefined : this.held(family, said, holders)
  }

  /** What it is about in a family of these `holders`; where it waits, when they are several things. */
  private held(family: Family, said: Said, holders: readonly Holder[]): readonly Target[] {
    const meant = this.meant(family, said, { holders })
    if (meant.isAmbiguous === undefined) return [targetOf(family.id, meant)]
    const then = this.clearThen(said, [family.id])
    if (then.length > 0) return then
    const actors = holders.map(({ actor }) => actor)
    return [unclearTarget(said.event.subject.number, ambiguous(said.event, actors))]
  }

  /** What a number that means several things now meant at the event's own place, and whenever it meant one thing since (C2). */
  private clearThen(said: Said, ids: readonly string[]): readonly Target[] {
    const { event } = said
    const families = ids.map(id => this.unit.family(id))
    if (families.every(({ lastPlace }) => event.place > lastPlace)) return []
    const isThen = takesOff(event) && families.every(family => isSharedBy(event, family))
    const found = new Map<string, Set<ActorKey>>()
    for (const states of together(families.map(family => this.momentsOf(family, event.place)))) {
      const meant = meantTogether(said, states)
      if (isThen) return meant
      if (meant.some(({ isInferred }) => isInferred)) return found.size > 0 ? targetsOf(found) : meant
      for (const { actors, family } of meant) found.set(family, new Set([...(found.get(family) ?? []), ...actors]))
    }
    return targetsOf(found)
  }

  private momentsOf(family: Family, place: Place): readonly Family[] {
    return place > family.lastPlace ? [family] : [...this.unit.past(family.id).moments(family, place)]
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

  /**
   * The same for what was judged before: while its number was clear, or because a person said so, it stays with those it was judged for.
   * What waited for whoever held its number then goes to them.
   */
  judgedIn(id: string, said: Said): Target {
    const target = this.in(id, said)
    if (!target.isAmbiguous) return target
    const actors = this.unit.past(id).judgedFor(said.input)
    const then = actors.length > 0 ? NOBODY : this.clearThen(said, this.holders(said.event.subject.number))
    return then.find(({ family }) => family === id) ?? { ...target, actors }
  }

  /** Of those the actors that it does not count for yet. */
  openIn(id: string, said: Said): Target {
    return this.open(this.judgedIn(id, said), said)
  }

  /** `target` less the actors that the event counts for. */
  open(target: Target, said: Said): Target {
    if (target.actors.length === 0) return target
    const family = this.unit.family(target.family)
    const counted = this.unit.past(target.family).countedFor(family, said.input)
    // A shared number has, or had, others to take it.
    const isOthersToo = namesShared(said.event, said.source, family) || hasLost(family, said.event.subject.number)
    const isDone = counted.size > 0 && !isOthersToo
    return { ...target, actors: isDone ? [] : target.actors.filter(key => !counted.has(key)) }
  }

  /** What it is about where a person said which actor it leads to: nothing else is asked. */
  linked(id: string, { event, source }: Said, actor: ActorKey): Target {
    return targetOf(id, meantIn(event, source, this.unit.family(id), { actor }))
  }

  /**
   * A subject is read at the event's own place (domain C2). What is open counts from the first moment on that something
   * fits; a shared number goes to all who hold it then or take it later, cancelled since or not.
   */
  private meant(family: Family, { event, source }: Said, led?: Led): Meant {
    const now = meantIn(event, source, family, led)
    if (event.place > family.lastPlace || now.isAmbiguous) return now
    const isLost = hasLost(family, event.subject.number)
    if (!now.isInferred && !isLost) return now
    // Also where those who carried the number since carry it no more either.
    const isThen = now.isThen ?? (isLost && takesOff(event) && isSharedBy(event, family))
    const found = new Set<ActorKey>()
    for (const moment of this.unit.past(family.id).moments(family, event.place)) {
      const { actors } = meantIn(event, source, moment)
      if (isThen) return { actors, isInferred: true, isThen }
      if (now.isInferred && actors.length > 0) return { ...now, actors }
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

  /** Whether `number` is an order's own, or was when that was retired. */
  isOrder(number: string): boolean {
    return this.holders(number).some(id => {
      const { actors, retired } = this.unit.family(id)
      const order = actors.order?.context as OrderContext | undefined
      if (order !== undefined && isNumberOf(order, number)) return true
      return retired !== undefined && wasKnownBy(retired, number, OF_ORDERS)
    })
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

const NOBODY: readonly never[] = []
const OF_ORDERS: readonly string[] = ['order', 'po', 'erp']

const targetOf = (family: string, { actors, isAmbiguous, isInferred, isThen }: Meant): Target => ({
  family,
  actors,
  isInferred,
  isThen,
  isAmbiguous,
})

const targetsOf = (found: ReadonlyMap<string, ReadonlySet<ActorKey>>): readonly Target[] =>
  [...found].map(([family, actors]) => ({ family, actors: [...actors].sort(), isInferred: false }))

/** What an event is about in families as they were at one moment; nobody where its number meant several things. */
function meantTogether({ event, source }: Said, states: readonly Family[]): readonly Target[] {
  const held = states
    .map(state => ({ state, holders: holdersFor(event, source, state) }))
    .filter(({ holders }) => holders.length > 0)
  const all = held.flatMap(({ holders }) => holders)
  if (!isOneThing(event, all, held.length)) return []
  return held
    .map(({ holders, state }) => targetOf(state.id, meantIn(event, source, state, { holders })))
    .filter(isSomebody)
}

/** How families stood together at each moment, by what came first. `courses` are the moments of each. */
function* together(courses: readonly (readonly Family[])[]): Generator<readonly Family[]> {
  const at = courses.map(() => 0)
  for (;;) {
    yield courses.map((course, index) => course[at[index] as number] as Family)
    let next: { readonly index: number; readonly place: Family['lastPlace'] } | undefined
    courses.forEach((course, index) => {
      const place = course[(at[index] as number) + 1]?.lastPlace
      if (place !== undefined && (next === undefined || place < next.place)) next = { index, place }
    })
    if (next === undefined) return
    at[next.index] = (at[next.index] as number) + 1
  }
}

const isSomebody = ({ actors }: Target): boolean => actors.length > 0

const unclearTarget = (number: string, unclear: VerdictDetail): Target => ({
  family: waitingFamilyId(number),
  actors: [],
  isInferred: false,
  unclear,
})

/** Whether holders are parts of one thing: where several families hold the number, of one kind, one that may be shared, and in one scope. */
function isOneThing(event: CanonicalEvent, holders: readonly Holder[], families: number): boolean {
  if (families === 1) return true
  const kinds = new Set(holders.map(holder => holder.reference.kind))
  return kinds.size <= 1 && holders.every(holder => isShared(holder.reference.kind)) && !isAmbiguous(event, holders)
}
