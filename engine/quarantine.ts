// Quarantined: families the engine could not load or step. Nothing of them is decided until the store is opened again;
// the rest runs on, and what is durable of them can be read.
import type { SetAside } from './twin.ts'

export class Quarantined {
  private readonly families = new Map<string, SetAside>()
  private readonly clock: { readonly nowMs: number }
  private readonly onTrouble: (trouble: string) => void

  constructor(clock: { readonly nowMs: number }, onTrouble: (trouble: string) => void) {
    this.clock = clock
    this.onTrouble = onTrouble
  }

  get size(): number {
    return this.families.size
  }

  /** Why the family was set aside; undefined when it was not. */
  reason(family: string): string | undefined {
    return this.families.get(family)?.reason
  }

  all(): readonly SetAside[] {
    return [...this.families.values()]
  }

  /** Sets a family aside. The first reason stands, and is told once. */
  add(family: string, reason: string): void {
    if (this.families.has(family)) return
    this.families.set(family, { family, reason, sinceMs: this.clock.nowMs })
    this.onTrouble(`family ${family} is set aside: ${reason}`)
  }
}
