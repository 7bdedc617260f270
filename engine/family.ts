// Family: one order with its shipments and returns, and what waits for them. The unit of locking, commit, caching (domain §2).
// A family is immutable data: a change makes a new one.
import type { EventInput } from '../machines/event.ts'
import type { ActorKey, Place } from '../machines/ids.ts'
import { type Actors, NOBODY } from './actors.ts'
import { type Documents, NO_DOCUMENTS } from './document-list.ts'
import type { Links } from './links.ts'
import type { WaitsFor } from './outcome.ts'

/** An event that waits. It is kept as sent and parsed again whenever it is tried. */
export interface ParkedEvent {
  /** Position of the entry that parked it. */
  readonly position: number
  /** When it was first parked. */
  readonly sinceMs: number
  /** When it becomes overdue; it goes on waiting. */
  readonly untilMs: number
  readonly place: Place
  readonly event: EventInput
  readonly code: string
  readonly reason: string
  readonly waitsFor?: WaitsFor
}

export const isOverdue = ({ untilMs }: ParkedEvent, nowMs: number): boolean => untilMs < nowMs

/** How an order ended that was retired: all that is kept of it but its events' ids. */
export interface Retirement {
  /** The policy: so many days without an entry. */
  readonly closedForDays: number
  /** Who had it done. */
  readonly by: string
  /** When its last entry was recorded, how many there were, and a digest over all their bodies. */
  readonly lastRecordedMs: number
  readonly entries: number
  readonly digest: string
  readonly actors: Readonly<Record<ActorKey, { readonly state: string; readonly version: number }>>
  /** What it was known by: kind and number. */
  readonly numbers: readonly (readonly [kind: string, number: string])[]
  /** The keys that were destroyed with it (E12). */
  readonly keys: readonly number[]
}

/** A retirement with the position of its entry, and when that was recorded. */
export interface Retired extends Retirement {
  readonly position: number
  readonly atMs: number
}

export interface Family {
  /** The order's id, or `ref:NUMBER` for events that wait under a number nobody has taught us. */
  readonly id: string
  /** Position of its last entry; 0 before the first. */
  readonly head: number
  readonly actors: Actors
  /** By place, earliest first. */
  readonly parked: readonly ParkedEvent[]
  readonly documents: Documents
  /** What a person said numbers mean that nothing here holds (links.ts). */
  readonly links: Links
  /** The latest place among all facts that count; empty before the first. */
  readonly lastPlace: Place | ''
  /** The latest place among verdicts that rest on what was known: refusals, and subjects read from what was open. */
  readonly unsettledPlace: Place | ''
  /** Number of the order's key; undefined until something personal was said of it (E12). */
  readonly key?: number
  /** It was retired: it has no actors any more, and what comes later is refused. */
  readonly retired?: Retired
}

const NO_LINKS: Links = Object.freeze(Object.create(null))

export const emptyFamily = (id: string): Family => ({
  id,
  head: 0,
  actors: NOBODY,
  parked: [],
  documents: NO_DOCUMENTS,
  links: NO_LINKS,
  lastPlace: '',
  unsettledPlace: '',
  key: undefined,
  retired: undefined,
})

/** Begins the ids of families that wait under a number. */
export const WAITING = 'ref:'
export const waitingFamilyId = (number: string): string => `${WAITING}${number}`
export const isWaitingFamily = (id: string): boolean => id.startsWith(WAITING)
/** The number under which the events of a waiting family wait. */
export const waitedNumber = (id: string): string => id.slice(WAITING.length)
