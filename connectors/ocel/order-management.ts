// OrderManagementLog: an OCEL log as orders, items and packages with the moments of their life.

/** One log event about one object. */
export interface LogMoment {
  readonly logEvent: string
  readonly timeMs: number
}

/** One piece of one product. */
export interface LogItem {
  readonly id: string
  readonly product: string
  readonly priceMinor: number
  readonly order: string
  readonly package?: string
  readonly outOfStock: readonly LogMoment[]
  readonly reordered: readonly LogMoment[]
  readonly picked?: LogMoment
}

export interface LogOrder {
  readonly id: string
  readonly customer: string
  /** What the order costs, in minor units; more than the sum of its items where it has a charge. */
  readonly priceMinor: number
  readonly items: readonly LogItem[]
  readonly placed: LogMoment
  readonly confirmed?: LogMoment
  readonly paid?: LogMoment
  readonly reminded: readonly LogMoment[]
}

export interface LogPackage {
  readonly id: string
  readonly created?: LogMoment
  readonly sent?: LogMoment
  readonly failed: readonly LogMoment[]
  readonly delivered?: LogMoment
}

/** Orders by time placed, packages by id. */
export interface OrderManagementLog {
  readonly orders: readonly LogOrder[]
  readonly packages: ReadonlyMap<string, LogPackage>
}

/** The first `count` orders placed, with only what they have in the packages. */
export function firstOrders(log: OrderManagementLog, count: number): OrderManagementLog {
  const orders = log.orders.slice(0, count)
  const kept = new Set(orders.flatMap(order => order.items.map(item => item.package)))
  return { orders, packages: new Map([...log.packages].filter(([id]) => kept.has(id))) }
}
