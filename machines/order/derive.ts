// What follows from an order's facts: quantity columns, fulfilment, billing (domain §2, §4). Pure.
import { type Amount, COLUMN, type Column, type Quantities, quantityOf, WIDTH, wantedOf } from '../quantities.ts'
import {
  type Billing,
  type Fulfilment,
  lineIndex,
  type Milestone,
  type OrderContext,
  type OrderLine,
  underTolerance,
} from './context.ts'

/** `context` with every derived value brought up to date. */
export const settled = (context: OrderContext): OrderContext => ({ ...context, ...settling(context, {}) })

/** The keys of `changed` and every derived value: what an assigner returns. */
export function settling(context: OrderContext, changed: Partial<OrderContext>): Partial<OrderContext> {
  const next = { ...context, ...changed }
  const quantities = derivedColumns(next)
  const counted = Object.assign(next, { quantities })
  return { ...changed, quantities, fulfilment: fulfilmentOf(counted), billing: billingOf(counted) }
}

/** Ordered, cancelled, allocated and backordered follow from settings; the other columns are sums and stay. */
function derivedColumns(context: OrderContext): Quantities {
  const quantities = context.quantities.slice()
  while (quantities.length < context.lines.length * WIDTH) quantities.push(0)
  for (const [index, line] of context.lines.entries()) {
    const at = index * WIDTH
    quantities[at + COLUMN.ordered] = line.ordered
    quantities[at + COLUMN.cancelled] = cancelledOf(context, line, quantities[at + COLUMN.released] ?? 0)
    const allocation = context.allocations[line.line]
    if (allocation === undefined) continue
    const wanted = line.ordered - (quantities[at + COLUMN.cancelled] ?? 0)
    const told = (quantity: number | 'all') => (quantity === 'all' ? wanted : quantity)
    const since = releasedSince(context, line.line, allocation.place)
    const fromStock = Math.min(since, told(allocation.allocated))
    quantities[at + COLUMN.allocated] = told(allocation.allocated) - fromStock
    quantities[at + COLUMN.backordered] = Math.max(0, told(allocation.backordered) - (since - fromStock))
  }
  return quantities
}

/** Line by line as told; a whole cancellation takes all that is not with a node, on its way or delivered. */
function cancelledOf(context: OrderContext, { line, ordered }: OrderLine, released: number): number {
  const told = context.cancels[line] ?? 0
  return context.wholeCancelPlace === undefined ? told : Math.max(told, ordered - released)
}

function releasedSince(context: OrderContext, line: string, place: string): number {
  let sum = 0
  for (const release of context.releases) {
    if (release.place < place) continue
    for (const amount of release.amounts) if (amount.line === line) sum += amount.quantity
  }
  return sum
}

/** How a header or a single line (`only`) stands, derived from quantities and nothing else. */
export function fulfilmentOf(context: OrderContext, only?: number): Fulfilment {
  const lines = only === undefined ? context.lines.map((_, index) => index) : [only]
  const wanted = lines.filter(index => wantedOf(context.quantities, index) > 0)
  if (wanted.length === 0) return 'unallocated'
  const any = (column: Column) => lines.some(index => quantityOf(context.quantities, index, column) > 0)
  const all = (column: Column) => wanted.every(index => isMet(context, index, column))
  if (all('delivered')) return 'delivered'
  if (any('delivered')) return 'partly_delivered'
  if (all('shipped')) return 'shipped'
  if (any('shipped')) return 'partly_shipped'
  if (any('released')) return 'released'
  if (any('backordered')) return 'backordered'
  return any('allocated') ? 'allocated' : 'unallocated'
}

/** Whether what is wanted of a line is reached in `column`, within the line's under-tolerance. */
export const isMet = (context: OrderContext, index: number, column: Column): boolean =>
  quantityOf(context.quantities, index, column) >= wantedOf(context.quantities, index) - underTolerance(context, index)

/** How much of a line may be invoiced on the facts known (per-order policy; damaged goods wait for delivery). */
export function invoiceLimit(context: OrderContext, index: number): number {
  if (context.invoicePolicy === 'prepaid') return wantedOf(context.quantities, index)
  if (context.invoicePolicy === 'delivery') return quantityOf(context.quantities, index, 'delivered')
  return quantityOf(context.quantities, index, 'shipped') - quantityOf(context.quantities, index, 'damaged')
}

function billingOf(context: OrderContext): Billing {
  if (Object.values(context.disputes).some(dispute => dispute.open)) return 'disputed'
  const lines = context.lines.map((_, index) => index)
  if (Object.keys(context.invoices).length === 0)
    return lines.some(index => invoiceLimit(context, index) > 0) ? 'billable' : 'unbilled'
  if (!lines.every(index => isMet(context, index, 'invoiced'))) return 'partly_invoiced'
  return context.paidMinor + context.creditedMinor >= context.invoicedMinor ? 'paid' : 'invoiced'
}

/** `milestones` with one more time for `name`: first and last, whatever the order of arrival. */
export function reached(
  milestones: OrderContext['milestones'],
  name: Milestone,
  ms: number,
): OrderContext['milestones'] {
  const known = milestones[name]
  if (known !== undefined && known[0] <= ms && ms <= known[1]) return milestones
  return { ...milestones, [name]: known === undefined ? [ms, ms] : [Math.min(known[0], ms), Math.max(known[1], ms)] }
}

/** `quantities` with `by` added to `column` of the lines it names. */
export function added(context: OrderContext, column: Column, by: readonly Amount[]): Quantities {
  const quantities = [...context.quantities]
  for (const { line, quantity } of by) {
    const index = lineIndex(context, line)
    if (index >= 0) quantities[index * WIDTH + COLUMN[column]] = quantityOf(quantities, index, column) + quantity
  }
  return quantities
}
