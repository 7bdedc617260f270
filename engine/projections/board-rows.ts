// Rows of the order board: which pass a filter, and which of them come first. Rows are taken in blocks: the list of those of a block that
// still pass, and what is read of a column for them, stay in the processor's nearest caches. Pure.

import type { Ranking } from './board-ranking.ts'
import { putInto } from './first-items.ts'

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
  /** How many rows of a block pass; undefined where each has to be looked at. */
  readonly countOf?: (block: number) => number | undefined
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

/** The rows of one block that pass. They are looked at only where nothing else tells how many they are, or somebody wants them. */
export class BlockRows {
  readonly block: number
  private readonly size: number
  /** Used again for the next block. */
  private readonly list: Uint32Array
  /** What has not been asked yet of the rows in `list`. */
  private pending: readonly Condition[]
  /** How many at the front of `list` have passed; undefined before they were looked at. */
  private passed: number | undefined

  constructor(block: number, size: number, list: Uint32Array) {
    this.block = block
    this.size = size
    this.list = list
    this.pending = []
  }

  get count(): number {
    const [first, ...others] = this.pending
    if (this.passed === undefined && others.length === 0) {
      const count = first === undefined ? this.size : first.countOf?.(this.block)
      if (count !== undefined) return count
    }
    this.rows()
    return this.passed as number
  }

  /** Those that pass, at the front of a list and in their order, until the next block: as many as `count`. */
  rows(): Uint32Array {
    const { block, list, pending, size } = this
    let count = this.passed
    if (count === undefined) {
      const first = block * BLOCK_ROWS
      for (let index = 0; index < size; index++) list[index] = first + index
      count = size
    }
    for (const condition of pending) count = condition.keep(list, count)
    this.pending = []
    this.passed = count
    return list
  }

  /** From here on only those that pass `condition` too. */
  narrow(condition: Condition): void {
    const all = condition.ofBlock?.(this.block)
    if (all === false) {
      this.pending = []
      this.passed = 0
    } else if (all === undefined) this.pending = [...this.pending, condition]
  }

  /** Whether none passes, as far as that was found out. */
  get isKnownEmpty(): boolean {
    return this.passed === 0
  }
}

export interface Blocks {
  /** How many rows there are. */
  readonly rows: number
  /** All must hold. What tells most of whole blocks stands first. */
  readonly conditions: readonly Condition[]
  /** The last block first. Within a block rows go up either way. */
  readonly isFromTheEnd: boolean
}

/** Calls `visit` with the rows of each block of which some may pass. */
export function eachBlock({ conditions, isFromTheEnd, rows }: Blocks, visit: (found: BlockRows) => void): void {
  const list = new Uint32Array(BLOCK_ROWS)
  const blocks = Math.ceil(rows / BLOCK_ROWS)
  for (let step = 0; step < blocks; step++) {
    const block = isFromTheEnd ? blocks - 1 - step : step
    const found = new BlockRows(block, Math.min(BLOCK_ROWS, rows - block * BLOCK_ROWS), list)
    for (const condition of conditions) if (!found.isKnownEmpty) found.narrow(condition)
    if (!found.isKnownEmpty) visit(found)
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
  add(found: BlockRows): void {
    const { most, ranking, window } = this
    if (most === 0) return
    if (window.length === most) found.narrow(ranking.before(window[most - 1] as number))
    if (found.isKnownEmpty) return
    const rows = found.rows()
    const left = found.count
    const first = { most, compare: ranking.compare }
    for (let step = 0; step < left; step++) {
      putInto(window, rows[ranking.isFromTheEnd ? left - 1 - step : step] as number, first)
    }
  }
}
