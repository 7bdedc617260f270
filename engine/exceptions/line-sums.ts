// LineSums: what the lines of an order come to, each asked once. Every look needs it, for measures and for predicates: most
// of what may be wrong with lines is so of none. Pure.
import { type OrderContext, type OrderLine, promiseOf, underTolerance } from '../../machines/order/context.ts'
import { invoiceLimit } from '../../machines/order/derive.ts'
import { COLUMN, quantityAt, wantedOf } from '../../machines/quantities.ts'
import { NO_LINES } from './condition.ts'

/** What may be so of a line, as bits. */
export const LINE = {
  wanted: 1,
  /** Something that is wanted has not left, whatever is tolerated. */
  unshipped: 2,
  /** Something that is wanted is neither with a node, nor on its way, nor told to be without stock. */
  uncovered: 4,
  backordered: 8,
  /** Less has left, was delivered, was invoiced than meets what is wanted. */
  shipmentDue: 16,
  deliveryDue: 32,
  invoiceDue: 64,
  /** Less is invoiced than may be, and more. */
  unbilled: 128,
  overbilled: 256,
  /** Limits that do not hold (domain §4): more is cancelled than ordered, and so on. */
  overCancelled: 512,
  /** What left within a shipment's tolerance is among it. */
  overReleased: 1024,
  overReturned: 2048,
  overCredited: 4096,
} as const
export const BROKEN = LINE.overCancelled | LINE.overReleased | LINE.overReturned | LINE.overCredited

export interface LineSums {
  /** Bits of all lines together: what is so of any. */
  readonly bits: number
  readonly wanted: number
  /** Of what is wanted. */
  readonly shipped: number
  /** The earliest promise of what is wanted, each line's own or else the order's; undefined where nothing is promised. */
  readonly promisedMs: number | undefined
}

export function lineSums(order: OrderContext): LineSums {
  const { lines, quantities } = order
  let promisedMs: number | undefined
  let [bits, wanted, shipped] = [0, 0, 0]
  for (let index = 0; index < lines.length; index++) {
    const promisedAt = promiseOf(order, lines[index])
    const own = wantedOf(quantities, index)
    if (own > 0 && promisedAt !== undefined && (promisedMs === undefined || promisedAt < promisedMs))
      promisedMs = promisedAt
    bits |= bitsOf(order, index)
    wanted += own
    shipped += Math.min(own, quantityAt(quantities, index, COLUMN.shipped))
  }
  return { bits, wanted, shipped, promisedMs }
}

/** Whether any of `bits` is so of any line. */
export const isOfAny = (sums: LineSums, bits: number): boolean => (sums.bits & bits) !== 0

/** Numbers of the lines of which any of `bits` is so. */
export function linesWith(order: OrderContext, bits: number): readonly string[] {
  let found: string[] | undefined
  for (let index = 0; index < order.lines.length; index++) {
    if ((bitsOf(order, index) & bits) === 0) continue
    found ??= []
    found.push((order.lines[index] as OrderLine).line)
  }
  return found ?? NO_LINES
}

/** What is so of one line. Each quantity is read once: this runs for every line at every look. */
export function bitsOf(order: OrderContext, index: number): number {
  const { quantities } = order
  const wanted = wantedOf(quantities, index)
  const backordered = quantityAt(quantities, index, COLUMN.backordered)
  const released = quantityAt(quantities, index, COLUMN.released)
  const shipped = quantityAt(quantities, index, COLUMN.shipped)
  const delivered = quantityAt(quantities, index, COLUMN.delivered)
  const returned = quantityAt(quantities, index, COLUMN.returned)
  const invoiced = quantityAt(quantities, index, COLUMN.invoiced)
  const credited = quantityAt(quantities, index, COLUMN.credited)
  const tolerated = underTolerance(order, index)
  const least = wanted - tolerated
  const missing = wanted - released - backordered
  const unproved = invoiced - Math.max(0, invoiceLimit(order, index))
  return (
    (wanted > 0 ? LINE.wanted : 0) |
    (wanted > shipped ? LINE.unshipped : 0) |
    (missing > 0 && missing > tolerated ? LINE.uncovered : 0) |
    (backordered > 0 ? LINE.backordered : 0) |
    (shipped < least ? LINE.shipmentDue : 0) |
    (delivered < least ? LINE.deliveryDue : 0) |
    (invoiced < least ? LINE.invoiceDue : 0) |
    (unproved < 0 ? LINE.unbilled : 0) |
    (unproved > credited ? LINE.overbilled : 0) |
    (wanted < 0 ? LINE.overCancelled : 0) |
    (released > wanted + returned ? LINE.overReleased : 0) |
    (returned > delivered ? LINE.overReturned : 0) |
    (credited > invoiced ? LINE.overCredited : 0)
  )
}

/** Base units of a line that are wanted and neither with a node, nor on their way, nor told to be without stock. */
export function uncovered(order: OrderContext, index: number): number {
  if ((bitsOf(order, index) & LINE.uncovered) === 0) return 0
  const { quantities } = order
  const covered = quantityAt(quantities, index, COLUMN.released) + quantityAt(quantities, index, COLUMN.backordered)
  return wantedOf(quantities, index) - covered
}
