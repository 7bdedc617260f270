// Subscriber: one who watches the feed, at its own pace, over connections that break. It must see every event once, in order,
// and nothing that a power cut can take back.
import type { JournalEntry } from '../../engine/entry.ts'
import type { FeedItem, Twin } from '../../engine/twin.ts'
import { fingerprint } from './history.ts'
import type { SimulatedProcess } from './process.ts'
import { must } from './violation.ts'

export class Subscriber {
  /** Position → what stood there when it was seen. */
  readonly seen = new Map<number, string>()
  private cursor = ''
  private last = 0
  private permits = 0
  private wake: (() => void) | undefined
  private connection = 0
  private readonly onSeen: (entry: JournalEntry) => void
  failure: unknown

  constructor(onSeen: (entry: JournalEntry) => void) {
    this.onSeen = onSeen
  }

  /** Follows `twin` from where it stands; an earlier connection is dropped. */
  connect(twin: Twin, process: SimulatedProcess): void {
    const connection = ++this.connection
    this.wake?.()
    const abort = new AbortController()
    void this.watch({ twin, process, connection, signal: abort.signal })
      .catch(error => {
        // A disk that cannot be read ends the connection; it connects again.
        if (!process.sawReadError && process.isAlive) this.failure ??= error
      })
      .finally(() => abort.abort())
  }

  /** It may look at that many more items. */
  allow(items: number): void {
    this.permits += items
    this.wake?.()
  }

  private async watch({
    connection,
    process,
    signal,
    twin,
  }: {
    twin: Twin
    process: SimulatedProcess
    connection: number
    signal: AbortSignal
  }): Promise<void> {
    const isOver = () => connection !== this.connection || !process.isAlive
    const items = twin.follow({ after: this.cursor, signal })[Symbol.asyncIterator]()
    while (!isOver()) {
      if (this.permits <= 0) await this.permitted()
      if (isOver()) return
      const { done, value } = await items.next()
      if (done === true || isOver()) return
      this.permits--
      this.take(value)
    }
  }

  private permitted(): Promise<void> {
    return new Promise(resolve => {
      this.wake = resolve
    })
  }

  private take({ cursor, entry }: FeedItem): void {
    must(entry.position > this.last, 'subscriber', () => `${entry.position} came after ${this.last}`)
    this.last = entry.position
    this.cursor = cursor
    this.seen.set(entry.position, fingerprint(entry))
    this.onSeen(entry)
  }
}
