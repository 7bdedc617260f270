// Quantity conflict: limits of domain §4 that what is known does not keep, of the order's lines and of its shipments. Gates let
// no event break one; what arrives late, is corrected or taken off afterwards passes none, and stands. Pure.
import { ORDER_KEY } from '../../machines/ids.ts'
import type { OrderContext, OrderLine } from '../../machines/order/context.ts'
import { type Column, quantityOf, wantedOf } from '../../machines/quantities.ts'
import { isEmpty } from '../../machines/records.ts'
import {
  deliveredOf,
  leftOf,
  overToleranceOf,
  ownOf,
  type Proofs,
  proofsOf,
  type ShipmentContext,
} from '../../machines/shipment/context.ts'
import { type Condition, condition, NOTHING_WRONG } from './condition.ts'
import { amendedPlace, lastOf, msOf, type OrderFacts, type ShipmentFacts } from './facts.ts'
import { BROKEN, bitsOf, isOfAny, LINE } from './line-sums.ts'

interface Broken {
  readonly line: string
  readonly limit: string
  /** Whether goods broke it, not what the order says: their places tell since when. */
  readonly isByGoods: boolean
}

/** Asked of every family at every look: what makes the words is not entered for nothing. */
export const quantityConflict = (order: OrderFacts, shipments: readonly ShipmentFacts[]): readonly Condition[] =>
  isOfAny(order.sums, BROKEN) || shipments.some(isOverrun) ? conflict(order.context, shipments) : NOTHING_WRONG

function conflict(order: OrderContext, shipments: readonly ShipmentFacts[]): readonly Condition[] {
  const broken = order.lines.flatMap((_, index) => brokenLimit(order, index, shipments) ?? [])
  if (broken.length === 0) return NOTHING_WRONG
  const isByGoods = broken.some(each => each.isByGoods)
  const goods = shipments.flatMap(({ context: { confirmed, deliveries, ends }, isShort }) => {
    // What was lost and arrived, or was short and left after all, may be what is too much.
    if (!isByGoods && isEmpty(ends)) return isShort ? [confirmed?.place] : []
    return [confirmed?.place, ...[...Object.values(deliveries), ...Object.values(ends)].map(({ place }) => place)]
  })
  const amended = broken.map(({ line }) => amendedPlace(order, line))
  const released = order.releases.map(({ place }) => place)
  const last = lastOf([order.capturedPlace, order.wholeCancelPlace, ...amended, ...released, ...goods])
  return [
    condition('quantity_conflict', {
      actor: ORDER_KEY,
      opensMs: msOf(last),
      detail: broken.map(({ limit, line }) => `line ${line}: ${limit}`).join('; '),
      evidence: last === '' ? [] : [last],
      lines: broken.map(({ line }) => line),
    }),
  ]
}

/** The limit that a line's quantities break, in words. */
function brokenLimit(order: OrderContext, index: number, shipments: readonly ShipmentFacts[]): Broken | undefined {
  const { line } = order.lines[index] as OrderLine
  const bits = bitsOf(order, index)
  const told = (column: Column) => quantityOf(order.quantities, index, column)
  const ordered = (limit: string) => ({ line, limit, isByGoods: false })
  const goods = (limit: string) => ({ line, limit, isByGoods: true })
  if (bits & LINE.overCancelled) return ordered(`cancelled ${told('cancelled')} of ${told('ordered')}`)
  const wanted = wantedOf(order.quantities, index)
  if (bits & LINE.overReleased && told('released') - tolerated(shipments, line) > wanted + told('returned'))
    return ordered(`released ${told('released')} of ${wanted}`)
  for (const { context, hasLeft } of shipments) {
    const overrun = hasLeft ? overrunOf(context, context.lines.indexOf(line)) : undefined
    if (overrun !== undefined) return goods(overrun)
  }
  if (bits & LINE.overReturned) return goods(`returned ${told('returned')} of ${told('delivered')} delivered`)
  return bits & LINE.overCredited ? goods(`credited ${told('credited')} of ${told('invoiced')} invoiced`) : undefined
}

/** What left of a line, or arrived in the end, beyond what its shipments were given: they have a tolerance for that. */
function tolerated(shipments: readonly ShipmentFacts[], line: string): number {
  let sum = 0
  for (const { context, delivered, end, hasLeft } of shipments) {
    const at = hasLeft ? context.lines.indexOf(line) : -1
    if (at < 0) continue
    const isOver = delivered !== undefined || end !== undefined
    sum += Math.max(0, (isOver ? deliveredOf(context, at) : leftOf(context, at)) - ownOf(context, at))
  }
  return sum
}

/** Whether more left of a shipment than it can hold, or more arrived than left. Only counts can say so. */
function isOverrun({ context, hasLeft }: ShipmentFacts): boolean {
  if (!hasLeft || !isCounted(context)) return false
  const proofs = proofsOf(context)
  for (let at = 0; at < context.lines.length; at++) if (overrunOf(context, at, proofs) !== undefined) return true
  return false
}

function isCounted({ confirmed, deliveries }: ShipmentContext): boolean {
  if (confirmed?.amounts !== undefined) return true
  for (const tracking in deliveries) if (deliveries[tracking]?.amounts !== undefined) return true
  return false
}

/** The same of one line, in words. */
function overrunOf(shipment: ShipmentContext, at: number, proofs?: Proofs): string | undefined {
  if (at < 0) return undefined
  const { confirmed, number } = shipment
  const [left, own] = [leftOf(shipment, at), ownOf(shipment, at)]
  const most = own + overToleranceOf(shipment, at)
  if (left > most) return `${left} of ${own} left with ${number}`
  const limit = confirmed?.amounts === undefined ? most : left
  const delivered = deliveredOf(shipment, at, proofs)
  return delivered > limit ? `${delivered} of ${limit} delivered of ${number}` : undefined
}
