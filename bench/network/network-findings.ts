// A played day as figures and charts. Pure.
import { Latencies } from '../histogram.ts'
import type { ChartSpan } from '../page/chart.ts'
import type { Findings, Oracle } from '../report.ts'
import { rounded } from '../report.ts'
import type { DayOptions, Said } from './day.ts'
import { fitText } from './keeping-up.ts'
import { grownMb } from './memory-growth.ts'
import type { Progress } from './network-client.ts'
import type { NetworkScenario, Span } from './network-scenario.ts'
import type { LateCounts } from './overwriting.ts'
import type { PlayedDay } from './run-network.ts'
import type { Silence } from './silences.ts'

export interface DayFound extends PlayedDay {
  readonly day: DayOptions
  readonly said: readonly Said[]
  readonly silences: readonly Silence[]
  readonly late: LateCounts
  readonly oracle: Oracle
  readonly notes: readonly string[]
}

export function networkFindings({
  busiest,
  day,
  late,
  notes,
  oracle,
  played,
  resident,
  said,
  silences,
  simulatedPerReal,
  watched,
}: DayFound): Findings {
  const bySource = Object.entries(played.latencies).map(([source, text]) => [source, Latencies.from(text)] as const)
  const latencies = new Latencies()
  for (const [, its] of bySource) latencies.add(its)
  const lines = said.reduce((sum, { event }) => sum + (event.type === 'order.captured' ? linesOf(event.data) : 0), 0)
  const isEdiBurst = day.scenario.arrivals.kind === 'at_once' && day.scenario.mix.channel === 'edi'
  const backlog = played.progress.map(({ answered, due, ms }): Point => [ms / 1e3, due - answered])
  const [offered, answers] = [rates(played.progress, 'due'), rates(played.progress, 'answered')]
  // An hour of the day, beside the seconds it is played in.
  const seconds =
    simulatedPerReal === undefined ? 'seconds' : `seconds, ${rounded(3_600 / simulatedPerReal, 2)} an hour of the day`
  const spans = spansOf(day.scenario, silences, simulatedPerReal)
  const most = (points: readonly Point[]) => points.reduce((max, [, y]) => Math.max(max, y), 0)
  const drainSeconds = (played.lastAnswerMs - played.lastDueMs) / 1e3
  const [slowest = { source: 'none', p99Ms: 0 }] = bySource
    .map(([source, its]) => ({ source, p99Ms: its.percentileMs(99) }))
    .sort((one, other) => other.p99Ms - one.p99Ms)
  const { mix, twinOutages = [] } = day.scenario
  return {
    summary: fitText({
      deliveries: played.deliveries,
      busiest,
      slowest,
      backlogMax: most(backlog),
      drainSeconds,
      simulatedPerReal,
      isHeldBack: silences.length > 0 || twinOutages.length > 0 || mix.held !== undefined,
    }),
    results: {
      orders: day.orders,
      order_lines: lines,
      events: said.length,
      deliveries: played.deliveries,
      day_s: rounded(played.lastDueMs / 1e3, 1),
      // How much faster than the day itself it was played; undefined where everything happens at once.
      simulated_s_per_s: simulatedPerReal === undefined ? undefined : rounded(simulatedPerReal),
      offered_events_per_s: played.lastDueMs === 0 ? undefined : rounded((played.deliveries / played.lastDueMs) * 1e3),
      offered_events_per_s_max: busiest.played,
      own_pace_events_per_s_max: busiest.own,
      answered_events_per_s_max: rounded(most(answers)),
      answered_events_per_s: rounded(played.answered / Math.max(1, played.lastAnswerMs / 1e3)),
      // From when a delivery was due.
      outcome_p50_ms: rounded(latencies.percentileMs(50), 1),
      outcome_p99_ms: rounded(latencies.percentileMs(99), 1),
      outcome_p999_ms: rounded(latencies.percentileMs(99.9), 1),
      outcome_max_ms: rounded(latencies.percentileMs(100), 1),
      ...Object.fromEntries(bySource.flatMap(([source, its]) => ofSource(source, its))),
      backlog_events_max: most(backlog),
      drain_s: rounded(drainSeconds, 2),
      // The target's size, and nothing but the burst.
      drain_s_edi_50k: isEdiBurst && lines === 50_000 ? rounded(played.lastAnswerMs / 1e3, 2) : undefined,
      resent_events: played.resent,
      duplicate_outcomes: played.outcomes.duplicate ?? 0,
      parked_outcomes: played.outcomes.parked ?? 0,
      superseded_outcomes: played.outcomes.superseded ?? 0,
      // Judged behind something newer of their order; and those that would overwrite it.
      late_events: late.events,
      late_settings: late.settings,
      subscribers: day.scenario.subscribers,
      subscriber_payloads: watched?.payloads,
      subscribers_ended: watched?.ended.length,
      // The day's events, as the oracle knows them, are in it.
      rss_mb_start: rounded(resident[0]?.[1] ?? 0),
      rss_mb_max: rounded(most(resident)),
      rss_mb_growth: rounded(grownMb(resident), 1),
    },
    ratios: {},
    oracle,
    notes,
    played: { ...day.scenario, orders: day.orders },
    charts: [
      {
        title: 'Throughput',
        x: seconds,
        spans,
        y: 'events a second',
        lines: [
          { name: 'due', points: offered },
          { name: 'answered', points: answers },
        ],
      },
      {
        title: 'Backlog',
        x: seconds,
        spans,
        y: 'events due, not answered',
        lines: [{ name: 'all sources', points: backlog }],
      },
      {
        title: 'Latency from due to outcome',
        x: 'percentile',
        y: 'milliseconds',
        scale: 'percentile',
        lines: [['all sources', latencies] as const, ...bySource].map(([name, its]) => ({
          name,
          points: its.percentilePoints(),
        })),
      },
      {
        title: 'Memory',
        x: seconds,
        spans,
        y: 'resident MB',
        lines: [{ name: 'serving process, and the day as the oracle knows it', points: resident }],
      },
    ],
  }
}

/** What was to happen when, on the axis of the run. */
function spansOf(
  { arrivals, twinOutages = [] }: NetworkScenario,
  silences: readonly Silence[],
  simulatedPerReal: number | undefined,
): readonly ChartSpan[] {
  if (simulatedPerReal === undefined) return []
  const span = (name: string, { fromMs, toMs }: Span) => ({
    name,
    from: fromMs / 1e3 / simulatedPerReal,
    to: toMs / 1e3 / simulatedPerReal,
  })
  return [
    ...(arrivals.kind === 'peak' ? [span(`${arrivals.times} times the orders`, arrivals.peak)] : []),
    ...silences.map(silence => span(`${silence.sources.join(', ')} silent`, silence)),
    ...twinOutages.map(outage => span('the twin is stopped', outage)),
  ]
}

/** Whether the peak of one source makes the others wait: dashes are no part of a figure's key. */
const ofSource = (source: string, its: Latencies) =>
  ([50, 99] as const).map(
    percent =>
      [`outcome_p${percent}_ms_${source.replaceAll('-', '_')}`, rounded(its.percentileMs(percent), 1)] as const,
  )

type Point = readonly [seconds: number, value: number]

const SECOND_MS = 1_000

/** How many more there were at each moment than a second before. What came within less of the run is not made out to be more. */
export function rates(progress: readonly Progress[], of: 'due' | 'answered'): readonly Point[] {
  let then: Progress = { ms: 0, due: 0, answered: 0 }
  let next = 0
  return progress.map((now): Point => {
    for (let at = progress[next]; at !== undefined && now.ms - at.ms >= SECOND_MS; at = progress[++next]) then = at
    return [now.ms / 1e3, ((now[of] - then[of]) / Math.max(SECOND_MS, now.ms - then.ms)) * 1e3]
  })
}

const linesOf = (data: unknown): number => (data as { lines?: readonly unknown[] }).lines?.length ?? 0
