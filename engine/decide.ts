// Decide: what the engine would do with one event. Pure: it reads a world, changes nothing, and gives the entries to append.
// In order of precedence: duplicate → id_reused → not_owner → version_conflict → not_allowed_in_state → quantity_exceeded
// → parked → superseded → accepted (domain §5). All entries of one event belong together: its verdict in each family,
// and what it wakes: parked events, events that waited under a number, refusals it turns, as many as a turn has room for; and events
// a shared number remembers.
//   D1  What the world has not loaded is asked for by throwing NotLoaded; nothing has happened then, the event is tried again.
//   D2  Woken events are tried earliest place first, until none moves (C6).
//   D3  A refusal rests on the facts known. A fact of an earlier place that arrives later has it judged again.
import { type CanonicalEvent, type EventInput, parseSubject } from '../machines/event.ts'
import type { Source } from '../machines/sources.ts'
import { acted, isDeskEvent, ledBy } from './acting.ts'
import { discardedBy, isFact, type JournalEntry } from './entry.ts'
import { type Family, isOverdue } from './family.ts'
import type { Stirred } from './left-over.ts'
import { isOfUnknownOrder } from './named-orders.ts'
import { isRemnant, isSameContent, type Remnant } from './retiring/remnant.ts'
import { eventKey, type Said, sameContent } from './said.ts'
import type { SmallMap } from './small-map.ts'
import type { Target } from './targets.ts'
import { Unit } from './unit.ts'
import { Waking } from './waking.ts'
import type { World } from './world.ts'

export { DECIDE_LIMITS, type DecideLimits, type Need, NotLoaded, Quarantine, type World } from './world.ts'

/** Families as a decision leaves them, by id. */
export type DecidedFamilies = Pick<SmallMap<Family>, 'get' | 'forEach'>

export type Decision =
  /** Nothing is written: the same event came before. `first` is the entry that answered it. */
  | {
      readonly kind: 'duplicate'
      readonly first: JournalEntry
      readonly since: readonly JournalEntry[]
      /** What a person's act led to, as it is by now. */
      readonly led?: readonly JournalEntry[]
    }
  /** The same, of an order that was retired since. */
  | { readonly kind: 'retired'; readonly first: Remnant }
  /** Nothing is written: a parking lot is full and nothing in it is overdue. */
  | { readonly kind: 'overloaded'; readonly reason: string }
  /** `entries` to append, in order; the first `answers` of them are the event's own verdicts, one per family. */
  | {
      readonly kind: 'entries'
      readonly entries: readonly JournalEntry[]
      readonly answers: number
      readonly families: DecidedFamilies
      /** What a person's act led to: the newest entry of each event it had judged again. */
      readonly led?: readonly JournalEntry[]
      /** Order lines of the events it woke, and families whose events are still to be tried again (`resumed`). */
      readonly wokenLines: number
      readonly rest: readonly Stirred[]
    }

export type EntriesDecision = Extract<Decision, { kind: 'entries' }>

/** Decides `event` of `source`; `input` is it as sent, `override` why a person forces it, where one does. */
export function decide(
  world: World,
  event: CanonicalEvent,
  input: EventInput,
  source: Source,
  override?: string,
): Decision {
  const said: Said = { event, input, source, override }
  const seen = world.seen(source.id, event.id)
  if (seen !== undefined && isRemnant(seen)) {
    if (isSameContent(seen, input)) return { kind: 'retired', first: seen }
  } else if (seen !== undefined && sameContent(seen.event, said, world.seals))
    return {
      kind: 'duplicate',
      first: seen,
      since: laterVerdicts(world, seen),
      led: isDeskEvent(event) && isFact(seen) ? ledBy(world, event, seen) : undefined,
    }
  if (seen === undefined && isDeskEvent(event)) return acted(world, said, event)
  const unit = new Unit(world)
  const targets = unit.targets.of(said)
  for (const target of targets) {
    const verdict = seen === undefined ? unit.settle(target, said) : unit.refuseReuse(target, said)
    const full = verdict === 'parked' ? fullLot(world, said, targets) : undefined
    if (full !== undefined) return { kind: 'overloaded', reason: full }
  }
  const hasParts = unit.entries.length > targets.length
  const full = hasParts ? fullLot(world, said, unit.entries.filter(isOfUnknownOrder)) : undefined
  if (full !== undefined) return { kind: 'overloaded', reason: full }
  const answers = unit.entries.length
  const waking = new Waking(unit)
  waking.run()
  return decided(unit, waking, answers)
}

/** What is woken where a former unit left off: entries that answer nobody. */
export function resumed(world: World, stirred: Stirred): EntriesDecision {
  const unit = new Unit(world)
  const waking = new Waking(unit, stirred)
  waking.run()
  return decided(unit, waking, 0)
}

const decided = (unit: Unit, { rest, wokenLines }: Waking, answers: number): EntriesDecision => ({
  kind: 'entries',
  entries: unit.numbered(answers),
  answers,
  families: unit.families,
  wokenLines,
  rest,
})

/** Why nothing more may be parked; undefined while there is room, or overdue events to let go of. */
function fullLot(
  world: World,
  { event, source }: Said,
  targets: readonly Pick<Target, 'family'>[],
): string | undefined {
  const { limits, nowMs } = world
  if (world.parkedOf(source.id) >= limits.parkedPerSourceMax)
    return `${source.id} has ${limits.parkedPerSourceMax} events waiting`
  for (const target of targets) {
    const { parked } = world.family(target.family)
    if (parked.length < limits.parkedPerFamilyMax || parked.some(each => isOverdue(each, nowMs))) continue
    return `${parked.length} events wait for ${target.family}; ${event.type} is one too many`
  }
  return undefined
}

/** Whether an entry tells what came of an event: a verdict of its own, or that a person let go of it. */
function isAboutEvent(entry: JournalEntry, event: EventInput): boolean {
  const key = eventKey(event)
  const discarded = discardedBy(entry)
  return eventKey(entry.event) === key || (discarded !== undefined && eventKey(discarded) === key)
}

/** What became of an event after its first verdict, newest last: parked events move on, refusals may turn (D3). */
function laterVerdicts(world: World, first: JournalEntry): readonly JournalEntry[] {
  if (isFact(first)) return []
  const number = parseSubject(first.event.subject)?.number
  const holders = number === undefined || number === first.family ? [] : world.holders(number)
  return [...new Set([first.family, ...holders])]
    .flatMap(id => world.history(id))
    .filter(entry => entry.position > first.position && isAboutEvent(entry, first.event))
    .sort((a, b) => a.position - b.position)
}
