// What came of each source's events within a window, and how long after it happened we heard of it. Pure.
import { isRefusal } from '../entry.ts'
import { VERDICTS, type Verdict } from '../outcome.ts'
import { Histogram } from './histogram.ts'
import type { Distribution, Rate } from './measures.ts'
import { rate } from './measures.ts'
import type { SourceDay } from './source-days.ts'

export interface SourceMeasures {
  readonly source: string
  readonly events: number
  readonly refused: Rate
  readonly parked: Rate
  readonly superseded: Rate
  /** From happening to being recorded: of every event, and of goods issues alone. */
  readonly propagation: Distribution
  readonly confirmationLatency: Distribution
}

const REFUSED: readonly Verdict[] = VERDICTS.filter(
  verdict => isRefusal({ verdict, detail: {} }) || verdict === 'id_reused' || verdict === 'version_conflict',
)

/** One row per source, by name; `days` are those of the window. */
export function sourceMeasures(days: readonly SourceDay[]): readonly SourceMeasures[] {
  const sources = new Map<string, SourceDay[]>()
  for (const day of days) sources.set(day.source, [...(sources.get(day.source) ?? []), day])
  return [...sources].map(([source, own]) => {
    const count = (verdicts: readonly Verdict[]) =>
      own.reduce((total, day) => total + verdicts.reduce((some, verdict) => some + (day.verdicts[verdict] ?? 0), 0), 0)
    const events = count(VERDICTS)
    return {
      source,
      events,
      refused: rate(count(REFUSED), events),
      parked: rate(count(['parked']), events),
      superseded: rate(count(['superseded']), events),
      propagation: distributionOf(own.map(({ lag }) => lag)),
      confirmationLatency: distributionOf(own.map(({ confirmationLag }) => confirmationLag)),
    }
  })
}

/** Within the width of a bucket (9 %). */
function distributionOf(histograms: readonly Histogram[]): Distribution {
  const all = new Histogram()
  for (const histogram of histograms) all.addAll(histogram)
  const at = (share: number) => all.percentile(share)
  return { count: all.count, meanMs: all.mean(), p50Ms: at(0.5), p90Ms: at(0.9), p99Ms: at(0.99) }
}
