// Catching up: the journal behind what the watch knows, folded in its order. Families are made from their entries as they
// pass and looked at with their last one, so that nothing is read twice and few are in memory at a time.
import { applied, type JournalEntry } from '../entry.ts'
import { emptyFamily, type Family } from '../family.ts'
import type { Twin } from '../twin.ts'
import type { Looks } from './looks.ts'

// 64 entries, most of them the last of a family that is looked at then: one or two milliseconds.
const ENTRIES_AT_ONCE = 64
// 20,000 families on their way, at 2 KB each; one that was dropped is read when its last entry has passed.
const PASSING_MAX = 20_000

export interface CatchingUp {
  readonly twin: Twin
  readonly looks: Looks
  /** The journal's position as followers see it. */
  readonly head: () => number
  readonly isOver: () => boolean
  /** Lets others work in between. */
  readonly pause: () => Promise<void>
}

/** Resolves when everything up to the head is folded, or it is over. What was folded by then stays where it rejects. */
export async function catchUp({ head, isOver, looks, pause, twin }: CatchingUp): Promise<void> {
  const { state } = looks
  const passing = new Map<number, Family>()
  let count = 0
  while (state.position < head() && !isOver()) {
    const target = head()
    const after = twin.positionText(state.position)
    for await (const { entry } of twin.follow({ after, untilHead: true })) {
      if (isOver()) return
      pass(entry, passing, { looks, twin })
      if (++count % ENTRIES_AT_ONCE === 0) await pause()
    }
    state.position = Math.max(state.position, target)
  }
}

function pass(
  entry: JournalEntry,
  passing: Map<number, Family>,
  { looks, twin }: Pick<CatchingUp, 'looks' | 'twin'>,
): void {
  const row = twin.rows.row(entry.family)
  looks.state.fold(entry, row)
  const before = entry.previous === 0 ? emptyFamily(entry.family) : passing.get(row)
  passing.delete(row)
  if (before?.head === entry.previous && looks.state.usual.isAstride(row)) looks.learnAtBorder(row, before)
  const family = before?.head === entry.previous ? applied(before, entry) : undefined
  if (twin.rows.headAt(row) === entry.position) {
    const marks = looks.state.marks.get(row)
    if (family === undefined || marks === undefined) looks.note(row)
    else looks.update(row, family, marks)
  } else if (family !== undefined) {
    passing.set(row, family)
    const [first] = passing.size > PASSING_MAX ? passing.keys() : []
    if (first !== undefined) passing.delete(first)
  }
}
