// Brief orders: captured and rejected, in the load's own numbers. They add what any order adds, its numbers, its rows, its family on
// disk, in a twentieth of the time of a whole life: how a twin of ten million fares can be seen within the hour. Pure.
import type { EventInput } from '../../machines/event.ts'
import { FIRST_MS, type Lap } from './load.ts'

// As many as a whole lap's part has: all of them stay in memory between their two events.
const LAP_ORDERS = 4_000

/** Orders numbered `from` to `to`, both included, lap by lap (load.ts, L1). */
export function* briefLaps(from: number, to: number): Generator<Lap> {
  for (let first = from; first <= to; first += LAP_ORDERS) {
    const count = Math.min(LAP_ORDERS, to - first + 1)
    const numbers = Array.from({ length: count }, (_, index) => first + index)
    yield { events: numbers.map(captured), expected: { accepted: count } }
    yield { events: numbers.map(rejected), expected: { accepted: count } }
  }
}

const captured = (number: number): EventInput =>
  said(number, 0, 'webshop', 'order.captured', {
    customer: `C-${number % 5_000}`,
    company: 'US01',
    poNumber: `PO-SO-${1_000_000 + number}`,
    currency: 'USD',
    lines: [{ line: '10', item: `SKU-${10_000 + (number % 20_000)}`, quantity: 1 + (number % 24), unit: 'EA' }],
  })

const rejected = (number: number): EventInput => said(number, 1, 'erp', 'order.rejected', { reason: 'credit' })

const said = (number: number, index: number, source: string, type: string, data: object): EventInput => ({
  specversion: '1.0',
  id: `${source}-${number}-${index}`,
  source,
  type,
  subject: `order/SO-${1_000_000 + number}`,
  // One after the other, and before the twin's clock however many there are.
  time: new Date(FIRST_MS + number * 1_000 + index).toISOString(),
  data,
})
