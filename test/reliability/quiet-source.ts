// QuietSource: a partner that sends little beside one that floods: single events, one after another, a short while between them.
import { setTimeout as pause } from 'node:timers/promises'
import { isTransient } from '../../engine/outcome.ts'
import { captured } from '../helpers/distributor.ts'
import { sendEvent } from '../helpers/send-event.ts'
import { percentiles } from './percentiles.ts'

export interface Quiet {
  readonly accepted: number
  /** Answers `overloaded`: it sends again when it is told to, and its time goes on. */
  readonly shed: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const BETWEEN_MS = 20

export class QuietSource {
  private accepted = 0
  private shed = 0
  private waits: number[] = []
  private isOver = false
  private readonly taken: string[] = []
  private readonly sending: Promise<void>

  constructor(url: string) {
    this.sending = this.send(url)
    this.sending.catch(() => undefined)
  }

  /** What came since the last lap. */
  lap(): Quiet {
    const { accepted, shed, waits } = this
    this.accepted = this.shed = 0
    this.waits = []
    return { accepted, shed, ...percentiles(waits) }
  }

  async over(): Promise<void> {
    this.isOver = true
    await this.sending
  }

  /** Ids of acknowledged events that are not `there`. */
  lost(there: ReadonlySet<string>): readonly string[] {
    return this.taken.filter(id => !there.has(id))
  }

  private async send(url: string): Promise<void> {
    for (let number = 1; !this.isOver; number++) {
      const id = `q-${number}`
      const event = { specversion: '1.0', ...captured(`Q${number}`, '00:10'), source: 'edi', id }
      const startMs = performance.now()
      for (;;) {
        const { outcome, retryAfter } = await sendEvent(url, event)
        if (outcome.outcome === 'accepted') break
        if (retryAfter === null && !isTransient(outcome.outcome)) throw new Error(`${id}: ${JSON.stringify(outcome)}`)
        this.shed++
        await pause(Number(retryAfter ?? 1) * 1_000)
      }
      this.waits.push(performance.now() - startMs)
      this.accepted++
      this.taken.push(id)
      await pause(BETWEEN_MS)
    }
  }
}
