// Ledger: what each source said last of each actor (domain §8), refused events too, and what else no context remembers:
// which events stand refused, when the order was accepted, when transport was heard last. Folded from a family's entries;
// the same entries in any order give the same ledger, but for positions.
import { isDeskEventType } from '../../machines/event-types.ts'
import type { ActorKey, Place } from '../../machines/ids.ts'
import { earlierPlace, laterPlace } from '../../machines/ids.ts'
import { discardedBy, isFact, type JournalEntry } from '../entry.ts'
import { isWaitingFamily } from '../family.ts'
import type { Verdict } from '../outcome.ts'
import { Handlings } from './handling.ts'

/** The last thing, by place, that a source said of an actor. */
export interface Claim {
  readonly actor: ActorKey
  readonly source: string
  readonly event: string
  /** What a `claim.reported` says the state is; undefined for an event, which implies one. */
  readonly state: string | undefined
  readonly place: Place
  readonly recordedMs: number
  readonly position: number
  readonly verdict: Verdict
}

/** An event that stands refused. */
export interface RefusedEvent {
  readonly source: string
  readonly eventId: string
  readonly event: string
  readonly actor: ActorKey | undefined
  readonly place: Place
  readonly verdict: Verdict
  readonly code: string | undefined
  readonly reason: string
}

const SCANS: ReadonlySet<string> = new Set([
  'shipment.in_transit',
  'shipment.out_for_delivery',
  'shipment.delayed',
  'delivery.attempted',
])

export class Ledger {
  private readonly claims = new Map<string, Claim>()
  /** The same of what counted and was no mere claim. */
  private readonly facts = new Map<string, Claim>()
  private readonly refused = new Map<string, RefusedEvent>()
  /** Latest place at which a source's events of a type counted for an actor: a later one puts a refused one right. */
  private readonly counted = new Map<string, Place>()
  /** What people did about exceptions. */
  readonly handlings = new Handlings()
  private readonly scans = new Map<ActorKey, Place>()
  acceptedPlace: Place | undefined
  private readonly approvals: Place[] = []
  private lastHold: Place | '' = ''
  /** The latest payment. */
  paidPlace: Place | undefined

  /** Folds one entry of the family; in order of position. */
  fold(entry: JournalEntry): void {
    this.handlings.fold(entry)
    const discarded = discardedBy(entry)
    if (discarded !== undefined) this.letGo(discarded)
    const actors = entry.actors.length > 0 ? entry.actors : entry.changes.map(change => change.key).slice(0, 1)
    for (const actor of actors) this.noteClaim(actor, entry)
    const key = refusalKey(entry)
    if (isFact(entry)) this.noteFact(actors, entry)
    else if (entry.verdict !== 'parked' && !isByHand(entry) && !standsElsewhere(entry) && !this.isJoined(entry))
      this.refused.set(key, refusalOf(entry, actors[0]))
    if (entry.verdict === 'parked') this.refused.delete(key)
  }

  /** What each source said last of each actor, by actor and source. */
  lastClaims(): readonly Claim[] {
    return [...this.claims.values()].sort((a, b) => compareText(a.actor, b.actor) || compareText(a.source, b.source))
  }

  /** What each source said last of an actor that counted, and its last claim of a state. */
  lastCounted(actor: ActorKey): readonly Claim[] {
    const claims = [...this.claims.values()].filter(({ state }) => state !== undefined)
    return [...this.facts.values(), ...claims].filter(each => each.actor === actor)
  }

  /** By place. An event stands refused until it counts after all, is corrected, or its source says the like again rightly. */
  standingRefusals(): readonly RefusedEvent[] {
    return [...this.refused.values()]
      .filter(each => each.actor === undefined || each.place >= (this.counted.get(countKey(each, each.actor)) ?? ''))
      .sort((a, b) => compareText(a.place, b.place))
  }

  /** Since when credit has been open: the first approval after the last hold. Undefined while it is not. */
  creditOpenPlace(): Place | undefined {
    return this.approvals.filter(place => place > this.lastHold).sort()[0]
  }

  /** When transport was last heard of a shipment. */
  lastScan(actor: ActorKey): Place | undefined {
    return this.scans.get(actor)
  }

  /** Whatever stands refused under this id. */
  private letGo({ id, source }: { readonly id: string; readonly source: string }): void {
    for (const [key, refused] of this.refused)
      if (refused.source === source && refused.eventId === id) this.refused.delete(key)
  }

  private noteClaim(actor: ActorKey, entry: JournalEntry): void {
    const key = `${actor}\0${entry.event.source}`
    const { event, place, position, recordedMs, verdict } = entry
    const state = event.type === 'claim.reported' ? (event.data as { state?: string }).state : undefined
    const claim = { actor, source: event.source, event: event.type, state, place, recordedMs, position, verdict }
    keepLater(this.claims, key, claim)
    if (isFact(entry) && event.type !== 'claim.reported') keepLater(this.facts, key, claim)
  }

  /** Judged once more for an actor that took a shared number later, and not its own: whom it was about, it counts for. */
  private isJoined(entry: JournalEntry): boolean {
    return entry.cause !== undefined && entry.frees.length === 0 && !this.refused.has(refusalKey(entry))
  }

  private noteFact(actors: readonly ActorKey[], entry: JournalEntry): void {
    const { event, place } = entry
    this.refused.delete(refusalKey(entry))
    if (event.type === 'order.accepted') this.acceptedPlace = earlierPlace(this.acceptedPlace, place)
    if (event.type === 'credit.held') this.lastHold = laterPlace(this.lastHold, place)
    if (event.type === 'credit.approved' || event.type === 'credit.released') this.approvals.push(place)
    if (event.type === 'payment.received') this.paidPlace = laterPlace(this.paidPlace ?? place, place)
    if (event.type === 'correction.reported')
      this.refused.delete(`${event.source}\0${(event.data as { event?: string }).event ?? ''}`)
    for (const actor of actors) {
      const key = countKey({ source: event.source, event: event.type }, actor)
      this.counted.set(key, laterPlace(this.counted.get(key) ?? place, place))
      if (SCANS.has(event.type)) this.scans.set(actor, laterPlace(this.scans.get(actor) ?? place, place))
    }
  }
}

/** Who does something by hand is told at once why it cannot be done. */
const isByHand = ({ detail, event }: JournalEntry): boolean =>
  detail.override !== undefined || isDeskEventType(event.type)

/** What waited under a number and came to an order: its verdict stands there, and may turn there. */
const standsElsewhere = ({ family, frees }: JournalEntry): boolean => isWaitingFamily(family) && frees.length > 0

/** The ledger of a family from its entries, oldest first. */
export function ledgerOf(entries: readonly JournalEntry[]): Ledger {
  const ledger = new Ledger()
  for (const entry of entries) ledger.fold(entry)
  return ledger
}

function keepLater(claims: Map<string, Claim>, key: string, claim: Claim): void {
  const known = claims.get(key)
  if (known === undefined || known.place <= claim.place) claims.set(key, claim)
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const countKey = ({ event, source }: { event: string; source: string }, actor: ActorKey): string =>
  `${source}\0${event}\0${actor}`

/** An id used again, and a version that was not current, are refused beside what else the id stands for. */
const refusalKey = ({ event, position, verdict }: JournalEntry): string =>
  verdict === 'id_reused' || verdict === 'version_conflict'
    ? `${event.source}\0${event.id}\0${position}`
    : `${event.source}\0${event.id}`

const refusalOf = ({ detail, event, place, verdict }: JournalEntry, actor: ActorKey | undefined): RefusedEvent => ({
  source: event.source,
  eventId: event.id,
  event: event.type,
  actor,
  place,
  verdict,
  code: detail.code,
  reason: detail.reason ?? detail.code ?? verdict,
})
