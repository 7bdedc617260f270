// SmallMap: a table by text that mostly holds one member. It makes no table before it has a second: every event that is decided
// has some of these.
export class SmallMap<Value> {
  private key: string | undefined
  private value: Value | undefined
  /** All members, once they are more than one. */
  private table: Map<string, Value> | undefined

  get(key: string): Value | undefined {
    if (this.table !== undefined) return this.table.get(key)
    return key === this.key ? this.value : undefined
  }

  set(key: string, value: Value): void {
    if (this.table !== undefined) this.table.set(key, value)
    else if (this.key === undefined || this.key === key) {
      this.key = key
      this.value = value
    } else
      this.table = new Map([
        [this.key, this.value as Value],
        [key, value],
      ])
  }

  has(key: string): boolean {
    return this.table === undefined ? key === this.key : this.table.has(key)
  }

  /** In the order in which their keys were first set. */
  forEach(visit: (value: Value, key: string) => void): void {
    if (this.table !== undefined) for (const [key, value] of this.table) visit(value, key)
    else if (this.key !== undefined) visit(this.value as Value, this.key)
  }
}
