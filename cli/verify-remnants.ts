// Remnants: what verify looks at where orders were retired. Of their entries little is left, so nothing can be replayed; but each
// follows its family's last, and the retirement follows them all.
import { EVENT_ENTRY, REMNANT_ENTRY } from '../engine/entry-codec.ts'
import { hashText } from '../engine/hash.ts'
import type { StoredFrame } from '../engine/journal/journal.ts'

export class Remnants {
  /** How many entries little is left of. */
  count = 0
  /** How many orders they were of, as far as these were retired. */
  orders = 0
  /** The last entry of each family, by the hash of its name. */
  private readonly heads = new Map<string, number>()
  /** Families of which remnants have come and no retirement yet, with the first. */
  private readonly hollow = new Map<string, number>()

  /** Notes the next entry. What is wrong with it; undefined where nothing is. */
  note(frame: StoredFrame): string | undefined {
    if (frame.kind !== EVENT_ENTRY && frame.kind !== REMNANT_ENTRY) return undefined
    const name = hashText(frame.family)
    const head = this.heads.get(name) ?? 0
    this.heads.set(name, frame.position)
    if (frame.kind === EVENT_ENTRY && !this.hollow.has(name)) return undefined
    if (frame.kind === REMNANT_ENTRY) {
      this.count++
      if (!this.hollow.has(name)) this.hollow.set(name, frame.position)
    }
    return frame.previous === head
      ? undefined
      : `position ${frame.position}: its family stood at ${head}, the entry says ${frame.previous}`
  }

  /** Whether little is left of entries of this one's family, and its retirement has not come yet. */
  isOf(frame: StoredFrame): boolean {
    return this.hollow.has(hashText(frame.family))
  }

  retired(frame: StoredFrame): void {
    if (this.hollow.delete(hashText(frame.family))) this.orders++
  }

  /** What is wrong where remnants were followed by no retirement. */
  waiting(): string | undefined {
    const [position] = this.hollow.values()
    return position === undefined
      ? undefined
      : `position ${position}: little is left of it, and nothing says that it was retired`
  }
}
