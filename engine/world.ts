// World: what deciding may read. Every function answers at once, or throws NotLoaded.
import type { SourceBook } from '../machines/sources.ts'
import type { JournalEntry } from './entry.ts'
import type { Family } from './family.ts'
import type { Remnant } from './retiring/remnant.ts'
import type { Seals } from './sealing/seals.ts'
import type { Steppers } from './transition.ts'

export interface World {
  /** The batch's stamp, epoch milliseconds. */
  readonly nowMs: number
  /** Position of the last entry when the twin was opened: of what was set moving up to there some may not have been tried (W4). */
  readonly openedAt: number
  /** The position the first entry will take. */
  readonly nextPosition: number
  readonly sources: SourceBook
  readonly steppers: Steppers
  readonly limits: DecideLimits
  /** Keys for what is personal (E12). */
  readonly seals: Seals
  /** The family as it is now; an empty one where nothing is known. */
  family(id: string): Family
  /** Whether anything was ever said under `number` that nobody held. */
  hasWaiting(number: string): boolean
  /** Ids of the families that ever held `number`. */
  holders(number: string): readonly string[]
  /** Every entry of the family, oldest first. */
  history(id: string): readonly JournalEntry[]
  /**
   * The entry that first answered this id of this source, or what is left of it; `version_conflict` answers nothing for good
   * (E7).
   */
  seen(source: string, id: string): JournalEntry | Remnant | undefined
  /** How many events of `source` wait, in all families. */
  parkedOf(source: string): number
  /** Order lines of events that this turn may still wake (W1, W4). */
  readonly wakeLinesLeft: number
}

export interface DecideLimits {
  readonly parkedPerFamilyMax: number
  readonly parkedPerSourceMax: number
  /** How long events wait before they are overdue, where their source's profile does not say. */
  readonly parkForMs: number
  /** Order lines of the events that one turn wakes, or judges again: what is beyond is woken in the next. */
  readonly wakeLinesMax: number
}

export const DECIDE_LIMITS: DecideLimits = {
  // 1,000: each parked event is tried again at every fact of its family.
  parkedPerFamilyMax: 1_000,
  parkedPerSourceMax: 100_000,
  parkForMs: 24 * 3_600_000,
  // 50,000: three amendments of an order of 20,000 lines, some tenths of a second; of short orders as many events as a batch has, so that
  // what is left over never grows.
  wakeLinesMax: 50_000,
}

/** Something the world must load first. */
export type Need =
  | { readonly family: string }
  | { readonly history: string }
  | { readonly number: string }
  | { readonly source: string; readonly id: string }
  /** So many keys at once. */
  | { readonly keys: number }

/** Not an error: deciding stops here, changes nothing, and is done again once `need` is loaded. */
export class NotLoaded {
  readonly need: Need
  constructor(need: Need) {
    this.need = need
  }
}

/** A family that cannot be judged: it alone is set aside, the rest runs on. */
export class Quarantine extends Error {
  readonly family: string
  constructor(family: string, reason: string, cause?: unknown) {
    super(`family ${family}: ${reason}`, { cause })
    this.family = family
  }
}
