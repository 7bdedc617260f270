// ExceptionChanges: what has become of exceptions, once for all readers: a log in which an exception stands where it changed last.
// A reader keeps its place and nothing else, so that ten thousand exceptions that fall due in one second cost each of them nothing.
// Owns: the log, as far as the slowest reader needs it.   Does not own: who wants what (exception-stream.ts), what is open (the watch).
import type { OrderException } from '../../engine/exceptions/condition.ts'
import { assigneeOf } from '../../engine/exceptions/handling.ts'
import type { ExceptionChange, Watch } from '../../engine/exceptions/watch.ts'

/** A change in the log. */
export interface NotedChange {
  readonly change: ExceptionChange
  /** As its readers may have seen the exception last: as it was before each change that somebody had not read yet. */
  readonly before: readonly OrderException[]
}

/** Where somebody stands in the log. */
export interface Reader {
  /** Number of the next change to look at. */
  next: number
  /** Told of each change while it waits for one. */
  readonly hear: (noted: NotedChange) => void
}

// What all readers have read goes in lots of at least this many.
const LOT_MIN = 1_024

export class ExceptionChanges {
  private readonly watch: Pick<Watch, 'listen'>
  private readonly most: number
  private readonly readers = new Set<Reader>()
  /** Undefined where the exception has changed again since. */
  private log: (NotedChange | undefined)[] = []
  /** Number of the first in the log. */
  private first = 0
  /** Where in the log each exception stands. */
  private readonly numbers = new Map<string, number>()
  private stopListening: (() => void) | undefined

  /** A reader more than `most` changes behind is lost. */
  constructor(watch: Pick<Watch, 'listen'>, most: number) {
    this.watch = watch
    this.most = most
  }

  /** Joins behind all there has been. To be left again. */
  join(hear: Reader['hear']): Reader {
    this.stopListening ??= this.watch.listen(change => this.note(change))
    const reader = { next: this.first + this.log.length, hear }
    this.readers.add(reader)
    return reader
  }

  leave(reader: Reader): void {
    this.readers.delete(reader)
    if (this.readers.size > 0) return
    this.stopListening?.()
    this.stopListening = undefined
    this.letGo(this.log.length)
  }

  /** Whether what it would read next is there no more. */
  isLost({ next }: Reader): boolean {
    return next < this.first
  }

  /** The next change the reader has not seen, the latest of its exception; undefined where there is none. */
  take(reader: Reader): NotedChange | undefined {
    while (!this.isLost(reader) && reader.next < this.first + this.log.length) {
      const noted = this.log[reader.next++ - this.first]
      if (noted !== undefined) return noted
    }
    return undefined
  }

  private note(change: ExceptionChange): void {
    const key = keyOf(change)
    const known = this.numbers.get(key)
    const noted = { change, before: withBefore(known === undefined ? [] : this.unreadBefore(known), change) }
    if (known !== undefined) this.log[known - this.first] = undefined
    this.numbers.set(key, this.first + this.log.length)
    this.log.push(noted)
    this.trim()
    for (const reader of this.readers) reader.hear(noted)
  }

  /** What was before the change of this number, where one of its readers has not read it. */
  private unreadBefore(number: number): readonly OrderException[] {
    for (const reader of this.readers)
      if (reader.next <= number && !this.isLost(reader)) return this.log[number - this.first]?.before ?? []
    return []
  }

  private trim(): void {
    const { length } = this.log
    if (length < LOT_MIN || length % LOT_MIN !== 0) return
    let slowest = this.first + length
    for (const { next } of this.readers) slowest = Math.min(slowest, next)
    const read = Math.max(0, slowest - this.first)
    if (length > this.most) this.letGo(Math.max(read, length - this.most))
    else if (read * 2 >= length) this.letGo(read)
  }

  /** Lets go of the first `count`. */
  private letGo(count: number): void {
    for (const noted of this.log.splice(0, count)) if (noted !== undefined) this.numbers.delete(keyOf(noted.change))
    this.first += count
  }
}

const keyOf = ({ exception: { family, key } }: ExceptionChange): string => `${family}\0${key}`

/** Once each of what filters tell apart: of one that goes to and fro unread there are few. */
function withBefore(before: readonly OrderException[], { was }: ExceptionChange): readonly OrderException[] {
  return was === undefined || before.some(each => isAlike(each, was)) ? before : [...before, was]
}

/** Whether no filter tells them apart: all else that one may ask for is always the same of an exception. */
function isAlike(a: OrderException, b: OrderException): boolean {
  const [one, other] = [assigneeOf(a.handling), assigneeOf(b.handling)]
  const isSameAssignee = (one === undefined) === (other === undefined) && one?.person === other?.person
  return isSameAssignee && a.team === b.team && a.severity === b.severity
}
