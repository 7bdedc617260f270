// Measures over a window (domain: what a distributor counts), from records of orders, days of sources and periods of
// exceptions. Percentiles beside means: a mean hides who waits longest. Pure.
import type { Source } from '../../machines/sources.ts'
import type { ExceptionPeriod } from '../exceptions/history.ts'
import { type Facet, membershipsBy } from './facets.ts'
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

export interface OrderGroup {
  /** The value of the facet; undefined without one. */
  readonly group: string | undefined
  readonly measures: OrderMeasures
}

export interface MeasuringOptions {
  readonly by?: Facet
  /** Connected systems, for the facet `source`. */
  readonly sources?: readonly Source[]
  /** For ages. */
  readonly nowMs: number
  readonly span: Span
}

/** Measures of the orders captured within `span`, for each value of `by`; one group without it. */
export function orderMeasures(records: Iterable<OrderRecord>, options: MeasuringOptions): readonly OrderGroup[] {
  const measuring = new OrderMeasuring(options)
  for (const record of records) measuring.add(record)
  return measuring.groups()
}

/** The same, one record at a time: whoever has a million of them looks after other things in between. */
export class OrderMeasuring {
  private readonly options: MeasuringOptions
  private readonly memberships: ReturnType<typeof membershipsBy>
  private readonly tallies = new Map<string | undefined, OrderTally>()

  constructor(options: MeasuringOptions) {
    this.options = options
    this.memberships = membershipsBy(options.by, options.sources ?? [])
    if (options.by === undefined) this.tallies.set(undefined, new OrderTally(options.nowMs))
  }

  add(record: OrderRecord): void {
    const { nowMs, span } = this.options
    if (record.capturedMs < span.fromMs || record.capturedMs >= span.toMs) return
    for (const { group, shipments } of this.memberships(record)) {
      const tally = this.tallies.get(group) ?? new OrderTally(nowMs)
      this.tallies.set(group, tally)
      tally.add(record, shipments)
    }
  }

  /** By name. */
  groups(): readonly OrderGroup[] {
    return [...this.tallies]
      .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
      .map(([group, tally]) => ({ group, measures: tally.measures() }))
  }
}

const DONE: ReadonlySet<string> = new Set(['closed', 'rejected', 'cancelled', 'paid'])

/** Sums and durations of one group of orders: numbers only, however many orders there are. */
class OrderTally {
  private readonly nowMs: number
  private readonly cycle: number[] = []
  private readonly toShip: number[] = []
  private readonly toCash: number[] = []
  private readonly processing: number[] = []
  private readonly invoicing: number[] = []
  private readonly acknowledging: number[] = []
  private readonly ages = new Map<string, number[]>()
  private orders = 0
  private fallen = 0
  private perfect = 0
  private delivered = 0
  private promised = 0
  private kept = 0
  private wanted = 0
  private shipped = 0
  private shipments = 0
  private troubled = 0
  private invoices = 0
  private disputes = 0

  constructor(nowMs: number) {
    this.nowMs = nowMs
  }

  add(record: OrderRecord, shipments: OrderRecord['shipments']): void {
    const { acceptedMs, capturedMs, deliveredMs, invoicedMs, isFallout, promisedMs, shippedMs } = record
    this.orders++
    note(this.cycle, capturedMs, deliveredMs)
    note(this.toShip, capturedMs, shippedMs)
    note(this.toCash, capturedMs, record.paidMs)
    note(this.processing, capturedMs, acceptedMs)
    note(this.invoicing, shippedMs, invoicedMs)
    for (const each of shipments) note(this.acknowledging, each.releasedMs, each.acknowledgedMs)
    this.age(record)
    if (isFallout) this.fallen++
    if (record.isPerfect) this.perfect++
    if (deliveredMs !== undefined) this.delivered++
    // Kept or not is known once it was delivered, or the day has passed.
    if (promisedMs !== undefined && !isFallout && (deliveredMs !== undefined || promisedMs < this.nowMs)) {
      this.promised++
      if (record.isPromiseKept) this.kept++
    }
    if (acceptedMs !== undefined && !isFallout) {
      this.shipped += record.shipped
      this.wanted += record.wanted
    }
    this.shipments += shipments.length
    for (const { hadTrouble } of shipments) if (hadTrouble) this.troubled++
    this.invoices += record.invoices
    this.disputes += record.disputes
  }

  measures(): OrderMeasures {
    return {
      orders: this.orders,
      orderCycleTime: distribution(this.cycle),
      orderToShip: distribution(this.toShip),
      orderToCash: distribution(this.toCash),
      orderProcessing: distribution(this.processing),
      invoiceDelay: distribution(this.invoicing),
      acknowledgementDelay: distribution(this.acknowledging),
      ageing: [...this.ages]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([stage, ages]) => ({ stage, orders: ages.length, age: distribution(ages) })),
      fallout: rate(this.fallen, this.orders),
      perfectOrders: rate(this.perfect, this.delivered),
      fill: rate(this.shipped, this.wanted),
      promiseAccuracy: rate(this.kept, this.promised),
      shipmentExceptions: rate(this.troubled, this.shipments),
      invoiceDisputes: rate(this.disputes, this.invoices),
    }
  }

  private age({ capturedMs, stage }: OrderRecord): void {
    if (DONE.has(stage)) return
    const ages = this.ages.get(stage)
    const age = Math.max(0, this.nowMs - capturedMs)
    if (ages === undefined) this.ages.set(stage, [age])
    else ages.push(age)
  }
}

function note(durations: number[], fromMs: number | undefined, toMs: number | undefined): void {
  if (fromMs !== undefined && toMs !== undefined) durations.push(Math.max(0, toMs - fromMs))
}

export interface ExceptionMeasures {
  readonly kind: string
  /** The value of the facet; undefined without one. */
  readonly group: string | undefined
  readonly team: string
  readonly opened: number
  readonly open: number
  readonly resolution: Distribution
}

/** A period and the groups it counts in. */
export interface GroupedPeriod {
  readonly period: ExceptionPeriod
  readonly groups: readonly (string | undefined)[]
}

/** Exceptions that opened within the window, by kind and group: how many, how many still open, how long the others took. What
 *  only seemed so, because a fact was heard late, does not count. */
export function exceptionMeasures(periods: readonly GroupedPeriod[], span: Span): readonly ExceptionMeasures[] {
  const rows = new Map<string, { readonly group: string | undefined; readonly found: ExceptionPeriod[] }>()
  for (const { groups, period } of periods) {
    if (period.isRefuted || period.openedMs < span.fromMs || period.openedMs >= span.toMs) continue
    for (const group of groups) {
      const key = `${period.exception.kind}\0${group ?? ''}`
      const row = rows.get(key) ?? { group, found: [] }
      rows.set(key, row)
      row.found.push(period)
    }
  }
  return [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { found, group }]) => ({
      kind: found[0]?.exception.kind ?? '',
      group,
      team: found[0]?.exception.team ?? '',
      opened: found.length,
      open: found.filter(({ closedMs }) => closedMs === undefined).length,
      resolution: distribution(
        found.flatMap(({ closedMs, openedMs }) => (closedMs === undefined ? [] : [closedMs - openedMs])),
      ),
    }))
}

/** Exact: the values themselves are sorted. */
export function distribution(values: readonly number[]): Distribution {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  const meanMs = sorted.length === 0 ? undefined : Math.round(sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length)
  return { count: sorted.length, meanMs, p50Ms: at(0.5), p90Ms: at(0.9), p99Ms: at(0.99) }
}

export const rate = (part: number, whole: number): Rate => ({
  part,
  whole,
  share: whole === 0 ? undefined : part / whole,
})
