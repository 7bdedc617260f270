// Answers: from what the journal holds to what the sender reads. Pure.
import { base36Of11 } from '../machines/base36.ts'
import type { Flaw } from '../machines/event.ts'
import { eventTypeEntry, isEventType } from '../machines/event-types.ts'
import { type ActorKey, kindOf } from '../machines/ids.ts'
import { discardedBy, isFact, type JournalEntry } from './entry.ts'
import { type Family, isWaitingFamily } from './family.ts'
import type { Steppers } from './judge.ts'
import { type AllowedMove, counts, foremost, type Outcome } from './outcome.ts'
import type { Remnant } from './retiring/remnant.ts'

/** Positions leave the engine as text of fixed width: they compare as text within one order. */
export const positionText = base36Of11

/** The position a text names; undefined when it names none. */
export function parsePosition(text: string): number | undefined {
  const position = /^[0-9a-z]{1,11}$/.test(text) ? Number.parseInt(text, 36) : Number.NaN
  return Number.isSafeInteger(position) ? position : undefined
}

/** The outcome of one event from its entries, one per family; `families` are as they are after it. */
export function outcomeOf(
  entries: readonly JournalEntry[],
  families: (id: string) => Family | undefined,
  steppers: Steppers,
): Outcome {
  const only = entries.length === 1 ? entries[0] : undefined
  if (only !== undefined) return outcomeIn(only, families(only.family), steppers)
  const outcomes = entries.map(entry => outcomeIn(entry, families(entry.family), steppers))
  return { ...foremost(outcomes), families: outcomes }
}

/** What a person's act led to, one outcome for each event judged again; undefined where none was. */
export const ledOutcomes = (
  led: readonly JournalEntry[] | undefined,
  families: (id: string) => Family | undefined,
  steppers: Steppers,
): readonly Outcome[] | undefined => led?.map(entry => outcomeIn(entry, families(entry.family), steppers))

function outcomeIn(entry: JournalEntry, family: Family | undefined, steppers: Steppers): Outcome {
  const { detail, event, verdict } = entry
  const key = entry.actors[0] ?? entry.changes[0]?.key
  const actor = key === undefined ? undefined : family?.actors.get(key)
  const isRefused = !isFact(entry) && verdict !== 'parked'
  return {
    id: event.id,
    outcome: verdict,
    position: positionText(entry.position),
    entity: key === undefined || actor === undefined ? undefined : entityText(key, entry.family),
    version: actor?.version,
    from: entry.from,
    to: entry.to,
    code: detail.code,
    reason: detail.reason,
    owner: isRefused || verdict === 'parked' ? (detail.owner ?? ownerOf(event.type)) : undefined,
    attemptedBy: verdict === 'not_owner' ? event.source : undefined,
    allowedNow: isRefused && key !== undefined && actor !== undefined ? allowedNow(key, actor, steppers) : undefined,
    waitsFor: verdict === 'parked' ? detail.waitsFor : undefined,
    locked: detail.locked,
    order: isWaitingFamily(entry.family) ? undefined : entry.family,
  }
}

const ownerOf = (type: string) => (isEventType(type) ? eventTypeEntry(type).owners[0] : undefined)

/** `order/104582`, `shipment/S-1`, `return/R-7`. */
export function entityText(key: ActorKey, family: string): string {
  const kind = kindOf(key)
  if (kind === 'order') return `order/${family}`
  return kind === 'return' ? key : `shipment/${key.slice(key.indexOf('/', 'shipment/'.length) + 1)}`
}

/** The moves open to an actor now, and who may report them. */
export function allowedNow(
  key: ActorKey,
  actor: { state: string; context: object },
  steppers: Steppers,
): readonly AllowedMove[] {
  const stepper = steppers[kindOf(key)]
  const allowed = new Map<string, AllowedMove>()
  for (const candidate of stepper.moves(actor.state)) {
    if (allowed.has(candidate.event) || stepper.obstacle(candidate, actor.context) !== undefined) continue
    allowed.set(candidate.event, { event: candidate.event, owner: candidate.meta.owner })
  }
  return [...allowed.values()]
}

/** The same event came before: its first outcome, and what became of it since where that differs. */
export function duplicateOf(first: JournalEntry, since: readonly JournalEntry[]): Outcome {
  const { event, position, verdict } = first
  const told = {
    id: event.id,
    outcome: 'duplicate' as const,
    position: positionText(position),
    order: isWaitingFamily(first.family) ? undefined : first.family,
    first: verdict,
  }
  const now = since.at(-1)
  if (now !== undefined && discardedBy(now) !== undefined)
    return { ...told, code: 'discarded', reason: `${now.event.source} let go of it: ${reasonOf(now)}` }
  return {
    ...told,
    now: now !== undefined && now.verdict !== verdict ? now.verdict : undefined,
    code: first.detail.code,
    reason: counts(now?.verdict ?? verdict) ? undefined : (now ?? first).detail.reason,
    waitsFor: (now ?? first).detail.waitsFor,
  }
}

/** The same of an order that was retired since: what became of it later is not known any more. */
export const retiredDuplicateOf = ({ event, order, position, verdict }: Remnant): Outcome => ({
  id: event.id,
  outcome: 'duplicate',
  position: positionText(position),
  order,
  first: verdict,
  code: 'order_retired',
  reason: `order ${order ?? ''} was retired since`,
})

const reasonOf = ({ event }: JournalEntry): string => (event.data as { reason: string }).reason

export const malformed = (input: unknown, flaws: readonly Flaw[]): Outcome => ({
  id: idOf(input),
  outcome: 'malformed',
  code: 'malformed',
  reason: flaws.map(({ path, message }) => `${path} ${message}`).join('; '),
  flaws,
})

export const tooLarge = (input: unknown, bytes: number): Outcome => ({
  id: idOf(input),
  outcome: 'malformed',
  code: 'event_too_large',
  reason: `what this event changes takes ${bytes} bytes: more than one event may; send it in parts`,
})

export const unauthorized = (input: unknown, source: unknown): Outcome => ({
  id: idOf(input),
  outcome: 'unauthorized_source',
  code: 'unauthorized_source',
  reason: `these credentials do not speak for source ${shown(source)}`,
})

export const overloaded = (input: unknown, code: string, reason: string): Outcome => ({
  id: idOf(input),
  outcome: 'overloaded',
  code,
  reason,
})

/** What is wrong with the business is put right by what happens next, not by letting go of an event: there is none behind it. */
export const factOfTheBusiness = (id: string, kind: string): Outcome => ({
  id,
  outcome: 'not_allowed_in_state',
  code: 'fact_of_the_business',
  reason: `no event is behind ${kind}: it closes when what is wrong is put right`,
})

export const journalUnavailable = (input: unknown, reason: string): Outcome => ({
  id: idOf(input),
  outcome: 'journal_unavailable',
  code: 'journal_unavailable',
  reason: `${reason}; it may or may not be kept: send it again with the same id`,
})

function idOf(input: unknown): string | undefined {
  const id = (input as { id?: unknown } | null | undefined)?.id
  return typeof id === 'string' ? id.slice(0, 256) : undefined
}

/** Anything a sender may put where a name belongs: what is no text need not even convert to one. */
const shown = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? typeof value)).slice(0, 100)
