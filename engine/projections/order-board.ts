// OrderBoard: filters, sorts and counts over all orders, columnar in memory (architecture.md, Storage 7).
// One row per family; waiting families have rows that hold no order. Values from few possibilities are numbers into a list.

import { ORDER_KEY } from '../../machines/ids.ts'
import { bytesOf } from '../bytes.ts'
import type { ActorChange, JournalEntry } from '../entry.ts'
import {
  dropUpTo,
  firstRows,
  keepCodes,
  keepParked,
  keepTimes,
  NumberedTexts,
  type Rows,
  rowsOfCodes,
} from './board-rows.ts'
import type { Projection } from './projection.ts'

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
const ROWS_MIN = 1_024
const ORDER_STATES = ['lifecycle', 'credit', 'fulfilment', 'billing'] as const

/** A column of values from few possibilities; 0 stands for none. */
class FacetColumn {
  codes = new Uint32Array(ROWS_MIN)
  readonly values: string[] = ['']
  private readonly numbers = new Map<string, number>([['', 0]])

  set(row: number, value: string): void {
    let number = this.numbers.get(value)
    if (number === undefined) {
      number = this.values.length
      this.values.push(value)
      this.numbers.set(value, number)
    }
    this.codes[row] = number
  }

  at(row: number): string {
    return this.values[this.codes[row] as number] as string
  }

  /** For each code whether it is one of `wanted`. */
  mask(wanted: readonly string[]): Uint8Array {
    const mask = new Uint8Array(this.values.length)
    for (const value of wanted) {
      const number = this.numbers.get(value)
      if (number !== undefined && number > 0) mask[number] = 1
    }
    return mask
  }

  grow(rows: number): void {
    const codes = new Uint32Array(rows)
    codes.set(this.codes)
    this.codes = codes
  }

  load(codes: Uint32Array<ArrayBuffer>, values: readonly string[]): void {
    this.codes = codes
    for (const value of values.slice(1)) {
      this.numbers.set(value, this.values.length)
      this.values.push(value)
    }
  }
}

function orderChange({ changes }: JournalEntry): ActorChange | undefined {
  for (const change of changes) if (change.key === ORDER_KEY) return change
  return undefined
}

export class OrderBoard implements Projection {
  private readonly facets = Object.fromEntries(BOARD_FACETS.map(facet => [facet, new FacetColumn()])) as Record<
    BoardFacet,
    FacetColumn
  >
  private readonly times = Object.fromEntries(TIMES.map(time => [time, new Float64Array(ROWS_MIN)])) as Record<
    Time,
    Float64Array
  >
  private parked = new Uint16Array(ROWS_MIN)
  /** Order ids by row; empty where the row holds no order. */
  private readonly orders: string[] = []
  private readonly numbers = new NumberedTexts()
  private orderCount = 0
  /** State texts taken apart: few of them, for millions of entries. */
  private readonly statesByText = new Map<string, readonly string[]>()

  get size(): number {
    return this.orderCount
  }

  fold(entry: JournalEntry, row: number): void {
    if (row >= this.parked.length) this.grow(row)
    while (this.orders.length <= row) this.orders.push('')
    this.times.updated[row] = entry.recordedMs
    this.parked[row] = (this.parked[row] as number) - entry.frees.length + (entry.parks === undefined ? 0 : 1)
    const change = orderChange(entry)
    if (change === undefined) return
    if (this.orders[row] === '') {
      this.orders[row] = entry.family
      this.numbers.set(row, entry.family)
      this.orderCount++
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
    if (set.promisedAt !== undefined) this.times.promised[row] = set.promisedAt
    const received = set.milestones?.received?.[0]
    if (received !== undefined) this.times.captured[row] = received
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
    const rank = this.ranking(order)
    const rows = this.rows(filter)
    const start = after === undefined ? undefined : parseCursor(after)
    const before = start === undefined ? 0 : dropUpTo(rows, row => rank.against(row, start) <= 0)
    const { count, first: page } = firstRows(rows, first, rank)
    return {
      orders: page.map(row => this.orders[row] as string),
      totalCount: before + count,
      cursors: page.map(row => cursorText({ value: rank.value(row), number: this.orders[row] as string })),
      hasNext: count > page.length,
    }
  }

  counts(filter: BoardFilter, by: readonly BoardFacet[]): readonly FacetCount[] {
    const columns = by.map(facet => this.facets[facet])
    const rows = this.rows(filter)
    const counts = new Map<number, { row: number; count: number }>()
    for (let row = 0; row < rows.length; row++) {
      if (rows[row] === 0) continue
      // One number for all codes: exact while the facets have less than 2^53 combinations.
      let key = 0
      for (const { codes, values } of columns) key = key * values.length + (codes[row] as number)
      const known = counts.get(key)
      if (known === undefined) counts.set(key, { row, count: 1 })
      else known.count++
    }
    return [...counts.values()]
      .map(({ row, count }) => ({
        values: Object.fromEntries(by.map(facet => [facet, this.facets[facet].at(row)])),
        count,
      }))
      .sort((a, b) => b.count - a.count)
  }

  /** A copy of every column, by name; bytes in the machine's order, as checkpoints never leave it. */
  saved(): Readonly<Record<string, Uint8Array>> {
    const rows = this.orders.length
    const columns: Record<string, Uint8Array> = { parked: bytesOf(this.parked.slice(0, rows)) }
    for (const time of TIMES) columns[time] = bytesOf(this.times[time].slice(0, rows))
    for (const facet of BOARD_FACETS) columns[facet] = bytesOf(this.facets[facet].codes.slice(0, rows))
    columns.isOrder = Uint8Array.from(this.orders, order => (order === '' ? 0 : 1))
    columns.values = Buffer.from(JSON.stringify(BOARD_FACETS.map(facet => this.facets[facet].values)))
    return columns
  }

  /** Takes on what `saved` gave; `ids` are the families' by row. False where a column is missing: nothing is taken on then. */
  load(columns: Readonly<Record<string, Uint8Array>>, ids: readonly string[]): boolean {
    const { isOrder, parked, values } = columns
    const names = [...TIMES, ...BOARD_FACETS]
    if (
      isOrder === undefined ||
      parked === undefined ||
      values === undefined ||
      names.some(name => columns[name] === undefined)
    )
      return false
    const lists = JSON.parse(Buffer.from(values).toString()) as readonly (readonly string[])[]
    const aligned = (name: string) => new Uint8Array(columns[name] as Uint8Array).buffer
    this.parked = new Uint16Array(aligned('parked'))
    for (const time of TIMES) this.times[time] = new Float64Array(aligned(time))
    for (const [index, facet] of BOARD_FACETS.entries())
      this.facets[facet].load(new Uint32Array(aligned(facet)), lists[index] ?? [''])
    isOrder.forEach((flag, row) => void this.orders.push(flag === 1 ? (ids[row] as string) : ''))
    for (const [row, order] of this.orders.entries()) if (order !== '') this.numbers.set(row, order)
    this.orderCount = this.orders.filter(order => order !== '').length
    this.grow(Math.max(ROWS_MIN, this.orders.length))
    return true
  }

  /** Every order has a lifecycle; a row without one holds no order. */
  private rows(filter: BoardFilter): Rows {
    // Begun with a facet that is asked for: where it has a value there is an order.
    const [begin = 'lifecycle', ...others] = BOARD_FACETS.filter(facet => filter[facet] !== undefined)
    const first = this.facets[begin]
    const rows = rowsOfCodes(first.codes, first.mask(filter[begin] ?? first.values), this.orders.length)
    for (const facet of others) {
      const { codes } = this.facets[facet]
      keepCodes(rows, codes, this.facets[facet].mask(filter[facet] ?? []))
    }
    for (const time of TIMES) {
      const from = filter[`${time}FromMs`] ?? Number.NEGATIVE_INFINITY
      const to = filter[`${time}ToMs`] ?? Number.POSITIVE_INFINITY
      if (from > Number.NEGATIVE_INFINITY || to < Number.POSITIVE_INFINITY) keepTimes(rows, this.times[time], from, to)
    }
    if (filter.hasParked !== undefined) keepParked(rows, this.parked, filter.hasParked)
    return rows
  }

  /** Orders of equal value stand by number, so that a page boundary never splits or repeats them. */
  private ranking({ by, descending }: BoardOrder) {
    const sign = descending ? -1 : 1
    const column = by === 'number' ? undefined : this.times[by.slice(0, -2) as Time]
    const value = (row: number): number => column?.[row] ?? 0
    const against = (row: number, place: BoardPlace): number =>
      sign * (value(row) - place.value || compareText(this.orders[row] as string, place.number))
    const compareNumbers = (a: number, b: number): number =>
      sign * (this.numbers.compare(a, b) || compareText(this.orders[a] as string, this.orders[b] as string))
    const compare =
      column === undefined
        ? compareNumbers
        : (a: number, b: number) => sign * ((column[a] as number) - (column[b] as number)) || compareNumbers(a, b)
    return { value, against, compare, isFromTheEnd: descending }
  }

  private grow(row: number): void {
    const rows = Math.max(this.parked.length * 2, row + 1)
    for (const facet of BOARD_FACETS) this.facets[facet].grow(rows)
    for (const time of TIMES) {
      const column = new Float64Array(rows)
      column.set(this.times[time])
      this.times[time] = column
    }
    const parked = new Uint16Array(rows)
    parked.set(this.parked)
    this.parked = parked
  }
}

/** A place in a sorted list of orders: it stays where it is, whatever becomes of the order that stood there. */
interface BoardPlace {
  readonly value: number
  readonly number: string
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const cursorText = ({ value, number }: BoardPlace): string => Buffer.from(`${value} ${number}`).toString('base64url')

function parseCursor(cursor: string): BoardPlace | undefined {
  const text = Buffer.from(cursor, 'base64url').toString()
  const [, value, number] = /^(\d{1,16}) (.+)$/s.exec(text) ?? []
  return value === undefined || number === undefined ? undefined : { value: Number(value), number }
}

export const isBoardCursor = (cursor: string): boolean => parseCursor(cursor) !== undefined
