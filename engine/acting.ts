// Acting: what a person does about exceptions, as the entries it makes (domain §6). Pure. The act itself is an entry in each
// family it is about; what is judged again because of it follows in the same unit, and names it as its cause.
//   A1  An act is written in every family it is about, or refused whole; the same request acts once (E7).
//   A2  A retry judges the event behind an exception as any fact that may free it would; nothing is forced.
//   A3  What is discarded is never judged again: no fact wakes it, no number remembers it. It stays in history.
//   A4  A link settles what waits under a number now. Where nobody holds the number it also tells what comes later; what data
//       says since goes first.
//   A5  What a person forces goes over owners and permissions, never over quantities or what the chart has not, now or not at
//       all (unit.ts, transition.ts); its entry says so for ever.
import type { CanonicalEvent } from '../machines/event.ts'
import { type DeskEventType, isDeskEventType } from '../machines/event-types.ts'
import type { Decision } from './decide.ts'
import type { JournalEntry, VerdictDetail } from './entry.ts'
import { isWaitingFamily, type ParkedEvent, waitingFamilyId } from './family.ts'
import { kindNamed } from './links.ts'
import { UNKNOWN_ORDER_CODE } from './named-orders.ts'
import { foreignRole } from './ownership.ts'
import { detailOf } from './reasons.ts'
import { holdersIn } from './references.ts'
import { eventKey, parsedAgain, type Said } from './said.ts'
import { Unit } from './unit.ts'
import { Waking } from './waking.ts'
import type { World } from './world.ts'

export type DeskEvent = Extract<CanonicalEvent, { type: DeskEventType }>
type Act<Type extends DeskEventType> = Extract<DeskEvent, { type: Type }>

export const isDeskEvent = (event: CanonicalEvent): event is DeskEvent => isDeskEventType(event.type)

/** Decides what a person does. An act that is refused stands in the first family it names that is known, else as under a number. */
export function acted(world: World, said: Said, event: DeskEvent): Decision {
  const acting = new Acting(world, said)
  const refusal = acting.foreign() ?? acting.act(event)
  if (refusal !== undefined) acting.refuse(event, refusal)
  return acting.decision()
}

/** What an act led to that was done already, as it is by now: the newest entry of each event it had judged again. */
export function ledBy(world: World, event: DeskEvent, first: JournalEntry): readonly JournalEntry[] {
  const isRetry = event.type === 'exception.retried'
  const families = isRetry ? familiesOf(event) : event.type === 'reference.linked' ? [event.data.family] : []
  const entries = families.flatMap(id => [...world.history(id)])
  const isOfIt = isRetry
    ? (entry: JournalEntry) => eventKey(entry.event) === eventKey(event.data.event)
    : ({ cause }: JournalEntry) => cause === first.position
  const newest = new Map<string, JournalEntry>()
  for (const entry of entries.filter(isOfIt)) {
    const key = eventKey(entry.event)
    if (entry.position > (newest.get(key)?.position ?? 0)) newest.set(key, entry)
  }
  return [...newest.values()]
}

class Acting {
  private readonly world: World
  private readonly said: Said
  private readonly unit: Unit
  private readonly waking: Waking
  /** How many entries are the act itself. */
  private answers = 0
  /** The events it had judged again. */
  private moved: readonly Pick<ParkedEvent['event'], 'id' | 'source'>[] = []
  private families: readonly string[] = []

  constructor(world: World, said: Said) {
    this.world = world
    this.said = said
    this.unit = new Unit(world)
    this.waking = new Waking(this.unit)
  }

  foreign(): { readonly verdict: 'not_owner'; readonly detail: VerdictDetail } | undefined {
    const foreign = foreignRole(this.said.event, this.said.source)
    return foreign && { verdict: 'not_owner', detail: detailOf(foreign) }
  }

  /** Why not, where it cannot be done. */
  act(event: DeskEvent): Refusal | undefined {
    switch (event.type) {
      case 'exception.assigned':
      case 'exception.noted':
        return this.note(event)
      case 'exception.retried':
        return this.retry(event)
      case 'exception.discarded':
        return this.discard(event)
      case 'reference.linked':
        return this.link(event)
    }
  }

  refuse(event: DeskEvent, { detail, verdict }: Refusal): void {
    const named = event.type === 'reference.linked' ? [event.data.family] : familiesOf(event)
    this.unit.write(this.standsIn(named), this.said, { verdict, detail })
    this.answers = 1
  }

  /** A family is not made by saying something of it. */
  private standsIn(named: readonly string[]): string {
    const [first = ''] = named
    return named.find(id => this.isKnown(id)) ?? (isWaitingFamily(first) ? first : waitingFamilyId(first))
  }

  /** Whether anything but acts was ever said of a family. */
  private isKnown(id: string): boolean {
    const { actors, head, parked } = this.unit.family(id)
    if (head === 0) return false
    if (!actors.isNobody || parked.length > 0) return true
    return this.unit
      .past(id)
      .history()
      .some(({ event }) => !isDeskEventType(event.type))
  }

  decision(): Decision {
    this.waking.run()
    const { answers, unit, waking } = this
    const led = this.moved.flatMap(event => this.newestOf(event) ?? [])
    const { rest, wokenLines } = waking
    return { kind: 'entries', entries: unit.numbered(answers), answers, families: unit.families, led, wokenLines, rest }
  }

  private note(event: Act<'exception.assigned' | 'exception.noted'>): Refusal | undefined {
    const families = familiesOf(event)
    const unknown = families.find(id => !this.isKnown(id))
    if (unknown !== undefined) return refused(UNKNOWN_CODE, `nothing is known of ${unknown}`)
    this.write(families.map(family => ({ family })))
    return undefined
  }

  private retry(event: Act<'exception.retried'>): Refusal | undefined {
    const behind = event.data.event
    const families = familiesOf(event).filter(id => this.standing(id, behind, RETRIED) !== undefined)
    if (families.length === 0)
      return refused('nothing_to_retry', `${behind.id} of ${behind.source} neither waits nor stands refused there`)
    const positions = this.write(families.map(family => ({ family })))
    families.forEach((id, index) => {
      const input = this.standing(id, behind, RETRIED)?.event
      if (input !== undefined) this.waking.retry(id, input, positions[index] as number)
    })
    this.moved = [behind]
    return undefined
  }

  private discard(event: Act<'exception.discarded'>): Refusal | undefined {
    const behind = event.data.event
    const families = familiesOf(event).filter(id => this.standing(id, behind, DISCARDED) !== undefined)
    if (families.length === 0)
      return refused('nothing_to_discard', `${behind.id} of ${behind.source} neither waits nor stands refused there`)
    this.write(
      families.map(family => ({
        family,
        frees: this.unit
          .family(family)
          .parked.filter(each => eventKey(each.event) === eventKey(behind))
          .map(each => each.position),
      })),
    )
    return undefined
  }

  private link(event: Act<'reference.linked'>): Refusal | undefined {
    const { actor, count, family, kind, number } = event.data
    if (this.unit.family(family).actors.get(actor) === undefined)
      return refused(UNKNOWN_CODE, `nothing is known of ${actor} of ${family}`)
    const waitingId = waitingFamilyId(number)
    // What an event names beside is told by data alone: to apply the event here would count it twice.
    const waiting = this.unit
      .family(waitingId)
      .parked.filter(each => each.code !== UNKNOWN_ORDER_CODE && isNamed(this.world, each, kind))
    if (count !== undefined && count !== waiting.length)
      return refused('count_changed', `${waiting.length} events wait under ${number}, not ${count}`)
    const isHeld = this.unit.targets
      .holders(number)
      .some(id => holdersIn(this.unit.family(id), { number, kind: kind as never }).length > 0)
    const [cause] = this.write([{ family, learned: isHeld ? [] : [number] }])
    this.waking.link(waitingId, waiting, { family, actor, cause: cause as number })
    this.moved = waiting.map(({ event: { id, source } }) => ({ id, source }))
    return undefined
  }

  /** The act's own entries; gives their positions. */
  private write(
    entries: readonly {
      readonly family: string
      readonly frees?: readonly number[]
      readonly learned?: readonly string[]
    }[],
  ): readonly number[] {
    this.answers = entries.length
    this.families = entries.map(({ family }) => family)
    return entries.map(({ family, ...parts }) => {
      this.unit.write(family, this.said, { verdict: 'accepted', ...parts })
      return this.unit.entries.at(-1)?.position as number
    })
  }

  /** The entry by which an event waits or stands refused in a family; undefined where it does neither. */
  private standing(id: string, event: Behind, verdicts: ReadonlySet<string>): JournalEntry | undefined {
    const entries = [...this.unit.past(id).history()]
    if (this.unit.past(id).isDiscarded(event)) return undefined
    const last = entries.findLast(entry => eventKey(entry.event) === eventKey(event))
    if (last === undefined || isDeskEventType(last.event.type)) return undefined
    return verdicts.has(last.verdict) ? last : undefined
  }

  /** What an event has come to: the newest verdict, where there is one outside the number it waited under. */
  private newestOf(event: Behind): JournalEntry | undefined {
    const isOfIt = (entry: JournalEntry) => eventKey(entry.event) === eventKey(event)
    const written = this.unit.entries.filter(isOfIt)
    const known = this.families.flatMap(id => this.world.history(id)).filter(isOfIt)
    return written.findLast(entry => !isWaitingFamily(entry.family)) ?? written.at(-1) ?? known.at(-1)
  }
}

interface Refusal {
  readonly verdict: 'not_owner' | 'not_allowed_in_state'
  readonly detail: VerdictDetail
}
type Behind = Pick<ParkedEvent['event'], 'id' | 'source'>

const UNKNOWN_CODE = 'unknown_subject'
const refused = (code: string, reason: string): Refusal => ({
  verdict: 'not_allowed_in_state',
  detail: { code, reason },
})

/** What may turn when it is judged again; an id or a version that did not fit stays what it was. */
const RETRIED: ReadonlySet<string> = new Set(['parked', 'not_owner', 'not_allowed_in_state', 'quantity_exceeded'])
const DISCARDED: ReadonlySet<string> = new Set([...RETRIED, 'id_reused', 'version_conflict'])

const familiesOf = ({ data }: { readonly data: { readonly about: readonly { readonly family: string }[] } }) => [
  ...new Set(data.about.map(({ family }) => family)),
]

/** Whether what waits names a number of this kind, or of any. */
function isNamed({ sources }: World, { event }: ParkedEvent, kind: string | undefined): boolean {
  const subject = parsedAgain(event, sources)?.event.subject
  const named = subject && kindNamed(subject)
  return kind === undefined || named === undefined || named === kind
}
