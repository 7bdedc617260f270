// CopyOnWrite: a column as it was when this was made, given out piece by piece while its rows change: what is about to change is copied
// first. Orders that have ended stay as they are, so nearly all that changes lies in the pieces of those that came last: of a million orders
// some megabytes are copied, where all columns at once are 135.
// Owns: copies of pieces that changed.   Does not own: the column, which calls `keep` before it writes a row.
import { bytesOf, type Cells } from './bytes.ts'

// 16,384: 16 to 128 KB, copied in some microseconds.
const PIECE_SHIFT = 14
const ROWS_A_PIECE = 1 << PIECE_SHIFT
const LET_GO = new Uint8Array(0)

export class CopyOnWrite {
  private cells: Cells
  private rows: number
  /** The first piece that is not given out yet. */
  private next = 0
  private readonly changed = new Map<number, Uint8Array>()

  /** Of the first `rows` of `cells`. A column that moves to longer cells leaves these as they are. */
  constructor(cells: Cells, rows: number) {
    this.cells = cells
    this.rows = rows
  }

  keep(row: number): void {
    const piece = row >>> PIECE_SHIFT
    if (row < this.rows && piece >= this.next && !this.changed.has(piece)) this.changed.set(piece, this.copy(piece))
  }

  /** To be gone through once. Who stops on the way lets go of the rest. */
  *pieces(): Generator<Uint8Array> {
    try {
      while (this.next << PIECE_SHIFT < this.rows) {
        const piece = this.next++
        const changed = this.changed.get(piece)
        this.changed.delete(piece)
        yield changed ?? this.copy(piece)
      }
    } finally {
      this.cells = LET_GO
      this.rows = 0
      this.changed.clear()
    }
  }

  private copy(piece: number): Uint8Array {
    const from = piece << PIECE_SHIFT
    return bytesOf(this.cells.slice(from, Math.min(this.rows, from + ROWS_A_PIECE)))
  }
}
