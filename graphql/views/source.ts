// A connected system as readers see it. Pure.
import { counts, OUTCOMES } from '../../engine/outcome.ts'
import type { SourceStatus } from '../../engine/twin.ts'

export function sourceView({ source, outcomes, lastEventMs, lastRecordedMs, sequenceGaps, lastGap }: SourceStatus) {
  const counted = OUTCOMES.map(outcome => ({ outcome, count: outcomes[outcome] ?? 0 })).filter(({ count }) => count > 0)
  const isRefused = (outcome: (typeof OUTCOMES)[number]) =>
    !counts(outcome) && outcome !== 'parked' && outcome !== 'duplicate'
  return {
    ...source,
    lastEventAt: lastEventMs,
    lastRecordedAt: lastRecordedMs,
    lagMs: lastEventMs === undefined || lastRecordedMs === undefined ? undefined : lastRecordedMs - lastEventMs,
    outcomes: counted,
    refused: counted.reduce((sum, { outcome, count }) => (isRefused(outcome) ? sum + count : sum), 0),
    sequenceGaps,
    lastGap,
  }
}
