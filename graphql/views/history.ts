// One durable entry as readers see it: what was said, what it came to. What it changed is told by changes.ts. Pure.
import { entityText, positionText } from '../../engine/answers.ts'
import type { JournalEntry } from '../../engine/entry.ts'
import { isWaitingFamily } from '../../engine/family.ts'
import { placeMs } from '../../machines/ids.ts'

/** A family by its id; one that was believed to be is meant as it was. */
export interface FamilyRef {
  readonly id: string
}

export interface HistoryView {
  readonly entry: JournalEntry
  /** The family it is told of. */
  readonly family: FamilyRef
  readonly [field: string]: unknown
}

/** `cursor` resumes the feed after it. */
export const historyView = (entry: JournalEntry, family: FamilyRef = { id: entry.family }): HistoryView => ({
  entry,
  family,
  cursor: positionText(entry.position),
  position: positionText(entry.position),
  at: placeMs(entry.place),
  recordedAt: entry.recordedMs,
  source: entry.event.source,
  eventId: entry.event.id,
  event: entry.event.type,
  subject: entry.event.subject,
  order: isWaitingFamily(entry.family) ? undefined : entry.family,
  entities: entry.actors.map(key => entityText(key, entry.family)),
  verdict: entry.verdict,
  code: entry.detail.code,
  reason: entry.detail.reason,
  owner: entry.detail.owner,
  waitsFor: entry.detail.waitsFor,
  locked: entry.detail.locked ?? [],
  from: entry.from,
  to: entry.to,
  isOverride: entry.detail.override !== undefined,
  overrideReason: entry.detail.override,
  frees: entry.frees.map(positionText),
  cause: entry.cause === undefined ? undefined : positionText(entry.cause),
  data: entry.event.data,
})
