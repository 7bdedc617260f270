// Counting outcomes.
import type { OutcomeCode } from '../engine/outcome.ts'
import type { Tally } from './load/load.ts'

/** Counts `outcomes` into `sum`. */
export function tallyOutcomes(sum: Tally, outcomes: readonly { readonly outcome: OutcomeCode }[]): void {
  for (const { outcome } of outcomes) sum[outcome] = (sum[outcome] ?? 0) + 1
}
