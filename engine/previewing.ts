// Previewing: what events would come to, one after another on top of each other; then everything is dropped.
import * as answers from './answers.ts'
import type { Batch } from './batch.ts'
import { type Need, NotLoaded } from './decide.ts'
import { type Deciding, isAmong, reasonOf } from './deciding.ts'
import type { JournalEntry } from './entry.ts'
import type { Outcome } from './outcome.ts'
import type { Sender } from './twin.ts'

export interface PreviewJob {
  readonly inputs: readonly unknown[]
  readonly sender: Sender | undefined
  readonly override?: string
  readonly done: (outcomes: readonly Outcome[], entries: readonly JournalEntry[]) => void
}

/** `batchFor` gives a batch for `inputs`, whatever is in `needs` loaded. */
export async function runPreview(
  { done, inputs, override, sender }: PreviewJob,
  deciding: Deciding,
  batchFor: (inputs: readonly unknown[], needs: readonly Need[]) => Promise<Batch>,
): Promise<void> {
  const needs = inputs.map((): Need[] => [])
  for (;;) {
    const batch = await batchFor(inputs, needs.flat())
    const outcomes = inputs.map((input, index) =>
      previewed({ batch, deciding }, { input, sender, override }, needs[index] as Need[]),
    )
    if (outcomes.every(outcome => outcome !== undefined)) return done(outcomes, batch.entries)
  }
}

interface Previewed extends Pick<PreviewJob, 'override' | 'sender'> {
  readonly input: unknown
}

/** Undefined when something must be loaded first. */
function previewed(
  { batch, deciding }: { readonly batch: Batch; readonly deciding: Deciding },
  { input, override, sender }: Previewed,
  needs: Need[],
): Outcome | undefined {
  const foreign = deciding.foreign(input, sender)
  if (foreign !== undefined) return foreign
  try {
    const judged = deciding.judgedAlone(batch, { input, override })
    return 'outcome' in judged ? judged.outcome : deciding.outcomeOf(input, judged.decision, batch)
  } catch (thrown) {
    // What a preview trips over may be its own drafts: it sets nothing aside (E3).
    if (!(thrown instanceof NotLoaded) || isAmong(needs, thrown.need))
      return answers.overloaded(input, 'family_quarantined', reasonOf(thrown))
    needs.push(thrown.need)
    return undefined
  }
}
