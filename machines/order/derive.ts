// What follows from an order's facts: quantity columns, fulfilment, billing (domain §2, §4). Pure.
import {
  type Amount,
  COLUMN,
  type Column,
  type Quantities,
  quantityAt,
  sumOfLine,
  WIDTH,
  wantedOf,
} from '../quantities.ts'
import { isEmpty } from '../records.ts'
import {
  type Billing,
  copyOfMilestones,
  type Fulfilment,
  lineIndex,
  type Milestone,
  type Milestones,
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

/** Values an assigner puts together. */
type Changing = { -readonly [Key in keyof OrderContext]?: OrderContext[Key] }

/** `changed`, and every derived value with it: what an assigner returns. `changed` must be the caller's own. */
export function settling(context: OrderContext, changed: Changing): Changing {
  const next = counted(context, changed)
  // What the caller changed is a copy already.
  const isOwn = changed.quantities !== undefined && changed.quantities !== context.quantities
  changed.quantities = next.quantities = derivedColumns(next, isOwn)
  return withStates(next, changed)
}

/**
 * The same where nothing was ordered, cancelled, allocated or released: derived columns stay as they are. To work them out anew
 * reads the allocations and releases of all lines, which nothing else does for most events.
 */
export const settlingStates = (context: OrderContext, changed: Changing): Changing =>
  withStates(counted(context, changed), changed)

function withStates(next: Counted, changed: Changing): Changing {
  changed.fulfilment = fulfilmentOf(next)
  changed.billing = billingOf(next)
  return changed
}

/** What derived values are read from, once `changed` holds. Not a copy of the whole context: this runs at every step of an order. */
const counted = (context: OrderContext, changed: Changing): { -readonly [Key in CountedKey]: OrderContext[Key] } => ({
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
})

/** Ordered, cancelled, allocated and backordered follow from settings; the other columns are sums and stay. */
function derivedColumns(context: Counted, isOwn: boolean): Quantities {
  const { allocations, lines } = context
  const length = lines.length * WIDTH
  const quantities =
    isOwn && context.quantities.length >= length ? (context.quantities as number[]) : copied(context.quantities, length)
  // A whole cancellation takes all that is not with a node, on its way or delivered.
  const isWholeCancelled = context.wholeCancelPlace !== undefined
  const cancels = isEmpty(context.cancels) ? undefined : context.cancels
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as OrderLine
    const at = index * WIDTH
    const cancelledByLine = cancels?.[line.line] ?? 0
    const cancelled = isWholeCancelled
      ? Math.max(cancelledByLine, line.ordered - (quantities[at + COLUMN.released] as number))
      : cancelledByLine
    quantities[at + COLUMN.ordered] = line.ordered
    quantities[at + COLUMN.cancelled] = cancelled
    const allocation = index < allocations.length ? allocations[index] : undefined
    if (allocation === undefined) continue
    const wanted = line.ordered - cancelled
    const allocated = told(allocation.allocated, wanted)
    const since = releasedSince(context, line.line, allocation.place)
    const fromStock = Math.min(since, allocated)
    quantities[at + COLUMN.allocated] = allocated - fromStock
    quantities[at + COLUMN.backordered] = Math.max(0, told(allocation.backordered, wanted) - (since - fromStock))
  }
  return quantities
}

const told = (quantity: number | 'all', wanted: number): number => (quantity === 'all' ? wanted : quantity)

/** A copy of at least `length` numbers; new lines start with none. */
function copied(quantities: Quantities, length: number): number[] {
  if (quantities.length >= length) return quantities.slice()
  const copy = new Array<number>(length).fill(0)
  for (let index = 0; index < quantities.length; index++) copy[index] = quantities[index] as number
  return copy
}

function releasedSince(context: Counted, line: string, place: string): number {
  let sum = 0
  for (const release of context.releases) if (release.place >= place) sum += sumOfLine(release.amounts, line)
  return sum
}

/** How a header or a single line (`only`) stands, derived from quantities and nothing else. One look at each line. */
export function fulfilmentOf(context: Counted, only?: number): Fulfilment {
  const { quantities } = context
  const end = only === undefined ? context.lines.length : only + 1
  let [isWanted, isReleased, isBackordered, isAllocated] = [false, false, false, false]
  let [isDelivered, isAllDelivered, isShipped, isAllShipped] = [false, true, false, true]
  for (let index = only ?? 0; index < end; index++) {
    const wanted = wantedOf(quantities, index)
    const delivered = quantityAt(quantities, index, COLUMN.delivered)
    const shipped = quantityAt(quantities, index, COLUMN.shipped)
    isDelivered ||= delivered > 0
    isShipped ||= shipped > 0
    isReleased ||= quantityAt(quantities, index, COLUMN.released) > 0
    isBackordered ||= quantityAt(quantities, index, COLUMN.backordered) > 0
    isAllocated ||= quantityAt(quantities, index, COLUMN.allocated) > 0
    if (wanted <= 0) continue
    isWanted = true
    isAllDelivered &&= meets(context, index, delivered, wanted)
    isAllShipped &&= meets(context, index, shipped, wanted)
  }
  if (!isWanted) return 'unallocated'
  if (isAllDelivered) return 'delivered'
  if (isDelivered) return 'partly_delivered'
  if (isAllShipped) return 'shipped'
  if (isShipped) return 'partly_shipped'
  if (isReleased) return 'released'
  if (isBackordered) return 'backordered'
  return isAllocated ? 'allocated' : 'unallocated'
}

/** Whether what is wanted of a line is reached in `column`, within the line's under-tolerance. */
export const isMet = (context: Counted, index: number, column: Column): boolean =>
  isMetAt(context, index, COLUMN[column])

const isMetAt = (context: Counted, index: number, column: number): boolean =>
  meets(context, index, quantityAt(context.quantities, index, column), wantedOf(context.quantities, index))

/** Whether `quantity` is what is `wanted` of a line, or short of it by no more than its tolerance, which is looked up only then. */
const meets = (context: Counted, index: number, quantity: number, wanted: number): boolean =>
  quantity >= wanted || quantity >= wanted - underTolerance(context, index)

/** How much of a line may be invoiced on the facts known (per-order policy; damaged goods wait for delivery). */
export function invoiceLimit(context: Counted, index: number): number {
  if (context.invoicePolicy === 'prepaid') return wantedOf(context.quantities, index)
  if (context.invoicePolicy === 'delivery') return quantityAt(context.quantities, index, COLUMN.delivered)
  return quantityAt(context.quantities, index, COLUMN.shipped) - quantityAt(context.quantities, index, COLUMN.damaged)
}

function billingOf(context: Counted): Billing {
  for (const invoice in context.disputes) if (context.disputes[invoice]?.open) return 'disputed'
  const count = context.lines.length
  if (isEmpty(context.invoices)) {
    for (let index = 0; index < count; index++) if (invoiceLimit(context, index) > 0) return 'billable'
    return 'unbilled'
  }
  for (let index = 0; index < count; index++) if (!isMetAt(context, index, COLUMN.invoiced)) return 'partly_invoiced'
  return context.paidMinor + context.creditedMinor >= context.invoicedMinor ? 'paid' : 'invoiced'
}

/** `milestones` with one more time for `name`: first and last, whatever the order of arrival. */
export function reached(milestones: Milestones, name: Milestone, ms: number): Milestones {
  const known = milestones[name]
  if (known !== undefined && known[0] <= ms && ms <= known[1]) return milestones
  const times = known === undefined ? ([ms, ms] as const) : ([Math.min(known[0], ms), Math.max(known[1], ms)] as const)
  const copy = copyOfMilestones(milestones)
  copy[name] = times
  return copy
}

/** `quantities` with `by` added to `column` of the lines it names. */
export function added(context: OrderContext, column: Column, by: readonly Amount[]): Quantities {
  const quantities = context.quantities.slice()
  const place = COLUMN[column]
  for (const { line, quantity } of by) {
    const index = lineIndex(context, line)
    if (index >= 0) quantities[index * WIDTH + place] = quantityAt(quantities, index, place) + quantity
  }
  return quantities
}
