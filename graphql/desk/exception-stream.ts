// ExceptionStream: what one subscription to exceptions reads: changes one at a time, the latest of each exception. What is no more
// wanted but may have been told is told once more, so that a reader who shows what it wants knows what to take away.
// A reader that falls behind gets each exception once, as it is then; there is nothing to resume, as all that is open can be
// asked for again.
import type { OrderException } from '../../engine/exceptions/condition.ts'
import type { ExceptionChange } from '../../engine/exceptions/watch.ts'
import type { Untold } from '../live/channels.ts'
import { type Telling, valuesOf } from '../live/telling.ts'
import type { Waker } from '../live/waker.ts'
import { graphError } from '../operations/graph-errors.ts'
import type { ExceptionChanges, NotedChange, Reader } from './exception-changes.ts'

export interface ExceptionStreamOptions {
  readonly changes: ExceptionChanges
  readonly waker: Waker
  readonly isWanted: (exception: OrderException) => boolean
}

interface UntoldException extends Untold {
  readonly what: ExceptionChange
}

export class ExceptionStream implements Telling<UntoldException> {
  resumeAt = ''
  private readonly options: ExceptionStreamOptions
  private readonly reader: Reader
  private wake: (() => void) | undefined
  private isOver = false

  constructor(options: ExceptionStreamOptions) {
    this.options = options
    this.reader = options.changes.join(noted => this.hear(noted))
  }

  valueFor({ what }: UntoldException): ExceptionChange {
    return what
  }

  take(): UntoldException | undefined {
    if (this.isOver) return undefined
    const { changes } = this.options
    let noted = changes.take(this.reader)
    while (noted !== undefined && !this.isTold(noted)) noted = changes.take(this.reader)
    return noted && { what: noted.change, entries: 1, cursor: '' }
  }

  async more(): Promise<boolean> {
    if (this.options.changes.isLost(this.reader)) {
      this.end()
      throw graphError('TOO_FAR_BEHIND')
    }
    if (this.isOver) return false
    await new Promise<void>(resolve => {
      this.wake = resolve
    })
    return true
  }

  end(): void {
    this.isOver = true
    this.options.changes.leave(this.reader)
    this.wake?.()
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return valuesOf(this)
  }

  private isTold({ before, change }: NotedChange): boolean {
    const { isWanted } = this.options
    return isWanted(change.exception) || before.some(isWanted)
  }

  private hear(noted: NotedChange): void {
    if (this.wake === undefined) return
    // Who waits has read all before this one.
    if (!this.isTold(noted)) return void this.reader.next++
    this.options.waker.soon(this.wake)
    this.wake = undefined
  }
}
