// ExceptionStream: what one subscription to exceptions reads: changes one at a time, the latest of each exception.
// A reader that falls behind gets each exception once, as it is then; there is nothing to resume, as all that is open can be
// asked for again.
import type { ExceptionChange, Watch } from '../../engine/exceptions/watch.ts'
import { graphError } from '../operations/graph-errors.ts'

export interface ExceptionStreamOptions {
  readonly watch: Watch
  readonly isWanted: (change: ExceptionChange) => boolean
  /** Exceptions with a change not told yet; beyond it the stream ends with TOO_FAR_BEHIND. */
  readonly backlogMax: number
}

const DONE = { done: true, value: undefined } as const

export class ExceptionStream implements AsyncIterableIterator<ExceptionChange> {
  /** Nothing resumes it. */
  readonly resumeAt = ''
  private readonly untold = new Map<string, ExceptionChange>()
  private readonly options: ExceptionStreamOptions
  private readonly stopListening: () => void
  private wake: (() => void) | undefined
  private isOver = false
  private isLost = false

  constructor(options: ExceptionStreamOptions) {
    this.options = options
    this.stopListening = options.watch.listen(change => this.hear(change))
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<ExceptionChange, undefined>> {
    for (;;) {
      const first = this.untold.entries().next().value
      if (first !== undefined && !this.isOver) {
        this.untold.delete(first[0])
        return { done: false, value: first[1] }
      }
      if (this.isLost) throw graphError('TOO_FAR_BEHIND')
      if (this.isOver) return DONE
      await new Promise<void>(resolve => {
        this.wake = resolve
      })
    }
  }

  return(): Promise<IteratorResult<ExceptionChange, undefined>> {
    this.isOver = true
    this.stopListening()
    this.wake?.()
    return Promise.resolve(DONE)
  }

  private hear(change: ExceptionChange): void {
    if (!this.options.isWanted(change)) return
    const key = `${change.exception.family}\0${change.exception.key}`
    if (!this.untold.has(key) && this.untold.size >= this.options.backlogMax) {
      this.isLost = true
      this.stopListening()
    } else this.untold.set(key, change)
    this.wake?.()
  }
}
