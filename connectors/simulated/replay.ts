// Replay: simulated sources post their deliveries to a twin, on a clock that follows the log.
// Owns: the pace, one queue per source.   Does not own: what is said (translate) or when it arrives (deliveries).
//   R1  Log time passes in ticks. A tick ends when every source has had every delivery due in it answered; only then
//       does the next begin, so no source runs ahead of another by more than a tick (back-pressure).
//   R2  Within a tick the sources send side by side, each its own deliveries in order, one request in flight at a time.
//   R3  What is answered as transient is sent again before anything else of that source.
import type { Outcome, OutcomeCode } from '../../engine/outcome.ts'
import type { PostEvents } from '../http/post-events.ts'
import { type Settling, settleEvents } from '../http/settle-events.ts'
import type { Delivery } from './deliveries.ts'

// 100 ms: a watcher sees the orders move smoothly, and a batch is still worth its request.
const TICK_MS = 100
// However fast the replay, sources stay within a day of log time of each other: few events have to wait parked.
const TICK_LOG_MS_MAX = 24 * 3_600_000
// 500 events are about 200 KiB, well under a server's usual body limit of 1 MiB.
const BATCH_MAX = 500
const TROUBLES_MAX = 20

export interface ReplayClock {
  nowMs(): number
  pause(ms: number, signal?: AbortSignal): Promise<void>
}

export interface Replay {
  /** In order of arrival. */
  readonly deliveries: readonly Delivery[]
  /** How each source reaches the twin: its own credentials and connection. */
  readonly postAs: (source: string) => PostEvents
  readonly clock: ReplayClock
  /** Log milliseconds per millisecond; Infinity is as fast as the twin answers. */
  readonly rate: number
  /** Told what the clock of the log says, before what is due by then is sent: nobody hears of anything ahead of it. */
  readonly onTick?: (logMs: number) => void
  readonly onProgress?: (progress: ReplayProgress) => void
  readonly signal?: AbortSignal
}

export interface ReplayProgress {
  /** Deliveries answered, of how many. */
  readonly done: number
  readonly total: number
  /** The clock of the log, epoch milliseconds. */
  readonly logMs: number
}

export interface ReplayReport {
  readonly done: number
  readonly outcomes: Readonly<Partial<Record<OutcomeCode, number>>>
  readonly retries: number
  /** The first events that came to something else than the log deserves. */
  readonly troubles: readonly Outcome[]
}

/** The rate at which `deliveries` take `durationMs`. */
export function rateOver(deliveries: readonly Delivery[], durationMs: number): number {
  const spanMs = (deliveries.at(-1)?.atMs ?? 0) - (deliveries[0]?.atMs ?? 0)
  return Math.max(1, spanMs / durationMs)
}

/** Posts all deliveries. Ends early, with what was done until then, when the signal aborts; throws `SendingFailed`. */
export async function replay(options: Replay): Promise<ReplayReport> {
  const tally = new Tally()
  const { deliveries, clock, rate, signal } = options
  const firstMs = deliveries[0]?.atMs ?? 0
  const startedMs = clock.nowMs()
  const tickLogMs = Math.min(rate * TICK_MS, TICK_LOG_MS_MAX)
  let next = 0
  let logMs = firstMs
  try {
    while (next < deliveries.length) {
      signal?.throwIfAborted()
      options.onTick?.(logMs)
      const end = dueEnd(deliveries, next, logMs)
      await sendTick(deliveries.slice(next, end), options, tally)
      next = end
      options.onProgress?.({ done: tally.done, total: deliveries.length, logMs })
      logMs += tickLogMs
      const aheadMs = startedMs + (logMs - firstMs) / rate - clock.nowMs()
      if (aheadMs > 0 && next < deliveries.length) await clock.pause(aheadMs, signal)
    }
  } catch (error) {
    if (!signal?.aborted) throw error
  }
  return tally.report()
}

function dueEnd(deliveries: readonly Delivery[], from: number, logMs: number): number {
  let end = from
  while ((deliveries[end]?.atMs ?? Number.POSITIVE_INFINITY) <= logMs) end++
  return end
}

async function sendTick(due: readonly Delivery[], options: Replay, tally: Tally): Promise<void> {
  const bySource = Map.groupBy(due, delivery => delivery.event.source)
  const sendings = await Promise.allSettled(
    [...bySource].map(([source, queue]) => sendQueue(source, queue, options, tally)),
  )
  const failed = sendings.find(each => each.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

async function sendQueue(source: string, queue: readonly Delivery[], options: Replay, tally: Tally): Promise<void> {
  const settling: Settling = {
    post: options.postAs(source),
    pause: options.clock.pause,
    signal: options.signal,
    onRetry: () => void tally.retries++,
  }
  for (let from = 0; from < queue.length; from += BATCH_MAX) {
    const batch = queue.slice(from, from + BATCH_MAX).map(delivery => delivery.event)
    tally.add(await settleEvents(batch, settling))
  }
}

/** What a replay of a log may well come to: it is early, late and twice, but never wrong. */
const EXPECTED: ReadonlySet<OutcomeCode> = new Set(['accepted', 'superseded', 'parked', 'duplicate'])

class Tally {
  done = 0
  retries = 0
  readonly #outcomes: Partial<Record<OutcomeCode, number>> = {}
  readonly #troubles: Outcome[] = []

  add(outcomes: readonly Outcome[]): void {
    this.done += outcomes.length
    for (const outcome of outcomes) {
      this.#outcomes[outcome.outcome] = (this.#outcomes[outcome.outcome] ?? 0) + 1
      if (!EXPECTED.has(outcome.outcome) && this.#troubles.length < TROUBLES_MAX) this.#troubles.push(outcome)
    }
  }

  report(): ReplayReport {
    return { done: this.done, outcomes: { ...this.#outcomes }, retries: this.retries, troubles: this.#troubles }
  }
}
