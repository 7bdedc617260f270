// Ledger: what each source said last of each actor (domain §8), refused events too. Folded from a family's entries when
// somebody asks; the same entries in any order give the same ledger, but for positions.
import type { ActorKey, Place } from '../../machines/ids.ts'
import { isFact, type JournalEntry } from '../entry.ts'
import type { Verdict } from '../outcome.ts'
import { actorsOf, Marks } from './marks.ts'

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

export class Ledger {
  private readonly claims = new Map<string, Claim>()
  /** The same of what counted and was no mere claim. */
  private readonly facts = new Map<string, Claim>()
  readonly marks = Marks.of([])

  /** Folds one entry of the family; in order of position, from the first. */
  fold(entry: JournalEntry): void {
    for (const actor of actorsOf(entry)) this.noteClaim(actor, entry)
    this.marks.fold(entry)
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

  private noteClaim(actor: ActorKey, entry: JournalEntry): void {
    const key = `${actor}\0${entry.event.source}`
    const { event, place, position, recordedMs, verdict } = entry
    const state = event.type === 'claim.reported' ? (event.data as { state?: string }).state : undefined
    const claim = { actor, source: event.source, event: event.type, state, place, recordedMs, position, verdict }
    keepLater(this.claims, key, claim)
    if (isFact(entry) && event.type !== 'claim.reported') keepLater(this.facts, key, claim)
  }
}

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
