// OrderBoard: filters, sorts and counts over all orders, columnar in memory (architecture.md, Storage 7).
// One row per family; waiting families have rows that hold no order. Values from few possibilities are numbers into a list.

import { ORDER_KEY } from '../../machines/ids.ts'
import { grownLength, resized } from '../bytes.ts'
import { CopyOnWrite } from '../copy-on-write.ts'
import type { ActorChange, JournalEntry } from '../entry.ts'
import type { SectionContent } from '../snapshots/checkpoint-file.ts'
import { type BoardPlace, byNumber, byTime, type Ranking } from './board-ranking.ts'
import { BLOCK_ROWS, type BlockRows, type Condition, eachBlock, FirstRows, withParked } from './board-rows.ts'
import { codesIn, FacetColumn } from './facet-column.ts'
import { NumberColumn } from './number-column.ts'
import type { NumberedTexts } from './numbered-texts.ts'
import type { Projection } from './projection.ts'
import { TimeColumn } from './time-column.ts'

/** All conditions must hold; absent conditions always do. States are the names of domain §2. Times are epoch milliseconds. */
export interface BoardFilter {
  readonly lifecycle?: readonly string[]
  readonly credit?: readonly string[]
  readonly fulfilment?: readonly string[]
  readonly billing?: readonly string[]
  readonly customer?: readonly string[]
  readonly channel?: readonly string[]
  readonly company?: readonly string[]
  readonly hasParked?: boolean
  readonly capturedFromMs?: number
  readonly capturedToMs?: number
  readonly promisedFromMs?: number
  readonly promisedToMs?: number
  readonly updatedFromMs?: number
  readonly updatedToMs?: number
}
export type BoardColumn = 'capturedAt' | 'promisedAt' | 'updatedAt' | 'number'
export interface BoardOrder {
  readonly by: BoardColumn
  readonly descending: boolean
}
export interface BoardPage {
  readonly orders: readonly string[]
  readonly totalCount: number
  /** Cursor of each order in `orders`. */
  readonly cursors: readonly string[]
  readonly hasNext: boolean
}
export const BOARD_FACETS = ['lifecycle', 'credit', 'fulfilment', 'billing', 'customer', 'channel', 'company'] as const
export type BoardFacet = (typeof BOARD_FACETS)[number]
export interface FacetCount {
  readonly values: Readonly<Partial<Record<BoardFacet, string>>>
  readonly count: number
}

const TIMES = ['captured', 'promised', 'updated'] as const
type Time = (typeof TIMES)[number]
const ORDER_STATES = ['lifecycle', 'credit', 'fulfilment', 'billing'] as const

/** What the board reads of an entry. */
export type BoardEntry = Pick<JournalEntry, 'changes' | 'family' | 'frees' | 'parks' | 'recordedMs'>

/** What an entry says of the order itself. */
export function orderChange({ changes }: Pick<BoardEntry, 'changes'>): ActorChange | undefined {
  for (const change of changes) if (change.key === ORDER_KEY) return change
  return undefined
}

export class OrderBoard implements Projection {
  private readonly facets = Object.fromEntries(BOARD_FACETS.map(facet => [facet, new FacetColumn()])) as Record<
    BoardFacet,
    FacetColumn
  >
  private readonly times = Object.fromEntries(
    TIMES.map(time => [time, new TimeColumn(this.facets.lifecycle)]),
  ) as Record<Time, TimeColumn>
  private parked = new Uint16Array(BLOCK_ROWS)
  private savingParked: CopyOnWrite | undefined
  private readonly ids: NumberedTexts
  private readonly numbers: NumberColumn
  private rowCount = 0
  private orderCount = 0
  /** State texts taken apart: few of them, for millions of entries. */
  private readonly statesByText = new Map<string, readonly string[]>()

  /** `ids` are the families' by row. */
  constructor(ids: NumberedTexts) {
    this.ids = ids
    this.numbers = new NumberColumn(ids)
  }

  get size(): number {
    return this.orderCount
  }

  /** Rows of families, orders or not, in which something waits. */
  *parkedRows(): Generator<number> {
    for (let row = 0; row < this.rowCount; row++) if ((this.parked[row] as number) > 0) yield row
  }

  fold(entry: BoardEntry, row: number): void {
    if (row >= this.parked.length) this.grow(row)
    if (row >= this.rowCount) this.rowCount = row + 1
    this.times.updated.set(row, entry.recordedMs)
    const parks = (entry.parks === undefined ? 0 : 1) - entry.frees.length
    if (parks !== 0) {
      this.savingParked?.keep(row)
      this.parked[row] = (this.parked[row] as number) + parks
    }
    const change = orderChange(entry)
    if (change === undefined) return
    if (!this.isOrder(row)) {
      this.numbers.note(row)
      this.orderCount++
      for (const time of TIMES) this.times[time].touch(row)
    }
    if (change.was !== change.state) this.setStates(row, change.state)
    const set = change.set as {
      customer?: string
      channel?: string
      company?: string
      promisedAt?: number
      milestones?: { received?: readonly number[] }
    }
    if (set.customer !== undefined) this.facets.customer.set(row, set.customer)
    if (set.channel !== undefined) this.facets.channel.set(row, set.channel)
    if (set.company !== undefined) this.facets.company.set(row, set.company)
    if (set.promisedAt !== undefined) this.times.promised.set(row, set.promisedAt)
    const received = set.milestones?.received?.[0]
    if (received !== undefined) this.times.captured.set(row, received)
  }

  /** Every order has a lifecycle. */
  isOrder(row: number): boolean {
    return (this.facets.lifecycle.codes[row] ?? 0) !== 0
  }

  private setStates(row: number, text: string): void {
    let states = this.statesByText.get(text)
    if (states === undefined) {
      states = text.split('.')
      this.statesByText.set(text, states)
    }
    for (let index = 0; index < states.length; index++)
      this.facets[ORDER_STATES[index] as BoardFacet].set(row, states[index] as string)
  }

  /** One page of the orders that pass `filter`, after the place a cursor names (exclusive); a cursor that is none starts at the beginning. */
  page(filter: BoardFilter, order: BoardOrder, { first, after }: { first: number; after?: string }): BoardPage {
    const ranking = this.ranking(order)
    const place = after === undefined ? undefined : parseCursor(after)
    const isBehind = place && ranking.after(place)
    const page = new FirstRows(first, ranking)
    let [total, behind] = [0, 0]
    this.eachBlock(filter, ranking.isFromTheEnd, found => {
      total += found.count
      if (isBehind !== undefined) found.narrow(isBehind)
      behind += found.count
      page.add(found)
    })
    return {
      orders: page.rows.map(row => this.ids.at(row)),
      totalCount: total,
      cursors: page.rows.map(row => cursorText({ value: ranking.value(row), number: this.ids.at(row) })),
      hasNext: behind > page.rows.length,
    }
  }

  counts(filter: BoardFilter, by: readonly BoardFacet[]): readonly FacetCount[] {
    const columns = by.map(facet => this.facets[facet])
    const counts = new Map<number, { readonly row: number; count: number }>()
    this.eachBlock(filter, false, found => {
      const rows = found.rows()
      const { count } = found
      for (let index = 0; index < count; index++) {
        const row = rows[index] as number
        // One number for all codes: exact while the facets have less than 2^53 combinations.
        let key = 0
        for (const { codes, values } of columns) key = key * values.length + (codes[row] as number)
        const known = counts.get(key)
        if (known === undefined) counts.set(key, { row, count: 1 })
        else known.count++
      }
    })
    return [...counts.values()]
      .map(({ row, count }) => ({
        values: Object.fromEntries(by.map(facet => [facet, this.facets[facet].at(row)])),
        count,
      }))
      .sort((a, b) => b.count - a.count)
  }

  /** Every column as it is now, by name; bytes in the machine's order, as checkpoints never leave it. */
  saved(): Readonly<Record<string, SectionContent>> {
    const rows = this.rowCount
    this.savingParked = new CopyOnWrite(this.parked, rows)
    const columns: Record<string, SectionContent> = { parked: this.savingParked }
    for (const time of TIMES) columns[time] = this.times[time].saved(rows)
    for (const facet of BOARD_FACETS) columns[facet] = this.facets[facet].saved(rows)
    columns.values = Buffer.from(JSON.stringify(BOARD_FACETS.map(facet => this.facets[facet].values)))
    return columns
  }

  /** Takes on what `saved` gave. False where a column is missing: nothing is taken on then. */
  load(columns: Readonly<Record<string, Uint8Array>>): boolean {
    const { parked, values } = columns
    const names = [...TIMES, ...BOARD_FACETS]
    if (parked === undefined || values === undefined || names.some(name => columns[name] === undefined)) return false
    const lists = JSON.parse(Buffer.from(values).toString()) as readonly (readonly string[])[]
    const aligned = (name: string) => new Uint8Array(columns[name] as Uint8Array).buffer
    this.parked = new Uint16Array(aligned('parked'))
    for (const time of TIMES) this.times[time].load(new Float64Array(aligned(time)))
    for (const [index, facet] of BOARD_FACETS.entries())
      this.facets[facet].load(codesIn(aligned(facet), this.parked.length), lists[index] ?? [''])
    this.rowCount = this.parked.length
    for (let row = 0; row < this.rowCount; row++)
      if (this.isOrder(row)) {
        this.numbers.note(row)
        this.orderCount++
      }
    this.grow(Math.max(BLOCK_ROWS, this.rowCount))
    return true
  }

  /** Calls `visit` with the orders of each block that may pass. */
  private eachBlock(filter: BoardFilter, isFromTheEnd: boolean, visit: (found: BlockRows) => void): void {
    eachBlock({ rows: this.rowCount, conditions: this.conditions(filter), isFromTheEnd }, visit)
  }

  private conditions(filter: BoardFilter): readonly Condition[] {
    const conditions: Condition[] = []
    for (const time of TIMES) {
      const from = filter[`${time}FromMs`] ?? Number.NEGATIVE_INFINITY
      const to = filter[`${time}ToMs`] ?? Number.POSITIVE_INFINITY
      if (from > Number.NEGATIVE_INFINITY || to < Number.POSITIVE_INFINITY)
        conditions.push(this.times[time].within(from, to))
    }
    const asked = BOARD_FACETS.filter(facet => filter[facet] !== undefined)
    // Where a facet has a value there is an order.
    for (const facet of asked.length === 0 ? (['lifecycle'] as const) : asked)
      conditions.push(this.facets[facet].among(filter[facet] ?? this.facets[facet].values))
    if (filter.hasParked !== undefined) conditions.push(withParked(this.parked, filter.hasParked))
    return conditions
  }

  private ranking({ by, descending }: BoardOrder): Ranking {
    if (by === 'number') return byNumber(this.numbers, descending)
    return byTime(this.times[by.slice(0, -2) as Time], this.numbers, descending)
  }

  private grow(row: number): void {
    const rows = grownLength(this.parked.length, row + 1)
    for (const facet of BOARD_FACETS) this.facets[facet].grow(rows)
    for (const time of TIMES) this.times[time].grow(rows)
    this.parked = resized(this.parked, rows)
    this.savingParked = undefined
  }
}

const cursorText = ({ value, number }: BoardPlace): string => Buffer.from(`${value} ${number}`).toString('base64url')

function parseCursor(cursor: string): BoardPlace | undefined {
  const text = Buffer.from(cursor, 'base64url').toString()
  const [, value, number] = /^(\d{1,16}) (.+)$/s.exec(text) ?? []
  return value === undefined || number === undefined ? undefined : { value: Number(value), number }
}

export const isBoardCursor = (cursor: string): boolean => parseCursor(cursor) !== undefined
