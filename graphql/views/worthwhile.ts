// Which of the moves a chart offers would tell something new: an approval of credit that is approved would not. Pure.
// The chart decides what is legal, this only what is worth showing as next.
import { AMENDABLE, amendedSince } from '../../engine/exceptions/facts.ts'
import type { EntityKind } from '../../machines/ids.ts'
import type { OrderContext } from '../../machines/order/context.ts'
import { invoiceLimit, isMet } from '../../machines/order/derive.ts'
import { quantityOf, wantedOf } from '../../machines/quantities.ts'
import { isAllDispositioned, type ReturnContext, total } from '../../machines/return/context.ts'
import {
  damagedOf,
  endOf,
  isDelivered,
  type ShipmentContext,
  STEPS,
  stepRank,
} from '../../machines/shipment/context.ts'
import type { ActorView } from './actors.ts'
import { hasOpenAsk } from './order.ts'

/** Whether `event` would tell something new of the actor, as far as that can be said without its data. */
export const isWorthwhile = (view: ActorView, event: string): boolean =>
  WORTHWHILE[view.kind](view.context as never, event, view.order)

/** Whether a step that is past would still put something right: a validation, where the last one failed. */
export const isWorthwhileLate = ({ actor, context, kind }: ActorView, event: string): boolean =>
  kind === 'order' && event === 'order.validated' && hasFailed(context as OrderContext) && !isCancelled(actor)

const hasFailed = (order: OrderContext): boolean => (order.validation?.reasons.length ?? 0) > 0 && !isOver(order)
const isCancelled = ({ state }: ActorView['actor']): boolean => state.startsWith('cancelled.')

const isOver = (order: OrderContext): boolean => order.step === 'closed' || order.step === 'rejected'
const someLine = (order: OrderContext, holds: (index: number) => boolean): boolean =>
  order.lines.some((_, index) => holds(index))

/** Wanted and at no node yet. */
const hasFree = (order: OrderContext): boolean =>
  someLine(order, index => wantedOf(order.quantities, index) > quantityOf(order.quantities, index, 'released'))
const isFulfilled = (order: OrderContext): boolean =>
  order.lines.every((_, index) => isMet(order, index, 'shipped')) && order.lines.length > 0
const hasInvoice = (order: OrderContext): boolean => Object.keys(order.invoices).length > 0
const hasDispute = (order: OrderContext): boolean => Object.values(order.disputes).some(each => each.open)
/** More is to come, or more may be invoiced: as much may have left as tolerances allow. */
const hasUninvoiced = (order: OrderContext): boolean =>
  someLine(
    order,
    index =>
      !isMet(order, index, 'invoiced') || invoiceLimit(order, index) > quantityOf(order.quantities, index, 'invoiced'),
  )

const ORDER: Readonly<Record<string, (order: OrderContext) => boolean>> = {
  'order.validated': order => order.step === 'captured',
  // What is amended is validated anew, also after acceptance.
  'order.validation_failed': order => !isOver(order) && !isFulfilled(order),
  'order.amended': order => !isFulfilled(order),
  'order.change_requested': order => order.releases.length > 0 && !isFulfilled(order),
  'order.cancel_requested': order => !isFulfilled(order),
  'order.request_rejected': hasOpenAsk,
  'order.cancelled': hasFree,
  'order.allocated': hasFree,
  'backorder.created': hasFree,
  'order.released': hasFree,
  'credit.approved': order => order.credit === 'unchecked' && !isOver(order),
  'credit.held': order => order.credit !== 'held' && !isOver(order) && !isFulfilled(order),
  'credit.released': order => order.credit === 'held',
  'invoice.posted': hasUninvoiced,
  'invoice.credited': order => order.invoicedMinor > order.creditedMinor,
  'invoice.disputed': order => hasInvoice(order) && !hasDispute(order),
  'invoice.dispute_resolved': hasDispute,
  'payment.received': order => order.invoicedMinor > order.paidMinor + order.creditedMinor,
}

const hasEnded = (shipment: ShipmentContext): boolean =>
  isDelivered(shipment) || endOf(shipment)?.kind === 'returned_to_sender'
const rankOf = (shipment: ShipmentContext): number => stepRank(shipment.step)
const isAtNode = (shipment: ShipmentContext): boolean =>
  rankOf(shipment) < stepRank('shipped') && endOf(shipment) === undefined
const isUnderway = (shipment: ShipmentContext): boolean =>
  rankOf(shipment) >= stepRank('shipped') && !hasEnded(shipment)

/** Milestones of transport are next once the goods are packed: until then the chart takes them, nobody expects them. */
const isReadyToGo = (shipment: ShipmentContext): boolean =>
  rankOf(shipment) >= STEPS.indexOf('packed') && !hasEnded(shipment)

/** The order was amended after the release: somebody has to say that the change is in hand. */
const isStale = (shipment: ShipmentContext, order: OrderContext): boolean =>
  AMENDABLE.some(setting => amendedSince(order, shipment, setting) !== '')

const SHIPMENT: Readonly<Record<string, (shipment: ShipmentContext, order: OrderContext) => boolean>> = {
  'shipment.acknowledged': isAtNode,
  'pick.released': isAtNode,
  'pick.started': shipment => rankOf(shipment) < stepRank('picking'),
  'pick.completed': shipment => rankOf(shipment) < stepRank('packed'),
  'pick.short': shipment => rankOf(shipment) < stepRank('packed'),
  'item.substituted': shipment => rankOf(shipment) < stepRank('packed'),
  'pack.completed': isAtNode,
  'shipment.confirmed': shipment => shipment.confirmed === undefined && endOf(shipment) === undefined,
  'shipment.split': isAtNode,
  'shipment.cancelled': isAtNode,
  'shipment.booked': shipment => shipment.trackings.length === 0 && !hasEnded(shipment),
  'shipment.amended': (shipment, order) => isStale(shipment, order) && !hasEnded(shipment),
  'shipment.in_transit': isReadyToGo,
  'shipment.out_for_delivery': isReadyToGo,
  'delivery.attempted': isUnderway,
  'delivery.completed': isUnderway,
  'delivery.refused': shipment => isUnderway(shipment) && endOf(shipment)?.kind !== 'refused',
  'shipment.lost': shipment => isUnderway(shipment) && endOf(shipment)?.kind !== 'lost',
  'shipment.returned_to_sender': isUnderway,
  'shipment.delayed': shipment => !hasEnded(shipment),
  'shipment.damaged': isUnderway,
  'shipment.damage_cleared': shipment => shipment.lines.some((_, index) => damagedOf(shipment, index) > 0),
}

const hasArrived = (back: ReturnContext): boolean => total(back.received) > 0
const isClosed = (back: ReturnContext): boolean => back.closedPlace !== undefined

const RETURN: Readonly<Record<string, (back: ReturnContext) => boolean>> = {
  'return.initiated': back => back.authorization === 'none',
  'return.authorized': back => back.authorization !== 'authorized',
  'return.rejected': back => back.authorization === 'initiated' || back.authorization === 'none',
  'return.in_transit': back => !hasArrived(back),
  'return.received': back => !hasArrived(back),
  'return.inspected': back => back.step !== 'inspected',
  'return.dispositioned': back => !isAllDispositioned(back),
  // A memo without lines credits the whole return.
  'return.credited': back =>
    total(back.credited) === 0 ? back.creditedMinor === 0 : total(back.dispositioned) > total(back.credited),
  'return.closed': back => !isClosed(back),
}

const WORTHWHILE: Readonly<Record<EntityKind, (context: never, event: string, order: OrderContext) => boolean>> = {
  order: (order: OrderContext, event) => ORDER[event]?.(order) ?? true,
  shipment: (shipment: ShipmentContext, event, order) => SHIPMENT[event]?.(shipment, order) ?? true,
  return: (back: ReturnContext, event) => !isClosed(back) && (RETURN[event]?.(back) ?? true),
}
