// Sender: one source's side of the day. It posts what is due in lines, each connection one request at a time, and sends again
// what got no answer in time, was put off, or broke off: at least once, as sources do.
// A delivery's latency counts from when it was due to the outcome that settles it (histogram.ts, H1).
import { setTimeout as pause } from 'node:timers/promises'
import { isTransient, type OutcomeCode } from '../../engine/outcome.ts'
import { Connection } from '../clients/connection.ts'
import { type AnsweredOutcome, requestOf } from '../clients/requests.ts'
import type { Latencies } from '../histogram.ts'
import type { Tally } from '../load/load.ts'
import type { Due } from './day.ts'
import type { SourceModel } from './network-scenario.ts'
import { eventKey } from './order-end.ts'

/** What all senders of a run count together. */
export interface Counts {
  readonly outcomes: Tally
  answered: number
  resent: number
  /** Which event came to what, each time it was settled: key of the event (order-end.ts) and outcome. */
  readonly told: [event: string, outcome: OutcomeCode][]
  /** Keys of those of which a sending got no answer, or none that lasts. */
  readonly unanswered: Set<string>
}

export interface SenderOptions {
  readonly url: string
  readonly model: SourceModel
  readonly dues: readonly Due[]
  /** Its own. */
  readonly latencies: Latencies
  readonly startedMs: number
  /** When the last delivery of all sources is due, from the start. */
  readonly lastDueMs: number
  readonly counts: Counts
}

// A twin that answers "later" for so long, or is gone for so long after everything was due, will not answer: the source gives up,
// its events are lost, and the oracle says so. The run ends by itself.
const PUT_OFF_MS_MAX = 30_000
const SILENT_MS_MAX = 60_000
const LOOK_MS_MAX = 20

export class Sender {
  readonly #options: SenderOptions
  #next = 0

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /** Deliveries that are due and not yet taken into a request. */
  waiting(nowMs: number): number {
    const { dues, startedMs } = this.#options
    let end = this.#next
    while ((dues[end]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs - startedMs) end++
    return end - this.#next
  }

  async run(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.model.connections }, () => this.#sendOn()))
  }

  async #sendOn(): Promise<void> {
    const { dues, model, startedMs, url } = this.#options
    const line = new Line(url)
    while (this.#next < dues.length) {
      const sinceMs = performance.now() - startedMs
      const end = Math.min(this.#next + model.batchMax, this.#next + this.waiting(performance.now()))
      if (end === this.#next) {
        // No longer than to the next look: another connection may take what this one waits for.
        await pause(Math.max(0, Math.min(LOOK_MS_MAX, (dues[this.#next]?.atMs ?? 0) - sinceMs)))
        continue
      }
      const batch = dues.slice(this.#next, end)
      this.#next = end
      await this.#settle(batch, line)
    }
    line.close()
  }

  async #settle(batch: readonly Due[], line: Line): Promise<void> {
    const { counts, lastDueMs, latencies, model, startedMs, url } = this.#options
    const { retryAfterMs, sendingsMax, timeoutMs } = model.patience
    let giveUpMs = startedMs + lastDueMs + SILENT_MS_MAX
    let open = batch
    for (let sending = 1; open.length > 0 && performance.now() < giveUpMs; sending++) {
      if (sending > 1) counts.resent += open.length
      const request = requestOf(
        open.map(({ event }) => event),
        'lines',
        url,
      )
      const body = await line.post(request, sending < sendingsMax ? timeoutMs : SILENT_MS_MAX)
      const answers = body === undefined ? [] : settled(body)
      const nowMs = performance.now()
      if (body !== undefined) giveUpMs = Math.min(giveUpMs, nowMs + PUT_OFF_MS_MAX)
      open = open.filter(({ atMs, event }, index) => {
        const answer = answers[index]
        if (answer === undefined) {
          counts.unanswered.add(eventKey(event))
          return true
        }
        const { id, outcome } = answer
        latencies.record(nowMs - startedMs - atMs)
        counts.outcomes[outcome] = (counts.outcomes[outcome] ?? 0) + 1
        // Of the event that the answer names: a source may tell answers apart by that alone.
        counts.told.push([eventKey({ source: event.source, id: id ?? '' }), outcome])
        counts.answered++
        return false
      })
      if (open.length > 0) await pause(retryAfterMs)
    }
  }
}

/** The answer of each line that has a lasting one; undefined where there is none yet. */
function settled(body: string): readonly (AnsweredOutcome | undefined)[] {
  return body.split('\n').map(line => {
    try {
      const answer = JSON.parse(line) as Partial<AnsweredOutcome>
      return answer.outcome === undefined || isTransient(answer.outcome) ? undefined : (answer as AnsweredOutcome)
    } catch {
      return undefined
    }
  })
}

/** A connection that is made again after it broke or kept us waiting. */
class Line {
  readonly #url: URL
  #connection: Connection | undefined

  constructor(url: string) {
    this.#url = new URL(url)
  }

  /** The answer's body; undefined when none came in time or the connection broke. */
  async post(request: Buffer, timeoutMs: number): Promise<string | undefined> {
    this.#connection ??= new Connection(this.#url)
    const ending = new AbortController()
    const late = pause(timeoutMs, undefined, { signal: ending.signal }).catch(() => undefined)
    try {
      const body = await Promise.race([this.#connection.post(request), late])
      if (body === undefined) this.close()
      return body
    } catch {
      this.close()
      return undefined
    } finally {
      ending.abort()
    }
  }

  close(): void {
    this.#connection?.close()
    this.#connection = undefined
  }
}
