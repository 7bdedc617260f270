// JournalEntry: a durable fact. What was said, what it came to, and everything it changed: replay applies and never judges (E6).
import type { EventInput } from '../machines/event.ts'
import { type ActorKey, kindOf, laterPlace, type Place } from '../machines/ids.ts'
import { copyOfMilestones as copyOfOrderMilestones } from '../machines/order/context.ts'
import type { OwnerRule } from '../machines/owners.ts'
import { isEmpty, type Table, withMembers } from '../machines/records.ts'
import { copyOfMilestones as copyOfShipmentMilestones } from '../machines/shipment/context.ts'
import type { Actor } from './actors.ts'
import { type Documents, withDocuments } from './document-list.ts'
import { emptyFamily, type Family, isWaitingFamily, type ParkedEvent, type Retirement } from './family.ts'
import { linksAfter } from './links.ts'
import type { Verdict, WaitsFor } from './outcome.ts'

/** What an entry did to one actor: its new state, and the keys of its context that changed. */
export interface ActorChange {
  readonly key: ActorKey
  readonly chart: number
  readonly version: number
  /** State before; undefined for a new actor. Projections count with it. */
  readonly was?: string
  readonly state: string
  readonly set: Readonly<Record<string, unknown>>
  /** Of keys that hold records: the members that changed, laid over the others. */
  readonly merge?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Of keys that hold lists as long as before: index, value, index, value, … of the elements that changed. */
  readonly elements?: Readonly<Record<string, readonly unknown[]>>
  /** Of keys that hold long lists that got longer: the same of the elements put in. `elements` differ once they are. */
  readonly inserts?: Readonly<Record<string, readonly unknown[]>>
  /** `set` is the whole context: the actor is new, or moved to another chart version (E11). */
  readonly isWhole: boolean
}

/** An actor that facts known since never made. */
export interface RemovedActor {
  readonly key: ActorKey
  /** The state it was in. */
  readonly was: string
}

/** The answer's words, as far as the verdict needs any. */
export interface VerdictDetail {
  readonly code?: string
  readonly reason?: string
  readonly owner?: OwnerRule
  readonly waitsFor?: WaitsFor
  readonly locked?: readonly string[]
  /** A person forced it, for this reason: marked so for ever, whatever it came to. */
  readonly override?: string
}

export interface JournalEntry {
  readonly position: number
  readonly recordedMs: number
  readonly family: string
  /** Position of the family's previous entry; 0 when this is its first. */
  readonly previous: number
  readonly verdict: Verdict
  /** The event as sent. */
  readonly event: EventInput
  readonly place: Place
  /** Actors it was judged for; empty where none was found. */
  readonly actors: readonly ActorKey[]
  /** Position of the entry whose facts led to this one (woken, joined); absent when its sender did. */
  readonly cause?: number
  /** How many entries from the first on carry this event's verdicts, one per family; on the first only, when more than one. */
  readonly spread?: number
  readonly from?: string
  readonly to?: string
  readonly detail: VerdictDetail
  readonly changes: readonly ActorChange[]
  /** Business numbers the family holds from now on. */
  readonly learned: readonly string[]
  /** Documents seen for the first time (C5). */
  readonly documents: Documents
  readonly parks?: Omit<ParkedEvent, 'position' | 'event' | 'place'>
  /** Positions of parked entries that stop waiting. */
  readonly frees: readonly number[]
  /** A correction starts its actors anew from all facts: `changes` are whole and these are gone. */
  readonly removes?: readonly RemovedActor[]
  /** Number of the key that opens the personal values of the event and of what it changed; absent where there are none (E12). */
  readonly key?: number
}

/** Whether the event is sealed under a key of its own, not the order's: what waits may go to another order yet. */
export const isSealedAlone = ({ family, verdict }: Pick<JournalEntry, 'family' | 'verdict'>): boolean =>
  verdict === 'parked' || isWaitingFamily(family)

/** `family` after `entry`. Pure, and the same for live and replayed entries: nothing else makes families. */
export function applied(family: Family, entry: JournalEntry): Family {
  const retirement = retirementIn(entry)
  if (retirement === undefined) return appliedWith(changedActors(family, entry), family, entry)
  const { position, recordedMs: atMs } = entry
  return { ...emptyFamily(family.id), head: position, retired: { ...retirement, position, atMs } }
}

/** The type of the event by which the store itself retires an order (retiring/retirement.ts). */
export const ORDER_RETIRED = 'order.retired'

/** How an order ended that the entry retires; undefined where it does not. */
export const retirementIn = ({ event }: JournalEntry): Retirement | undefined =>
  event.type === ORDER_RETIRED ? (event.data as Retirement) : undefined

/** The same for who made the entry, and so has the `actors` its changes lead to. */
export function appliedWith(actors: Family['actors'], family: Family, entry: JournalEntry): Family {
  // Members in one order wherever families are made: one shape.
  return {
    id: family.id,
    head: entry.position,
    actors,
    parked: parkedAfter(family, entry),
    documents: withDocuments(family.documents, entry.documents),
    links: linksAfter(family.links, entry),
    lastPlace: isFact(entry) && entry.actors.length > 0 ? laterPlace(family.lastPlace, entry.place) : family.lastPlace,
    unsettledPlace: isUnsettled(entry) ? laterPlace(family.unsettledPlace, entry.place) : family.unsettledPlace,
    key: entry.key === undefined || isSealedAlone(entry) ? family.key : entry.key,
    retired: family.retired,
  }
}

function changedActors(family: Family, { changes, removes }: JournalEntry): Family['actors'] {
  if (changes.length === 0 && removes === undefined) return family.actors
  let actors = removes === undefined ? family.actors : family.actors.without(removes.map(({ key }) => key))
  for (const change of changes) {
    const { chart, key, state, version } = change
    const context = changedContext(actors.get(key)?.context ?? {}, change)
    actors = actors.with({ key, kind: kindOf(key), chart, version, state, context })
  }
  return actors
}

/** Whether the entry's event counts in the family. */
export const isFact = (entry: Pick<JournalEntry, 'verdict'>): boolean =>
  entry.verdict === 'accepted' || entry.verdict === 'superseded'

/** The event a person lets go of for good by this entry. */
export const discardedBy = ({ event, verdict }: JournalEntry): Pick<EventInput, 'id' | 'source'> | undefined =>
  event.type === 'exception.discarded' && isFact({ verdict })
    ? (event.data as { event: Pick<EventInput, 'id' | 'source'> }).event
    : undefined

/** Code of a fact whose subject was read from what was open in the family, not from a number. */
export const SUBJECT_INFERRED = 'subject_inferred'

// Nothing that happened before can make these right.
const FINAL_CODES: ReadonlySet<string | undefined> = new Set(['foreign_role', 'correction_malformed'])
const REFUSALS: ReadonlySet<Verdict> = new Set(['not_owner', 'not_allowed_in_state', 'quantity_exceeded'])

/** Whether the entry refuses on the strength of what was known: a fact from before it may still show that it was right. */
export const isRefusal = ({ detail, verdict }: Pick<JournalEntry, 'detail' | 'verdict'>): boolean =>
  REFUSALS.has(verdict) && !FINAL_CODES.has(detail.code)

/** Whether the entry carries actors whole that were there before: they were made from all facts, or by a newer chart. */
export const isAnew = ({ changes }: Pick<JournalEntry, 'changes'>): boolean =>
  changes.some(({ isWhole, was }) => isWhole && was !== undefined)

const isUnsettled = (entry: JournalEntry): boolean =>
  isRefusal(entry) || (isFact(entry) && entry.detail.code === SUBJECT_INFERRED)

function parkedAfter(family: Family, entry: JournalEntry): readonly ParkedEvent[] {
  if (entry.parks === undefined && entry.frees.length === 0) return family.parked
  const kept =
    entry.frees.length === 0 ? family.parked : family.parked.filter(each => !entry.frees.includes(each.position))
  if (entry.parks === undefined) return kept
  const parked = { ...entry.parks, position: entry.position, event: entry.event, place: entry.place }
  const index = kept.findIndex(each => each.place > entry.place)
  return index < 0 ? [...kept, parked] : kept.toSpliced(index, 0, parked)
}

/** `context` with what `change` says of it. */
export function changedContext(context: object, { elements, inserts, isWhole, key, merge, set }: ActorChange): object {
  if (isWhole) return set
  const changed: Record<string, unknown> = { ...context, ...set }
  for (const name in merge) changed[name] = merged(key, name, [changed[name] as Table<unknown>, merge[name] ?? {}])
  for (const name in inserts) changed[name] = withInserted(changed[name] as readonly unknown[], inserts[name] ?? [])
  for (const name in elements) changed[name] = patched(changed[name] as readonly unknown[], elements[name] ?? [])
  return changed
}

const MILESTONES = 'milestones'

/** Milestones keep the shape their chart gives them, all other records are tables. */
function merged(key: ActorKey, name: string, [known, more]: readonly [Table<unknown>, Table<unknown>]): object {
  const kind = name === MILESTONES ? kindOf(key) : undefined
  if (kind === 'order') return copyOfOrderMilestones({ ...known, ...more })
  if (kind === 'shipment') return copyOfShipmentMilestones({ ...known, ...more })
  return withMembers(known, more)
}

/**
 * The change that turns `before` into `after`. `changed` names what may differ; without it the change carries the whole
 * context. Contexts share what did not change, so references tell.
 */
export function changeOf(
  before: Actor | undefined,
  after: Actor,
  changed?: Readonly<Record<string, unknown>>,
): ActorChange {
  const { chart, key, state, version } = after
  const context = after.context as Record<string, unknown>
  if (changed === undefined || before === undefined || before.chart !== after.chart)
    return {
      key,
      chart,
      version,
      was: before?.state,
      state,
      set: context,
      merge: undefined,
      elements: undefined,
      inserts: undefined,
      isWhole: true,
    }
  const known = before.context as Record<string, unknown>
  const set: Record<string, unknown> = {}
  let merge: Record<string, Record<string, unknown>> | undefined
  let elements: Record<string, readonly unknown[]> | undefined
  let inserts: Record<string, readonly unknown[]> | undefined
  for (const name in changed) {
    const value = context[name]
    const former = known[name]
    if (value === undefined || value === former) continue
    const grown = growth(former, value)
    if (grown !== undefined) {
      inserts ??= {}
      inserts[name] = grown.inserts
    }
    const pairs = grown === undefined ? elementsChanged(former, value) : grown.pairs
    const members = pairs === undefined ? membersChanged(former, value, name) : undefined
    if (pairs?.length === 0 || (members !== undefined && isEmpty(members))) continue
    if (pairs !== undefined) {
      elements ??= {}
      elements[name] = pairs
    } else if (members !== undefined) {
      merge ??= {}
      merge[name] = members
    } else set[name] = value
  }
  return { key, chart, version, was: before.state, state, set, merge, elements, inserts, isWhole: false }
}

/** Index and value of each element that differs; undefined where the two are not lists of one length, or most differ. */
function elementsChanged(former: unknown, value: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(former) || !Array.isArray(value) || former.length !== value.length) return undefined
  const count = typeof value[0] === 'number' ? numbersThatDiffer(former, value) : elementsThatDiffer(former, value)
  if (2 * count >= value.length) return undefined
  const pairs = new Array<unknown>(2 * count)
  for (let index = 0, at = 0; at < pairs.length; index++) {
    if (value[index] === former[index]) continue
    pairs[at++] = index
    pairs[at++] = value[index]
  }
  return pairs
}

// The same twice: where V8 has seen nothing but numbers it compares them at once, and quantities are the longest lists there are.
function numbersThatDiffer(former: readonly number[], value: readonly number[]): number {
  let count = 0
  for (let index = 0; index < value.length; index++) if (value[index] !== former[index]) count++
  return count
}

function elementsThatDiffer(former: readonly unknown[], value: readonly unknown[]): number {
  let count = 0
  for (let index = 0; index < value.length; index++) if (value[index] !== former[index]) count++
  return count
}

// 16: what a shorter list takes is hardly more than saying what was put into it.
const GROWTH_LENGTH_MIN = 16

/** What was put into a list of objects, and what else differs in it; undefined where it is no such list, or most of it is new. */
function growth(former: unknown, value: unknown): { readonly [Part in 'inserts' | 'pairs']: unknown[] } | undefined {
  if (!Array.isArray(former) || !Array.isArray(value) || value.length <= former.length) return undefined
  if (former.length < GROWTH_LENGTH_MIN || typeof value[0] === 'number') return undefined
  const inserts: unknown[] = []
  const pairs: unknown[] = []
  let kept: ReadonlySet<unknown> | undefined
  let next = 0
  for (let index = 0; index < value.length; index++) {
    const element = value[index]
    if (next < former.length && element === former[next]) {
      next++
      continue
    }
    if (next < former.length) kept ??= new Set(value)
    // What stood here is nowhere else: this came in its place.
    const isChanged = next < former.length && kept?.has(former[next]) === false
    if (isChanged) next++
    const told = isChanged ? pairs : inserts
    told.push(index, element)
  }
  return next < former.length || inserts.length + pairs.length >= value.length ? undefined : { inserts, pairs }
}

/** Members that are new or differ; undefined where the two are not records, or a member is gone. */
function membersChanged(former: unknown, value: unknown, key: string): Record<string, unknown> | undefined {
  if (!isRecord(former) || !isRecord(value)) return undefined
  // Milestones are never lost. Their names are the chart's, so that there are few shapes; other tables have numbers, and are
  // dictionaries (machines/records.ts).
  const isMilestones = key === MILESTONES
  if (!isMilestones) for (const name in former) if (!(name in value)) return undefined
  const members: Record<string, unknown> = isMilestones ? {} : Object.create(null)
  for (const name in value) {
    const member = value[name]
    if (member !== former[name]) members[name] = member
  }
  return members
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function withInserted(list: readonly unknown[], pairs: readonly unknown[]): readonly unknown[] {
  const longer = new Array<unknown>(list.length + pairs.length / 2)
  for (let index = 0, at = 0; index < longer.length; index++) {
    const isNew = pairs[at] === index
    longer[index] = isNew ? pairs[at + 1] : list[index - at / 2]
    if (isNew) at += 2
  }
  return longer
}

function patched(list: readonly unknown[], pairs: readonly unknown[]): readonly unknown[] {
  const copy = list.slice()
  for (let at = 0; at < pairs.length; at += 2) copy[pairs[at] as number] = pairs[at + 1]
  return copy
}
