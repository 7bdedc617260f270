// The order card as readers see it. Pure.
import { entityText } from '../../engine/answers.ts'
import type { OrderCard } from '../../engine/card/card.ts'
import type { OrderException } from '../../engine/exceptions/condition.ts'
import type { Twin } from '../../engine/twin.ts'
import type { OrderView } from './actors.ts'
import { type ExceptionRow, exceptionView, rowOf } from './exceptions.ts'
import { parkedOf } from './order.ts'
import { decimalText } from './quantities.ts'

export interface CardView {
  readonly card: OrderCard
  readonly view: OrderView
  readonly [field: string]: unknown
}

export interface Told extends Pick<Twin, 'positionText'> {
  /** The orders that share an exception's cause. */
  readonly ordersOf: (exception: OrderException) => ExceptionRow['orders']
}

export function cardView(view: OrderView, card: OrderCard, { ordersOf, positionText }: Told): CardView {
  const [lifecycle, credit, fulfilment, billing] = card.states
  const told = (exception: OrderException) =>
    exceptionView({ ...rowOf(exception), orders: ordersOf(exception), family: view.family }, card.atMs)
  return {
    card,
    view,
    at: card.atMs,
    state: { lifecycle, credit, fulfilment, billing },
    since: card.sinceMs,
    lines: card.lines.map(({ delivered, ordered, precision, promisedMs, shipped, ...line }) => ({
      ...line,
      ordered: decimalText(ordered, precision),
      shipped: decimalText(shipped, precision),
      delivered: decimalText(delivered, precision),
      promisedAt: promisedMs,
    })),
    shipments: card.shipments.map(partView),
    returns: card.returns.map(partView),
    action: card.action && {
      ...card.action,
      turn: card.action.owner,
      dueAt: card.action.dueMs,
      exception: card.action.exception && told(card.action.exception),
    },
    blockedBy: card.blockedBy,
    exceptions: card.exceptions.map(told),
    nextSteps: card.nextSteps.map(({ actor, dueMs, ...step }) => ({
      ...step,
      entity: entityText(actor, card.order),
      dueAt: dueMs,
    })),
    waiting: parkedOf(view, positionText),
    freshness: card.freshness.map(({ isStale, lastHeardMs, lastSaid, lastSaidMs, source }) => ({
      source,
      lastEvent: lastSaid.event,
      lastSaidAt: lastSaidMs,
      lastHeardAt: lastHeardMs,
      isStale,
    })),
    milestones: card.milestones.map(({ firstMs, lastMs, name, reasons }) => ({
      name,
      first: firstMs,
      last: lastMs,
      reasons,
    })),
  }
}

const partView = ({ expectedMs, promisedMs, sinceMs, ...part }: OrderCard['shipments'][number]) => ({
  ...part,
  since: sinceMs,
  expectedAt: expectedMs,
  promisedAt: promisedMs,
})
