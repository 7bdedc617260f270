// Directory: which families exist and where each one's last entry is; which numbers and event ids were ever seen and where.
// The authority on "there is none" and "this is the newest" (architecture.md E9): rebuilt from the journal, never from LevelDB.
// A row is a family's small number; rows are given in the order families first appear and never given back.
import { grownLength, resized } from './bytes.ts'
import { CopyOnWrite } from './copy-on-write.ts'
import type { Hash64, HashKey } from './hash.ts'
import { hash64, hash64Joined, hash64Of } from './hash.ts'
import { HashTable } from './hash-table.ts'
import { NumberedTexts, type SavedTexts } from './projections/numbered-texts.ts'
import type { SectionContent } from './snapshots/checkpoint-file.ts'

const ROWS_MIN = 1_024
const NONE: readonly number[] = []
const NOBODY: readonly string[] = []

/** Rows, ids and heads of all families; rows of every reference; positions of every event id. */
export class Directory {
  private readonly key: HashKey
  readonly ids: NumberedTexts
  private heads: Float64Array<ArrayBuffer>
  private savingHeads: CopyOnWrite | undefined
  private readonly families: HashTable
  private readonly numbers: HashTable
  private readonly events: HashTable

  constructor(key: HashKey, parts?: DirectoryParts) {
    this.key = key
    this.ids = parts?.ids ?? new NumberedTexts()
    this.heads = parts?.heads ?? new Float64Array(ROWS_MIN)
    this.families = parts?.families ?? new HashTable()
    this.numbers = parts?.numbers ?? new HashTable()
    this.events = parts?.events ?? new HashTable()
  }

  get size(): number {
    return this.ids.size
  }

  get eventCount(): number {
    return this.events.size
  }

  /** The row of a family, or -1. */
  row(id: string): number {
    return this.rowOf(id, hash64(id, this.key))
  }

  /** Whether there is a family of the id that `first` and `second` make. To put them together costs more than to look it up. */
  hasJoined(first: string, second: string): boolean {
    const { high, low } = hash64Joined(first, second, this.key)
    return this.families.get(high, low) >= 0 && this.row(first + second) >= 0
  }

  private rowOf(id: string, { high, low }: Hash64): number {
    const first = this.families.get(high, low)
    if (first < 0 || this.ids.holds(first, id)) return first
    return this.families.all(high, low).find(row => this.ids.holds(row, id)) ?? -1
  }

  /** The id of a family by its hash, where its frame says no more; undefined where there is none. */
  idOf({ high, low }: Hash64): string | undefined {
    return this.families
      .all(high, low)
      .map(row => this.id(row))
      .find(id => {
        const hash = hash64(id, this.key)
        return hash.high === high && hash.low === low
      })
  }

  id(row: number): string {
    return this.ids.at(row)
  }

  /** Position of a family's last entry; 0 for a family that has none. */
  head(id: string): number {
    const row = this.row(id)
    return row < 0 ? 0 : (this.heads[row] as number)
  }

  /** The same by row. */
  headAt(row: number): number {
    return row < this.ids.size ? (this.heads[row] as number) : 0
  }

  /** Notes that `position` is the family's newest entry, and gives its row. Noting it twice is harmless. `hash` is the id's. */
  noteFamily(id: string, position: number, hash: Hash64 = hash64(id, this.key)): number {
    let row = this.rowOf(id, hash)
    if (row < 0) {
      row = this.ids.push(id)
      if (row >= this.heads.length) {
        this.heads = resized(this.heads, grownLength(this.heads.length, row + 1))
        this.savingHeads = undefined
      }
      this.families.add(hash.high, hash.low, row)
    }
    this.savingHeads?.keep(row)
    this.heads[row] = position
    return row
  }

  /** Ids of the families that ever held `number`; those of other numbers under the same hash may be among them. */
  holders(number: string): readonly string[] {
    const { high, low } = hash64(number, this.key)
    if (this.numbers.get(high, low) < 0) return NOBODY
    return this.numbers.all(high, low).map(row => this.ids.at(row))
  }

  noteNumber(number: string, row: number): void {
    const { high, low } = hash64(number, this.key)
    this.numbers.add(high, low, row)
  }

  /** Positions of entries that may have answered this id of this source first. */
  seenAt(source: string, id: string): readonly number[] {
    const { high, low } = hash64Of(source, id, this.key)
    return this.events.get(high, low) < 0 ? NONE : this.events.all(high, low)
  }

  /** `hash` is that of source and id. */
  noteEvent({ high, low }: Hash64, position: number): void {
    this.events.add(high, low, position)
  }

  /** Heads and ids as they are now; tables piece by piece as they will be then: noting again what they hold already changes nothing. */
  saved(): Readonly<Record<'events' | 'families' | 'heads' | 'numbers', SectionContent>> & {
    readonly ids: SavedTexts
  } {
    const { events, families, heads, ids, numbers } = this
    this.savingHeads = new CopyOnWrite(heads, ids.size)
    return {
      heads: this.savingHeads,
      ids: ids.saved(),
      families: families.parts(),
      numbers: numbers.parts(),
      events: events.parts(),
    }
  }
}

export interface DirectoryParts {
  readonly ids: NumberedTexts
  readonly heads: Float64Array<ArrayBuffer>
  readonly families: HashTable
  readonly numbers: HashTable
  readonly events: HashTable
}
