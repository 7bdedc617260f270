// Metrics of the order desk, for /metrics: what is open and what is due, and the measures of the last day by channel, node,
// carrier and source. Measures are made at most once a minute, whoever asks.
import type { Distribution, OrderGroup, Rate } from '../../engine/kpis/measures.ts'
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
    const orders = (of: (group: OrderGroup) => Samples) =>
      groups.flatMap(({ by, groups: some }) =>
        some.flatMap(group => withLabels(of(group), { by, value: group.group ?? '' })),
      )
    const bySource = (of: (source: SourceMeasures) => Samples) =>
      sources.flatMap(each => withLabels(of(each), { source: each.source }))
    return [
      gauge('ordertwin_exceptions_open', 'Exceptions open, by kind and team.', this.openCounts()),
      gauge('ordertwin_deadlines_armed', 'Families with something due ahead.', one(watch.armed)),
      gauge('ordertwin_watch_backlog', 'Families that wait to be looked at.', one(watch.backlog)),
      gauge(
        'ordertwin_order_cycle_seconds',
        'Capture to delivery, of orders captured within a day.',
        orders(({ measures }) => quantiles(measures.orderCycleTime)),
      ),
      gauge(
        'ordertwin_order_to_ship_seconds',
        'Capture to goods issue, of orders captured within a day.',
        orders(({ measures }) => quantiles(measures.orderToShip)),
      ),
      gauge(
        'ordertwin_acknowledgement_seconds',
        'Release to acknowledgement, of orders captured within a day.',
        orders(({ measures }) => quantiles(measures.acknowledgementDelay)),
      ),
      gauge(
        'ordertwin_promises_kept_ratio',
        'Delivered as promised, of orders captured within a day.',
        orders(({ measures }) => share(measures.promiseAccuracy)),
      ),
      gauge(
        'ordertwin_shipment_exceptions_ratio',
        'Shipments with trouble, of orders captured within a day.',
        orders(({ measures }) => share(measures.shipmentExceptions)),
      ),
      gauge(
        'ordertwin_source_propagation_seconds',
        'From happening to being recorded, today and yesterday.',
        bySource(({ propagation }) => quantiles(propagation)),
      ),
      gauge(
        'ordertwin_source_refused_ratio',
        'Events refused, today and yesterday.',
        bySource(({ refused }) => share(refused)),
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
