// LeftOver: what one turn had no room to try again (waking.ts, W1, W4), by family.
// Owns: what that is, and when it goes on.   Does not own: what events come to.
import type { Place } from '../machines/ids.ts'

/** Events of a family that are to be tried again: those that wait there, or those that were refused there. */
export interface Stirred {
  readonly kind: 'parked' | 'refused'
  readonly family: string
  /** The fact that led here. */
  readonly cause: number
  /** Those up to this place need not be: they were, and stay as they are, or nothing was said from before them. */
  readonly triedTo: Place | ''
}

export class LeftOver {
  private readonly stirred = new Map<string, Stirred>()
  /** Nothing could be written: they go on behind the first events that are. Tried by themselves they would be over and over. */
  private isHeld = false

  /** Whether any is to go on now. */
  get isDue(): boolean {
    return !this.isHeld && this.stirred.size > 0
  }

  get all(): readonly Stirred[] {
    return [...this.stirred.values()]
  }

  /** What is there already is tried again once: of two the one that leaves less out. */
  add(stirred: Stirred): void {
    const key = `${stirred.kind} ${stirred.family}`
    const known = this.stirred.get(key)
    this.stirred.set(key, known !== undefined && known.triedTo < stirred.triedTo ? known : stirred)
  }

  /** Up to `most` that go on now, those first that were left first. */
  take(most: number): readonly Stirred[] {
    if (this.isHeld) return []
    const taken: Stirred[] = []
    for (const [key, stirred] of this.stirred) {
      if (taken.length >= most) break
      this.stirred.delete(key)
      taken.push(stirred)
    }
    return taken
  }

  /** `isWritten`: what a turn came to is durable; false where it is not. */
  settle(isWritten: boolean): void {
    this.isHeld = !isWritten
  }

  clear(): void {
    this.stirred.clear()
  }
}
