// FacetColumn: a value from few possibilities for each row, and of each block of rows how many have which: most blocks need no look at
// their rows to tell how many pass.
// Owns: codes and their counts.   Does not own: which rows hold an order.
import { CopyOnWrite } from '../copy-on-write.ts'
import type { SectionContent } from '../snapshots/checkpoint-file.ts'
import { BLOCK_ROWS, BLOCK_SHIFT, type Condition } from './board-rows.ts'

// 64: states and channels are a dozen. Of a facet with more, customers say, blocks hold most, and all are looked at.
const COUNTED_MAX = 64

/** A byte each while there are few values, as there are of all but customers. */
export type Codes = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>

export class FacetColumn {
  /** 0 stands for none. */
  codes: Codes = new Uint8Array(BLOCK_ROWS)
  readonly values: string[] = ['']
  private readonly numbers = new Map<string, number>([['', 0]])
  /** Rows of each code, COUNTED_MAX for each block; they hold where `isCounted` is 1. */
  private counts = new Uint16Array(COUNTED_MAX)
  private isCounted = new Uint8Array(1)
  private saving: CopyOnWrite | undefined

  set(row: number, value: string): void {
    let number = this.numbers.get(value)
    if (number === undefined) {
      number = this.values.length
      this.values.push(value)
      this.numbers.set(value, number)
      // Wider from here on.
      if (number >= 2 ** (8 * this.codes.BYTES_PER_ELEMENT)) this.grow(this.codes.length)
    }
    this.saving?.keep(row)
    this.codes[row] = number
    this.isCounted[row >>> BLOCK_SHIFT] = 0
  }

  at(row: number): string {
    return this.values[this.codes[row] as number] as string
  }

  /** The codes of the first `rows` as they are now. */
  saved(rows: number): SectionContent {
    this.saving = new CopyOnWrite(this.codes, rows)
    return this.saving
  }

  /** Rows whose value is one of `wanted`. */
  among(wanted: readonly string[]): Condition {
    const { codes } = this
    const mask = this.mask(wanted)
    const countOf = (block: number) => this.countIn(block, mask)
    return {
      countOf,
      ofBlock: block => {
        const count = countOf(block)
        return count === 0 ? false : count === BLOCK_ROWS ? true : undefined
      },
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

  /** Room for `rows`; what was there stays. */
  grow(rows: number): void {
    this.take(this.codes, rows)
  }

  load(codes: Codes, values: readonly string[]): void {
    for (const value of values.slice(1)) {
      this.numbers.set(value, this.values.length)
      this.values.push(value)
    }
    this.take(codes, codes.length)
  }

  private take(codes: Codes, rows: number): void {
    this.codes = codesFor(rows, this.values.length)
    this.codes.set(codes)
    this.saving = undefined
    const blocks = Math.ceil(rows / BLOCK_ROWS)
    // Counted again when they are asked for.
    this.counts = new Uint16Array(blocks * COUNTED_MAX)
    this.isCounted = new Uint8Array(blocks)
  }

  /** For each code whether it is one of `wanted`. */
  private mask(wanted: readonly string[]): Uint8Array {
    const mask = new Uint8Array(this.values.length)
    for (const value of wanted) {
      const number = this.numbers.get(value)
      if (number !== undefined && number > 0) mask[number] = 1
    }
    return mask
  }

  /** Undefined where there are too many values to count. */
  private countIn(block: number, mask: Uint8Array): number | undefined {
    const { counts, values } = this
    if (values.length > COUNTED_MAX) return undefined
    if (this.isCounted[block] === 0) this.count(block)
    let sum = 0
    for (let code = 1; code < mask.length; code++)
      if (mask[code] === 1) sum += counts[block * COUNTED_MAX + code] as number
    return sum
  }

  private count(block: number): void {
    const { codes } = this
    const counts = this.counts.subarray(block * COUNTED_MAX, (block + 1) * COUNTED_MAX)
    counts.fill(0)
    const end = Math.min(codes.length, (block + 1) * BLOCK_ROWS)
    for (let row = block * BLOCK_ROWS; row < end; row++) {
      const code = codes[row] as number
      counts[code] = (counts[code] as number) + 1
    }
    this.isCounted[block] = 1
  }
}

function codesFor(rows: number, values: number): Codes {
  if (values <= 2 ** 8) return new Uint8Array(rows)
  return values <= 2 ** 16 ? new Uint16Array(rows) : new Uint32Array(rows)
}

/** Codes as a checkpoint has them, of so many rows. */
export function codesIn(bytes: ArrayBuffer, rows: number): Codes {
  if (bytes.byteLength <= rows) return new Uint8Array(bytes)
  return bytes.byteLength <= 2 * rows ? new Uint16Array(bytes) : new Uint32Array(bytes)
}
