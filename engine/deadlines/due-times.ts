// DueTimes: when each family is to be looked at again, as one column of seconds. No timers: somebody calls `due` now and
// then. Of every 4,096 rows the earliest second is known, so that a call passes over blocks in which nothing is due.
// Owns: one number per row.   Does not own: what is due, or what a row is.
//   V1  A row comes due once, at the first call at or after its second; it is then no longer armed.
//   V2  Four bytes a row, whatever is armed. A call reads one number per block, and the rows of blocks that may hold any due.
import { CopyOnWrite } from '../copy-on-write.ts'
import type { SectionContent } from '../snapshots/checkpoint-file.ts'

/** Epoch seconds fit 32 bits until 2106; this stands for "not armed". */
const NEVER = 0xffffffff
// 4,096 rows: a block is read in a few microseconds, and ten million rows have 2,442 of them.
const BLOCK_ROWS = 4_096
const BLOCK_SHIFT = 12

export class DueTimes {
  private seconds = new Uint32Array(BLOCK_ROWS).fill(NEVER)
  /** No row of the block is due before; the earliest may have been disarmed since. */
  private earliest = new Uint32Array(1).fill(NEVER)
  private rows = 0
  private saving: CopyOnWrite | undefined

  /** Arms `row` for `dueMs` (rounded up to the second: never early), or disarms it. */
  arm(row: number, dueMs: number | undefined): void {
    if (row >= this.seconds.length) this.grow(row)
    if (row >= this.rows) this.rows = row + 1
    const second = dueMs === undefined ? NEVER : Math.min(NEVER - 1, Math.max(0, Math.ceil(dueMs / 1_000)))
    this.saving?.keep(row)
    this.seconds[row] = second
    const block = row >>> BLOCK_SHIFT
    if (second < (this.earliest[block] as number)) this.earliest[block] = second
  }

  /** When `row` is due, epoch milliseconds; undefined where it is not armed. */
  dueMs(row: number): number | undefined {
    const second = row < this.rows ? (this.seconds[row] as number) : NEVER
    return second === NEVER ? undefined : second * 1_000
  }

  /** The rows due at `nowMs`, each disarmed. */
  due(nowMs: number): readonly number[] {
    const found = this.until(nowMs)
    for (const row of found) {
      this.saving?.keep(row)
      this.seconds[row] = NEVER
    }
    return found
  }

  /** The rows due by `untilMs`; they stay armed. */
  until(untilMs: number): readonly number[] {
    const limit = Math.min(NEVER - 1, Math.floor(untilMs / 1_000))
    const found: number[] = []
    for (let block = 0; block < this.earliest.length; block++)
      if ((this.earliest[block] as number) <= limit) this.search(block, limit, found)
    return found
  }

  get armed(): number {
    let count = 0
    for (let row = 0; row < this.rows; row++) if (this.seconds[row] !== NEVER) count++
    return count
  }

  get bytes(): number {
    return this.seconds.byteLength + this.earliest.byteLength
  }

  /** All rows as they are now. */
  saved(): SectionContent {
    this.saving = new CopyOnWrite(this.seconds, this.rows)
    return this.saving
  }

  load(bytes: Uint8Array): void {
    const seconds = new Uint32Array(new Uint8Array(bytes).buffer)
    this.rows = 0
    seconds.forEach((second, row) => void this.arm(row, second === NEVER ? undefined : second * 1_000))
  }

  /** Notes the block's rows that are due by `limit`, and which is its earliest now. */
  private search(block: number, limit: number, found: number[]): void {
    const end = Math.min(this.rows, (block + 1) * BLOCK_ROWS)
    let earliest = NEVER
    for (let row = block * BLOCK_ROWS; row < end; row++) {
      const second = this.seconds[row] as number
      if (second <= limit) found.push(row)
      if (second < earliest) earliest = second
    }
    this.earliest[block] = earliest
  }

  private grow(row: number): void {
    const blocks = Math.max(Math.ceil((this.earliest.length * 5) / 4), (row >>> BLOCK_SHIFT) + 1)
    const seconds = new Uint32Array(blocks * BLOCK_ROWS).fill(NEVER)
    seconds.set(this.seconds)
    this.seconds = seconds
    this.saving = undefined
    const earliest = new Uint32Array(blocks).fill(NEVER)
    earliest.set(this.earliest)
    this.earliest = earliest
  }
}
