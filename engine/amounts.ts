// Amounts: the quantities an event names, in the base units of the order's lines (domain §4). Pure.
import type { Move, Obstacle } from '../machines/chart.ts'
import type { CanonicalEvent } from '../machines/event.ts'
import type { LineQuantity } from '../machines/events/fields.ts'
import { isNumberOf, lineIndex, type OrderContext } from '../machines/order/context.ts'
import { type Amount, baseQuantity, summed } from '../machines/quantities.ts'
import { ordersNamed } from './named-orders.ts'

export type Amounts = Pick<Move, 'named' | 'parts'> | { readonly obstacle: Obstacle }

const NONE: Amounts = { named: [], parts: [] }
/** It tells of orders by their numbers, and none of these is this order's. */
export const OF_OTHERS: Amounts = { named: [], parts: [] }
// These bring lines of their own shape: their assigns read them.
const OWN_SHAPE = new Set(['order.captured', 'order.amended', 'order.change_requested'])

/** One amount for each line `event` names in `order`, in its order. Lines of other orders are left out. */
export function amountsOf(event: CanonicalEvent, order: OrderContext): Amounts {
  if (OWN_SHAPE.has(event.type)) return NONE
  if (event.type === 'order.allocated' || event.type === 'backorder.created') return allocated(event.data.lines, order)
  if (event.type === 'payment.received') return isSharedWith(event.data.orders, order) ? NONE : OF_OTHERS
  const named = namedLines(event)
  const parts = new Array<Amount>(named.length)
  let count = 0
  for (let index = 0; index < named.length; index++) {
    const line = named[index] as LineQuantity
    if (!isOwn(line, order)) continue
    const amount = inBaseUnits(line, order)
    if ('verdict' in amount) return { obstacle: amount }
    parts[count++] = amount
  }
  // Kept as they are by whoever they count for: no longer than they need to be.
  if (count < parts.length) parts.length = count
  if (count === 0) return named.length === 0 ? NONE : OF_OTHERS
  return { named: count === named.length ? named : named.filter(line => isOwn(line, order)), parts }
}

/** Whether a payment is this order's too. */
const isSharedWith = (orders: readonly { readonly order: string }[] | undefined, order: OrderContext): boolean =>
  orders === undefined || orders.some(share => isNumberOf(order, share.order))

/** Shares that come to more than the payment they are of: which of them is wrong it does not tell. */
export function overShared(event: CanonicalEvent): Obstacle | undefined {
  if (event.type !== 'payment.received' || event.data.orders === undefined) return undefined
  const { amountMinor, orders } = event.data
  const shared = orders.reduce((sum, share) => sum + share.amountMinor, 0)
  if (shared <= amountMinor) return undefined
  return {
    verdict: 'not_allowed_in_state',
    code: 'over_shared',
    reason: `the shares come to ${shared} minor units, the payment to ${amountMinor}`,
  }
}

/** Contents of each carton the event names, of this order's lines; undefined where they are not told, or not in known units. */
export function contentsOf(event: CanonicalEvent, order: OrderContext): readonly (readonly Amount[] | undefined)[] {
  if (event.type !== 'pack.completed' && event.type !== 'shipment.confirmed') return []
  return (event.data.cartons ?? []).map(({ lines }) => {
    const own = lines?.filter(named => isOwn(named, order)).map(named => inBaseUnits(named, order))
    return own?.every(amount => !('verdict' in amount)) ? summed(own as readonly Amount[]) : undefined
  })
}

const isOwn = ({ order: named }: LineQuantity, order: OrderContext): boolean =>
  named === undefined || isNumberOf(order, named)

/** What is `OF_OTHERS`, under a number that only this order has: the ERP's number for it may still come. */
export const orderNotKnown = (event: CanonicalEvent, order: OrderContext): Obstacle => ({
  verdict: 'waits',
  code: 'unknown_subject',
  reason: `order ${ordersNamed(event).slice(0, 10).join(', ')} is not known as a number of order ${order.id}`,
  waitsFor: order.erpNumber === undefined ? { event: 'order.accepted', owner: 'erp' } : undefined,
})

function namedLines(event: CanonicalEvent): readonly LineQuantity[] {
  if (event.type === 'item.substituted') return [event.data]
  return 'lines' in event.data ? ((event.data.lines as readonly LineQuantity[] | undefined) ?? []) : []
}

/** Allocations are read by their assign; here only whether their lines and units are known. */
function allocated(
  lines: readonly { line: string; unit?: string; allocated?: number; backordered?: number }[],
  order: OrderContext,
): Amounts {
  for (const told of lines) {
    const obstacle = inexact(told, told.allocated, order) ?? inexact(told, told.backordered, order)
    if (obstacle !== undefined) return { obstacle }
  }
  return NONE
}

function inexact(
  { line, unit }: { line: string; unit?: string },
  quantity: number | undefined,
  order: OrderContext,
): Obstacle | undefined {
  const amount = inBaseUnits({ line, quantity: quantity ?? 0, unit }, order)
  return 'verdict' in amount ? amount : undefined
}

function inBaseUnits({ line, quantity, unit }: LineQuantity, order: OrderContext): Amount | Obstacle {
  const table = order.lines[lineIndex(order, line)]
  if (table === undefined)
    return {
      verdict: 'waits',
      code: 'unknown_line',
      reason: `line ${line} of order ${order.id} is not known yet`,
      waitsFor: { event: 'order.amended', owner: 'erp' },
    }
  const base = baseQuantity(table, quantity, unit)
  if (base !== undefined) return { line, quantity: base }
  const asked = `${quantity} ${unit ?? table.unit}`
  return {
    verdict: 'not_allowed_in_state',
    code: 'unit_not_exact',
    reason: `line ${line}: ${asked} does not come out exact in ${table.unit}`,
  }
}
