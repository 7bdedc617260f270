// Quarantined: families the engine could not load or step. Nothing of them is decided until the store is opened again;
// the rest runs on, and what is durable of them can be read.
export class Quarantined {
  private readonly reasons = new Map<string, string>()
  private readonly onTrouble: (trouble: string) => void

  constructor(onTrouble: (trouble: string) => void) {
    this.onTrouble = onTrouble
  }

  get size(): number {
    return this.reasons.size
  }

  /** Why the family was set aside; undefined when it was not. */
  reason(family: string): string | undefined {
    return this.reasons.get(family)
  }

  /** Sets a family aside. The first reason stands, and is told once. */
  add(family: string, reason: string): void {
    if (this.reasons.has(family)) return
    this.reasons.set(family, reason)
    this.onTrouble(`family ${family} is set aside: ${reason}`)
  }
}
