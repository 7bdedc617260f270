// Rows of the order board: which pass a filter, and which of them come first. Rows are taken in blocks: the list of those of a block that
// still pass, and what is read of a column for them, stay in the processor's nearest caches. Pure.

import type { Ranking } from './board-ranking.ts'

// 4,096: 16 KB of rows, and 32 KB of a column of times.
export const BLOCK_ROWS = 4_096
export const BLOCK_SHIFT = 12

// Each condition goes through its rows in a loop of its own: one loop for all, which calls what tells of a row, takes three times as
// long, and one for two kinds of columns a fifth longer (measured, a million rows).
export interface Condition {
  /**
   * Keeps those of the first `count` of `rows` that pass, at its front and in their order; how many they are. Most do not branch on what
   * a row holds: where every other row passes, a processor that guesses is wrong as often.
   */
  readonly keep: (rows: Uint32Array, count: number) => number
  /** Whether all orders of a block pass, or none; undefined where each has to be looked at. */
  readonly ofBlock?: (block: number) => boolean | undefined
}

/** Rows whose code has a 1 in `mask`. */
export function withCode(codes: Uint32Array, mask: Uint8Array): Condition {
  return {
    keep: (rows, count) => {
      let kept = 0
      for (let index = 0; index < count; index++) {
        const row = rows[index] as number
        rows[kept] = row
        kept += mask[codes[row] as number] as number
      }
      return kept
    },
  }
}

/** Rows where something is parked, or those where nothing is. */
export function withParked(parked: Uint16Array, isParked: boolean): Condition {
  return {
    keep: (rows, count) => {
      let kept = 0
      for (let index = 0; index < count; index++) {
        const row = rows[index] as number
        rows[kept] = row
        kept += Number((parked[row] as number) > 0 === isParked)
      }
      return kept
    },
  }
}

/** Some rows of one block, at the front of a list. */
export interface BlockRows {
  readonly block: number
  readonly rows: Uint32Array
  readonly count: number
}

export interface Blocks {
  /** How many rows there are. */
  readonly rows: number
  /** All must hold. What tells of whole blocks stands first. */
  readonly conditions: readonly Condition[]
  /** The last block first. Within a block rows go up either way. */
  readonly isFromTheEnd: boolean
}

/** Calls `visit` with the rows of each block that pass; the list is used again for the next. */
export function eachBlock({ conditions, isFromTheEnd, rows }: Blocks, visit: (found: BlockRows) => void): void {
  const list = new Uint32Array(BLOCK_ROWS)
  const blocks = Math.ceil(rows / BLOCK_ROWS)
  for (let step = 0; step < blocks; step++) {
    const block = isFromTheEnd ? blocks - 1 - step : step
    if (conditions.some(({ ofBlock }) => ofBlock?.(block) === false)) continue
    const first = block * BLOCK_ROWS
    let count = Math.min(BLOCK_ROWS, rows - first)
    for (let index = 0; index < count; index++) list[index] = first + index
    for (const condition of conditions) count = kept(condition, { block, rows: list, count })
    if (count > 0) visit({ block, rows: list, count })
  }
}

/** How many of the rows pass; they are at the front of the list then. */
export function kept({ keep, ofBlock }: Condition, { block, rows, count }: BlockRows): number {
  const all = count === 0 ? false : ofBlock?.(block)
  if (all === undefined) return keep(rows, count)
  return all ? count : 0
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
  add(found: BlockRows): void {
    const { most, ranking, window } = this
    if (most === 0) return
    const { rows } = found
    const left = window.length < most ? found.count : kept(ranking.before(window[most - 1] as number), found)
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
