// The engine's limits: each queue, cache and batch, and the number it may not exceed (E8); and how much opening may have to fold.
import { DECIDE_LIMITS, type DecideLimits } from './decide.ts'
import { INBOX_LIMITS, type InboxLimits } from './inbox.ts'

export interface EngineLimits extends DecideLimits, InboxLimits {
  /** Events decided and appended together. */
  readonly batchEventsMax: number
  /** Bytes of entries appended together; what does not fit waits for the next batch. */
  readonly batchBytesMax: number
  /** Bytes of one entry, and of all entries of one event: beyond them the event is refused as `malformed` (`event_too_large`). */
  readonly entryBytesMax: number
  readonly unitBytesMax: number
  /** Families kept in memory between batches as they are, and packed. */
  readonly liveFamiliesMax: number
  readonly packedFamiliesMax: number
  /** Bytes by which the journal grows before a checkpoint is written: so many, and what comes in meanwhile, opening folds. */
  readonly checkpointEveryBytes: number
  /** Events of one preview: it holds the loop while it runs. */
  readonly previewEventsMax: number
  /** Previews that wait: each has a turn of events before the next. */
  readonly previewsMax: number
}

export const ENGINE_LIMITS: EngineLimits = {
  ...DECIDE_LIMITS,
  ...INBOX_LIMITS,
  // 500: the sync then costs under half a microsecond an event. What a larger batch makes outlives the young generation of the
  // heap before it is written: measured, 2,000 cost a tenth more per event, and delay the first answer.
  batchEventsMax: 500,
  // 8 MB: an eighth of a segment, written in a few milliseconds; one event's entries may go beyond it.
  batchBytesMax: 8 * 1024 * 1024,
  // 8 MB: half of what the journal's frames can say of their length.
  entryBytesMax: 8 * 1024 * 1024,
  // 32 MB: with a full batch before it, a commit still fits into a segment.
  unitBytesMax: 32 * 1024 * 1024,
  // 10,000 at 7 to 10 KB, and 20,000 at 2: to pack one and read it again takes as long as to judge an event of it, and a third of what the
  // snapshot store takes.
  liveFamiliesMax: 10_000,
  packedFamiliesMax: 20_000,
  // 16 MB: some 125,000 entries, which opening folds in two seconds.
  checkpointEveryBytes: 16 * 1024 * 1024,
  previewEventsMax: 50_000,
  // 200: of a few events each, a second or two.
  previewsMax: 200,
}
