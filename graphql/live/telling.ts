// Telling: what a subscription's stream has not told its reader yet.
import type { Untold } from './channels.ts'

export interface Telling<Some extends Untold = Untold> extends AsyncIterable<unknown> {
  /** Cursor of the last payload handed to the reader's socket; empty where nothing resumes it. */
  resumeAt: string
  /** What is untold, one by one; undefined when there is nothing, or the stream has ended. */
  take(): Some | undefined
  /** Asked when there was nothing. Resolves when there may be something; false when the stream has ended. Rejects with why. */
  more(): Promise<boolean>
  /** What the operation is executed on; undefined where nothing is to be told. The same for all who ask the same. */
  valueFor(untold: Some): unknown
  /** Ends it at once. */
  end(): void
}

/** A telling as GraphQL knows streams: value by value, each when the last was taken. */
export async function* valuesOf<Some extends Untold>(telling: Telling<Some>): AsyncGenerator<unknown> {
  do {
    for (let untold = telling.take(); untold !== undefined; untold = telling.take()) {
      const value = await telling.valueFor(untold)
      if (value !== undefined) yield value
    }
  } while (await telling.more())
}
