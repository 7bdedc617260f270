// Which entries settle an event id for ever (E7).
import type { JournalEntry } from '../entry.ts'

/**
 * Whether the entry is the first verdict of its source's id: `version_conflict` settles nothing, a reused id belongs to
 * another event, and what was woken or joined was settled by what its sender was told.
 */
export const settlesId = (entry: JournalEntry): boolean =>
  entry.cause === undefined && entry.verdict !== 'version_conflict' && entry.verdict !== 'id_reused'
