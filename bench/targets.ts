// The figures we hold ourselves to, and how each is measured. For a quiet machine with 2 cores and Node 24.
export interface Target {
  /** Key in `results` or `ratios`. */
  readonly key: string
  readonly about: string
  readonly bound: { readonly atLeast: number } | { readonly atMost: number }
  /** Arguments of `npm run bench --` that measure it as it is meant. */
  readonly measuredBy: string
  /** What was measured before answered something else: UTC, to the minute. */
  readonly since?: string
}

// 100,000 orders keep 50,000 open at a time.
const INGEST = 'ingest --orders 100000 --peers'
const MILLION = '--orders 1000000'
const EXCEPTIONS = 'exceptions --orders 100000'

export const TARGETS: readonly Target[] = [
  target(
    'step_vs_xstate',
    'memoised step over pure `transition()`, the real charts',
    { atLeast: 50 },
    'step --orders 500',
  ),
  target('engine_events_per_s', 'in process from parsed events, durable, warm', { atLeast: 200_000 }, INGEST),
  target('engine_text_events_per_s', 'the same from JSON text', { atLeast: 150_000 }, INGEST),
  target('engine_vs_raw_log', 'over a log that decides nothing, both from JSON text', { atLeast: 0.5 }, INGEST),
  target('engine_vs_best_peer', 'over the best peer with XState in its loop, from JSON text', { atLeast: 5 }, INGEST),
  target('ndjson_events_per_s', 'over HTTP, 500 per request, durable', { atLeast: 120_000 }, INGEST),
  {
    ...target('single_vs_fastify', 'one event per POST over Fastify answering a constant', { atLeast: 0.5 }, INGEST),
    // Fastify was served by the process that had measured everything before: 4,360 a second then, 8,290 in one of its own.
    since: '2026-11-30T17:37',
  },
  target('ack_p99_ms', 'open loop at half of the most single events a second', { atMost: 15 }, INGEST),
  target('cold_events_per_s', 'every family evicted between its events', { atLeast: 50_000 }, INGEST),
  target('bytes_per_event', 'bytes in the journal', { atMost: 140 }, INGEST),
  target('bytes_per_event_all', 'bytes in the whole store', { atMost: 240 }, INGEST),
  target('rss_mb_1m_orders', '1 M orders with the default cache, MB at most', { atMost: 1_000 }, `memory ${MILLION}`),
  target('recover_s_1m_orders', 'restart to ready, clean and after kill -9', { atMost: 5 }, `recover ${MILLION}`),
  target('recover_s_no_leveldb', 'the same without the LevelDB folder', { atMost: 10 }, `recover ${MILLION}`),
  target('order_p99_ms', 'a random order out of 1 M, cold, over GraphQL', { atMost: 10 }, `query ${MILLION}`),
  target('list_p99_ms', 'a filtered, sorted page out of 1 M', { atMost: 25 }, `query ${MILLION}`),
  target('history_p99_ms', 'the history of a random order out of 1 M, cold', { atMost: 10 }, `history ${MILLION}`),
  target(
    'fanout_vs_mercurius',
    'deliveries, the lesser of 200 and 1,000 subscribers',
    { atLeast: 3 },
    'fanout --orders 500',
  ),
  target('exception_visible_p99_ms', 'from its cause to a subscriber, many open', { atMost: 1_000 }, EXCEPTIONS),
  target(
    'due_visible_p99_ms',
    'from its due time to a subscriber, a hundredth of all each second',
    { atMost: 1_000 },
    EXCEPTIONS,
  ),
  target('due_burst_visible_p99_ms', 'the same, a tenth of all in one second', { atMost: 2_000 }, EXCEPTIONS),
  target('watch_bytes_per_closed_order', 'memory of the watch, nothing open or ahead', { atMost: 120 }, EXCEPTIONS),
  target('watch_restart_s', 'from serving to all exceptions known, as closed', { atMost: 2 }, EXCEPTIONS),
  target('ingest_with_watch_ratio', 'lines over HTTP, watched over not', { atLeast: 0.7 }, EXCEPTIONS),
  target('growth_cost', 'cost of an event at 10 M orders over 10 k', { atMost: 1.3 }, 'growth --orders 10000000'),
  target('drain_s_edi_50k', '50,000 order lines to the last outcome', { atMost: 2 }, 'edi-burst --orders 10000'),
]

export const scenarioOf = ({ measuredBy }: Target): string => measuredBy.split(' ')[0] ?? ''

/** Orders of the size it is stated for. */
export const ordersOf = ({ measuredBy }: Target): number => Number(/--orders (\d+)/.exec(measuredBy)?.[1])

/** Whether a run of so many orders answers the target: what a smaller one finds does not. */
export const isOfSize = (target: Target, orders: number | undefined): boolean => orders === ordersOf(target)

/** The target of a scenario's figure; undefined where it has none. */
export const targetOf = (scenario: string, key: string): Target | undefined =>
  TARGETS.find(each => each.key === key && scenarioOf(each) === scenario)

export const isMet = ({ bound }: Target, value: number): boolean =>
  'atLeast' in bound ? value >= bound.atLeast : value <= bound.atMost

export const boundText = ({ bound }: Target): string =>
  'atLeast' in bound ? `≥ ${bound.atLeast.toLocaleString('en-US')}` : `≤ ${bound.atMost.toLocaleString('en-US')}`

function target(key: string, about: string, bound: Target['bound'], measuredBy: string): Target {
  return { key, about, bound, measuredBy }
}
