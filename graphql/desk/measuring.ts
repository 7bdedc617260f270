// Measuring: the measures of many orders, with others having their turn in between.

import { type MeasuringOptions, type OrderGroup, OrderMeasuring } from '../../engine/kpis/measures.ts'
import type { OrderColumns } from '../../engine/kpis/order-columns.ts'
import { othersTurn } from '../../engine/others-turn.ts'

// 10,000 orders are measured in some milliseconds.
const ORDERS_AT_ONCE = 10_000

export async function measured(orders: OrderColumns, options: MeasuringOptions): Promise<readonly OrderGroup[]> {
  const measuring = new OrderMeasuring(options)
  let count = 0
  for (const row of orders.capturedWithin(options.span)) {
    const record = orders.get(row)
    if (record !== undefined) measuring.add(record)
    if (++count % ORDERS_AT_ONCE === 0) await othersTurn()
  }
  return measuring.groups()
}
