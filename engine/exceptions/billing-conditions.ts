// What is wrong with an order's invoices and returns: not billed, billed too much, disputed, not credited. Pure.
import { ORDER_KEY, type Place, placeMs } from '../../machines/ids.ts'
import type { OrderContext } from '../../machines/order/context.ts'
import { invoiceLimit } from '../../machines/order/derive.ts'
import { COLUMN, quantityAt } from '../../machines/quantities.ts'
import { isEmpty } from '../../machines/records.ts'
import { total } from '../../machines/return/context.ts'
import { damagedOf } from '../../machines/shipment/context.ts'
import { withinMs } from '../deadlines/policies.ts'
import { added, condition, NOTHING_WRONG, type Predicate } from './condition.ts'
import { type Facts, lastOf, msOf, type ReturnFacts } from './facts.ts'
import { isOfAny, LINE, linesWith } from './line-sums.ts'

const scopeOf = (order: OrderContext) => ({ source: order.channel, serviceLevel: order.serviceLevel })

const notInvoiced: Predicate = (facts, { policies }) => {
  const order = facts.order?.context
  if (order === undefined || order.step === 'rejected') return NOTHING_WRONG
  const lines = linesWith(order, LINE.unbilled)
  const within = withinMs(policies, 'not_invoiced', scopeOf(order))
  if (within === undefined) return NOTHING_WRONG
  const since = sinceUnbilled(facts, order, lines)
  if (since === undefined) return NOTHING_WRONG
  return [
    condition('not_invoiced', {
      actor: ORDER_KEY,
      opensMs: placeMs(since) + within,
      detail: `may be invoiced and is not: line ${lines.join(', ')}`,
      evidence: [since],
      lines,
    }),
  ]
}

/** The first proof that the invoices do not cover: they are taken to be for the earliest proofs. */
function sinceUnbilled({ marks, shipments }: Facts, order: OrderContext, lines: readonly string[]): Place | undefined {
  if (order.invoicePolicy === 'prepaid') return marks.acceptedPlace ?? order.capturedPlace
  const proofs: Place[] = []
  for (const { context, delivered, left } of shipments) {
    const place = order.invoicePolicy === 'delivery' ? delivered : left
    if (place !== undefined && context.lines.some(line => lines.includes(line))) proofs.push(place)
  }
  let invoices = 0
  for (const invoice in order.invoices)
    if (order.invoices[invoice]?.amounts.some(({ line }) => lines.includes(line))) invoices++
  return proofs.length > 1 ? proofs.sort()[Math.min(invoices, proofs.length - 1)] : proofs[0]
}

const PROOF_CODES: ReadonlySet<string> = new Set([
  'proof_of_shipment_missing',
  'proof_of_delivery_missing',
  'over_invoice',
])

const invoiceBlocked: Predicate = ({ family, order, shipments }, { policies }) => {
  const parked = family.parked.filter(({ code, event }) => event.type === 'invoice.posted' && PROOF_CODES.has(code))
  if (order === undefined || parked.length === 0) return NOTHING_WRONG
  const trouble = shipments.filter(
    ({ context }) => context.short.some(each => each > 0) || context.lines.some((_, at) => damagedOf(context, at) > 0),
  )
  const within = trouble.length > 0 ? 0 : withinMs(policies, 'invoice_blocked', scopeOf(order.context))
  if (within === undefined) return NOTHING_WRONG
  const why =
    trouble.length === 0 ? '' : `; short or damaged: ${trouble.map(({ context }) => context.number).join(', ')}`
  return parked.map(({ event, place, reason }) =>
    condition('invoice_blocked', {
      actor: ORDER_KEY,
      part: `${event.source}/${event.id}`,
      event: { source: event.source, id: event.id },
      cause: `invoice_blocked|${event.source}|${event.id}`,
      opensMs: placeMs(place) + within,
      detail: `an invoice waits: ${reason}${why}`,
      evidence: [place],
      action:
        order.context.invoicePolicy === 'delivery'
          ? { words: 'Get the proof of delivery, or correct the invoice', by: 'transport', event: 'delivery.completed' }
          : undefined,
    }),
  )
}

const overbilled: Predicate = ({ order: actor, shipments }) => {
  const order = actor?.context
  if (order === undefined) return NOTHING_WRONG
  const lines = linesWith(order, LINE.overbilled)
  const over = order.lines.flatMap(({ line }, index) => {
    const by = overbilledBy(order, index)
    return by > 0 ? [{ line, by }] : []
  })
  const concerned = shipments.filter(({ context }) => context.lines.some(line => lines.includes(line)))
  const evidence = concerned.flatMap(({ context }) => [
    ...Object.values(context.ends).map(({ place }) => place),
    ...Object.values(context.deliveries).map(({ place }) => place),
    ...context.remarks.filter(({ event }) => event === 'shipment.damaged').map(({ place }) => place),
  ])
  const last = lastOf(evidence)
  const postedMs = Math.max(0, ...Object.values(order.invoices).map(invoice => invoice.postedMs))
  return [
    condition('overbilled', {
      actor: ORDER_KEY,
      opensMs: Math.max(postedMs, msOf(last)),
      detail: over.map(({ by, line }) => `line ${line}: ${by} invoiced beyond what is proved`).join('; '),
      evidence: last === '' ? [] : [last],
      lines,
    }),
  ]
}

/** How much of a line is invoiced beyond what is proved, and not credited. */
function overbilledBy(order: OrderContext, index: number): number {
  const { quantities } = order
  const unproved = quantityAt(quantities, index, COLUMN.invoiced) - Math.max(0, invoiceLimit(order, index))
  return unproved - quantityAt(quantities, index, COLUMN.credited)
}

const disputed: Predicate = ({ order }) => {
  if (order === undefined) return NOTHING_WRONG
  return Object.entries(order.context.disputes).flatMap(([invoice, { open, place, reason }]) =>
    open
      ? [
          condition('invoice_disputed', {
            actor: ORDER_KEY,
            part: invoice,
            opensMs: placeMs(place),
            detail: `invoice ${invoice} is disputed${reason === undefined ? '' : `: ${reason}`}`,
            evidence: [place],
          }),
        ]
      : [],
  )
}

const receivedMs = ({ context }: ReturnFacts): number => context.milestones['return.received']?.atMs ?? 0

const notCredited: Predicate = ({ order, returns }, { policies }) =>
  returns.flatMap(back => {
    const { context, key } = back
    const node = context.nodes[0]
    const within = withinMs(policies, 'received_not_credited', { node, source: order?.context.channel })
    const [received, credited] = [total(context.received), total(context.credited)]
    const isOwed = context.authorization === 'authorized' && received > 0 && context.closedPlace === undefined
    // A memo without lines credits the whole return.
    const isSettled = credited === 0 ? context.creditedMinor > 0 : credited >= received
    if (within === undefined || !isOwed || isSettled) return NOTHING_WRONG
    const part = credited === 0 ? 'is not credited' : `is credited in part: ${credited} of ${received}`
    return [
      condition('received_not_credited', {
        actor: key,
        opensMs: receivedMs(back) + within,
        detail: `return ${context.number} was received and ${part}`,
        evidence: context.authorizationPlace === undefined ? [] : [context.authorizationPlace],
        lines: context.lines,
        action:
          total(context.dispositioned) < received
            ? { words: 'Inspect the goods and say what becomes of them', by: 'node', event: 'return.dispositioned' }
            : undefined,
      }),
    ]
  })

const unauthorizedReceipt: Predicate = ({ returns }) =>
  returns.flatMap(back => {
    const { context, key } = back
    if (total(context.received) === 0 || isDecided(back)) return NOTHING_WRONG
    return [
      condition('unauthorized_receipt', {
        actor: key,
        opensMs: receivedMs(back),
        detail: `return ${context.number} was received and is not authorized (${context.authorization})`,
        lines: context.lines,
      }),
    ]
  })

/** Authorized, closed, or rejected since the goods are there: a rejection of before did not know of them. */
const isDecided = (back: ReturnFacts): boolean => {
  const { authorization, authorizationPlace, closedPlace } = back.context
  if (authorization === 'authorized' || closedPlace !== undefined) return true
  return authorization === 'rejected' && msOf(authorizationPlace ?? '') >= receivedMs(back)
}

/** All that was invoiced is credited, by amount: memos need not name quantities. */
const isAllCredited = ({ creditedMinor, invoicedMinor }: OrderContext): boolean =>
  creditedMinor > 0 && creditedMinor >= invoicedMinor

/** Each predicate is asked only where it may hold: of most orders one at most is. */
export const billingConditions: Predicate = (facts, around) => {
  const { family, order, returns } = facts
  let found = NOTHING_WRONG
  if (order !== undefined) {
    if (isOfAny(order.sums, LINE.unbilled)) found = added(found, notInvoiced(facts, around))
    if (family.parked.length > 0) found = added(found, invoiceBlocked(facts, around))
    if (isOfAny(order.sums, LINE.overbilled) && !isAllCredited(order.context))
      found = added(found, overbilled(facts, around))
    if (!isEmpty(order.context.disputes)) found = added(found, disputed(facts, around))
  }
  if (returns.length === 0) return found
  return added(added(found, notCredited(facts, around)), unauthorizedReceipt(facts, around))
}
