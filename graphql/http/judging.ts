// From what was read to one outcome each: the twin is asked about what is JSON, the rest is malformed.
import type { Outcome } from '../../engine/outcome.ts'
import type { Read } from './strict-json.ts'

/** Submits or previews for one sender: one outcome per input, in input order. */
export type Ask = (inputs: readonly unknown[]) => Promise<readonly Outcome[]>

/** One outcome per value of `read`, in order. */
export async function outcomesOf({ values, flaws }: Read, ask: Ask): Promise<readonly Outcome[]> {
  if (flaws.size === 0) return ask(values)
  const readable = values.filter((_, index) => !flaws.has(index))
  const outcomes = readable.length === 0 ? [] : await ask(readable)
  let next = 0
  return values.map((_, index) => {
    const flaw = flaws.get(index)
    return flaw === undefined ? (outcomes[next++] as Outcome) : unreadable(flaw)
  })
}

/** The outcome of something that is no event at all; it has no id that could be trusted. */
const unreadable = (flaw: string): Outcome => ({
  id: undefined,
  outcome: 'malformed',
  code: 'unreadable',
  reason: flaw,
  flaws: [{ path: '', message: flaw }],
})

/** Whether the inbox had no place for it: nobody looked at it. */
export const isTurnedAway = ({ code }: Outcome): boolean => code === 'inbox_full'
