// Typed arrays: as bytes, for files that never leave the machine that wrote them; and how columns get longer.

/** The array's own memory, not a copy. */
export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

/** What a column is made of. */
export type Cells =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>

// An eighth at a time: each number is copied some eight times in all, by the megabyte, and of a million rows a tenth at most holds
// nothing. Twice as long each time, it would be tens of megabytes.
const GROWTH = 1.125

/** How long a column of `length` becomes that needs room for `rows`. */
export const grownLength = (length: number, rows: number): number => Math.max(rows, Math.ceil(length * GROWTH))

/** The same column, `length` long. */
export function resized<Column extends Cells>(column: Column, length: number): Column {
  const longer = new (column.constructor as new (length: number) => Column)(length)
  longer.set(column)
  return longer
}
