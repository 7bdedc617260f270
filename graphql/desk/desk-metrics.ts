// Metrics of the order desk, for /metrics: what is open and what is due, and the measures of the last day by channel, node,
// carrier and source. Measures are made at most once a minute, whoever asks.
import type { Distribution, OrderGroup, OrderMeasures, Rate } from '../../engine/kpis/measures.ts'
import { type SourceMeasures, sourceMeasures } from '../../engine/kpis/source-measures.ts'
import type { MetricFamily } from '../../engine/twin.ts'
import { measured } from './measuring.ts'
import type { OrderDesk } from './order-desk.ts'

const DAY_MS = 24 * 3_600_000
const FRESH_MS = 60_000
const FACETS = ['channel', 'node', 'carrier', 'source'] as const

type Samples = MetricFamily['samples']
type Labels = Samples[number]['labels']

interface Measured {
  readonly groups: readonly { readonly by: string; readonly groups: readonly OrderGroup[] }[]
  readonly sources: readonly SourceMeasures[]
}

export class DeskMetrics {
  private readonly desk: OrderDesk
  private last: Promise<Measured> | undefined
  private lastMs = 0

  constructor(desk: OrderDesk) {
    this.desk = desk
  }

  async families(): Promise<readonly MetricFamily[]> {
    const { watch } = this.desk
    const { groups, sources } = await this.measures()
    const orders = (of: (measures: OrderMeasures) => Samples) =>
      groups.flatMap(({ by, groups: some }) =>
        some.flatMap(({ group, measures }) => withLabels(of(measures), { by, value: group ?? '' })),
      )
    const bySource = (of: (source: SourceMeasures) => Samples) =>
      sources.flatMap(each => withLabels(of(each), { source: each.source }))
    return [
      gauge('ordertwin_exceptions_open', 'Exceptions open, by kind and team.', this.openCounts()),
      gauge('ordertwin_deadlines_armed', 'Families with something due ahead.', one(watch.armed)),
      gauge('ordertwin_watch_backlog', 'Families that wait to be looked at.', one(watch.backlog)),
      ...OF_ORDERS.map(([name, help, of]) =>
        gauge(`ordertwin_${name}`, `${help}, of orders captured within a day.`, orders(of)),
      ),
      ...OF_SOURCES.map(([name, help, of]) =>
        gauge(`ordertwin_source_${name}`, `${help}, today and yesterday.`, bySource(of)),
      ),
    ]
  }

  private measures(): Promise<Measured> {
    const nowMs = this.desk.nowMs()
    if (this.last === undefined || Math.abs(nowMs - this.lastMs) >= FRESH_MS) {
      this.lastMs = nowMs
      this.last = this.measure(nowMs)
    }
    return this.last
  }

  private async measure(nowMs: number): Promise<Measured> {
    const { orders, sourceDays } = this.desk.watch
    const span = { fromMs: nowMs - DAY_MS, toMs: nowMs + 1 }
    const groups = []
    for (const by of FACETS)
      groups.push({ by, groups: await measured(orders, { by, sources: this.desk.sources(), nowMs, span }) })
    return { groups, sources: sourceMeasures(sourceDays.within(span.fromMs, span.toMs)) }
  }

  private openCounts(): Samples {
    const counts = new Map<string, { readonly labels: Labels; value: number }>()
    for (const { kind, team } of this.desk.watch.openExceptions()) {
      const key = `${kind} ${team}`
      const known = counts.get(key)
      if (known === undefined) counts.set(key, { labels: { kind, team }, value: 1 })
      else known.value++
    }
    return [...counts.values()]
  }
}

type Measure<Of> = readonly [name: string, help: string, of: (measured: Of) => Samples]

const OF_ORDERS: readonly Measure<OrderMeasures>[] = [
  ['order_cycle_seconds', 'Capture to delivery', each => quantiles(each.orderCycleTime)],
  ['order_to_ship_seconds', 'Capture to goods issue', each => quantiles(each.orderToShip)],
  ['order_to_cash_seconds', 'Capture to payment', each => quantiles(each.orderToCash)],
  ['order_processing_seconds', 'Capture to acceptance', each => quantiles(each.orderProcessing)],
  ['invoice_delay_seconds', 'Goods issue to invoice', each => quantiles(each.invoiceDelay)],
  ['acknowledgement_seconds', 'Release to acknowledgement', each => quantiles(each.acknowledgementDelay)],
  ['promises_kept_ratio', 'Delivered as promised', each => share(each.promiseAccuracy)],
  ['shipment_exceptions_ratio', 'Shipments with trouble', each => share(each.shipmentExceptions)],
  ['order_fallout_ratio', 'Rejected or cancelled', each => share(each.fallout)],
  ['perfect_orders_ratio', 'Whole, in time, undamaged and undisputed', each => share(each.perfectOrders)],
  ['fill_ratio', 'Shipped of what is wanted', each => share(each.fill)],
  ['invoice_disputes_ratio', 'Invoices disputed', each => share(each.invoiceDisputes)],
]

const OF_SOURCES: readonly Measure<SourceMeasures>[] = [
  ['propagation_seconds', 'From happening to being recorded', each => quantiles(each.propagation)],
  ['confirmation_seconds', 'The same of goods issues', each => quantiles(each.confirmationLatency)],
  ['refused_ratio', 'Events refused', each => share(each.refused)],
  ['parked_ratio', 'Events parked', each => share(each.parked)],
]

const gauge = (name: string, help: string, samples: Samples): MetricFamily => ({ name, help, type: 'gauge', samples })
const one = (value: number): Samples => [{ labels: {}, value }]
const withLabels = (samples: Samples, labels: Labels): Samples =>
  samples.map(each => ({ ...each, labels: { ...labels, ...each.labels } }))

/** Nothing where nothing was measured. */
const quantiles = ({ p50Ms, p90Ms, p99Ms }: Distribution): Samples =>
  [
    ['0.5', p50Ms],
    ['0.9', p90Ms],
    ['0.99', p99Ms],
  ].flatMap(([quantile, ms]) =>
    typeof ms === 'number' ? [{ labels: { quantile: String(quantile) }, value: ms / 1_000 }] : [],
  )

const share = ({ share: value }: Rate): Samples => (value === undefined ? [] : one(value))
