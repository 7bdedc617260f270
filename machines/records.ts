// Records: plain objects used as tables.

/** Members by business number, key or name. */
export type Table<Value> = Readonly<Record<string, Value>>

/**
 * A copy to add to. It is a dictionary from the start: of objects with members of their own names V8 makes a hidden class
 * each, which costs five times as much to copy and to look up.
 */
export function copyOf<Value>(table: Table<Value>): Record<string, Value> {
  const copy: Record<string, Value> = Object.create(null)
  for (const key in table) copy[key] = table[key] as Value
  return copy
}

/** `table` with `value` under `key`. */
export function withMember<Value>(table: Table<Value>, key: string, value: Value): Table<Value> {
  const copy = copyOf(table)
  copy[key] = value
  return copy
}

/** `table` with all members of `more`. */
export function withMembers<Value>(table: Table<Value>, more: Table<Value>): Table<Value> {
  const copy = copyOf(table)
  for (const key in more) copy[key] = more[key] as Value
  return copy
}

/** Whether a record has no members. Looks at one at most: no list of keys is made. */
export function isEmpty(record: object): boolean {
  for (const _ in record) return false
  return true
}
