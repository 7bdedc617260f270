// Generations: a cache by age of last use, in two maps. What is used moves into the younger; the older is emptied first, and
// when it is empty the younger takes its place. No order of use is kept: to move every entry at every use cost more than
// what was kept.
export class Generations<Value> {
  private young = new Map<string, Value>()
  private old = new Map<string, Value>()

  get size(): number {
    return this.young.size + this.old.size
  }

  get(key: string): Value | undefined {
    return this.young.get(key) ?? this.old.get(key)
  }

  /** Puts `value` there as just used. */
  set(key: string, value: Value): void {
    this.old.delete(key)
    this.young.set(key, value)
  }

  /** The value, if there is one, and it counts as just used. */
  use(key: string): Value | undefined {
    const young = this.young.get(key)
    if (young !== undefined) return young
    const value = this.old.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  /** The value, if there is one, which is then not there any more. */
  take(key: string): Value | undefined {
    const value = this.get(key)
    if (value !== undefined && !this.young.delete(key)) this.old.delete(key)
    return value
  }

  *values(): Generator<Value> {
    yield* this.old.values()
    yield* this.young.values()
  }

  /** Takes out what was not used for longest, about, until `most` are left; `gone` hears of each. */
  shrink(most: number, gone: (key: string, value: Value) => void): void {
    while (this.size > most) {
      if (this.old.size === 0) {
        this.old = this.young
        this.young = new Map()
      }
      for (const [key, value] of this.old) {
        this.old.delete(key)
        gone(key, value)
        if (this.size <= most) return
      }
    }
  }
}
