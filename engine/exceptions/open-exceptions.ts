// OpenExceptions: what is open in each family, by row. As an object of its own an exception takes a kilobyte, and what stands open in
// orders that ended stays until somebody settles it: a quarter of a million of a million orders. In families of which nothing more is
// expected it is kept as bytes; to read one back takes some microseconds.
// Owns: which are objects.   Does not own: what the bytes say (resting-exception.ts), which families rest (watch-state.ts).
import type { SectionContent } from '../snapshots/checkpoint-file.ts'
import type { OrderException } from './condition.ts'
import { OpenList } from './open-list.ts'
import { eachPlace, RestingException, restingBytes } from './resting-exception.ts'
import { RowRecords, type SavedPieces } from './row-records.ts'
import { type SavedTexts, SharedTexts } from './shared-texts.ts'

/** What tells how the sections are read. */
interface Known {
  readonly texts: SavedTexts
  readonly pieces: SavedPieces
}

export class OpenExceptions {
  private readonly objects = new Map<number, readonly OrderException[]>()
  private readonly resting = new RowRecords()
  private readonly shared = new SharedTexts()

  /** Families that have something open. */
  get size(): number {
    return this.objects.size + this.resting.size
  }

  /** All as they are now, `others` before them. */
  all(others: Iterable<OrderException> = []): OpenList {
    return new OpenList([...others, ...[...this.objects.values()].flat()], this.resting, this.shared)
  }

  /** Undefined where nothing is open. */
  get(row: number): readonly OrderException[] | undefined {
    const record = this.resting.get(row)
    if (record === undefined) return this.objects.get(row)
    const open: OrderException[] = []
    eachPlace(record, at => open.push(new RestingException(record.bytes, at, this.shared).whole()))
    return open
  }

  set(row: number, open: readonly OrderException[]): void {
    this.resting.delete(row)
    if (open.length === 0) this.objects.delete(row)
    else this.objects.set(row, open)
  }

  /** Nothing more is expected of `row`, until it is set again. */
  rest(row: number): void {
    const open = this.objects.get(row)
    if (open === undefined) return
    this.objects.delete(row)
    this.resting.put(
      row,
      open.map(each => restingBytes(each, this.shared)),
    )
  }

  /** Rows of which `get` gives what a checkpoint holds beside `saved`: in no order, those that are objects now. */
  rows(): readonly number[] {
    return [...this.objects.keys()]
  }

  /** All that rest as they do now, as sections. */
  saved(): Readonly<Record<string, SectionContent>> {
    const { known, places, records } = this.resting.saved()
    const told: Known = { texts: this.shared.saved(), pieces: known }
    return { resting: Buffer.from(JSON.stringify(told)), 'resting.places': places, 'resting.records': records }
  }

  /** Takes on what `saved` gave. False where something is missing: nothing here may be believed then. */
  load(sections: Readonly<Record<string, Uint8Array>>): boolean {
    const { resting, 'resting.places': places, 'resting.records': records } = sections
    if (!resting || !places || !records) return false
    const { pieces, texts } = JSON.parse(Buffer.from(resting).toString()) as Known
    this.shared.load(texts)
    this.resting.load({ places, records, known: pieces })
    return true
  }
}
