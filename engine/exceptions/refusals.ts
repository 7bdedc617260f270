// Refusals: which events of a family stand refused. One stands until it counts after all, is corrected, or its source says
// the like again rightly. Folded from entries, in order of position.
import { isDeskEventType } from '../../machines/event-types.ts'
import type { ActorKey, Place } from '../../machines/ids.ts'
import { laterPlace } from '../../machines/ids.ts'
import { isFact, type JournalEntry } from '../entry.ts'
import { isWaitingFamily } from '../family.ts'
import type { Verdict } from '../outcome.ts'

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

export interface SavedRefusals {
  readonly refused: readonly (readonly [string, RefusedEvent])[]
  readonly counted: readonly (readonly [string, Place])[]
}

export const NOTHING_REFUSED: readonly RefusedEvent[] = []

export class Refusals {
  private readonly refused: Map<string, RefusedEvent>
  /** Latest place at which a source's events of a type counted for an actor: a later one puts a refused one right. */
  private readonly counted: Map<string, Place>
  /** Undefined where something was said since. */
  private known: readonly RefusedEvent[] | undefined

  constructor({ counted, refused }: SavedRefusals = { refused: [], counted: [] }) {
    this.refused = new Map(refused)
    this.counted = new Map(counted)
  }

  /** `actors` are those the entry is about. */
  fold(entry: JournalEntry, actors: readonly ActorKey[]): void {
    const key = refusalKey(entry)
    this.known = undefined
    if (isFact(entry)) this.noteFact(actors, entry)
    else if (mayStand(entry) && !this.isJoined(entry)) this.refused.set(key, refusalOf(entry, actors[0]))
    if (entry.verdict === 'parked') this.refused.delete(key)
  }

  /** By place. */
  standing(): readonly RefusedEvent[] {
    if (this.refused.size === 0) return NOTHING_REFUSED
    this.known ??= [...this.refused.values()]
      .filter(each => each.actor === undefined || each.place >= (this.counted.get(countKey(each, each.actor)) ?? ''))
      .sort((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : 0))
    return this.known
  }

  /** Whatever stands refused under this id. */
  letGo({ id, source }: { readonly id: string; readonly source: string }): void {
    this.known = undefined
    for (const [key, refused] of this.refused)
      if (refused.source === source && refused.eventId === id) this.refused.delete(key)
  }

  saved(): SavedRefusals {
    return { refused: [...this.refused], counted: [...this.counted] }
  }

  /** Judged once more for an actor that took a shared number later, and not its own: whom it was about, it counts for. */
  private isJoined(entry: JournalEntry): boolean {
    return isJudgedAgain(entry) && !this.refused.has(refusalKey(entry))
  }

  private noteFact(actors: readonly ActorKey[], entry: JournalEntry): void {
    const { event, place } = entry
    this.refused.delete(refusalKey(entry))
    if (event.type === 'correction.reported')
      this.refused.delete(`${event.source}\0${(event.data as { event?: string }).event ?? ''}`)
    for (const actor of actors) {
      const key = countKey({ source: event.source, event: event.type }, actor)
      this.counted.set(key, laterPlace(this.counted.get(key) ?? place, place))
    }
  }
}

/** Who does something by hand is told at once why it cannot be done. */
const isByHand = ({ detail, event }: JournalEntry): boolean =>
  detail.override !== undefined || isDeskEventType(event.type)

/** Whether the entry's event may stand refused. What waited under a number and came to an order has its verdict there. */
export const mayStand = (entry: JournalEntry): boolean =>
  !isFact(entry) &&
  entry.verdict !== 'parked' &&
  !isByHand(entry) &&
  !(isWaitingFamily(entry.family) && entry.frees.length > 0)

/** Judged because of what another event said, without having waited for it. */
export const isJudgedAgain = ({ cause, frees }: JournalEntry): boolean => cause !== undefined && frees.length === 0

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
