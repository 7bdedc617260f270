// Previewing: what events would come to, one after another on top of each other; then everything is dropped.
// Owns: the previews that wait, and what is answered where one cannot be made.   Does not own: when one has its turn.
import * as answers from './answers.ts'
import type { Batch } from './batch.ts'
import { type Need, NotLoaded } from './decide.ts'
import { stirredIn } from './decide-batch.ts'
import { type Deciding, isAmong, type Judgement, reasonOf, type Sent } from './deciding.ts'
import type { JournalEntry } from './entry.ts'
import { LeftOver } from './left-over.ts'
import type { EngineLimits } from './limits.ts'
import type { Outcome } from './outcome.ts'
import type { Sender } from './twin.ts'

export interface PreviewJob {
  readonly inputs: readonly unknown[]
  readonly sender: Sender | undefined
  readonly override?: string
  readonly done: (outcomes: readonly Outcome[], entries: readonly JournalEntry[]) => void
}

interface PreviewsOptions {
  readonly deciding: Deciding
  readonly limits: EngineLimits
  /** A batch for `inputs`, whatever is in `needs` loaded. */
  readonly batchFor: (inputs: readonly unknown[], needs: readonly Need[]) => Promise<Batch>
  readonly onTrouble: (trouble: string) => void
}

export class Previews {
  private readonly jobs: PreviewJob[] = []
  private readonly options: PreviewsOptions

  constructor(options: PreviewsOptions) {
    this.options = options
  }

  get isWaiting(): boolean {
    return this.jobs.length > 0
  }

  /** Whether it waits for its turn; where it does not, it has been answered. */
  put(job: PreviewJob, isClosing: boolean): boolean {
    const refusal = this.refusal(job, isClosing)
    if (refusal !== undefined) job.done(job.inputs.map(refusal), [])
    else this.jobs.push(job)
    return refusal === undefined
  }

  /** What each of its events is answered where there is no place for it. */
  private refusal({ inputs }: PreviewJob, isClosing: boolean): ((input: unknown) => Outcome) | undefined {
    const { previewEventsMax, previewsMax } = this.options.limits
    const tooMany = `a preview takes at most ${previewEventsMax} events`
    if (inputs.length > previewEventsMax) return input => answers.overloaded(input, 'preview_too_large', tooMany)
    if (isClosing) return input => answers.overloaded(input, 'shutting_down', 'the server is shutting down')
    if (this.jobs.length < previewsMax) return undefined
    return input => answers.overloaded(input, 'inbox_full', 'too many previews wait for their turn')
  }

  /** Runs the one that waits longest, where one does. */
  async runNext(): Promise<void> {
    const job = this.jobs.shift()
    if (job === undefined) return
    try {
      await run(job, this.options)
    } catch (fault) {
      // Nothing depends on it: the turns behind it go on.
      this.options.onTrouble(`nothing was previewed: ${reasonOf(fault)}`)
      const unread = (input: unknown) => answers.overloaded(input, 'family_quarantined', 'what is known cannot be read')
      job.done(job.inputs.map(unread), [])
    }
  }
}

async function run(
  { done, inputs, override, sender }: PreviewJob,
  { batchFor, deciding }: PreviewsOptions,
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
