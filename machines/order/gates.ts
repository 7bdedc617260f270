// What may stand in an order's way (domain §3–5). Each gate says whether the obstacle can still go away (C4).
import type { Move, Obstacle, Signal } from '../chart.ts'
import type { EventType } from '../event-types.ts'
import type { OwnerRule } from '../owners.ts'
import { type Amount, COLUMN, differenceOf, quantityOf, WIDTH, wantedOf } from '../quantities.ts'
import { lineIndex, newLine, type OrderContext, orderedOf } from './context.ts'
import { invoiceLimit, isMet } from './derive.ts'

const waits = (code: string, reason: string, event: EventType, owner: OwnerRule): Obstacle => ({
  verdict: 'waits',
  code,
  reason,
  waitsFor: { event, owner },
})
/** Somebody's permission is missing: a person may go over it. */
const permission = (code: string, reason: string, event: EventType, owner: OwnerRule): Obstacle => ({
  ...waits(code, reason, event, owner),
  isPermission: true,
})
const refused = (code: string, reason: string): Obstacle => ({ verdict: 'not_allowed_in_state', code, reason })

/** Nothing but returns, credits and payments follows `closed`; nothing follows `rejected`. */
function open(context: OrderContext): Obstacle | undefined {
  if (context.step === 'closed') return refused('order_closed', 'the order is closed')
  return notRejected(context)
}

function notRejected(context: OrderContext): Obstacle | undefined {
  return context.step === 'rejected' ? refused('order_rejected', 'the ERP rejected the order') : undefined
}

function notAccepted(context: OrderContext): Obstacle | undefined {
  return context.step === 'accepted' || context.step === 'closed'
    ? refused('order_accepted', 'the order was accepted before; an accepted order is cancelled, not rejected')
    : undefined
}

function accepted(context: OrderContext): Obstacle | undefined {
  if (context.step === 'accepted' || context.step === 'closed') return undefined
  return permission('order_not_accepted', 'the ERP has not accepted the order yet', 'order.accepted', 'erp')
}

function creditApproved(context: OrderContext): Obstacle | undefined {
  if (context.credit === 'approved') return undefined
  return context.credit === 'held'
    ? permission('credit_held', 'credit is on hold', 'credit.released', 'erp')
    : permission('credit_not_approved', 'credit is not approved yet', 'credit.approved', 'erp')
}

function withinOrdered(context: OrderContext, move?: Move): Obstacle | undefined {
  for (const { line, quantity } of move?.amounts ?? []) {
    const index = lineIndex(context, line)
    const free = wantedOf(context.quantities, index) - quantityOf(context.quantities, index, 'released')
    if (quantity > free)
      return waits('over_release', `line ${line}: ${free} left to release, ${quantity} asked`, 'order.amended', 'erp')
  }
  return move === undefined && !context.lines.some((_, index) => freeOf(context, index) > 0)
    ? waits('all_released', 'everything wanted is released', 'order.amended', 'erp')
    : undefined
}

const freeOf = (context: OrderContext, index: number): number =>
  wantedOf(context.quantities, index) - quantityOf(context.quantities, index, 'released')

/** What a node still holds waits for its shipment.cancelled; nothing becomes negative. */
function withinCancellable(context: OrderContext, move?: Move<'order.cancelled'>): Obstacle | undefined {
  if (move === undefined) return undefined
  if (move.data.lines === undefined) return wholeCancellable(context)
  for (const { line, quantity } of move.amounts) {
    const free = freeOf(context, lineIndex(context, line))
    if (quantity > free) return stillReleased(`line ${line}: ${free} of ${quantity} are free to cancel`)
  }
  return undefined
}

/** The whole order: all that has not left. What has left runs on as a shipment. */
function wholeCancellable(context: OrderContext): Obstacle | undefined {
  const held = (index: number) =>
    quantityOf(context.quantities, index, 'released') - quantityOf(context.quantities, index, 'shipped')
  const at = context.lines.findIndex((_, index) => held(index) > 0)
  if (at >= 0) return stillReleased(`line ${context.lines[at]?.line}: a node still holds ${held(at)}`)
  const hasAllLeft = !context.lines.some((_, index) => freeOf(context, index) > 0)
  const isEmpty = context.lines.every((_, index) => wantedOf(context.quantities, index) === 0)
  return hasAllLeft && !isEmpty
    ? waits('nothing_to_cancel', 'everything wanted has left', 'shipment.returned_to_sender', 'transport')
    : undefined
}

const stillReleased = (reason: string): Obstacle => waits('still_released', reason, 'shipment.cancelled', 'node')

function notCancelledWhole(context: OrderContext): Obstacle | undefined {
  return context.wholeCancelPlace === undefined
    ? undefined
    : refused('order_cancelled', 'the whole order was cancelled')
}

/** The channel amends until the first release, the ERP always. */
function mayAmend(context: OrderContext, move?: Move): Obstacle | undefined {
  if (move === undefined || move.origin.role === 'erp' || context.releases.length === 0) return undefined
  return {
    verdict: 'not_owner',
    code: 'already_released',
    reason: 'the channel amends until the first release; from then on it asks and the ERP amends',
    owner: 'erp',
    isPermission: true,
  }
}

/** All or nothing: every locked field is listed. The value it already has is no change and never locked. */
function unlocked(context: OrderContext, move?: Move<'order.amended'>): Obstacle | undefined {
  if (move === undefined) return undefined
  const { data } = move
  const locked: string[] = []
  if (data.customer !== undefined && data.customer !== context.customer) locked.push('customer')
  if (data.currency !== undefined && data.currency !== context.currency) locked.push('currency')
  const hasAllLeft = context.releases.length > 0 && context.lines.every((_, index) => isMet(context, index, 'shipped'))
  if (data.shipTo !== undefined && hasAllLeft) locked.push('shipTo')
  const released = data.lines === undefined ? undefined : releasedLines(context)
  for (const change of data.lines ?? []) {
    const index = lineIndex(context, change.line)
    const line = context.lines[index]
    if (line === undefined) continue
    const isReleased = released?.has(line.line) === true
    const isInvoiced = quantityOf(context.quantities, index, 'invoiced') > 0
    const path = `lines.${line.line}`
    if (isReleased && change.item !== undefined && change.item !== line.item) locked.push(`${path}.item`)
    if (isReleased && change.unit !== undefined && change.unit !== line.unit) locked.push(`${path}.unit`)
    const isRescaled = change.precision !== undefined && change.precision !== line.precision
    if (isRescaled && (isReleased || isCounted(context, index))) locked.push(`${path}.precision`)
    const { unitPrice } = change
    if (
      isInvoiced &&
      unitPrice &&
      !(unitPrice.amount === line.unitPrice?.amount && unitPrice.per === line.unitPrice.per)
    )
      locked.push(`${path}.unitPrice`)
    if (change.shipTo !== undefined && isMet(context, index, 'shipped') && isReleased) locked.push(`${path}.shipTo`)
  }
  if (locked.length === 0) return undefined
  return { ...refused('locked_fields', `locked: ${locked.join(', ')}`), locked }
}

/** Whether more is told of a line, in its base units, than how much is ordered: these stay what they are. */
const isCounted = ({ quantities }: OrderContext, index: number): boolean =>
  quantities.slice(index * WIDTH, (index + 1) * WIDTH).some((quantity, at) => at !== COLUMN.ordered && quantity !== 0)

const releasedLines = ({ releases }: OrderContext): ReadonlySet<string> =>
  new Set(releases.flatMap(({ amounts }) => amounts.map(({ line }) => line)))

/** A line nobody has told us of comes with an item and a quantity, or waits for the amendment that brings it. */
function amendedLinesKnown(context: OrderContext, move?: Move<'order.amended'>): Obstacle | undefined {
  for (const change of move?.data.lines ?? []) {
    const isComplete = change.item !== undefined && change.quantity !== undefined
    if (lineIndex(context, change.line) < 0 && !isComplete)
      return waits('unknown_line', `line ${change.line} is not known yet`, 'order.amended', 'erp')
  }
  return undefined
}

function withinAmended(context: OrderContext, move?: Move<'order.amended'>): Obstacle | undefined {
  for (const change of move?.data.lines ?? []) {
    const index = lineIndex(context, change.line)
    const line = context.lines[index] ?? newLine(change)
    if (change.quantity === undefined && change.precision === undefined) continue
    const quantity = change.quantity ?? line.ordered / 10 ** line.precision
    const ordered = orderedOf({ ...line, ...change, quantity })
    if (ordered === undefined)
      return refused('unit_not_exact', `line ${line.line}: ${quantity} is not exact in ${line.unit}`)
    const bound = quantityOf(context.quantities, index, 'released') + quantityOf(context.quantities, index, 'cancelled')
    if (index >= 0 && ordered < bound && ordered < line.ordered)
      return stillReleased(`line ${line.line}: ${bound} are released or cancelled`)
  }
  return undefined
}

function askKnown(context: OrderContext, move?: Move<'order.request_rejected'>): Obstacle | undefined {
  if (move === undefined || move.data.ask in context.asks) return undefined
  return waits('unknown_ask', `the ask ${move.data.ask} is not known yet`, 'order.change_requested', 'channel')
}

/** Every line delivered or cancelled, and invoiced. */
function complete(context: OrderContext): Obstacle | undefined {
  const every = (column: 'delivered' | 'invoiced') => context.lines.every((_, index) => isMet(context, index, column))
  if (!every('delivered'))
    return waits('not_delivered', 'not every line is delivered or cancelled', 'delivery.completed', 'transport')
  if (!every('invoiced')) return waits('not_invoiced', 'not every line is invoiced', 'invoice.posted', 'erp')
  return undefined
}

/** What must be proved before it is invoiced: shipment (default), delivery, or nothing but the order (prepaid). */
function proved(context: OrderContext, move?: Move): Obstacle | undefined {
  const asked = move?.amounts ?? []
  for (const { line, quantity } of asked) {
    const index = lineIndex(context, line)
    const free = invoiceLimit(context, index) - quantityOf(context.quantities, index, 'invoiced')
    if (quantity > free)
      return proofMissing(context, `line ${line}: ${Math.max(0, free)} of ${quantity} may be invoiced`)
  }
  const hasRoom = context.lines.some(
    (_, index) => invoiceLimit(context, index) > quantityOf(context.quantities, index, 'invoiced'),
  )
  return move === undefined && !hasRoom ? proofMissing(context, 'nothing more may be invoiced yet') : undefined
}

function proofMissing(context: OrderContext, reason: string): Obstacle {
  if (context.invoicePolicy === 'prepaid') return waits('over_invoice', reason, 'order.amended', 'erp')
  return context.invoicePolicy === 'delivery'
    ? waits('proof_of_delivery_missing', `${reason}; delivery is not proved`, 'delivery.completed', 'transport')
    : waits('proof_of_shipment_missing', `${reason}; shipment is not proved`, 'shipment.confirmed', 'node')
}

function invoiceKnown(
  context: OrderContext,
  move?: Move<'invoice.disputed' | 'invoice.dispute_resolved' | 'invoice.credited'>,
) {
  if (move?.data.invoice === undefined || move.data.invoice in context.invoices) return undefined
  return waits('unknown_invoice', `the invoice ${move.data.invoice} is not known yet`, 'invoice.posted', 'erp')
}

function withinInvoiced(context: OrderContext, move?: Move<'invoice.credited'>): Obstacle | undefined {
  if (move === undefined) return undefined
  return creditWithinAmount(context, move.data.amountMinor) ?? creditedWithinInvoiced(context, move.amounts)
}

function creditWithinAmount(context: OrderContext, amountMinor: number): Obstacle | undefined {
  const amountLeft = context.invoicedMinor - context.creditedMinor
  return amountMinor > 0 && amountMinor > amountLeft
    ? waits('over_credit', `${amountLeft} minor units are left to credit`, 'invoice.posted', 'erp')
    : undefined
}

function creditedWithinInvoiced(context: OrderContext, amounts: readonly Amount[]): Obstacle | undefined {
  for (const { line, quantity } of amounts) {
    const index = lineIndex(context, line)
    const free = quantityOf(context.quantities, index, 'invoiced') - quantityOf(context.quantities, index, 'credited')
    if (quantity > free)
      return waits('over_credit', `line ${line}: ${free} are left to credit`, 'invoice.posted', 'erp')
  }
  return undefined
}

/** A return never takes back more than was delivered, nor credits more than was invoiced. */
function returnWithinLimits(context: OrderContext, signal?: Signal): Obstacle | undefined {
  const overAmount = signal === undefined ? undefined : creditWithinAmount(context, signal.creditedMinor)
  if (overAmount !== undefined) return overAmount
  for (const change of signal?.changes ?? []) {
    const { line } = change
    const index = lineIndex(context, line)
    const more = differenceOf(change, COLUMN.returning)
    const returning = quantityOf(context.quantities, index, 'returning') + more
    if (more > 0 && returning > quantityOf(context.quantities, index, 'delivered'))
      return waits(
        'over_return',
        `line ${line}: more would come back than was delivered`,
        'delivery.completed',
        'transport',
      )
    const credited = differenceOf(change, COLUMN.credited)
    if (credited > 0) {
      const obstacle = creditedWithinInvoiced(context, [{ line, quantity: credited }])
      if (obstacle !== undefined) return obstacle
    }
  }
  return undefined
}

export const gates = {
  open,
  notRejected,
  notAccepted,
  notCancelledWhole,
  accepted,
  creditApproved,
  withinOrdered,
  withinCancellable,
  mayAmend,
  unlocked,
  amendedLinesKnown,
  withinAmended,
  askKnown,
  complete,
  proved,
  invoiceKnown,
  withinInvoiced,
  returnWithinLimits,
}
