// Orders of the order board: by a time, and where that is equal by number, or by number alone. So no two rows are equal, and a page's
// boundary never splits or repeats any. Pure.
import type { Condition } from './board-rows.ts'
import type { NumberColumn } from './number-column.ts'
import type { TimeColumn } from './time-column.ts'

/** A place in a sorted list of orders: it stays where it is, whatever becomes of the order that stood there. */
export interface BoardPlace {
  /** The time it is sorted by; 0 where it is sorted by number. */
  readonly value: number
  readonly number: string
}

/** A total order of rows. */
export interface Ranking {
  /** Negative when row `a` comes first. */
  compare(a: number, b: number): number
  /** Holds at least of those that come before `row`: a quick look that spares comparing most of them. */
  before(row: number): Condition
  after(place: BoardPlace): Condition
  /** As a place has it. */
  value(row: number): number
  /** Whether what comes first tends to stand in later rows. Only speed depends on it. */
  readonly isFromTheEnd: boolean
}

export function byNumber(numbers: NumberColumn, isDescending: boolean): Ranking {
  const sign = isDescending ? -1 : 1
  return {
    compare: (a, b) => sign * numbers.texts.compare(a, b),
    before: row => numbers.mayBeBefore(row, sign),
    after: ({ number }) => numbers.after(number, sign),
    value: () => 0,
    isFromTheEnd: isDescending,
  }
}

export function byTime(times: TimeColumn, numbers: NumberColumn, isDescending: boolean): Ranking {
  const sign = isDescending ? -1 : 1
  const { values } = times
  const at = (row: number): number => values[row] as number
  return {
    compare: (a, b) => sign * (at(a) - at(b) || numbers.texts.compare(a, b)),
    before: row => times.upTo(at(row), sign),
    after: ({ number, value }) => {
      const against = numbers.texts.against(number)
      return times.beyond(value, sign, row => sign * against(row) > 0)
    },
    value: at,
    isFromTheEnd: isDescending,
  }
}
