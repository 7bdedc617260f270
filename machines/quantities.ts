// Quantities per order line (domain §4): integers in the line's base unit at its precision, kept flat: line by line, column by column.

/** The columns of an order line. The last two are the twin's own bookkeeping for limits. */
export const COLUMNS = [
  'ordered',
  'cancelled',
  'allocated',
  'backordered',
  'released',
  'picked',
  'shipped',
  'delivered',
  'returned',
  'invoiced',
  'credited',
  /** Damaged and not yet counted at delivery: may not be invoiced. */
  'damaged',
  /** Asked back or received back, whichever is more; of returns that are rejected or closed, what was received. */
  'returning',
] as const
export type Column = (typeof COLUMNS)[number]
export const WIDTH = COLUMNS.length

/** Each column's place in a line. Written out: as constants they cost nothing where they are used. */
export const COLUMN = {
  ordered: 0,
  cancelled: 1,
  allocated: 2,
  backordered: 3,
  released: 4,
  picked: 5,
  shipped: 6,
  delivered: 7,
  returned: 8,
  invoiced: 9,
  credited: 10,
  damaged: 11,
  returning: 12,
} as const satisfies Record<Column, number>

/** The quantities of all lines of one order. */
export type Quantities = readonly number[]

export const quantityOf = (quantities: Quantities, line: number, column: Column): number =>
  quantities[line * WIDTH + COLUMN[column]] ?? 0

/** The same by the column's place: for what runs at every step. */
export const quantityAt = (quantities: Quantities, line: number, column: number): number => {
  const at = line * WIDTH + column
  return at >= 0 && at < quantities.length ? (quantities[at] as number) : 0
}

/** Ordered less cancelled. */
export const wantedOf = (quantities: Quantities, line: number): number =>
  quantityAt(quantities, line, COLUMN.ordered) - quantityAt(quantities, line, COLUMN.cancelled)

/** A change to one line: a column's place, its difference, the next column's place … */
export interface LineChange {
  readonly line: string
  readonly by: readonly number[]
}

/** What a change does to one column. */
export function differenceOf({ by }: LineChange, column: number): number {
  for (let at = 0; at < by.length; at += 2) if (by[at] === column) return by[at + 1] as number
  return 0
}

/** One line's quantity in its base unit. */
export interface Amount {
  readonly line: string
  readonly quantity: number
}

/** What is needed of an order line to read quantities of it. */
export interface UnitTable {
  readonly unit: string
  readonly precision: number
  readonly conversions?: Readonly<Record<string, number>>
}

/**
 * `quantity` of `unit` (the line's base unit when absent) as an integer of the base unit at its precision.
 * Undefined when the line does not know the unit, or it does not come out exact.
 */
export function baseQuantity(table: UnitTable, quantity: number, unit?: string): number | undefined {
  const factor = unit === undefined || unit === table.unit ? 1 : table.conversions?.[unit]
  if (factor === undefined) return undefined
  const scale = factor * 10 ** table.precision
  const scaled = quantity * scale
  const whole = Math.round(scaled)
  // A whole number that reads back as what was said is what was said, decimal by decimal and at any size.
  const isExact = whole / scale === quantity || Math.abs(scaled - whole) <= Math.min(NOISE * scaled, NOISE_MAX)
  return isExact && Number.isSafeInteger(whole) ? whole : undefined
}

// What arithmetic with doubles leaves: 0.1 + 0.2 kg come as 0.30000000000000004. Four units of the last place are a few such
// steps; a thousandth of a base unit is nothing that anybody counts, and whatever is more is a fraction.
const NOISE = 4 * Number.EPSILON
const NOISE_MAX = 0.001

/** `percent` of a quantity, rounded down: exact for percentages of up to twelve decimals. Of less than nothing it is nothing. */
export function percentOf(quantity: number, percent: number): number {
  if (percent === 0 || quantity <= 0) return 0
  // Whole numbers: as doubles 18.4 % of 375 are 68.99999999999999.
  return Number((BigInt(quantity) * BigInt(Math.round(percent * 1e12))) / 100_000_000_000_000n)
}

/** The sum per line of `amounts`, in the order lines first appear: a document may name a line twice. */
export function summed(amounts: readonly Amount[]): readonly Amount[] {
  if (areDistinct(amounts)) return amounts
  const sums = new Map<string, number>()
  for (const { line, quantity } of amounts) sums.set(line, (sums.get(line) ?? 0) + quantity)
  return [...sums].map(([line, quantity]) => ({ line, quantity }))
}

// 16: beyond it looking through all pairs costs more than a table.
const PAIRS_MAX = 16

function areDistinct(amounts: readonly Amount[]): boolean {
  if (amounts.length > PAIRS_MAX) return false
  for (let a = 1; a < amounts.length; a++)
    for (let b = 0; b < a; b++) if ((amounts[a] as Amount).line === (amounts[b] as Amount).line) return false
  return true
}

/** `base` plus the values of `by`, index by index. */
export function plus(base: readonly number[], by: readonly number[]): readonly number[] {
  const sums = base.slice()
  for (let index = 0; index < sums.length; index++) sums[index] = (sums[index] as number) + (by[index] ?? 0)
  return sums
}

const sumsOf = new WeakMap<readonly Amount[], ReadonlyMap<string, number>>()

/** What of `amounts` falls on `line`. */
export function sumOfLine(amounts: readonly Amount[], line: string): number {
  if (amounts.length > PAIRS_MAX) return sumsByLine(amounts).get(line) ?? 0
  let sum = 0
  for (let index = 0; index < amounts.length; index++) {
    const amount = amounts[index] as Amount
    if (amount.line === line) sum += amount.quantity
  }
  return sum
}

/** The sum per line of `amounts`; worked out once for each list, which never changes. */
function sumsByLine(amounts: readonly Amount[]): ReadonlyMap<string, number> {
  let sums = sumsOf.get(amounts)
  if (sums === undefined) {
    sums = new Map(summed(amounts).map(({ line, quantity }) => [line, quantity]))
    sumsOf.set(amounts, sums)
  }
  return sums
}

const placesOf = new WeakMap<readonly unknown[], ReadonlyMap<string, number>>()

/** Where each line stands in a list of lines; worked out once for each list. Few lines are looked through faster. */
export function placeInList<Item>(list: readonly Item[], line: string, nameOf: (item: Item) => string): number {
  if (list.length <= 16) {
    for (let index = 0; index < list.length; index++) if (nameOf(list[index] as Item) === line) return index
    return -1
  }
  let places = placesOf.get(list)
  if (places === undefined) {
    places = new Map(list.map((item, index) => [nameOf(item), index]))
    placesOf.set(list, places)
  }
  return places.get(line) ?? -1
}
