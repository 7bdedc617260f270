// DueTimes: when each family is to be looked at again, as one column of seconds. No timers: somebody calls `due` once a
// second, and the whole column is scanned: ten million rows take some milliseconds.
// Owns: one number per row.   Does not own: what is due, or what a row is.
//   V1  A row comes due once, at the first scan at or after its second; it is then no longer armed.
//   V2  The scan costs the same whatever is armed: a pass over memory, no allocation but for the rows that are due.

/** Epoch seconds fit 32 bits until 2106; this stands for "not armed". */
const NEVER = 0xffffffff
const ROWS_MIN = 1_024

export class DueTimes {
  private seconds = new Uint32Array(ROWS_MIN).fill(NEVER)
  private rows = 0

  /** Arms `row` for `dueMs` (rounded up to the second: never early), or disarms it. */
  arm(row: number, dueMs: number | undefined): void {
    if (row >= this.seconds.length) this.grow(row)
    if (row >= this.rows) this.rows = row + 1
    this.seconds[row] = dueMs === undefined ? NEVER : Math.min(NEVER - 1, Math.max(0, Math.ceil(dueMs / 1_000)))
  }

  /** When `row` is due, epoch milliseconds; undefined where it is not armed. */
  dueMs(row: number): number | undefined {
    const second = row < this.rows ? (this.seconds[row] as number) : NEVER
    return second === NEVER ? undefined : second * 1_000
  }

  /** The rows due at `nowMs`, each disarmed. */
  due(nowMs: number): readonly number[] {
    const { rows, seconds } = this
    const now = Math.min(NEVER - 1, Math.floor(nowMs / 1_000))
    const found: number[] = []
    for (let row = 0; row < rows; row++)
      if ((seconds[row] as number) <= now) {
        found.push(row)
        seconds[row] = NEVER
      }
    return found
  }

  get armed(): number {
    let count = 0
    for (let row = 0; row < this.rows; row++) if (this.seconds[row] !== NEVER) count++
    return count
  }

  private grow(row: number): void {
    const seconds = new Uint32Array(Math.max(this.seconds.length * 2, row + 1)).fill(NEVER)
    seconds.set(this.seconds)
    this.seconds = seconds
  }
}
