// Kept head: where the journal ended at some moment, as noted outside of it. It shows what the journal cannot show of itself: that
// it was cut short, put back to an earlier state, or written again from the start with every hash in order (J5).
import { type ChainEnd, hexOf } from './codec.ts'
import { JournalDamage } from './journal.ts'

/** As GET /v1/head gives it, its hash in hexadecimal. */
export interface KeptHead {
  readonly position: number
  readonly hash: string
}

/** Hears of the end of each commit, oldest first, and says at last whether the journal holds what stood at the kept head. */
export class KeptHeadCheck {
  private readonly kept: KeptHead
  private isMet = false

  constructor(kept: KeptHead) {
    this.kept = kept
  }

  /** Throws JournalDamage when the commit ends where the kept head does, and is another. */
  hear({ hash, position }: ChainEnd): void {
    if (position !== this.kept.position) return
    if (hexOf(hash) !== this.kept.hash) throw damage(position, 'the history up to here is not the one that was kept')
    this.isMet = true
  }

  /** Throws JournalDamage when no commit ended there. `endPosition` is the journal's own. */
  over(endPosition: number): void {
    const { position } = this.kept
    if (this.isMet) return
    const what = endPosition < position ? `the journal ends at ${endPosition}, before` : 'no commit ends at'
    throw damage(Math.min(endPosition, position), `${what} position ${position}, which was kept as its head`)
  }
}

const damage = (position: number, message: string): JournalDamage => new JournalDamage(message, { position })
