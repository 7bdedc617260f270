// LeftOver: families whose parked events one turn had no room to try again (waking.ts, W1).
// Owns: which they are, and when they go on.   Does not own: what their events come to.
import { type Stirred, widerOf } from './waking.ts'

export class LeftOver {
  private readonly families = new Map<string, Stirred>()
  /** Nothing could be written: they go on behind the first events that are. Tried by themselves they would be over and over. */
  private isHeld = false

  /** Whether any is to go on now. */
  get isDue(): boolean {
    return !this.isHeld && this.families.size > 0
  }

  /** A family that is there already is tried again once. */
  add(stirred: Stirred): void {
    this.families.set(stirred.family, widerOf(stirred, this.families.get(stirred.family)))
  }

  /** Up to `most` that go on now, those first that were left first. */
  take(most: number): readonly Stirred[] {
    if (this.isHeld) return []
    const taken: Stirred[] = []
    for (const stirred of this.families.values()) {
      if (taken.length >= most) break
      this.families.delete(stirred.family)
      taken.push(stirred)
    }
    return taken
  }

  /** `isWritten`: what a turn came to is durable; false where it is not. */
  settle(isWritten: boolean): void {
    this.isHeld = !isWritten
  }

  clear(): void {
    this.families.clear()
  }
}
