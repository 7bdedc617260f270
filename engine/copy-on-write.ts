// CopyOnWrite: a column as it was when this was made, given out piece by piece while its rows change: what is about to change is copied
// first. Orders that have ended stay as they are, so nearly all that changes lies in the pieces of those that came last: of a million orders
// some megabytes are copied, where all columns at once are 135.
// Owns: copies of pieces that changed.   Does not own: the column. That calls `keep` before it writes a row, and need not any more once it
// has moved to other cells: those here are then only this one's.
import { bytesOf, type Cells } from './bytes.ts'

// 16,384: 16 to 128 KB, copied in some microseconds.
const PIECE_SHIFT = 14
const ROWS_A_PIECE = 1 << PIECE_SHIFT
const LET_GO = new Uint8Array(0)

/** To be gone through once. Who stops on the way, or never begins, calls `return`: until then what changes is copied. */
export class CopyOnWrite implements IterableIterator<Uint8Array, undefined> {
  private cells: Cells
  private rows: number
  /** The first piece that is not given out yet. */
  private piece = 0
  private readonly changed = new Map<number, Uint8Array>()

  /** Of the first `rows` of `cells`. */
  constructor(cells: Cells, rows: number) {
    this.cells = cells
    this.rows = rows
  }

  /** Pieces that are copied and not given out yet, by number. */
  get copied(): readonly number[] {
    return [...this.changed.keys()]
  }

  keep(row: number): void {
    const piece = row >>> PIECE_SHIFT
    if (row < this.rows && piece >= this.piece && !this.changed.has(piece)) this.changed.set(piece, this.copy(piece))
  }

  [Symbol.iterator](): this {
    return this
  }

  next(): IteratorResult<Uint8Array, undefined> {
    if (this.piece << PIECE_SHIFT >= this.rows) return this.return()
    const piece = this.piece++
    const changed = this.changed.get(piece)
    this.changed.delete(piece)
    return { done: false, value: changed ?? this.copy(piece) }
  }

  return(): IteratorReturnResult<undefined> {
    this.cells = LET_GO
    this.rows = 0
    this.changed.clear()
    return { done: true, value: undefined }
  }

  private copy(piece: number): Uint8Array {
    const from = piece << PIECE_SHIFT
    return bytesOf(this.cells.slice(from, Math.min(this.rows, from + ROWS_A_PIECE)))
  }
}
