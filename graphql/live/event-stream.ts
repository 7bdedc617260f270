// EventStream: what one subscription reads. Entries come in, payloads are taken out one at a time, each when the one before
// has reached the reader's socket.
//   L1  Live entries that no longer fit end the stream with TOO_FAR_BEHIND and the cursor to resume at.
//   L2  A stream that starts at a cursor reads the feed itself, no faster than its reader: it never overflows.
//   L3  return() ends it at once, also while it waits.
import type { FeedItem, Twin } from '../../engine/twin.ts'
import { graphError } from '../operations/graph-errors.ts'
import type { Backlog } from './backlogs.ts'
import type { LiveFeed } from './live-feed.ts'

export interface StreamOptions<Untold, Payload> {
  readonly twin: Twin
  readonly live: LiveFeed
  readonly backlog: Backlog<Untold>
  readonly family?: string
  /** Where to start; undefined: with what comes next. */
  readonly after?: string
  /** What is told of it; undefined: nothing. */
  readonly payloadOf: (untold: Untold) => Promise<Payload | undefined> | Payload | undefined
  readonly cursorOf: (payload: Payload) => string
}

const DONE = { done: true, value: undefined } as const

export class EventStream<Untold, Payload> implements AsyncIterableIterator<Payload> {
  private readonly options: StreamOptions<Untold, Payload>
  private readonly ending = new AbortController()
  private readonly stopListening: () => void
  private failure: Error | undefined
  private lastCursor: string
  private isLost = false
  private wake: (() => void) | undefined
  private makeRoom: (() => void) | undefined

  constructor(options: StreamOptions<Untold, Payload>) {
    this.options = options
    this.lastCursor = options.after ?? options.twin.head().position
    this.stopListening = options.after === undefined ? this.listen() : () => undefined
    if (options.after !== undefined) void this.readFrom(options.after)
  }

  /** The cursor of the last payload that was taken. */
  get resumeAt(): string {
    return this.lastCursor
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Payload, undefined>> {
    for (;;) {
      const untold = this.options.backlog.take()
      this.makeRoom?.()
      if (untold === undefined) {
        if (this.failure !== undefined) return this.fail(this.failure)
        if (this.isLost) return this.fail(tooFarBehind(this.lastCursor))
        if (this.ending.signal.aborted) return DONE
        await this.woken()
        continue
      }
      if (this.ending.signal.aborted && this.failure === undefined) return DONE
      const payload = await this.options.payloadOf(untold)
      if (payload === undefined) continue
      this.lastCursor = this.options.cursorOf(payload)
      return { done: false, value: payload }
    }
  }

  return(): Promise<IteratorResult<Payload, undefined>> {
    this.end()
    return Promise.resolve(DONE)
  }

  private woken(): Promise<void> {
    return new Promise(resolve => {
      this.wake = resolve
    })
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

  private end(): void {
    this.stopListening()
    this.ending.abort()
    this.wake?.()
    this.makeRoom?.()
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
    this.wake?.()
  }

  private async readFrom(after: string): Promise<void> {
    const { backlog, family, twin } = this.options
    const { signal } = this.ending
    try {
      for await (const item of twin.follow({ after, signal })) {
        if (family !== undefined && item.entry.family !== family) continue
        while (!signal.aborted && !backlog.put(item)) await this.roomMade()
        this.wake?.()
        if (signal.aborted) break
      }
    } catch (error) {
      this.failure = error as Error
    }
    this.end()
  }
}

const tooFarBehind = (cursor: string) => graphError('TOO_FAR_BEHIND', undefined, { extensions: { cursor } })
