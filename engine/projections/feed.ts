// Feed: hands durable entries to followers, from any position, without gap or repeat.
// Owns:  each follower's watermark and bounded backlog.   Does not own: the journal, or what an entry means to a reader.
// Hears from the engine: publish(entries).   Speaks to: one async iterator per follower.
//   P1  A follower receives each entry once, in order of position.
//   P2  While it catches up from the journal, live entries wait; what has passed by then is dropped by position.
//   P3  A follower whose backlog is full loses the backlog, not its place: it catches up from the journal again.
import type { JournalEntry } from '../entry.ts'
import { EVENT_ENTRY, unpackEntry } from '../entry-codec.ts'
import type { Journal } from '../journal/journal.ts'

// 4,096 entries are references into batches that live anyway; beyond that reading the journal again is cheaper.
const BACKLOG_MAX = 4_096

interface Follower {
  backlog: JournalEntry[]
  hasMissed: boolean
  wake: (() => void) | undefined
}

export class Feed {
  private readonly journal: Journal
  private readonly followers = new Set<Follower>()
  private published: number
  private isClosed = false

  constructor(journal: Journal, published: number) {
    this.journal = journal
    this.published = published
  }

  /** Position of the newest entry followers may see. */
  get head(): number {
    return this.published
  }

  get followerCount(): number {
    return this.followers.size
  }

  publish(entries: readonly JournalEntry[], head: number): void {
    this.published = head
    for (const follower of this.followers) {
      if (follower.backlog.length + entries.length > BACKLOG_MAX) {
        follower.backlog = []
        follower.hasMissed = true
      } else follower.backlog.push(...entries)
      follower.wake?.()
    }
  }

  /** Entries after position `from` (exclusive), then live, until `signal` aborts or the feed closes. */
  async *follow(from: number, signal?: AbortSignal): AsyncGenerator<JournalEntry> {
    const follower: Follower = { backlog: [], hasMissed: true, wake: undefined }
    const isOver = () => this.isClosed || signal?.aborted === true
    const onAbort = () => follower.wake?.()
    this.followers.add(follower)
    signal?.addEventListener('abort', onAbort)
    let at = from
    try {
      while (!isOver()) {
        if (follower.hasMissed) {
          follower.hasMissed = false
          for await (const entry of this.past(at)) {
            if (isOver()) return
            at = entry.position
            yield entry
          }
        }
        const live = follower.backlog
        follower.backlog = []
        for (const entry of live) {
          if (entry.position <= at) continue
          if (isOver()) return
          at = entry.position
          yield entry
        }
        if (follower.backlog.length === 0 && !follower.hasMissed && !isOver())
          await new Promise<void>(wake => {
            follower.wake = wake
          })
        follower.wake = undefined
      }
    } finally {
      this.followers.delete(follower)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  close(): void {
    this.isClosed = true
    for (const follower of this.followers) follower.wake?.()
  }

  /** What was published after `from`, read from the journal; it ends there. */
  async *past(from: number, signal?: AbortSignal): AsyncGenerator<JournalEntry> {
    if (from >= this.published) return
    for await (const frames of this.journal.scan(from))
      for (const frame of frames) {
        if (frame.position > this.published || signal?.aborted === true) return
        if (frame.kind === EVENT_ENTRY) yield unpackEntry(frame)
      }
  }
}
