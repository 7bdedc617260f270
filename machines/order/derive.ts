// What follows from an order's facts: quantity columns, fulfilment, billing (domain §2, §4). Pure.
import { type Amount, COLUMN, type Column, type Quantities, quantityOf, WIDTH, wantedOf } from '../quantities.ts'
import { isEmpty } from '../records.ts'
import {
  type Billing,
  type Fulfilment,
  lineIndex,
  type Milestone,
  type OrderContext,
  type OrderLine,
  underTolerance,
} from './context.ts'

type CountedKey =
  | 'lines'
  | 'quantities'
  | 'allocations'
  | 'releases'
  | 'cancels'
  | 'wholeCancelPlace'
  | 'invoices'
  | 'disputes'
  | 'invoicedMinor'
  | 'creditedMinor'
  | 'paidMinor'
  | 'invoicePolicy'
  | 'underTolerancePercent'
/** What derived values are read from. Only the first eleven are ever changed. */
type Counted = Pick<OrderContext, CountedKey>

/** `context` with every derived value brought up to date. */
export const settled = (context: OrderContext): OrderContext => ({ ...context, ...settling(context, {}) })

/** `changed`, and every derived value with it: what an assigner returns. `changed` must be the caller's own. */
export function settling(context: OrderContext, changed: Partial<OrderContext>): Partial<OrderContext> {
  // The keys that derived values are read from, not a copy of the whole context: this runs at every step of an order.
  const next = {
    lines: changed.lines ?? context.lines,
    quantities: changed.quantities ?? context.quantities,
    allocations: changed.allocations ?? context.allocations,
    releases: changed.releases ?? context.releases,
    cancels: changed.cancels ?? context.cancels,
    wholeCancelPlace: changed.wholeCancelPlace ?? context.wholeCancelPlace,
    invoices: changed.invoices ?? context.invoices,
    disputes: changed.disputes ?? context.disputes,
    invoicedMinor: changed.invoicedMinor ?? context.invoicedMinor,
    creditedMinor: changed.creditedMinor ?? context.creditedMinor,
    paidMinor: changed.paidMinor ?? context.paidMinor,
    invoicePolicy: context.invoicePolicy,
    underTolerancePercent: context.underTolerancePercent,
  }
  const quantities = derivedColumns(next)
  next.quantities = quantities
  const settled = changed as { -readonly [Key in keyof OrderContext]?: OrderContext[Key] }
  settled.quantities = quantities
  settled.fulfilment = fulfilmentOf(next)
  settled.billing = billingOf(next)
  return settled
}

/** Ordered, cancelled, allocated and backordered follow from settings; the other columns are sums and stay. */
function derivedColumns(context: Counted): Quantities {
  const quantities = context.quantities.slice()
  while (quantities.length < context.lines.length * WIDTH) quantities.push(0)
  for (let index = 0; index < context.lines.length; index++) {
    const line = context.lines[index] as OrderLine
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
function cancelledOf(context: Counted, { line, ordered }: OrderLine, released: number): number {
  const told = context.cancels[line] ?? 0
  return context.wholeCancelPlace === undefined ? told : Math.max(told, ordered - released)
}

function releasedSince(context: Counted, line: string, place: string): number {
  let sum = 0
  for (const release of context.releases) {
    if (release.place < place) continue
    for (const amount of release.amounts) if (amount.line === line) sum += amount.quantity
  }
  return sum
}

/** How a header or a single line (`only`) stands, derived from quantities and nothing else. */
export function fulfilmentOf(context: Counted, only?: number): Fulfilment {
  const { quantities } = context
  const first = only ?? 0
  const end = only === undefined ? context.lines.length : only + 1
  const any = (column: Column): boolean => {
    for (let index = first; index < end; index++) if (quantityOf(quantities, index, column) > 0) return true
    return false
  }
  const isWanted = (index: number) => wantedOf(quantities, index) > 0
  const all = (column: Column): boolean => {
    for (let index = first; index < end; index++) if (isWanted(index) && !isMet(context, index, column)) return false
    return true
  }
  let wanted = first
  while (wanted < end && !isWanted(wanted)) wanted++
  if (wanted === end) return 'unallocated'
  if (any('delivered')) return all('delivered') ? 'delivered' : 'partly_delivered'
  if (all('delivered')) return 'delivered'
  if (any('shipped')) return all('shipped') ? 'shipped' : 'partly_shipped'
  if (all('shipped')) return 'shipped'
  if (any('released')) return 'released'
  if (any('backordered')) return 'backordered'
  return any('allocated') ? 'allocated' : 'unallocated'
}

/** Whether what is wanted of a line is reached in `column`, within the line's under-tolerance. */
export const isMet = (context: Counted, index: number, column: Column): boolean =>
  quantityOf(context.quantities, index, column) >= wantedOf(context.quantities, index) - underTolerance(context, index)

/** How much of a line may be invoiced on the facts known (per-order policy; damaged goods wait for delivery). */
export function invoiceLimit(context: Counted, index: number): number {
  if (context.invoicePolicy === 'prepaid') return wantedOf(context.quantities, index)
  if (context.invoicePolicy === 'delivery') return quantityOf(context.quantities, index, 'delivered')
  return quantityOf(context.quantities, index, 'shipped') - quantityOf(context.quantities, index, 'damaged')
}

function billingOf(context: Counted): Billing {
  for (const invoice in context.disputes) if (context.disputes[invoice]?.open) return 'disputed'
  const count = context.lines.length
  if (isEmpty(context.invoices)) {
    for (let index = 0; index < count; index++) if (invoiceLimit(context, index) > 0) return 'billable'
    return 'unbilled'
  }
  for (let index = 0; index < count; index++) if (!isMet(context, index, 'invoiced')) return 'partly_invoiced'
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
  const quantities = context.quantities.slice()
  for (const { line, quantity } of by) {
    const index = lineIndex(context, line)
    if (index >= 0) quantities[index * WIDTH + COLUMN[column]] = quantityOf(quantities, index, column) + quantity
  }
  return quantities
}
