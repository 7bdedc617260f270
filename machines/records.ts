// Records: plain objects used as tables.

/** Whether a record has no members. Looks at one at most: no list of keys is made. */
export function isEmpty(record: object): boolean {
  for (const _ in record) return false
  return true
}
