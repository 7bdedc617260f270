// Waking: what the facts of a unit set moving. Owns the queues of a decision, not what anything comes to (unit.ts).
//   W1  Parked events are tried again, earliest place first, after each fact of their family, until none moves (C6): as many as a
//       turn has room for, the others in units of their own (`resumed`).
//   W2  Events that waited under a number go to whoever holds it now, unless that is several things. They share the room of a turn.
//   W3  A shared number remembers its events: an actor that takes it later is judged against them too. What takes goods off a load is about
//       those that carried its number then, and nobody since.
//   W4  Refusals are judged again, earliest place first, when a fact from before them arrives, or the family is made anew; they turn
//       or stay. They share that room, too.
import type { EventInput } from '../machines/event.ts'
import { isDeskEventType } from '../machines/event-types.ts'
import type { ActorKey } from '../machines/ids.ts'
import { ABSENT } from './attempt.ts'
import { type ActorChange, isAnew, isFact, type JournalEntry } from './entry.ts'
import { isWaitingFamily, type ParkedEvent, waitingFamilyId } from './family.ts'
import { LeftOver, type Stirred } from './left-over.ts'
import { takesOff } from './meaning.ts'
import { freeCorrected, freeKnown, UNKNOWN_ORDER_CODE, type Waiting } from './named-orders.ts'
import type { Verdict } from './outcome.ts'
import { linesOf } from './past.ts'
import {
  areApart,
  carriersOf,
  formerHolders,
  holdersIn,
  isCancelledAlike,
  isShared,
  lostNumbers,
} from './references.ts'
import { eventKey, parsedAgain, type Said } from './said.ts'
import type { Target } from './targets.ts'
import type { Behind, Unit } from './unit.ts'

/** A family learned a number: who holds it now, and by which entry. */
interface Lesson {
  readonly number: string
  readonly family: string
  /** Who takes it; nobody where somebody holds it no more. */
  readonly moved: readonly ActorKey[]
  readonly cause: number
  /** It came to each who holds the number already. */
  readonly isOfAll?: true
}

// 100,000: a consignment of a thousand orders with full lots takes a few thousand. Beyond it something turns for ever: a
// broken promise of ours, and the family is set aside rather than the loop held.
const STEPS_MAX = 100_000

// 10: to find that one stays refused costs a tenth of what it costs to apply it.
const REFUSED_SHARE = 10

/** Codes of what waits since nobody held its number. */
const UNHELD: ReadonlySet<string> = new Set([ABSENT, UNKNOWN_ORDER_CODE])

const NONE: readonly never[] = []
const MOVED_ON = { code: 'moved_on', reason: 'the number means another order now' }

export class Waking {
  private readonly unit: Unit
  /** Entries of the unit up to here have been looked at. */
  private looked = 0
  private readonly lessons: Lesson[] = []
  private readonly stirred: Stirred[] = []
  /** Families in which refusals may turn. */
  private readonly late: Stirred[] = []
  /** Numbers that were looked at, and whether they have meant several things. Made when first asked for. */
  private apart: Map<string, boolean> | undefined
  // Made when there is one: every event makes a waking.
  private left: LeftOver | undefined
  /** Order lines of the events that were woken; what it took to find that others wait on, or stay refused, counts too. */
  wokenLines = 0

  /** `leftOver` is from a former unit. */
  constructor(unit: Unit, leftOver?: Stirred) {
    this.unit = unit
    if (leftOver?.kind === 'parked') this.stirred.push(leftOver)
    else if (leftOver !== undefined) this.late.push(leftOver)
  }

  /** Families whose events were not all tried again, for want of room. They stay as they are: it is as if they came later. */
  get rest(): readonly Stirred[] {
    return this.left?.all ?? NONE
  }

  /** Tries everything the facts written so far may free, until nothing moves. */
  run(): void {
    for (let step = 0; step < STEPS_MAX; step++) {
      this.look()
      if (this.isQuiet) return
      const behind = this.unit.behind.shift()
      if (behind !== undefined) {
        this.judgeAgain(behind)
        continue
      }
      const lesson = this.lessons.shift()
      if (lesson !== undefined) {
        if (this.unit.hasWaiting(lesson.number)) this.wake(parkedIn(waitingFamilyId(lesson.number), lesson.cause))
        this.join(lesson)
        continue
      }
      const woken = this.stirred.shift()
      if (woken !== undefined) {
        this.wake(woken)
        continue
      }
      const late = this.late.shift()
      if (late !== undefined) this.reconsider(late)
    }
    throw new Error('waking: what one event set moving never came to rest')
  }

  private get isQuiet(): boolean {
    const { late, lessons, stirred, unit } = this
    return unit.behind.length + lessons.length + stirred.length + late.length === 0
  }

  private look(): void {
    const { entries } = this.unit
    for (; this.looked < entries.length; this.looked++) {
      const entry = entries[this.looked] as JournalEntry
      const { changes, event, family, learned, place, position: cause, verdict } = entry
      if (isFirstSince(this.unit.world.openedAt, entry)) this.leaveAll(entry)
      // What people do about exceptions frees nothing by itself (acting.ts).
      if (!isFact({ verdict }) || isDeskEventType(event.type)) continue
      if (learned.length > 0) {
        const moved = changes.map(change => change.key)
        for (const number of learned) this.lessons.push({ number, family, moved, cause })
      }
      if (event.type === 'correction.reported') freeCorrected(this.unit, entry)
      if (takesOff(event)) this.noteLost(entry, changes)
      else if (isAnew(entry)) this.noteLost(entry, this.cancelledOtherwise(entry))
      const { parked, unsettledPlace } = this.unit.family(family)
      if (parked.length > 0 && !isWaitingFamily(family)) this.stir(family, cause)
      if (isAnew(entry)) this.late.push({ kind: 'refused', family, cause, triedTo: '' })
      else if (place < unsettledPlace) this.late.push({ kind: 'refused', family, cause, triedTo: place })
    }
  }

  /** What a crash may have left of a family, which the journal does not say: refusals. Those that wait its next fact tries. */
  private leaveAll({ family, position: cause }: JournalEntry): void {
    if (this.unit.family(family).unsettledPlace === '') return
    this.leave({ kind: 'refused', family, cause, triedTo: '' })
  }

  /** What a family made anew shows to have been cancelled at another moment, or no more. */
  private cancelledOtherwise({ changes, family }: JournalEntry): readonly ActorChange[] {
    const [before, now] = [this.unit.world.family(family).actors, this.unit.family(family).actors]
    return changes.filter(({ key }) => !isCancelledAlike(before.get(key), now.get(key)))
  }

  /** A number that fewer hold may mean one thing from now on, or have meant another at some moment. */
  private noteLost({ family, position: cause }: JournalEntry, changes: readonly ActorChange[]): void {
    const moved = changes.map(({ key }) => key)
    for (const number of lostNumbers(this.unit.family(family), moved))
      this.lessons.push({ number, family, moved: [], cause })
  }

  private stir(family: string, cause: number): void {
    this.stirred.push(parkedIn(family, cause))
  }

  /** W1, W2. After one moves the family is stirred again by its own entry; of those under a number none frees another there. */
  private wake(stirred: Stirred): void {
    const { cause, family: id } = stirred
    let { triedTo } = stirred
    const { parked } = this.unit.family(id)
    for (const waited of parked) {
      if (waited.place <= triedTo || (stirred.isUnheld && !UNHELD.has(waited.code))) continue
      if (!this.hasRoom) {
        this.leave({ ...stirred, triedTo })
        return
      }
      if (this.counted(() => this.tryAgain(id, waited, cause)) && !isWaitingFamily(id)) return
      triedTo = waited.place
    }
  }

  private get hasRoom(): boolean {
    return this.wokenLines < this.unit.world.wakeLinesLeft
  }

  private leave(stirred: Stirred): void {
    this.left ??= new LeftOver()
    this.left.add(stirred)
  }

  /** What `tried` comes to. Counted are the entries it writes, what is refused now too, and the moments it looks at. */
  private counted(tried: () => boolean): boolean {
    const { cost, entries } = this.unit
    const [written, seen] = [entries.length, cost.moments]
    const isMoved = tried()
    for (const { family } of entries.slice(written)) this.wokenLines += linesOf(this.unit.family(family))
    this.wokenLines += cost.moments - seen
    return isMoved
  }

  /** Judges an event that waits in a family once more, there. Whether it counts now. */
  private tryAgain(id: string, waited: ParkedEvent, cause: number): boolean {
    const said = this.saidAgain(waited.event)
    if (said === undefined) return false
    if (isWaitingFamily(id)) return this.bringTo(this.unit.targets.of(said), said, { id, waited, cause })
    const target = this.unit.targets.judgedIn(id, said)
    if (target.actors.length === 0) {
      if (target.isThen && this.countsElsewhere(id, said)) this.unit.write(id, said, movedOn(waited, cause))
      else this.moveOn(id, said, { waited, cause })
      return false
    }
    const open = mayCountInPart(target, said) ? this.unit.targets.open(target, said) : target
    if (open.actors.length > 0) {
      const isMoved = isFact({ verdict: this.unit.settle(open, said, { waited, cause }) })
      if (isMoved && target.isThen) this.stirOthers(id, said, cause)
      return isMoved
    }
    this.unit.write(id, said, { verdict: 'superseded', frees: [waited.position], cause })
    return false
  }

  /** What waits for a family that its number does not mean any more goes to those it means. */
  private moveOn(id: string, said: Said, { waited, cause }: { waited: ParkedEvent; cause: number }): void {
    if (said.event.subject.kind === 'order' || isWaitingFamily(id)) return
    const targets = this.unit.targets.of(said)
    if (targets.some(target => target.family === id)) return
    for (const target of targets)
      if (target.unclear !== undefined) this.unit.settle(target, said, { cause })
      else this.judgeAgain({ family: target.family, said, cause })
    this.unit.write(id, said, movedOn(waited, cause))
  }

  /** What counts for a family may wait in others that hold its number for nobody of theirs. */
  private stirOthers(id: string, { event, input }: Said, cause: number): void {
    for (const other of this.unit.targets.holders(event.subject.number))
      if (other !== id && this.isParked(other, input)) this.stir(other, cause)
  }

  /** Whether others who hold the event's number, or held it then, have it. */
  private countsElsewhere(id: string, { event, input }: Said): boolean {
    return this.unit.targets
      .holders(event.subject.number)
      .some(other => other !== id && this.unit.past(other).countedFor(this.unit.family(other), input).size > 0)
  }

  /** An event that counts for some of those it is about. */
  private judgeAgain({ cause, family: id, said }: Behind): void {
    if (this.isOut(id, said.input)) return
    const target = this.unit.targets.openIn(id, said)
    if (target.actors.length > 0) this.unit.settle(target, said, { cause })
  }

  /** What waits under a number is judged where it belongs, and waits there no more. Whether it counts now. */
  private bringTo(targets: readonly Target[], said: Said, { cause, id, waited }: Waiting): boolean {
    if (waited.code === UNKNOWN_ORDER_CODE) return freeKnown(this.unit, said, { id, waited, cause })
    const [first] = targets
    if (first === undefined || targets.some(target => isWaitingFamily(target.family)))
      return isFact({ verdict: this.unit.settle(first as Target, said, { waited, cause }) })
    const verdicts = targets.map(target => this.unit.settle(target, said, { cause }))
    return isFact({
      verdict: this.unit.write(id, said, { verdict: verdicts[0] as Verdict, frees: [waited.position], cause }),
    })
  }

  /** A person has an event judged again that waits or stands refused in a family, by the entry at `cause`. */
  retry(id: string, event: EventInput, cause: number): void {
    const waited = this.unit.family(id).parked.find(each => eventKey(each.event) === eventKey(event))
    if (waited === undefined) this.turn(id, event, cause)
    else this.tryAgain(id, waited, cause)
  }

  /** A person says what events that wait under a number are about. */
  link(id: string, waiting: readonly ParkedEvent[], to: { family: string; actor: ActorKey; cause: number }): void {
    for (const waited of waiting) {
      const said = this.saidAgain(waited.event)
      if (said === undefined) continue
      const target = this.unit.targets.linked(to.family, said, to.actor)
      this.bringTo([target], said, { id, waited, cause: to.cause })
    }
  }

  /** W3 */
  private join(lesson: Lesson): void {
    const { cause, family: id, moved, number } = lesson
    if (moved.length === 0) this.joinAll(lesson)
    if (!this.unit.targets.wasHeld(number, cause)) return
    const family = this.unit.family(id)
    const holders = holdersIn(family, { number }).filter(holder => isShared(holder.reference.kind))
    const taking = [...holders.map(holder => holder.actor), ...formerHolders(family, number)]
    const joining = new Set(taking.filter(actor => moved.includes(actor)))
    if (joining.size === 0 || this.isItsOwn(number, id, joining)) return
    // What nobody here held before may lead over it to others: to the order, or one of its returns.
    const isNewHere = taking.every(actor => joining.has(actor))
    if (carriersOf(this.unit.world.family(id), number).some(actor => joining.has(actor))) this.joinAll(lesson)
    for (const remembered of this.remembered(number, [...new Set([...this.unit.targets.holders(number), id])])) {
      const said = this.saidAgain(remembered)
      if (said === undefined || this.isOut(id, remembered)) continue
      // In another scope the same number is another thing.
      const own = this.unit.targets.of(said).find(({ family }) => family === id)
      if (own === undefined) {
        this.noteApart(number, true)
        continue
      }
      const target = this.unit.targets.open(own, said)
      const actors = isNewHere ? target.actors : target.actors.filter(actor => joining.has(actor))
      if (actors.length === 0) continue
      this.unit.settle({ ...target, actors }, said, { cause })
      // Where it waits since nobody else was known to hold the number, it may have come to the wrong family.
      this.stirOthers(id, said, cause)
    }
  }

  /** Who holds a number that meant several things, or held it, may have missed what it remembers. */
  private joinAll({ cause, isOfAll, number }: Lesson): void {
    if (isOfAll || !this.wasApart(number)) return
    for (const id of this.unit.targets.holders(number)) {
      const family = this.unit.family(id)
      const moved = [...holdersIn(family, { number }).map(({ actor }) => actor), ...formerHolders(family, number)]
      if (moved.length > 0) this.lessons.push({ number, family: id, moved, cause, isOfAll: true })
    }
  }

  /** Whether the number has meant several things, before this unit or since. */
  private wasApart(number: string): boolean {
    const { world } = this.unit
    const known = this.apart?.get(number)
    if (known !== undefined) return known
    const isApart = areApart(world.holders(number).flatMap(id => holdersIn(world.family(id), { number })))
    this.noteApart(number, isApart)
    return isApart
  }

  private noteApart(number: string, isApart: boolean): void {
    this.apart ??= new Map()
    this.apart.set(number, isApart)
  }

  /** Whether who takes the number had it before, in another scope, and nobody else ever: it was judged against all its events. */
  private isItsOwn(number: string, id: string, joining: ReadonlySet<ActorKey>): boolean {
    if (joining.size > 1 || this.unit.targets.holders(number).some(family => family !== id)) return false
    const now = carriersOf(this.unit.family(id), number)
    const before = carriersOf(this.unit.world.family(id), number)
    return now.length === 1 && before.length === 1 && now[0] === before[0]
  }

  /** What waits is tried again by itself, for whoever it is about then. */
  private isParked(id: string, event: EventInput): boolean {
    return this.unit.past(id).isParked(this.unit.family(id), event)
  }

  /** Every event that named `number` in `families`, once each, by place. */
  private remembered(number: string, families: readonly string[]): readonly EventInput[] {
    const found = new Map<string, JournalEntry>()
    for (const id of families)
      for (const entry of this.unit.past(id).naming(number)) found.set(eventKey(entry.event), entry)
    return [...found.values()].sort((a, b) => (a.place < b.place ? -1 : 1)).map(({ event }) => event)
  }

  /** W4. After one turns, its own entry has those behind it judged again. */
  private reconsider(late: Stirred): void {
    const { cause, family: id } = late
    let { triedTo } = late
    for (const { event, place } of this.unit.past(id).refused()) {
      if (place <= triedTo) continue
      if (!this.hasRoom) {
        this.leave({ ...late, triedTo })
        return
      }
      this.wokenLines += Math.ceil(linesOf(this.unit.family(id)) / REFUSED_SHARE)
      if (!this.isOut(id, event) && this.counted(() => this.turn(id, event, cause))) return
      triedTo = place
    }
  }

  /** Judges a refused event once more. Whether it counts now. */
  private turn(id: string, event: EventInput, cause: number): boolean {
    const said = this.saidAgain(event)
    const target = said && this.unit.targets.openIn(id, said)
    if (said === undefined || target === undefined || target.actors.length === 0) return false
    return isFact({ verdict: this.unit.settle(target, said, { refused: true, cause }) })
  }

  private isOut(id: string, event: EventInput): boolean {
    return this.isParked(id, event) || this.unit.past(id).isDiscarded(event)
  }

  private saidAgain(input: EventInput): Said | undefined {
    return parsedAgain(input, this.unit.world.sources)
  }
}

/** Whether the entry is its family's first since the twin was opened, and not its first of all. */
const isFirstSince = (openedAt: number, { previous }: JournalEntry): boolean => previous > 0 && previous <= openedAt

const parkedIn = (family: string, cause: number): Stirred => ({ kind: 'parked', family, cause, triedTo: '' })

const movedOn = ({ position }: ParkedEvent, cause: number) =>
  ({ verdict: 'parked', detail: MOVED_ON, frees: [position], cause }) as const

/** Whether a shared number, or a subject read anew, may have made the event count for some actors already. */
const mayCountInPart = ({ isInferred }: Target, { event }: Said): boolean =>
  isInferred || event.subject.kind === 'reference' || event.subject.kind === 'return'
