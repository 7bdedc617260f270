// Item: what takes its turn: an event that was sent, or a family whose events are tried again.
import type { CanonicalEvent } from '../machines/event.ts'
import type { Need } from './decide.ts'
import type { Understood } from './deciding.ts'
import { isWaitingFamily, waitedNumber } from './family.ts'
import type { Submission, Waiting } from './inbox.ts'
import type { Stirred } from './left-over.ts'
import type { Outcome } from './outcome.ts'
import type { Unread } from './reading-ahead.ts'

export type Item = Waiting<Outcome> &
  Unread & {
    /** Why a person forces it, where one does. */
    readonly override?: string
    /** It is no event: nobody waits for an answer. */
    readonly stirred?: Stirred
  }

/** One item for each input, and the answers of all of them once each has its own. */
export function itemsOf(
  inputs: readonly unknown[],
  override: string | undefined,
): { readonly items: readonly Item[]; readonly answered: Promise<readonly Outcome[]> } {
  const answers = new Array<Outcome>(inputs.length)
  const { promise, resolve } = Promise.withResolvers<readonly Outcome[]>()
  const submission: Submission<Outcome> = { answers, open: inputs.length, done: () => resolve(answers) }
  const items = inputs.map(
    (input, index): Item => ({ submission, index, input, needs: [], arrival: 0, override, understood: undefined }),
  )
  return { items, answered: promise }
}

/** What stands in the next batch for a family whose events are tried again: it takes its turn as an event does. */
export const wakingOf = (stirred: Stirred): Item => ({
  submission: { answers: [], open: 1, done: () => undefined },
  index: 0,
  input: { subject: `order/${stirred.family}` },
  needs: isWaitingFamily(stirred.family)
    ? [{ family: stirred.family }, { number: waitedNumber(stirred.family) }]
    : [{ family: stirred.family }],
  arrival: 0,
  stirred,
  understood: undefined,
})

/** Sends the answer, once all of its submission have one. */
export function answer({ index, submission }: Item, outcome: Outcome): void {
  submission.answers[index] = outcome
  if (--submission.open === 0) submission.done()
}

export const isAnswered = ({ index, submission }: Item): boolean => submission.answers[index] !== undefined

/** Those that are well-formed. */
export const eventsIn = (understood: readonly (Understood | undefined)[]): readonly CanonicalEvent[] =>
  understood.flatMap(each => (each === undefined || 'flaws' in each.parsed ? [] : [each.parsed.event]))

/** Keys that were asked for in vain. */
export const keysIn = (needs: readonly Need[]): number =>
  needs.reduce((sum, need) => sum + ('keys' in need ? need.keys : 0), 0)
