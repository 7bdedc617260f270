// Previewing: what events would come to, one after another on top of each other; then everything is dropped.
import * as answers from './answers.ts'
import type { Batch } from './batch.ts'
import { type Need, NotLoaded } from './decide.ts'
import { stirredIn } from './decide-batch.ts'
import { type Deciding, isAmong, type Judgement, reasonOf, type Sent } from './deciding.ts'
import type { JournalEntry } from './entry.ts'
import { LeftOver } from './left-over.ts'
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
    const preview = { batch: await batchFor(inputs, needs.flat()), deciding, leftOver: new LeftOver() }
    const outcomes = inputs.map((input, index) =>
      previewed(preview, { input, sender, override }, needs[index] as Need[]),
    )
    if (outcomes.every(outcome => outcome !== undefined)) return done(outcomes, preview.batch.entries)
  }
}

interface Preview {
  readonly batch: Batch
  readonly deciding: Deciding
  readonly leftOver: LeftOver
}

interface Previewed extends Pick<PreviewJob, 'override' | 'sender'> {
  readonly input: unknown
}

/** Undefined when something must be loaded first. */
function previewed(preview: Preview, { input, override, sender }: Previewed, needs: Need[]): Outcome | undefined {
  const { batch, deciding, leftOver } = preview
  const foreign = deciding.foreign(input, sender)
  if (foreign !== undefined) return foreign
  // As if each came in a turn of its own: what those before it left over goes first (W1).
  batch.wakeLinesLeft = batch.limits.wakeLinesMax
  while (batch.wakeLinesLeft > 0 && leftOver.isDue)
    for (const stirred of leftOver.take(1))
      if (judged(preview, { input, stirred }, needs) === undefined) return undefined
  const judgement = judged(preview, { input, override }, needs)
  if (judgement === undefined || 'outcome' in judgement) return judgement?.outcome
  return deciding.outcomeOf(input, judgement.decision, batch)
}

function judged({ batch, deciding, leftOver }: Preview, sent: Sent, needs: Need[]): Judgement | undefined {
  try {
    const judgement = deciding.judgedAlone(batch, sent)
    for (const stirred of stirredIn(judgement)) leftOver.add(stirred)
    return judgement
  } catch (thrown) {
    // What a preview trips over may be its own drafts: it sets nothing aside (E3).
    if (!(thrown instanceof NotLoaded) || isAmong(needs, thrown.need))
      return { outcome: answers.overloaded(sent.input, 'family_quarantined', reasonOf(thrown)) }
    needs.push(thrown.need)
    return undefined
  }
}
