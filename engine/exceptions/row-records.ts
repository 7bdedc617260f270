// RowRecords: for some of many rows a record of bytes each. A record never changes: what is known of a row anew is written behind all
// others, and the one before is nobody's. So who goes through them, or saves them, has them as they were, whatever changes meanwhile.
// Owns: where each row's record is, and that the room of those that are gone comes back.   Does not own: what they say.
//   piece:  records one behind the other     record:  0 row   4 length of what follows   8 …
import { Column } from '../kpis/columns.ts'
import type { SectionContent } from '../snapshots/checkpoint-file.ts'

// 1 MB: what comes from the system of its own, and goes back to it. A larger record has a piece of its own.
const PIECE_BYTES = 1 << 20
// 32 bits say where a record is: its piece, from 1 on, and where that holds it; 0 is nowhere.
const PIECES_MAX = 2 ** 32 / PIECE_BYTES
const HEAD_BYTES = 8

/** Bytes that do not change once they are written; and the same for numbers, which V8 reads from there ten times as fast. */
export interface Bytes {
  readonly bytes: Buffer
  readonly view: DataView
}

interface Piece extends Bytes {
  readonly number: number
  used: number
  /** Of records that are nobody's any more. */
  gone: number
}

/** Where a record is. */
export interface Span {
  readonly bytes: Bytes
  readonly from: number
  readonly to: number
}

/** What the sections of a checkpoint do not tell. */
export interface SavedPieces {
  readonly size: number
  readonly rows: number
  readonly pieces: readonly (readonly [number: number, used: number, gone: number])[]
}

export class RowRecords {
  private readonly places = new Column('word')
  /** By number; what is new goes into the last. */
  private readonly pieces = new Map<number, Piece>()
  private last: Piece | undefined
  /** All that have a record are below. */
  private rows = 0
  private count = 0

  /** Rows that have a record. */
  get size(): number {
    return this.count
  }

  /** Memory it takes. */
  get bytes(): number {
    return [...this.pieces.values()].reduce((sum, { bytes }) => sum + bytes.length, this.places.bytes)
  }

  /** Undefined where it has no record. */
  get(row: number): Span | undefined {
    const place = this.places.get(row)
    if (place === 0) return undefined
    const bytes = this.pieceOf(place)
    const at = place % PIECE_BYTES
    return { bytes, from: at + HEAD_BYTES, to: endOf(bytes, at) }
  }

  /** All records, in no order of rows. */
  each(visit: (record: Span) => void): void {
    for (const piece of this.pieces.values())
      this.eachIn(piece, (at, to) => visit({ bytes: piece, from: at + HEAD_BYTES, to }))
  }

  put(row: number, parts: readonly Uint8Array[]): void {
    this.delete(row)
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const piece = this.roomFor(HEAD_BYTES + length)
    const { bytes, used, view } = piece
    view.setUint32(used, row, true)
    view.setUint32(used + 4, length, true)
    let at = used + HEAD_BYTES
    for (const part of parts) {
      bytes.set(part, at)
      at += part.length
    }
    this.takeIn(row, piece, at - used)
    this.rows = Math.max(this.rows, row + 1)
    this.count++
  }

  delete(row: number): void {
    const place = this.places.get(row)
    if (place === 0) return
    const piece = this.pieceOf(place)
    const at = place % PIECE_BYTES
    piece.gone += endOf(piece, at) - at
    this.places.set(row, 0)
    this.count--
    if (piece !== this.last && isMostlyGone(piece)) this.leave(piece)
  }

  /** All as they are now, for a checkpoint. */
  saved(): { readonly places: SectionContent; readonly records: SectionContent; readonly known: SavedPieces } {
    const { count, pieces, places, rows } = this
    const all = [...pieces.values()]
    return {
      places: places.saved(rows),
      records: all.map(({ bytes, used }) => bytes.subarray(0, used)),
      known: { size: count, rows, pieces: all.map(({ gone, number, used }) => [number, used, gone]) },
    }
  }

  /** Takes on what `saved` gave, instead of what is here. */
  load(saved: { readonly places: Uint8Array; readonly records: Uint8Array; readonly known: SavedPieces }): void {
    const { known, places, records } = saved
    this.places.load(places)
    this.rows = known.rows
    this.count = known.size
    this.pieces.clear()
    this.last = undefined
    let from = 0
    for (const [number, used, gone] of known.pieces) {
      const piece = this.begin(number, Math.max(PIECE_BYTES, used))
      piece.bytes.set(records.subarray(from, from + used))
      piece.used = used
      piece.gone = gone
      if (used <= PIECE_BYTES) this.last = piece
      from += used
    }
  }

  private pieceOf(place: number): Piece {
    return this.pieces.get(Math.floor(place / PIECE_BYTES)) as Piece
  }

  /** What was written behind all that a piece holds is the record of `row`. */
  private takeIn(row: number, piece: Piece, length: number): void {
    this.places.set(row, piece.number * PIECE_BYTES + piece.used)
    piece.used += length
  }

  /** Where the records of a piece begin and end that are a row's. */
  private eachIn(piece: Piece, visit: (at: number, end: number) => void): void {
    const { number, used, view } = piece
    for (let at = 0, end = 0; at < used; at = end) {
      end = endOf(piece, at)
      if (this.places.get(view.getUint32(at, true)) === number * PIECE_BYTES + at) visit(at, end)
    }
  }

  /** A piece that has room for so many bytes behind what it holds. */
  private roomFor(length: number): Piece {
    if (length > PIECE_BYTES) return this.begin(this.freeNumber(), length)
    while (this.last === undefined || PIECE_BYTES - this.last.used < length) {
      const full = this.last
      this.last = this.begin(this.freeNumber(), PIECE_BYTES)
      // As long as records came into it, it stayed whatever became of them.
      if (full !== undefined && isMostlyGone(full)) this.leave(full)
    }
    return this.last
  }

  private freeNumber(): number {
    let number = 1
    while (this.pieces.has(number)) number++
    if (number >= PIECES_MAX) throw new RangeError('row records: more than 4 GB of them')
    return number
  }

  private begin(number: number, length: number): Piece {
    const bytes = Buffer.allocUnsafeSlow(length)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const piece = { number, bytes, view, used: 0, gone: 0 }
    this.pieces.set(number, piece)
    return piece
  }

  /** What is still a row's goes behind all others. */
  private leave(piece: Piece): void {
    this.eachIn(piece, (at, end) => {
      const target = this.roomFor(end - at)
      target.bytes.set(piece.bytes.subarray(at, end), target.used)
      this.takeIn(piece.view.getUint32(at, true), target, end - at)
    })
    this.pieces.delete(piece.number)
  }
}

const endOf = ({ view }: Bytes, at: number): number => at + HEAD_BYTES + view.getUint32(at + 4, true)

const isMostlyGone = ({ gone, used }: Piece): boolean => gone * 2 > used
