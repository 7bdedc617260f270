// Measures over a window (domain: what a distributor counts), from records of orders, days of sources and periods of
// exceptions. Percentiles beside means: a mean hides who waits longest. Pure.
import type { ExceptionPeriod } from '../exceptions/history.ts'
import type { OrderRecord } from './order-record.ts'

export interface Span {
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
}

export interface Distribution {
  readonly count: number
  readonly meanMs: number | undefined
  readonly p50Ms: number | undefined
  readonly p90Ms: number | undefined
  readonly p99Ms: number | undefined
}

/** A part of a whole; `share` is undefined where the whole is nothing. */
export interface Rate {
  readonly part: number
  readonly whole: number
  readonly share: number | undefined
}

export interface StageAge {
  readonly stage: string
  readonly orders: number
  /** Since capture, of orders still open. */
  readonly age: Distribution
}

export interface OrderMeasures {
  readonly orders: number
  /** Capture to delivery, to goods issue, to payment; acceptance, invoicing. Of the orders that got there. */
  readonly orderCycleTime: Distribution
  readonly orderToShip: Distribution
  readonly orderToCash: Distribution
  readonly orderProcessing: Distribution
  readonly invoiceDelay: Distribution
  readonly acknowledgementDelay: Distribution
  readonly ageing: readonly StageAge[]
  readonly fallout: Rate
  readonly perfectOrders: Rate
  readonly fill: Rate
  /** Delivered by the promised time, of those delivered or overdue. */
  readonly promiseAccuracy: Rate
  readonly shipmentExceptions: Rate
  readonly invoiceDisputes: Rate
}

export type OrderFacet = 'channel' | 'node' | 'carrier'

/** Measures of the orders captured within `span`, for each value of `by`; one group without it. `nowMs` is for ages. */
export function orderMeasures(
  records: Iterable<OrderRecord>,
  { by, nowMs, span }: { by?: OrderFacet; nowMs: number; span: Span },
): readonly { readonly group: string | undefined; readonly measures: OrderMeasures }[] {
  const groups = new Map<string | undefined, OrderRecord[]>()
  if (by === undefined) groups.set(undefined, [])
  for (const record of records) {
    if (record.capturedMs < span.fromMs || record.capturedMs >= span.toMs) continue
    for (const group of groupsOf(record, by)) {
      const known = groups.get(group)
      if (known === undefined) groups.set(group, [record])
      else known.push(record)
    }
  }
  return [...groups]
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
    .map(([group, members]) => ({ group, measures: measured(members, { by, group, nowMs }) }))
}

function groupsOf(record: OrderRecord, by: OrderFacet | undefined): readonly (string | undefined)[] {
  if (by === undefined) return [undefined]
  if (by === 'channel') return [record.channel]
  return by === 'node' ? record.nodes : record.carriers
}

function measured(
  records: readonly OrderRecord[],
  { by, group, nowMs }: { by: OrderFacet | undefined; group: string | undefined; nowMs: number },
): OrderMeasures {
  const shipments = records
    .flatMap(record => record.shipments)
    .filter(({ carriers, node }) =>
      by === 'node' ? node === group : by === 'carrier' ? carriers.includes(group ?? '') : true,
    )
  const delivered = records.filter(({ deliveredMs }) => deliveredMs !== undefined)
  const promised = records.filter(
    ({ deliveredMs, isFallout, promisedMs }) =>
      promisedMs !== undefined && !isFallout && (deliveredMs !== undefined || promisedMs < nowMs),
  )
  const kept = promised.filter(
    ({ deliveredMs, promisedMs }) => (deliveredMs ?? Number.POSITIVE_INFINITY) <= (promisedMs ?? 0),
  )
  const accepted = records.filter(({ acceptedMs, isFallout }) => acceptedMs !== undefined && !isFallout)
  return {
    orders: records.length,
    orderCycleTime: between(records, record => [record.capturedMs, record.deliveredMs]),
    orderToShip: between(records, record => [record.capturedMs, record.shippedMs]),
    orderToCash: between(records, record => [record.capturedMs, record.paidMs]),
    orderProcessing: between(records, record => [record.capturedMs, record.acceptedMs]),
    invoiceDelay: between(records, record => [record.shippedMs, record.invoicedMs]),
    acknowledgementDelay: between(shipments, each => [each.releasedMs, each.acknowledgedMs]),
    ageing: ageing(records, nowMs),
    fallout: rate(records.filter(({ isFallout }) => isFallout).length, records.length),
    perfectOrders: rate(records.filter(({ isPerfect }) => isPerfect).length, delivered.length),
    fill: rate(
      sum(accepted, each => each.shipped),
      sum(accepted, each => each.wanted),
    ),
    promiseAccuracy: rate(kept.length, promised.length),
    shipmentExceptions: rate(shipments.filter(({ hadTrouble }) => hadTrouble).length, shipments.length),
    invoiceDisputes: rate(
      sum(records, each => each.disputes),
      sum(records, each => each.invoices),
    ),
  }
}

const DONE: ReadonlySet<string> = new Set(['closed', 'rejected', 'cancelled', 'paid'])

function ageing(records: readonly OrderRecord[], nowMs: number): readonly StageAge[] {
  const stages = new Map<string, number[]>()
  for (const { capturedMs, stage } of records) {
    if (DONE.has(stage)) continue
    stages.set(stage, [...(stages.get(stage) ?? []), Math.max(0, nowMs - capturedMs)])
  }
  return [...stages]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([stage, ages]) => ({ stage, orders: ages.length, age: distribution(ages) }))
}

export interface ExceptionMeasures {
  readonly kind: string
  readonly team: string
  readonly opened: number
  readonly open: number
  readonly resolution: Distribution
}

/** Exceptions that opened within the window, by kind: how many, how many still open, how long the others took. What only
 *  seemed so, because a fact was heard late, does not count. */
export function exceptionMeasures(periods: readonly ExceptionPeriod[], span: Span): readonly ExceptionMeasures[] {
  const kinds = new Map<string, ExceptionPeriod[]>()
  for (const period of periods) {
    if (period.isRefuted || period.openedMs < span.fromMs || period.openedMs >= span.toMs) continue
    const { kind } = period.exception
    kinds.set(kind, [...(kinds.get(kind) ?? []), period])
  }
  return [...kinds]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, found]) => ({
      kind,
      team: found[0]?.exception.team ?? '',
      opened: found.length,
      open: found.filter(({ closedMs }) => closedMs === undefined).length,
      resolution: distribution(
        found.flatMap(({ closedMs, openedMs }) => (closedMs === undefined ? [] : [closedMs - openedMs])),
      ),
    }))
}

type Times = readonly [from: number | undefined, to: number | undefined]

function between<Item>(items: readonly Item[], times: (item: Item) => Times): Distribution {
  return distribution(
    items.flatMap(item => {
      const [from, to] = times(item)
      return from === undefined || to === undefined ? [] : [Math.max(0, to - from)]
    }),
  )
}

/** Exact: the values themselves are sorted. */
export function distribution(values: readonly number[]): Distribution {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  const meanMs = sorted.length === 0 ? undefined : Math.round(sum(sorted, each => each) / sorted.length)
  return { count: sorted.length, meanMs, p50Ms: at(0.5), p90Ms: at(0.9), p99Ms: at(0.99) }
}

export const rate = (part: number, whole: number): Rate => ({
  part,
  whole,
  share: whole === 0 ? undefined : part / whole,
})

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0)
