// A played day as figures and charts. Pure.
import { Latencies } from '../histogram.ts'
import type { Findings, Oracle } from '../report.ts'
import { rounded } from '../report.ts'
import type { DayOptions, Said } from './day.ts'
import type { PlayedDay } from './run-network.ts'

export interface DayFound extends PlayedDay {
  readonly day: DayOptions
  readonly said: readonly Said[]
  readonly oracle: Oracle
}

export function networkFindings({
  day,
  oracle,
  played,
  resident,
  said,
  simulatedPerReal,
  watched,
}: DayFound): Findings {
  const latencies = Latencies.from(played.latencies)
  const lines = said.reduce((sum, { event }) => sum + (event.type === 'order.captured' ? linesOf(event.data) : 0), 0)
  const isEdiBurst = day.scenario.arrivals.kind === 'at_once' && day.scenario.mix.channel === 'edi'
  const most = (points: readonly (readonly [number, number])[]) => points.reduce((max, [, y]) => Math.max(max, y), 0)
  return {
    results: {
      orders: day.orders,
      order_lines: lines,
      events: said.length,
      deliveries: played.deliveries,
      day_s: rounded(played.lastDueMs / 1e3, 1),
      // How much faster than the day itself it was played; undefined where everything happens at once.
      simulated_s_per_s: simulatedPerReal === undefined ? undefined : rounded(simulatedPerReal),
      offered_events_per_s_max: rounded(most(played.offered)),
      answered_events_per_s_max: rounded(most(played.answers)),
      answered_events_per_s: rounded(played.answered / (played.lastAnswerMs / 1e3)),
      // From when a delivery was due.
      outcome_p50_ms: rounded(latencies.percentileMs(50), 1),
      outcome_p99_ms: rounded(latencies.percentileMs(99), 1),
      outcome_p999_ms: rounded(latencies.percentileMs(99.9), 1),
      outcome_max_ms: rounded(latencies.percentileMs(100), 1),
      backlog_events_max: most(played.backlog),
      drain_s: rounded((played.lastAnswerMs - played.lastDueMs) / 1e3, 2),
      // The target's size, and nothing but the burst.
      drain_s_edi_50k: isEdiBurst && lines === 50_000 ? rounded(played.lastAnswerMs / 1e3, 2) : undefined,
      resent_events: played.resent,
      duplicate_outcomes: played.outcomes.duplicate ?? 0,
      parked_outcomes: played.outcomes.parked ?? 0,
      superseded_outcomes: played.outcomes.superseded ?? 0,
      subscribers: day.scenario.subscribers,
      subscriber_payloads: watched?.payloads,
      subscribers_ended: watched?.ended.length,
      // The day's events, as the oracle knows them, are in it.
      rss_mb_start: rounded(resident[0]?.[1] ?? 0),
      rss_mb_max: rounded(most(resident)),
      rss_mb_growth: rounded((resident.at(-1)?.[1] ?? 0) - (resident[Math.floor(resident.length / 2)]?.[1] ?? 0), 1),
    },
    ratios: {},
    oracle,
    charts: [
      {
        title: 'Throughput',
        x: 'seconds',
        y: 'events a second',
        lines: [
          { name: 'due', points: played.offered },
          { name: 'answered', points: played.answers },
        ],
      },
      {
        title: 'Backlog',
        x: 'seconds',
        y: 'events due, not answered',
        lines: [{ name: 'all sources', points: played.backlog }],
      },
      {
        title: 'Latency from due to outcome',
        x: 'percentile',
        y: 'milliseconds',
        scale: 'percentile',
        lines: [{ name: 'all sources', points: latencies.percentilePoints() }],
      },
      {
        title: 'Memory',
        x: 'seconds',
        y: 'resident MB',
        lines: [{ name: 'serving process, and the day as the oracle knows it', points: resident }],
      },
    ],
  }
}

const linesOf = (data: unknown): number => (data as { lines?: readonly unknown[] }).lines?.length ?? 0
