// settleEvents: sends a batch until each of its events has an outcome that sending again would not change.
//   S1  Only what was answered as transient, or not at all, is sent again: same events, same ids, same order.
//   S2  Waits between sendings as long as the server asks (WAIT_ASKED_MAX_MS at most), else longer each time up to WAIT_MAX_MS.
//   S3  After ATTEMPTS_MAX sendings in a row that settled nothing it gives up and says why.
import type { Outcome, OutcomeCode } from '../../engine/outcome.ts'
import type { PostAnswer, PostEvents } from './post-events.ts'

// Together with the waits below: a server may be away for four minutes, long enough for a restart with recovery.
const ATTEMPTS_MAX = 60
const WAIT_MIN_MS = 50
const WAIT_MAX_MS = 5_000
// A server that asks for more than a minute is asked again after one.
const WAIT_ASKED_MAX_MS = 60_000

export interface Settling {
  readonly post: PostEvents
  /** Resolves after so many milliseconds; rejects when aborted. */
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly signal?: AbortSignal
  readonly attemptsMax?: number
  /** Told before each repeated sending. */
  readonly onRetry?: (retry: { readonly events: number; readonly why: string }) => void
}

/** The server refused the request itself, or did not settle the events in time; nothing is wrong with one event alone. */
export class SendingFailed extends Error {
  override readonly name = 'SendingFailed'
}

/** One settled outcome per event, in order. Throws `SendingFailed`, or the signal's reason. */
export async function settleEvents(events: readonly unknown[], settling: Settling): Promise<readonly Outcome[]> {
  const settled: (Outcome | undefined)[] = events.map(() => undefined)
  let open = events.map((_, index) => index)
  let attempts = 0
  while (open.length > 0) {
    const batch = open
    const answer = await settling.post(
      batch.map(index => events[index]),
      settling.signal,
    )
    if (answer.kind === 'refused') throw new SendingFailed(answer.why)
    for (const [at, outcome] of outcomesOf(answer).entries())
      if (!isTransient(outcome.outcome)) settled[batch[at] ?? -1] = outcome
    open = batch.filter(index => settled[index] === undefined)
    if (open.length === 0) break
    attempts = open.length < batch.length ? 1 : attempts + 1
    const why = whyOpen(answer)
    if (attempts >= (settling.attemptsMax ?? ATTEMPTS_MAX))
      throw new SendingFailed(`gave up after ${attempts} sendings: ${why}`)
    settling.onRetry?.({ events: open.length, why })
    await settling.pause(waitMs(answer, attempts), settling.signal)
  }
  return settled.filter(outcome => outcome !== undefined)
}

const isTransient = (code: OutcomeCode): boolean => code === 'overloaded' || code === 'journal_unavailable'

const outcomesOf = (answer: PostAnswer): readonly Outcome[] => (answer.kind === 'answered' ? answer.outcomes : [])

function whyOpen(answer: PostAnswer): string {
  if (answer.kind !== 'answered') return answer.why
  return answer.outcomes.find(each => isTransient(each.outcome))?.outcome ?? 'the answer broke off'
}

function waitMs(answer: PostAnswer, attempts: number): number {
  const asked = answer.kind === 'try_again' ? answer.afterMs : undefined
  if (asked !== undefined) return Math.min(Math.max(asked, WAIT_MIN_MS), WAIT_ASKED_MAX_MS)
  return Math.min(WAIT_MIN_MS * 2 ** (attempts - 1), WAIT_MAX_MS)
}
