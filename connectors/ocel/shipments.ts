// LogShipment: the part of one order that travels in one package. The log knows no shipments; these are what an ERP
// would have released: one per order and package.
import type { LogItem, LogOrder, LogPackage, OrderManagementLog } from './order-management.ts'
import { shipmentNumberOf } from './partners.ts'

export interface LogShipment {
  readonly number: string
  readonly order: LogOrder
  readonly package: LogPackage
  readonly items: readonly LogItem[]
}

/** All shipments of the log, by order and then by package in the order its items name them. Items never packed have none. */
export function shipmentsOf(log: OrderManagementLog): readonly LogShipment[] {
  return log.orders.flatMap(order =>
    [...Map.groupBy(order.items, item => item.package)].flatMap(([id, items]) => {
      const load = id === undefined ? undefined : log.packages.get(id)
      return load === undefined ? [] : [{ number: shipmentNumberOf(order.id, load.id), order, package: load, items }]
    }),
  )
}
