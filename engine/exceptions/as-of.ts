// As of: a family as it was believed at a position or a moment, folded from its entries. Pure.
import { applied, type JournalEntry } from '../entry.ts'
import { emptyFamily, type Family } from '../family.ts'
import { Ledger } from './ledger.ts'

/** Up to a position (inclusive), or to what was recorded by a moment; both: whichever ends first. */
export interface Until {
  readonly position?: number
  readonly timeMs?: number
}

export interface Belief {
  readonly family: Family
  readonly ledger: Ledger
  /** The clock of that belief: the moment asked for, or when the last entry up to the position was recorded if that was before.
   *  0 where nothing was known. */
  readonly nowMs: number
  readonly entries: readonly JournalEntry[]
}

/** What we believed then. `entries` are the family's, oldest first. */
export function believedAt(id: string, entries: readonly JournalEntry[], until: Until): Belief {
  const { position = Number.POSITIVE_INFINITY, timeMs = Number.POSITIVE_INFINITY } = until
  const known = entries.filter(entry => entry.position <= position && entry.recordedMs <= timeMs)
  const ledger = new Ledger()
  let family = emptyFamily(id)
  for (const entry of known) {
    family = applied(family, entry)
    ledger.fold(entry)
  }
  const endMs = entries.findLast(entry => entry.position <= position)?.recordedMs ?? 0
  const nowMs = until.position === undefined ? (until.timeMs ?? endMs) : Math.min(endMs, timeMs)
  return { family, ledger, nowMs, entries: known }
}
