// Projection: something readers ask, folded from durable entries and from nothing else, so that it can be rebuilt.
import type { JournalEntry } from '../entry.ts'

export interface Projection {
  /** Folds one entry. `row` is the family's row. Folding is in order of position; each entry once. */
  fold(entry: JournalEntry, row: number): void
}
