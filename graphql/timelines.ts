// Timelines: families as they were before an entry, so that history can tell what each entry changed. Folded from the
// journal, as replay does; the last ones are kept, as readers go through a history in order.
// Owns: a bounded number of folded families.   Does not own: entries.
//   One question at a time per family: those of a page come in order, and each starts where the one before it ended.
import { applied, type JournalEntry } from '../engine/entry.ts'
import { emptyFamily, type Family } from '../engine/family.ts'
import type { Twin } from '../engine/twin.ts'
import type { Span } from './views/changes.ts'

// 256 families of a few KB.
const KEPT_MAX = 256
const READ_AT_ONCE = 200

export class Timelines {
  private readonly twin: Twin
  private readonly kept = new Map<string, Family>()
  private readonly asking = new Map<string, Promise<Span>>()

  constructor(twin: Twin) {
    this.twin = twin
  }

  /** The family before `entry`, and after it. */
  around(entry: JournalEntry): Promise<Span> {
    const { family } = entry
    const earlier = this.asking.get(family)
    const span =
      earlier === undefined
        ? this.span(entry)
        : earlier.then(
            () => this.span(entry),
            () => this.span(entry),
          )
    this.asking.set(family, span)
    const forget = () => {
      if (this.asking.get(family) === span) this.asking.delete(family)
    }
    span.then(forget, forget)
    return span
  }

  private async span(entry: JournalEntry): Promise<Span> {
    const before = await this.asOf(entry.family, entry.previous)
    const after = applied(before, entry)
    this.keep(after)
    return { before, after }
  }

  /** The family after its entry at `position`; 0 is before the first. */
  private async asOf(id: string, position: number): Promise<Family> {
    const known = this.kept.get(id)
    let family = known !== undefined && known.head <= position ? known : emptyFamily(id)
    while (family.head < position) {
      const entries = await this.twin.entries(id, { after: family.head, first: READ_AT_ONCE })
      if (entries.length === 0) break
      for (const entry of entries) if (entry.position <= position) family = applied(family, entry)
      if ((entries.at(-1) as JournalEntry).position >= position) break
    }
    return family
  }

  private keep(family: Family): void {
    this.kept.delete(family.id)
    this.kept.set(family.id, family)
    if (this.kept.size > KEPT_MAX) this.kept.delete(this.kept.keys().next().value as string)
  }
}
