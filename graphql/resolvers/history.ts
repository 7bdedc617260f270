// History: the entries of one family, page by page, and what each changed.
import { positionText } from '../../engine/answers.ts'
import { isFact, type JournalEntry } from '../../engine/entry.ts'
import type { Verdict } from '../../engine/outcome.ts'
import type { ActorKey } from '../../machines/ids.ts'
import type { GraphContext, Resolve, Resolvers } from '../graph-context.ts'
import { changesOf } from '../views/changes.ts'
import { type FamilyRef, type HistoryView, historyView } from '../views/history.ts'
import { findHistory } from './finding.ts'
import { type Connection, connection, type PageArguments, pageSize, positionAfter } from './pages.ts'

export interface HistoryArguments extends PageArguments {
  readonly verdicts?: readonly Verdict[] | null
}

/** A family's entries, oldest first: of a belief what was known then, else all of them, read once an operation. */
export async function entriesOf(family: FamilyRef, context: GraphContext): Promise<readonly JournalEntry[]> {
  return context.graph.desk.entriesThen(family) ?? (await context.entries(family.id))
}

/** Entries of `family`, those about `actor` where one is given. */
export async function historyPage(
  { family, actor }: { family: FamilyRef; actor?: ActorKey },
  args: HistoryArguments,
  context: GraphContext,
): Promise<Connection<HistoryView>> {
  const size = pageSize(args, context.graph.limits.pageMax)
  const start = args.after == null ? 0 : positionAfter(args.after)
  const isWanted = (entry: JournalEntry) =>
    (args.verdicts?.includes(entry.verdict) ?? true) && (actor === undefined || isAbout(entry, actor))
  // One more than the page holds tells whether there is a next one.
  const found = await entriesWhere({ family, start, count: size + 1, isWanted }, context)
  const edges = found
    .slice(0, size)
    .map(entry => ({ cursor: positionText(entry.position), node: historyView(entry, family) }))
  return connection(context.counted(edges), { hasNextPage: found.length > size, hasPreviousPage: start > 0 })
}

const isAbout = ({ actors, changes }: JournalEntry, actor: ActorKey): boolean =>
  actors.includes(actor) || changes.some(({ key }) => key === actor)

// 200: as many as a page; most histories are read at once.
const READ_AT_ONCE = 200

interface Search {
  readonly family: FamilyRef
  readonly start: number
  readonly count: number
  readonly isWanted: (entry: JournalEntry) => boolean
}

async function entriesWhere(
  { family, start, count, isWanted }: Search,
  { graph: { desk }, twin }: GraphContext,
): Promise<readonly JournalEntry[]> {
  const then = desk.entriesThen(family)
  if (then !== undefined) return then.filter(entry => entry.position > start && isWanted(entry)).slice(0, count)
  const found: JournalEntry[] = []
  for (let after = start; found.length < count; ) {
    const entries = await twin.entries(family.id, { after, first: READ_AT_ONCE })
    const last = entries.at(-1)
    if (last === undefined) break
    found.push(...entries.filter(isWanted))
    after = last.position
  }
  return found.slice(0, count)
}

/** An order's by any reference, of a retired one from its retirement on; what waits under a number nobody knows by that number. */
export const history: Resolve<unknown, HistoryArguments & { ref: string }> = async (_, args, context) => {
  return historyPage({ family: { id: await findHistory(args.ref, context) } }, args, context)
}

const changes: Resolve<HistoryView> = ({ entry }, _, { graph }) => changesOf(entry, () => graph.timelines.around(entry))

interface CorrectionSaid {
  readonly event?: string
  readonly data?: unknown
}

/** The correction that counts for an entry's event: what it should have said, and since when we know. */
const correction: Resolve<HistoryView> = async ({ entry, family }, _, context) => {
  if (!isFact(entry) || entry.event.type === 'correction.reported') return undefined
  const { id, source } = entry.event
  const found = (await entriesOf(family, context)).filter(
    each =>
      isFact(each) &&
      each.event.type === 'correction.reported' &&
      each.event.source === source &&
      (each.event.data as CorrectionSaid).event === id,
  )
  const last = found.toSorted((a, b) => (a.place < b.place ? -1 : 1)).at(-1)
  if (last === undefined) return undefined
  return { by: historyView(last, family), data: (last.event.data as CorrectionSaid).data }
}

/** The entry whose event a correction names. */
const corrects: Resolve<HistoryView> = async ({ entry, family }, _, context) => {
  if (entry.event.type !== 'correction.reported') return undefined
  const { event } = entry.event.data as CorrectionSaid
  const named = (await entriesOf(family, context)).find(
    each => each.event.source === entry.event.source && each.event.id === event,
  )
  return named === undefined ? undefined : historyView(named, family)
}

export const historyEvent: Resolvers = { changes, correction, corrects }
