// TimeColumn: a moment for each row, epoch milliseconds, 0 for none; and of each block of rows the span that its orders lie in. Orders
// come in over time, so of most blocks the span tells whether all of them pass, or none, and their rows are not looked at.
// Owns: moments and spans.   Does not own: which rows hold an order.
import { resized } from '../bytes.ts'
import { CopyOnWrite } from '../copy-on-write.ts'
import type { SectionContent } from '../snapshots/checkpoint-file.ts'
import { BLOCK_ROWS, BLOCK_SHIFT, type Condition } from './board-rows.ts'
import type { Codes } from './facet-column.ts'

export class TimeColumn {
  values = new Float64Array(BLOCK_ROWS)
  /** Of each block; they hold where `isKnown` is 1. */
  private earliest = new Float64Array(1)
  private latest = new Float64Array(1)
  private isKnown = new Uint8Array(1)
  private readonly orders: { readonly codes: Codes }
  private saving: CopyOnWrite | undefined

  /** `orders.codes` is 0 in rows that hold no order. */
  constructor(orders: { readonly codes: Codes }) {
    this.orders = orders
  }

  set(row: number, ms: number): void {
    this.saving?.keep(row)
    this.values[row] = ms
    this.touch(row)
  }

  /** The first `rows` as they are now. */
  saved(rows: number): SectionContent {
    this.saving = new CopyOnWrite(this.values, rows)
    return this.saving
  }

  /** What is known of the row's block does not hold any more: another moment, or an order where there was none. */
  touch(row: number): void {
    this.isKnown[row >>> BLOCK_SHIFT] = 0
  }

  /** Room for `rows`; what was there stays. */
  grow(rows: number): void {
    this.load(resized(this.values, rows))
  }

  load(values: Float64Array<ArrayBuffer>): void {
    this.values = values
    this.saving = undefined
    const blocks = Math.ceil(values.length / BLOCK_ROWS)
    this.earliest = new Float64Array(blocks)
    this.latest = new Float64Array(blocks)
    this.isKnown = new Uint8Array(blocks)
  }

  /** Rows with a moment within the span, both ends included: no moment is in none. */
  within(from: number, to: number): Condition {
    const { values } = this
    // Before the first moment there is lies none: one comparison less.
    const least = Math.max(from, 1)
    return {
      ofBlock: block => {
        this.learn(block)
        const [earliest, latest] = [this.earliest[block] as number, this.latest[block] as number]
        if (latest < least || earliest > to) return false
        return earliest >= least && latest <= to ? true : undefined
      },
      keep: (rows, count) => {
        let kept = 0
        for (let index = 0; index < count; index++) {
          const row = rows[index] as number
          const time = values[row] as number
          rows[kept] = row
          kept += Number(time >= least && time <= to)
        }
        return kept
      },
    }
  }

  /** Rows at `value` or before it, or behind it where `sign` is -1. */
  upTo(value: number, sign: number): Condition {
    const { values } = this
    const most = sign * value
    return {
      ofBlock: block => {
        this.learn(block)
        const least = sign > 0 ? (this.earliest[block] as number) : -(this.latest[block] as number)
        return least > most ? false : undefined
      },
      keep: (rows, count) => {
        let kept = 0
        for (let index = 0; index < count; index++) {
          const row = rows[index] as number
          rows[kept] = row
          kept += Number(sign * (values[row] as number) <= most)
        }
        return kept
      },
    }
  }

  /** Rows behind `value`, or before it where `sign` is -1; of equal ones those `isBehind` says so of. */
  beyond(value: number, sign: number, isBehind: (row: number) => boolean): Condition {
    const { values } = this
    const least = sign * value
    return {
      ofBlock: block => {
        this.learn(block)
        const [earliest, latest] = [this.earliest[block] as number, this.latest[block] as number]
        if (sign > 0 ? latest < value : earliest > value) return false
        return (sign > 0 ? earliest > value : latest < value) ? true : undefined
      },
      keep: (rows, count) => {
        let kept = 0
        for (let index = 0; index < count; index++) {
          const row = rows[index] as number
          const each = sign * (values[row] as number)
          rows[kept] = row
          if (each > least || (each === least && isBehind(row))) kept++
        }
        return kept
      },
    }
  }

  private learn(block: number): void {
    if (this.isKnown[block] === 1) return
    const { values } = this
    const { codes } = this.orders
    let [earliest, latest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    const end = Math.min(values.length, (block + 1) * BLOCK_ROWS)
    for (let row = block * BLOCK_ROWS; row < end; row++) {
      if (codes[row] === 0) continue
      const value = values[row] as number
      if (value < earliest) earliest = value
      if (value > latest) latest = value
    }
    this.earliest[block] = earliest
    this.latest[block] = latest
    this.isKnown[block] = 1
  }
}
