// Touched: what of an order an entry may have changed, as far as filters ask for it: one bit each. Pure.
// Each reader notes it of each entry, so it costs next to nothing; what an order was before takes a look into its history.
import type { JournalEntry } from '../../engine/entry.ts'
import { type BoardFilter, orderChange } from '../../engine/projections/order-board.ts'
import type { OrderContext } from '../../machines/order/context.ts'

const TIME = 1
const PARKING = 2
const STATE = 4
const COMPANY = 8
const PROMISE = 16
/** Whatever its events say: the order was made anew. */
const EVERYTHING = 32

const TOUCHED_WITH: Readonly<Record<keyof BoardFilter, number>> = {
  lifecycle: STATE,
  credit: STATE,
  fulfilment: STATE,
  billing: STATE,
  customer: EVERYTHING,
  channel: EVERYTHING,
  company: EVERYTHING | COMPANY,
  hasParked: PARKING,
  capturedFromMs: EVERYTHING,
  capturedToMs: EVERYTHING,
  promisedFromMs: EVERYTHING | PROMISE,
  promisedToMs: EVERYTHING | PROMISE,
  // Later entries fulfil it all the more.
  updatedFromMs: 0,
  updatedToMs: TIME,
}

/** Nothing of an order that is new: it was in no filter before. */
export function touchedBy(entry: JournalEntry): number {
  const parking = entry.frees.length > 0 || entry.parks !== undefined ? PARKING : 0
  const change = orderChange(entry)
  if (change === undefined) return TIME | parking
  if (change.was === undefined) return 0
  const { company, promisedAt } = change.set as Partial<OrderContext>
  return (
    TIME |
    parking |
    (change.was === change.state ? 0 : STATE) |
    (company === undefined ? 0 : COMPANY) |
    (promisedAt === undefined ? 0 : PROMISE) |
    (change.isWhole ? EVERYTHING : 0)
  )
}

/** The conditions of `filter` about nothing that was touched. */
export const untouched = (filter: BoardFilter, touched: number): BoardFilter =>
  Object.fromEntries(
    Object.entries(filter).filter(([condition]) => (TOUCHED_WITH[condition as keyof BoardFilter] & touched) === 0),
  )
