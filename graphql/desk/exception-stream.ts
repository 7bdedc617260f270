// ExceptionStream: what one subscription to exceptions reads: changes one at a time, the latest of each exception.
// A reader that falls behind gets each exception once, as it is then; there is nothing to resume, as all that is open can be
// asked for again.
import type { ExceptionChange, Watch } from '../../engine/exceptions/watch.ts'
import type { Untold } from '../live/channels.ts'
import { type Telling, valuesOf } from '../live/telling.ts'
import type { Waker } from '../live/waker.ts'
import { graphError } from '../operations/graph-errors.ts'

export interface ExceptionStreamOptions {
  readonly watch: Watch
  readonly waker: Waker
  readonly isWanted: (change: ExceptionChange) => boolean
  /** Exceptions with a change not told yet; beyond it the stream ends with TOO_FAR_BEHIND. */
  readonly backlogMax: number
}

interface UntoldException extends Untold {
  readonly what: ExceptionChange
}

export class ExceptionStream implements Telling<UntoldException> {
  resumeAt = ''
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

  valueFor({ what }: UntoldException): ExceptionChange {
    return what
  }

  take(): UntoldException | undefined {
    const first = this.untold.entries().next().value
    if (first === undefined || this.isOver) return undefined
    this.untold.delete(first[0])
    return { what: first[1], entries: 1, cursor: '' }
  }

  async more(): Promise<boolean> {
    if (this.isLost) throw graphError('TOO_FAR_BEHIND')
    if (this.isOver) return false
    await new Promise<void>(resolve => {
      this.wake = resolve
    })
    return true
  }

  end(): void {
    this.isOver = true
    this.stopListening()
    this.wake?.()
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return valuesOf(this)
  }

  private hear(change: ExceptionChange): void {
    if (!this.options.isWanted(change)) return
    const key = `${change.exception.family}\0${change.exception.key}`
    if (!this.untold.has(key) && this.untold.size >= this.options.backlogMax) {
      this.isLost = true
      this.stopListening()
    } else this.untold.set(key, change)
    if (this.wake !== undefined) this.options.waker.soon(this.wake)
    this.wake = undefined
  }
}
