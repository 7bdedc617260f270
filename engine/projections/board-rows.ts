// Rows of the order board: which pass a filter, and which of them come first. Rows are taken in blocks: the list of those of a block that
// still pass, and what is read of a column for them, stay in the processor's nearest caches. Pure.

import type { Ranking } from './board-ranking.ts'

// 4,096: 16 KB of rows, and 32 KB of a column of times.
const BLOCK_ROWS = 4_096

/** Keeps those of the first `count` of `rows` that pass, at its front and in their order; how many they are. */
export type Keep = (rows: Uint32Array, count: number) => number

// None of these branches on what a row holds: where every other row passes, a processor that guesses is wrong as often.

/** Rows whose code has a 1 in `mask`. */
export function withCode(codes: Uint32Array, mask: Uint8Array): Keep {
  return (rows, count) => {
    let kept = 0
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      rows[kept] = row
      kept += mask[codes[row] as number] as number
    }
    return kept
  }
}

/** Rows with a time within the span, both ends included. 0 stands for "no such time", which is in no span. */
export function within(times: Float64Array, from: number, to: number): Keep {
  // Before the first moment there is lies none: one comparison less.
  const least = Math.max(from, 1)
  return (rows, count) => {
    let kept = 0
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      const time = times[row] as number
      rows[kept] = row
      kept += Number(time >= least && time <= to)
    }
    return kept
  }
}

/** Rows where something is parked, or those where nothing is. */
export function withParked(parked: Uint16Array, isParked: boolean): Keep {
  return (rows, count) => {
    let kept = 0
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      rows[kept] = row
      kept += Number((parked[row] as number) > 0 === isParked)
    }
    return kept
  }
}

export interface Blocks {
  /** How many rows there are. */
  readonly rows: number
  readonly keeps: readonly Keep[]
  /** The last block first. Within a block rows go up either way. */
  readonly isFromTheEnd: boolean
}

/** Calls `visit` with the rows of each block that pass; the list is used again for the next. */
export function eachBlock(
  { isFromTheEnd, keeps, rows }: Blocks,
  visit: (rows: Uint32Array, count: number) => void,
): void {
  const list = new Uint32Array(BLOCK_ROWS)
  const blocks = Math.ceil(rows / BLOCK_ROWS)
  for (let step = 0; step < blocks; step++) {
    const first = (isFromTheEnd ? blocks - 1 - step : step) * BLOCK_ROWS
    let count = Math.min(BLOCK_ROWS, rows - first)
    for (let index = 0; index < count; index++) list[index] = first + index
    for (const keep of keeps) if (count > 0) count = keep(list, count)
    if (count > 0) visit(list, count)
  }
}

/** The `most` rows that come first of all it is given: a sorted window instead of sorting a million rows. */
export class FirstRows {
  private readonly window: number[] = []
  private readonly most: number
  private readonly ranking: Ranking

  constructor(most: number, ranking: Ranking) {
    this.most = most
    this.ranking = ranking
  }

  /** In order. */
  get rows(): readonly number[] {
    return this.window
  }

  // Orders come in over time. Begun where the first are, the window is soon as it ends, and few rows get into it.
  add(rows: Uint32Array, count: number): void {
    const { most, ranking, window } = this
    if (most === 0) return
    const left = window.length < most ? count : ranking.before(window[most - 1] as number)(rows, count)
    for (let step = 0; step < left; step++) {
      const row = rows[ranking.isFromTheEnd ? left - 1 - step : step] as number
      if (window.length < most || ranking.compare(row, window[most - 1] as number) < 0) this.insert(row)
    }
  }

  private insert(row: number): void {
    const { most, ranking, window } = this
    let low = 0
    for (let high = window.length; low < high; ) {
      const middle = (low + high) >> 1
      if (ranking.compare(window[middle] as number, row) <= 0) low = middle + 1
      else high = middle
    }
    window.splice(low, 0, row)
    if (window.length > most) window.pop()
  }
}
