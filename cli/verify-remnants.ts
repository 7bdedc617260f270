// Remnants: what verify looks at where orders were retired. Of their entries little is left, so nothing can be replayed; but each
// follows its family's last, and the retirement follows them all.
import type { Directory } from '../engine/directory.ts'
import { EVENT_ENTRY, REMNANT_ENTRY } from '../engine/entry-codec.ts'
import { type Hash64, hashText } from '../engine/hash.ts'
import type { StoredFrame } from '../engine/journal/journal.ts'

export class Remnants {
  /** How many entries little is left of. */
  count = 0
  /** How many orders they were of, as far as these were retired. */
  orders = 0
  /** Families of which remnants have come and no retirement yet: the first, and the last entry since. */
  private readonly hollow = new Map<string, { readonly first: number; readonly head: number }>()
  private readonly directory: Pick<Directory, 'head' | 'idOf'>

  /** `directory` knows of each family's entries that are whole. */
  constructor(directory: Pick<Directory, 'head' | 'idOf'>) {
    this.directory = directory
  }

  /** Notes the next entry. What is wrong with it; undefined where nothing is. */
  note(frame: StoredFrame): string | undefined {
    if (frame.kind !== EVENT_ENTRY && frame.kind !== REMNANT_ENTRY) return undefined
    const name = hashText(frame.family)
    const known = this.hollow.get(name)
    if (frame.kind === EVENT_ENTRY && known === undefined) return undefined
    if (frame.kind === REMNANT_ENTRY) this.count++
    const head = known?.head ?? this.headOf(frame.family)
    this.hollow.set(name, { first: known?.first ?? frame.position, head: frame.position })
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
    const [waiting] = this.hollow.values()
    return waiting === undefined
      ? undefined
      : `position ${waiting.first}: little is left of it, and nothing says that it was retired`
  }

  private headOf(family: Hash64): number {
    const id = this.directory.idOf(family)
    return id === undefined ? 0 : this.directory.head(id)
  }
}
