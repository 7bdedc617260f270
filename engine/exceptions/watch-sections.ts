// WatchSections: what the watch knows, as sections of the checkpoint and back. Columns, everything that counts and what rests are as
// of its position. Objects by row follow piece by piece while the engine serves: what changes meanwhile is looked at again after
// opening, and marks know which entries they hold.

import type { Policies } from '../deadlines/policies.ts'
import type { SavedSourceDay } from '../kpis/source-days.ts'
import type { SavedUsual } from '../kpis/usual-durations.ts'
import type { SectionContent } from '../snapshots/checkpoint-file.ts'
import { EXCEPTION_KINDS, SEVERITIES, TEAMS } from './catalogue.ts'
import type { OrderException } from './condition.ts'
import { Marks, type SavedMarks } from './marks.ts'
import { WatchState } from './watch-state.ts'

// Version log of what is kept: raised with every change of a predicate too, so that no exception of before stays.
//   1  0.1.0  the first
//   2  0.1.0  what is usual is as of the hour's beginning
//   3  0.1.0  how rows lag is a column
//   4  0.1.0  what is open, broken or owed stays told until it is settled; promises line by line
//   5  0.1.0  what was amended counts for the lines it is of
//   6  0.1.0  what rests stands there as bytes
const PREDICATES = 6

interface Summary {
  readonly version: string
  readonly position: number
  readonly nowMs: number
  readonly usual: SavedUsual
  readonly sourceDays: readonly SavedSourceDay[]
  readonly queued: readonly (readonly number[])[]
}

// 256 rows a piece: made and read within a millisecond or two.
const ROWS_A_PIECE = 256

/** `inHand` are rows that somebody has taken out of their queues and not looked at yet. */
export function watchSections(
  state: WatchState,
  policies: Policies,
  inHand: Iterable<number>,
): Readonly<Record<string, SectionContent>> {
  const { dueTimes, marks, nowMs, open, orders, position, queues, resting, sourceDays, usual } = state
  const [due = new Set<number>(), ...others] = queues
  const summary: Summary = {
    version: versionOf(policies),
    position,
    nowMs,
    usual: usual.saved(),
    sourceDays: sourceDays.saved(),
    queued: [[...new Set([...inHand, ...due])], ...others.map(queue => [...queue])],
  }
  return {
    summary: Buffer.from(JSON.stringify(summary)),
    due: dueTimes.saved(),
    lags: usual.savedLags(),
    ...orders.saved(),
    ...open.saved(),
    open: pieces(open.rows(), row => open.get(row)),
    marks: pieces(
      [...marks.keys()].filter(row => !resting.has(row)),
      row => marks.get(row)?.saved(),
    ),
  }
}

/**
 * What `watchSections` saved; `pause` lets others work in between. Undefined where anything is missing, or was found
 * under other policies or predicates: it is folded from the journal then.
 */
export async function watchStateFrom(
  sections: Readonly<Record<string, Uint8Array>>,
  policies: Policies,
  pause: () => Promise<void>,
): Promise<WatchState | undefined> {
  const { due, lags, marks, open, summary: text } = sections
  if (!due || !lags || !marks || !open || !text) return undefined
  const summary = JSON.parse(Buffer.from(text).toString()) as Summary
  const state = new WatchState()
  if (summary.version !== versionOf(policies)) return undefined
  if (!state.orders.load(sections) || !state.open.load(sections)) return undefined
  state.position = summary.position
  state.nowMs = summary.nowMs
  state.usual.load(summary.usual, lags)
  state.sourceDays.load(summary.sourceDays)
  state.dueTimes.load(due)
  summary.queued.forEach((rows, queue) => {
    for (const row of rows) state.queues[queue]?.add(row)
  })
  for (const [row, exceptions] of inPieces<readonly OrderException[]>(open)) {
    // Most are of orders that ended; those of others are objects again with the first look.
    state.open.set(row, exceptions)
    state.open.rest(row)
    if (state.open.size % ROWS_A_PIECE === 0) await pause()
  }
  for (const [row, saved] of inPieces<SavedMarks>(marks)) {
    state.marks.set(row, Marks.from(saved))
    if (state.marks.size % ROWS_A_PIECE === 0) await pause()
  }
  return state
}

/** What rests means its kind, team and severity by number. */
const versionOf = (policies: Policies): string =>
  JSON.stringify([PREDICATES, EXCEPTION_KINDS, TEAMS, SEVERITIES, policies])

/** Each piece is a list of rows with what is known of each, as a line of JSON. */
function* pieces(rows: readonly number[], of: (row: number) => unknown): Generator<Uint8Array> {
  for (let from = 0; from < rows.length; from += ROWS_A_PIECE) {
    const known = rows.slice(from, from + ROWS_A_PIECE).map(row => [row, of(row)])
    yield Buffer.from(`${JSON.stringify(known.filter(([, object]) => object !== undefined))}\n`)
  }
}

function* inPieces<Kept>(bytes: Uint8Array): Generator<readonly [number, Kept]> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let from = 0; from < buffer.length; ) {
    const end = buffer.indexOf(LINE_FEED, from)
    yield* JSON.parse(buffer.toString('utf8', from, end)) as [number, Kept][]
    from = end + 1
  }
}
const LINE_FEED = 10
