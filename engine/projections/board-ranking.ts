// Orders of the order board: by a time, and where that is equal by number, or by number alone. So no two rows are equal, and a page's
// boundary never splits or repeats any. Pure.
import type { Keep } from './board-rows.ts'
import type { NumberedTexts } from './numbered-texts.ts'

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
  /** Keeps at least those that come before `row`: a quick look that spares comparing most of them. */
  before(row: number): Keep
  /** Keeps those that come after `place`. */
  after(place: BoardPlace): Keep
  /** As a place has it. */
  value(row: number): number
  /** Whether what comes first tends to stand in later rows. Only speed depends on it. */
  readonly isFromTheEnd: boolean
}

export function byNumber(numbers: NumberedTexts, isDescending: boolean): Ranking {
  const sign = isDescending ? -1 : 1
  return {
    compare: (a, b) => sign * numbers.compare(a, b),
    before: row => numbers.mayBeBefore(row, sign),
    after: ({ number }) => numbers.after(number, sign),
    value: () => 0,
    isFromTheEnd: isDescending,
  }
}

export function byTime(times: Float64Array, numbers: NumberedTexts, isDescending: boolean): Ranking {
  const sign = isDescending ? -1 : 1
  const at = (row: number): number => times[row] as number
  return {
    compare: (a, b) => sign * (at(a) - at(b) || numbers.compare(a, b)),
    before: row => upTo(times, at(row), sign),
    after: place => behind(times, place, { sign, against: numbers.against(place.number) }),
    value: at,
    isFromTheEnd: isDescending,
  }
}

/** Rows with at most this value, or at least where `sign` is -1. */
function upTo(values: Float64Array, value: number, sign: number): Keep {
  const most = sign * value
  return (rows, count) => {
    let kept = 0
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      rows[kept] = row
      kept += Number(sign * (values[row] as number) <= most)
    }
    return kept
  }
}

/** Rows behind a place; of equal values `against` tells how numbers compare. */
function behind(
  values: Float64Array,
  place: BoardPlace,
  { against, sign }: { against: (row: number) => number; sign: number },
): Keep {
  const least = sign * place.value
  return (rows, count) => {
    let kept = 0
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      const value = sign * (values[row] as number)
      rows[kept] = row
      if (value > least || (value === least && sign * against(row) > 0)) kept++
    }
    return kept
  }
}
