// Keys: the names in the family store. The first letter says what a row is; a new kind takes a new letter.

/** Key of the family in row `row` of the directory. Fixed width, so that rows made together lie together. */
export function familyKey(row: number): string {
  return `f${row.toString(36).padStart(7, '0')}`
}
