// An order as readers see it. Pure.
import { placeMs } from '../../machines/ids.ts'
import { type Milestone, type OrderContext, partsOf, promiseOf } from '../../machines/order/context.ts'
import { fulfilmentOf } from '../../machines/order/derive.ts'
import type { OrderView } from './actors.ts'
import { baseQuantitiesOf, decimalsOf, lineAmount } from './quantities.ts'

const MILESTONES: readonly Milestone[] = [
  'received',
  'validated',
  'released',
  'allocated',
  'picked',
  'shipped',
  'invoiced',
  'closed',
]

export interface MoneyView {
  readonly amountMinor: number
  readonly currency: string
}
export const money = (order: OrderContext, amountMinor: number): MoneyView => ({
  amountMinor,
  currency: order.currency,
})

export const capturedAt = ({ context }: OrderView): number =>
  context.milestones.received?.[0] ?? placeMs(context.capturedPlace)

export const latestEventAt = ({ family }: OrderView): number | undefined =>
  family.lastPlace === '' ? undefined : placeMs(family.lastPlace)

export const milestonesOf = ({ context }: OrderView) =>
  MILESTONES.map(name => ({ name, first: context.milestones[name]?.[0], last: context.milestones[name]?.[1] }))

/** The order's lines from the one after `after` on, at most `first`; all without them. Undefined where it has no line `after`. */
export function lineIndexes(
  { lines }: OrderContext,
  { first, after }: { first?: number; after?: string },
): readonly number[] | undefined {
  const known = after === undefined ? -1 : lines.findIndex(each => each.line === after)
  if (after !== undefined && known < 0) return undefined
  const start = known + 1
  const end = first === undefined ? lines.length : Math.min(lines.length, start + first)
  return Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index)
}

export function lineView(order: OrderContext, index: number) {
  const line = order.lines[index]
  if (line === undefined) throw new RangeError(`order ${order.id} has no line at ${index}`)
  const baseQuantities = baseQuantitiesOf(order, index)
  const { conversions = {}, unitPrice } = line
  const parts = partsOf(order.allocations[index])
  const expected = parts.flatMap(part => part.expectedAt ?? [])
  return {
    ...decimalsOf(baseQuantities, line.precision),
    line: line.line,
    item: line.item,
    description: line.description,
    unit: line.unit,
    precision: line.precision,
    conversions: Object.entries(conversions).map(([unit, factor]) => ({ unit, factor })),
    unitPrice: unitPrice === undefined ? undefined : { ...unitPrice, currency: order.currency },
    state: fulfilmentOf(order, index),
    shipTo: line.shipTo ?? order.shipTo,
    requestedAt: line.requestedAt ?? order.requestedAt,
    promisedAt: promiseOf(order, line),
    expectedAt: expected.length === 0 ? undefined : Math.min(...expected),
    allocatedAtNodes: [...new Set(parts.flatMap(part => part.node ?? []))],
    baseQuantities,
  }
}

/** Asks by place. A rejection answers the ask it names; an amendment or cancellation the one it names, or if it names none, all before it. */
export const asksOf = ({ context }: OrderView) =>
  Object.entries(context.asks)
    .sort(([, a], [, b]) => (a.place < b.place ? -1 : 1))
    .map(([ask, { kind, atMs, remark }]) => {
      const answer = answerOf(context, ask)
      return { ask, kind, askedAt: atMs, remark, state: answer === undefined ? 'open' : 'answered', answer }
    })

/** Earliest by place. */
function answerOf({ asks, answers }: OrderContext, ask: string) {
  const since = asks[ask]?.place ?? ''
  const fitting = answers
    .filter(each => each.ask === ask || (each.ask === undefined && each.kind !== 'rejected' && each.place > since))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
  const first = fitting[0]
  return first === undefined ? undefined : { kind: first.kind, at: placeMs(first.place) }
}

export const hasOpenAsk = (order: OrderContext): boolean =>
  Object.keys(order.asks).some(ask => answerOf(order, ask) === undefined)

export const parkedOf = ({ family }: OrderView, positionText: (position: number) => string) =>
  family.parked.map(({ event, position, place, sinceMs, untilMs, code, reason, waitsFor }) => ({
    eventId: event.id,
    source: event.source,
    event: event.type,
    subject: event.subject,
    at: placeMs(place),
    since: sinceMs,
    until: untilMs,
    code,
    reason,
    waitsFor,
    position: positionText(position),
    data: event.data,
  }))

export const invoicesOf = ({ context }: OrderView) =>
  Object.entries(context.invoices).map(([invoice, { amountMinor, amounts, charges = [], company, postedMs }]) => {
    const dispute = context.disputes[invoice]
    return {
      invoice,
      company: company ?? context.company,
      postedAt: postedMs,
      amount: money(context, amountMinor),
      charges: charges.map(({ kind, amountMinor }) => ({ kind, amount: money(context, amountMinor) })),
      lines: amounts.map(lineAmount(context)),
      dispute: dispute === undefined ? undefined : { isOpen: dispute.open, reason: dispute.reason },
    }
  })
