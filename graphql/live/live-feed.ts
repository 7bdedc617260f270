// LiveFeed: one reader of the twin's feed for all subscriptions that only want what comes next. An entry is handed to those
// who watch its order and to those who watch all: a thousand watchers of a thousand orders cost one look-up an entry.
// Owns: who listens.   Does not own: backlogs (streams keep their own), what came before (a stream with a cursor reads the
// twin's feed itself).
import type { Companion } from '../../engine/companions.ts'
import type { JournalEntry } from '../../engine/entry.ts'
import type { FeedItem, Twin } from '../../engine/twin.ts'

export interface Listener {
  /** The only family it listens to; undefined for all. */
  readonly family?: string
  hear(item: FeedItem): void
  /** Nothing more will come. */
  end(): void
}

export class LiveFeed implements Companion {
  readonly name = 'live'
  private readonly everything = new Set<Listener>()
  private readonly byFamily = new Map<string, Set<Listener>>()
  private readonly twin: Twin
  private readonly report: (error: unknown) => void
  private readonly leave: () => void
  private isClosed = false
  /** Batches that came in this turn of the event loop: those who sent them are answered first. */
  private came: (readonly JournalEntry[])[] = []

  constructor(twin: Twin, report: (error: unknown) => void) {
    this.twin = twin
    this.report = report
    this.leave = twin.attach(this).leave
  }

  /** Listens until the returned function is called. */
  listen(listener: Listener): () => void {
    // What came before is not for it.
    this.tellAll()
    if (this.isClosed) queueMicrotask(() => listener.end())
    const { family } = listener
    if (family === undefined) {
      this.everything.add(listener)
      return () => void this.everything.delete(listener)
    }
    const listeners = this.byFamily.get(family) ?? new Set()
    this.byFamily.set(family, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.byFamily.get(family) === listeners) this.byFamily.delete(family)
    }
  }

  close(): void {
    this.isClosed = true
    this.came = []
    this.leave()
    for (const listener of this.all()) listener.end()
  }

  fold(entries: readonly JournalEntry[]): void {
    if (this.everything.size + this.byFamily.size === 0) return
    if (this.came.push(entries) === 1) setImmediate(() => this.tellAll())
  }

  saved(): undefined {
    return undefined
  }

  private tellAll(): void {
    const { came } = this
    this.came = []
    try {
      for (const entries of came) for (const entry of entries) this.tell(entry)
    } catch (error) {
      this.report(error)
      this.close()
    }
  }

  private tell(entry: JournalEntry): void {
    const listeners = this.byFamily.get(entry.family)
    if (this.everything.size === 0 && listeners === undefined) return
    const item = { cursor: this.twin.positionText(entry.position), entry }
    for (const listener of this.everything) listener.hear(item)
    for (const listener of listeners ?? []) listener.hear(item)
  }

  private all(): readonly Listener[] {
    return [...this.everything, ...[...this.byFamily.values()].flatMap(listeners => [...listeners])]
  }
}
