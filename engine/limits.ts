// The engine's limits: each queue, cache and batch, and the number it may not exceed (E8).
import { DECIDE_LIMITS, type DecideLimits } from './decide.ts'
import { INBOX_LIMITS, type InboxLimits } from './inbox.ts'

export interface EngineLimits extends DecideLimits, InboxLimits {
  /** Events decided and appended together. */
  readonly batchEventsMax: number
  /** Bytes of entries appended together; what does not fit waits for the next batch. */
  readonly batchBytesMax: number
  /** Families kept in memory between batches. */
  readonly liveFamiliesMax: number
  /** Events of one preview: it holds the loop while it runs. */
  readonly previewEventsMax: number
}

export const ENGINE_LIMITS: EngineLimits = {
  ...DECIDE_LIMITS,
  ...INBOX_LIMITS,
  // 2,000: the sync costs under 0.1 µs an event; larger batches gain nothing and delay the first answer.
  batchEventsMax: 2_000,
  // 8 MB: an eighth of a segment, written in a few milliseconds; one event's entries may go beyond it.
  batchBytesMax: 8 * 1024 * 1024,
  liveFamiliesMax: 20_000,
  previewEventsMax: 50_000,
}
