// What a twin says of an order, in the words of the oracle.
import { isDeepStrictEqual } from 'node:util'
import type { Family } from '../../engine/family.ts'
import type { Twin } from '../../engine/twin.ts'
import type { OrderContext } from '../../machines/order/context.ts'
import { fulfilmentOf } from '../../machines/order/derive.ts'
import { quantityOf } from '../../machines/quantities.ts'
import type { ShipmentContext } from '../../machines/shipment/context.ts'
import type { LineTruth, OrderTruth, ShipmentTruth } from './ocel-oracle.ts'

export interface Difference {
  readonly order: string
  readonly expected: OrderTruth
  readonly actual: OrderTruth | undefined
}

/** Every order whose twin says something else than `truth`. */
export async function differences(twin: Twin, truth: ReadonlyMap<string, OrderTruth>): Promise<readonly Difference[]> {
  const found: Difference[] = []
  for (const [order, expected] of truth) {
    const family = await twin.family(order)
    const actual = family && familyTruth(family)
    if (!isDeepStrictEqual(actual, expected)) found.push({ order, expected, actual })
  }
  return found
}

/** Undefined while the family has no order. */
export function familyTruth(family: Family): OrderTruth | undefined {
  const { order } = family.actors
  if (order === undefined) return undefined
  const context = order.context as OrderContext
  const [lifecycle, credit, fulfilment, billing] = order.state.split('.')
  const regions = { lifecycle, credit, fulfilment, billing } as Pick<
    OrderTruth,
    'lifecycle' | 'credit' | 'fulfilment' | 'billing'
  >
  const lines = context.lines.map((line, index): [string, LineTruth] => [line.line, lineTruth(context, index)])
  const shipments = family.actors.others
    .filter(({ kind }) => kind === 'shipment')
    .map((actor): [string, ShipmentTruth] => [
      (actor.context as ShipmentContext).consignment ?? '',
      shipmentTruth(actor.state),
    ])
  return { ...regions, lines: Object.fromEntries(lines), shipments: Object.fromEntries(shipments) }
}

function lineTruth(context: OrderContext, index: number): LineTruth {
  const of = (column: Parameters<typeof quantityOf>[2]) => quantityOf(context.quantities, index, column)
  return {
    ordered: of('ordered'),
    cancelled: of('cancelled'),
    allocated: of('allocated'),
    backordered: of('backordered'),
    released: of('released'),
    picked: of('picked'),
    shipped: of('shipped'),
    delivered: of('delivered'),
    returned: of('returned'),
    invoiced: of('invoiced'),
    credited: of('credited'),
    fulfilment: fulfilmentOf(context, index),
  }
}

/** Regions: execution, then the flags short, damaged, delayed, attempt_failed; the log knows only the last. */
function shipmentTruth(state: string): ShipmentTruth {
  const [execution, short, damaged, delayed, attemptFailed] = state.split('.')
  if ([short, damaged, delayed].includes('on'))
    throw new Error(`nothing is short, damaged or delayed in the log: ${state}`)
  return { execution: execution as ShipmentTruth['execution'], attemptFailed: attemptFailed === 'on' }
}
