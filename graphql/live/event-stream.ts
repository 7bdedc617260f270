// EventStream: what one subscription reads. Entries come in, what is untold is taken out.
//   L1  Live entries that no longer fit end the stream with TOO_FAR_BEHIND and the cursor to resume at.
//   L2  A stream that starts at a cursor reads the feed itself, no faster than its reader: it never overflows.
//   L3  end() ends it at once, also while it waits.
import type { FeedItem, Twin } from '../../engine/twin.ts'
import { graphError } from '../operations/graph-errors.ts'
import type { Backlog } from './backlogs.ts'
import type { Untold } from './channels.ts'
import type { LiveFeed } from './live-feed.ts'
import { type Telling, valuesOf } from './telling.ts'
import type { Waker } from './waker.ts'

export interface StreamOptions<Some extends Untold> {
  readonly twin: Twin
  readonly live: LiveFeed
  readonly waker: Waker
  readonly backlog: Backlog<Some>
  readonly family?: string
  /** Where to start; undefined: with what comes next. */
  readonly after?: string
  /** What is told of it; undefined: nothing. */
  readonly valueFor: (untold: Some) => unknown
}

export class EventStream<Some extends Untold> implements Telling<Some> {
  resumeAt: string
  private readonly options: StreamOptions<Some>
  private readonly ending = new AbortController()
  private readonly stopListening: () => void
  private failure: Error | undefined
  private isLost = false
  private wake: (() => void) | undefined
  private makeRoom: (() => void) | undefined

  constructor(options: StreamOptions<Some>) {
    this.options = options
    this.resumeAt = options.after ?? options.twin.head().position
    this.stopListening = options.after === undefined ? this.listen() : () => undefined
    if (options.after !== undefined) void this.readFrom(options.after)
  }

  take(): Some | undefined {
    if (this.ending.signal.aborted && this.failure === undefined) return undefined
    const untold = this.options.backlog.take()
    this.makeRoom?.()
    return untold
  }

  valueFor(untold: Some): unknown {
    return this.options.valueFor(untold)
  }

  async more(): Promise<boolean> {
    if (this.failure !== undefined) return this.fail(this.failure)
    if (this.isLost) return this.fail(tooFarBehind(this.resumeAt))
    if (this.ending.signal.aborted) return false
    await new Promise<void>(resolve => {
      this.wake = resolve
    })
    return true
  }

  end(): void {
    this.stopListening()
    this.ending.abort()
    this.wake?.()
    this.makeRoom?.()
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return valuesOf(this)
  }

  private roomMade(): Promise<void> {
    return new Promise(resolve => {
      this.makeRoom = resolve
    })
  }

  private fail(error: Error): never {
    this.end()
    throw error
  }

  private listen(): () => void {
    return this.options.live.listen({
      family: this.options.family,
      hear: item => this.hear(item),
      end: () => this.end(),
    })
  }

  /** What does not fit is lost to this stream, and so is all that follows: it ends once the backlog has been told. */
  private hear(item: FeedItem): void {
    if (this.isLost) return
    this.isLost = !this.options.backlog.put(item)
    this.wakeSoon()
  }

  /** Whoever waits; the promise it waits for is resolved once, whenever. */
  private wakeSoon(): void {
    if (this.wake === undefined) return
    this.options.waker.soon(this.wake)
    this.wake = undefined
  }

  private async readFrom(after: string): Promise<void> {
    const { backlog, family, twin } = this.options
    const { signal } = this.ending
    try {
      for await (const item of twin.follow({ after, signal })) {
        if (family !== undefined && item.entry.family !== family) continue
        while (!signal.aborted && !backlog.put(item)) await this.roomMade()
        this.wakeSoon()
        if (signal.aborted) break
      }
    } catch (error) {
      this.failure = error as Error
    }
    this.end()
  }
}

const tooFarBehind = (cursor: string) => graphError('TOO_FAR_BEHIND', undefined, { extensions: { cursor } })
