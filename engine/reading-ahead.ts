// Reading ahead: while the journal writes, events that wait for the next turn are read. Nothing of them is decided (E2): what an
// event says does not depend on what is being written. The loop would be idle meanwhile: a twentieth of the time under full load.
import type { Understood } from './deciding.ts'
import { othersTurn } from './others-turn.ts'

/** An event that waits, and what was read of it; undefined where it has not been read. */
export interface Unread {
  readonly input: unknown
  understood?: Understood
}

// 16: some 30 µs. The write's own steps, and whoever else has waited, come through the loop in between.
const READ_TOGETHER = 16

/**
 * Reads what waits until `isOver`. What is not well-formed is left to the turn, whose stamp is a later one: an event that is
 * ahead of the clock by too much now may not be so then.
 */
export async function readAhead(
  waiting: Iterable<Unread>,
  read: (input: unknown) => Understood | undefined,
  isOver: () => boolean,
): Promise<void> {
  let count = 0
  for (const each of waiting) {
    if (each.understood !== undefined) continue
    if (count++ % READ_TOGETHER === 0) {
      await othersTurn()
      if (isOver()) return
    }
    const understood = read(each.input)
    if (understood !== undefined && 'event' in understood.parsed) each.understood = understood
  }
}
