// LeftOver: what one turn had no room to try again (waking.ts, W1, W2, W4), by family.
// Owns: what that is, and when it goes on.   Does not own: what events come to.
import type { Place } from '../machines/ids.ts'
import type { Derived } from './derived.ts'
import { isWaitingFamily, waitedNumber } from './family.ts'

/** Events of a family, or under a number, that are to be tried again: those that wait there, or those that were refused there. */
export interface Stirred {
  readonly kind: 'parked' | 'refused'
  readonly family: string
  /** The fact that led here. */
  readonly cause: number
  /** Those up to this place need not be: they were, and stay as they are, or nothing was said from before them. */
  readonly triedTo: Place | ''
  /** Only those that wait since nobody held their number. */
  readonly isUnheld?: true
}

/**
 * What waits under numbers since nobody held them, and somebody does: a crash may have come before it was brought there, and no fact of
 * theirs would (W2). What has several meanings waits for more than a crash, and who was retired, which is on no board, takes nothing more.
 */
export function* leftWaiting({ board, directory }: Pick<Derived, 'board' | 'directory'>): Generator<Stirred> {
  for (const row of board.parkedRows()) {
    const id = directory.ids.at(row)
    const holders = isWaitingFamily(id) ? directory.holders(waitedNumber(id)) : []
    if (holders.length === 0 || !holders.every(holder => board.isOrder(directory.row(holder)))) continue
    const cause = holders.reduce((last, holder) => Math.max(last, directory.head(holder)), 0)
    yield { kind: 'parked', family: id, cause, triedTo: '', isUnheld: true }
  }
}

export class LeftOver {
  private readonly stirred = new Map<string, Stirred>()
  /** Nothing could be written: they go on behind the first events that are. Tried by themselves they would be over and over. */
  private isHeld = false

  get isEmpty(): boolean {
    return this.stirred.size === 0
  }

  /** Whether any is to go on now. */
  get isDue(): boolean {
    return !this.isHeld && !this.isEmpty
  }

  get all(): readonly Stirred[] {
    return [...this.stirred.values()]
  }

  /** What is there already is tried again once: of two the one that leaves less out. */
  add(stirred: Stirred): void {
    const key = `${stirred.kind} ${stirred.isUnheld ?? ''} ${stirred.family}`
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
