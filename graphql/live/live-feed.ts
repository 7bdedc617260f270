// LiveFeed: one reader of the twin's feed for all subscriptions that only want what comes next. An entry is handed to those
// who watch its order and to those who watch all: a thousand watchers of a thousand orders cost one look-up an entry.
// Owns: who listens.   Does not own: backlogs (streams keep their own), what came before (a stream with a cursor reads the
// twin's feed itself).
import type { FeedItem, Twin } from '../../engine/twin.ts'

export interface Listener {
  /** The only family it listens to; undefined for all. */
  readonly family?: string
  hear(item: FeedItem): void
  /** Nothing more will come. */
  end(): void
}

export class LiveFeed {
  private readonly everything = new Set<Listener>()
  private readonly byFamily = new Map<string, Set<Listener>>()
  private readonly ending = new AbortController()
  private at: string

  constructor(twin: Twin, report: (error: unknown) => void) {
    this.at = twin.head().position
    void this.run(twin, report)
  }

  /** Listens until the returned function is called. */
  listen(listener: Listener): () => void {
    if (this.ending.signal.aborted) queueMicrotask(() => listener.end())
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
    this.ending.abort()
    for (const listener of this.all()) listener.end()
  }

  private async run(twin: Twin, report: (error: unknown) => void): Promise<void> {
    try {
      for await (const item of twin.follow({ after: this.at, signal: this.ending.signal })) this.tell(item)
    } catch (error) {
      report(error)
    }
    this.close()
  }

  private tell(item: FeedItem): void {
    for (const listener of this.everything) listener.hear(item)
    for (const listener of this.byFamily.get(item.entry.family) ?? []) listener.hear(item)
  }

  private all(): readonly Listener[] {
    return [...this.everything, ...[...this.byFamily.values()].flatMap(listeners => [...listeners])]
  }
}
