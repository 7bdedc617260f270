// Inbox: events that wait for their turn. One queue per source, taken in turn, so that a flood from one source does not
// starve another (E1); what is taken together keeps the order it came in. Bounded in events and in time; what does not fit is
// answered `overloaded` and nothing is kept (E8): who would hear seconds later has long given up, and sends again.
import type { Need } from './decide.ts'

/** What one `submit` sent and what came of each event so far. */
export interface Submission<Answer> {
  readonly answers: Answer[]
  open: number
  readonly done: () => void
}

export interface Waiting<Answer> {
  readonly submission: Submission<Answer>
  readonly index: number
  readonly input: unknown
  /** What it was put off for, each time something else. All of it is loaded again each time: eviction must not undo it. */
  needs: readonly Need[]
  /** The inbox counts what it takes in. */
  arrival: number
}

interface Queue<Answer> {
  /** Those before `next` were taken; nothing is kept of them. */
  readonly items: (Waiting<Answer> | undefined)[]
  next: number
}

export interface InboxLimits {
  readonly eventsMax: number
  /** One source's share: the rest stays free for others however much it floods. */
  readonly eventsPerSourceMax: number
  /** How long, at the pace of late, an event may have to wait for those of its source before it. */
  readonly waitMsMax: number
  /** Fewer than so many are taken at any pace. */
  readonly eventsMin: number
}

export const INBOX_LIMITS: InboxLimits = {
  eventsMax: 100_000,
  eventsPerSourceMax: 50_000,
  // Half of the second in which an accepted event shall be answered.
  waitMsMax: 500,
  // What two streams have on their way; a few batches.
  eventsMin: 4_000,
}

/** All of the inbox, the source's share of it, or what may be waited for. */
export type Full = 'inbox_full' | 'source_full' | 'wait_too_long'

// The pace is that of the last ten turns or so.
const PACE_KEPT = 0.9

export class Inbox<Answer> {
  private readonly limits: InboxLimits
  private readonly queues = new Map<string, Queue<Answer>>()
  private count = 0
  private arrivals = 0
  private nextTake: PromiseWithResolvers<void> | undefined
  /** Events that found no place, by reason. */
  readonly turnedAway: Record<Full, number> = { inbox_full: 0, source_full: 0, wait_too_long: 0 }
  private readonly pace = { events: 0, ms: 0 }

  constructor(limits: InboxLimits) {
    this.limits = limits
  }

  get size(): number {
    return this.count
  }

  /** Resolves when events are taken next. */
  get taken(): Promise<void> {
    this.nextTake ??= Promise.withResolvers()
    return this.nextTake.promise
  }

  /** False when the inbox, or the source's share of it, is full, or the wait would be too long. */
  put(source: string, waiting: Waiting<Answer>): boolean {
    const queue = this.queues.get(source)
    const size = queue === undefined ? 0 : queue.items.length - queue.next
    const full = this.full(size)
    if (full !== undefined) {
      this.turnedAway[full]++
      return false
    }
    this.count++
    waiting.arrival = this.arrivals++
    if (queue === undefined) this.queues.set(source, { items: [waiting], next: 0 })
    else queue.items.push(waiting)
    return true
  }

  /** Why there is no place for an event that has `size` of its source before it; undefined where there is. */
  private full(size: number): Full | undefined {
    const { eventsMax, eventsMin, eventsPerSourceMax, waitMsMax } = this.limits
    if (this.count >= eventsMax) return 'inbox_full'
    if (size >= eventsPerSourceMax) return 'source_full'
    return this.count >= eventsMin && this.waitMs(size) > waitMsMax ? 'wait_too_long' : undefined
  }

  /** A turn took that long, milliseconds, and so many events of the inbox with it. */
  passed(events: number, ms: number): void {
    // Once nothing waits, what the pace was says nothing of the next burst: one slow sync would turn it away hours later.
    if (this.count === 0) {
      this.pace.events = 0
      this.pace.ms = 0
      return
    }
    this.pace.events = this.pace.events * PACE_KEPT + events
    this.pace.ms = this.pace.ms * PACE_KEPT + Math.max(0, ms)
  }

  /** What an event waits that has `size` of its source before it: of each other source as many are taken beside them, where it has so many. */
  private waitMs(size: number): number {
    const { events, ms } = this.pace
    if (events === 0) return 0
    let before = 0
    for (const { items, next } of this.queues.values()) before += Math.min(items.length - next, size)
    return (before * ms) / events
  }

  /** Those that `take` would take next, but for their order; what comes meanwhile may be among them. To be left before the next `take`. */
  *waiting(most: number): Generator<Waiting<Answer>> {
    const share = Math.ceil(most / this.queues.size)
    for (const { items, next } of this.queues.values())
      for (let at = next; at < items.length && at < next + share; at++) yield items[at] as Waiting<Answer>
  }

  /** Up to `most` events: a slice of each queue in turn, all in order of arrival. */
  take(most: number): Waiting<Answer>[] {
    const taken: Waiting<Answer>[] = []
    const isMixed = this.queues.size > 1
    while (taken.length < most && this.count > 0) {
      const share = Math.max(1, Math.ceil((most - taken.length) / this.queues.size))
      for (const [source, queue] of this.queues) {
        const end = Math.min(queue.items.length, queue.next + share, queue.next + most - taken.length)
        for (; queue.next < end; queue.next++) {
          taken.push(queue.items[queue.next] as Waiting<Answer>)
          // A queue that never runs empty keeps its list: what was taken would outlive two young collections in it, and be promoted.
          queue.items[queue.next] = undefined
          this.count--
        }
        if (queue.next === queue.items.length) this.queues.delete(source)
        else forget(queue)
        if (taken.length >= most) break
      }
    }
    this.nextTake?.resolve()
    this.nextTake = undefined
    return isMixed ? taken.sort((a, b) => a.arrival - b.arrival) : taken
  }
}

// 1,000: to move those behind costs little beside what is taken before.
const TAKEN_MAX = 1_000

/** Drops the places of what was taken, also of a queue that never runs empty: half of its list at most is of the past. */
function forget(queue: Queue<unknown>): void {
  if (queue.next < TAKEN_MAX || queue.next * 2 < queue.items.length) return
  queue.items.splice(0, queue.next)
  queue.next = 0
}
