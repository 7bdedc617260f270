// Rows of the order board: which pass a filter, and which of them come first. One pass over one typed column at a time: of a million
// orders each takes about a millisecond. Pure.

/** 1 for each row that is still chosen. */
export type Rows = Uint8Array

/** The first `count` rows, those of them whose code has a 1 in `mask`. */
export function rowsOfCodes(codes: Uint32Array, mask: Uint8Array, count: number): Rows {
  const rows = new Uint8Array(count)
  for (let row = 0; row < count; row++) rows[row] = mask[codes[row] as number] as number
  return rows
}

/** Keeps rows whose code has a 1 in `mask`. */
export function keepCodes(rows: Rows, codes: Uint32Array, mask: Uint8Array): void {
  for (let row = 0; row < rows.length; row++) rows[row] = (rows[row] as number) & (mask[codes[row] as number] as number)
}

/** Keeps rows with a time within the span, both ends included. 0 stands for "no such time", which is in no span. */
export function keepTimes(rows: Rows, times: Float64Array, from: number, to: number): void {
  for (let row = 0; row < rows.length; row++) {
    const time = times[row] as number
    if (time < from || time > to || time === 0) rows[row] = 0
  }
}

/** Keeps rows where something is parked, or those where nothing is. */
export function keepParked(rows: Rows, parked: Uint16Array, isParked: boolean): void {
  for (let row = 0; row < rows.length; row++) if ((parked[row] as number) > 0 !== isParked) rows[row] = 0
}

/** Drops chosen rows for which `isBefore` holds; how many they were. */
export function dropUpTo(rows: Rows, isBefore: (row: number) => boolean): number {
  let dropped = 0
  for (let row = 0; row < rows.length; row++) {
    if (rows[row] === 0 || !isBefore(row)) continue
    rows[row] = 0
    dropped++
  }
  return dropped
}

/** A total order of rows. */
export interface Ranking {
  /** Negative when row `a` comes first. */
  compare(a: number, b: number): number
  /** Whether what comes first tends to stand in later rows. Only speed depends on it. */
  readonly isFromTheEnd: boolean
}

export interface First {
  /** In order. */
  readonly first: readonly number[]
  /** Of all chosen rows. */
  readonly count: number
}

/** The `most` chosen rows that come first: one pass with a sorted window instead of sorting a million rows. */
export function firstRows(rows: Rows, most: number, { compare, isFromTheEnd }: Ranking): First {
  const window: number[] = []
  let count = 0
  // Orders come in over time. Begun where the first are, the window is soon as it ends, and few rows get into it.
  for (let step = 0; step < rows.length; step++) {
    const row = isFromTheEnd ? rows.length - 1 - step : step
    if (rows[row] === 0) continue
    count++
    if (window.length >= most && compare(row, window[window.length - 1] as number) >= 0) continue
    let low = 0
    for (let high = window.length; low < high; ) {
      const middle = (low + high) >> 1
      if (compare(window[middle] as number, row) <= 0) low = middle + 1
      else high = middle
    }
    window.splice(low, 0, row)
    if (window.length > most) window.pop()
  }
  return { first: window, count }
}

/**
 * Texts by row, compared as texts, but mostly as numbers: `SO-1000017` and `SO-1000009` have the same shape, seven digits behind
 * `SO-`, and differ as 1000017 and 1000009 do.
 */
export class NumberedTexts {
  private readonly shapeCodes = new Map<string, number>()
  private shapes = new Uint32Array(0)
  private digits = new Float64Array(0)

  set(row: number, text: string): void {
    if (row >= this.shapes.length) this.grow(Math.max(row + 1, this.shapes.length * 2))
    const digits = DIGITS.exec(text)?.[0] ?? ''
    const shape = `${digits.length} ${text.slice(0, text.length - digits.length)}`
    this.shapes[row] = this.codeOf(shape)
    this.digits[row] = Number(digits)
  }

  /** Negative or positive where that tells which comes first; 0 where only the texts can. */
  compare(a: number, b: number): number {
    const shape = this.shapes[a] as number
    return shape === this.shapes[b] && shape !== NO_SHAPE ? (this.digits[a] as number) - (this.digits[b] as number) : 0
  }

  private codeOf(shape: string): number {
    const known = this.shapeCodes.get(shape)
    if (known !== undefined) return known
    const code = this.shapeCodes.size + 1
    if (code > SHAPES_MAX) return NO_SHAPE
    this.shapeCodes.set(shape, code)
    return code
  }

  private grow(rows: number): void {
    const shapes = new Uint32Array(rows)
    shapes.set(this.shapes)
    this.shapes = shapes
    const digits = new Float64Array(rows)
    digits.set(this.digits)
    this.digits = digits
  }
}

const NO_SHAPE = 0
// 1,000: a channel or company has a few. Where every number has a shape of its own, they are compared as texts.
const SHAPES_MAX = 1_000
// 15 digits are whole numbers that floating point tells apart.
const DIGITS = /\d{1,15}$/
