// Exceptions: the list over all orders, their counts, the stream, and what each is about.
import type { JournalEntry } from '../../engine/entry.ts'
import { conditionsOf, openAt } from '../../engine/exceptions/exceptions.ts'
import { type ExceptionPeriod, exceptionHistory } from '../../engine/exceptions/history.ts'
import type { ExceptionChange } from '../../engine/exceptions/watch.ts'
import { isWaitingFamily } from '../../engine/family.ts'
import type { Place } from '../../machines/ids.ts'
import { ExceptionStream } from '../desk/exception-stream.ts'
import type { GraphContext, Resolve, Resolvers } from '../graph-context.ts'
import { graphError } from '../operations/graph-errors.ts'
import { type OrderView, orderView } from '../views/actors.ts'
import {
  cursorOf,
  type ExceptionRow,
  type ExceptionView,
  exceptionView,
  isBehind,
  isWantedException,
  placeAfter,
  rowOf,
  rowsOf,
} from '../views/exceptions.ts'
import { historyView } from '../views/history.ts'
import { connection, type PageArguments, pageSize } from './pages.ts'

export interface ExceptionFilterInput {
  readonly kind?: readonly string[] | null
  readonly class?: readonly string[] | null
  readonly team?: readonly string[] | null
  readonly severity?: readonly string[] | null
  readonly order?: readonly string[] | null
  readonly isOverdue?: boolean | null
}

interface Where {
  readonly where?: ExceptionFilterInput | null
}

async function openRows({ where }: Where, { graph: { desk } }: GraphContext): Promise<readonly ExceptionRow[]> {
  await desk.upToDate()
  const isWanted = isWantedException(where, desk.nowMs())
  return rowsOf([...desk.watch.openExceptions()].filter(isWanted))
}

export const exceptions: Resolve<unknown, Where & PageArguments> = async (_, args, context) => {
  const { graph } = context
  const first = pageSize(args, graph.limits.pageMax)
  const rows = await openRows(args, context)
  const place = args.after == null ? undefined : placeAfter(args.after)
  if (place !== undefined && !/^\d \d{16} /.test(place)) throw graphError('BAD_CURSOR', args.after?.slice(0, 40))
  const rest = place === undefined ? rows : rows.filter(row => isBehind(row, place))
  const nowMs = graph.desk.nowMs()
  const edges = rest.slice(0, first).map(row => ({ cursor: cursorOf(row), node: exceptionView(row, nowMs) }))
  const page = connection(context.counted(edges), {
    hasNextPage: rest.length > first,
    hasPreviousPage: place !== undefined,
  })
  return { totalCount: rows.length, ...page }
}

type Facet = 'kind' | 'class' | 'team' | 'severity'

export const exceptionCounts: Resolve<unknown, Where & { by: readonly Facet[] }> = async (_, args, context) => {
  const counts = new Map<string, { readonly values: object; count: number }>()
  for (const { exception } of await openRows(args, context)) {
    const values = Object.fromEntries(args.by.map(facet => [facet, exception[facet]]))
    const key = Object.values(values).join()
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { values, count: 1 })
    else known.count++
  }
  return context
    .counted([...counts.values()].map(({ count, values }) => ({ ...values, count })))
    .toSorted((a, b) => b.count - a.count)
}

export const exceptionChanged: Resolve<unknown, Where> = (_, { where }, { graph: { desk, socketLimits, waker } }) =>
  new ExceptionStream({
    watch: desk.watch,
    waker,
    isWanted: ({ exception }: ExceptionChange) => isWantedException(where, desk.nowMs())(exception),
    backlogMax: socketLimits.backlogMax,
  })

export const changedException = ({ exception, kind }: ExceptionChange, _: unknown, { graph: { desk } }: GraphContext) =>
  exceptionView(rowOf(exception, kind), desk.nowMs())

/** Entries of a family at these places; the position of each is its evidence. */
export async function entriesAt(
  family: { readonly id: string } | OrderView['family'],
  places: readonly Place[],
  { graph: { desk } }: GraphContext,
): Promise<readonly JournalEntry[]> {
  const entries = 'head' in family ? await desk.entriesOf(family) : await desk.entries(family.id)
  const wanted = new Set(places)
  const last = new Map<Place, JournalEntry>()
  for (const entry of entries) if (wanted.has(entry.place)) last.set(entry.place, entry)
  return [...last.values()].sort((a, b) => (a.place < b.place ? -1 : 1))
}

export const exception: Resolvers = {
  order: async ({ exception }: ExceptionView, _, context) => {
    if (isWaitingFamily(exception.family)) return undefined
    const family = await context.family(exception.family)
    return family === undefined ? undefined : orderView(family)
  },
  evidence: async ({ exception }: ExceptionView, _, context) =>
    context.counted((await entriesAt({ id: exception.family }, exception.evidence, context)).map(historyView)),
}

/** What is wrong with one order now, or was believed to be then. */
export async function openExceptions(
  { family }: OrderView,
  { graph: { desk } }: GraphContext,
): Promise<readonly ExceptionView[]> {
  const nowMs = desk.nowMs(family)
  const conditions = conditionsOf(await desk.facts(family), desk.watch.around)
  return openAt(conditions, { family: family.id, nowMs, policies: desk.policies }).map(each =>
    exceptionView(rowOf(each), nowMs),
  )
}

export async function pastExceptions({ family }: OrderView, { graph: { desk } }: GraphContext) {
  const nowMs = desk.nowMs(family)
  const periods = exceptionHistory(await desk.entriesOf(family), desk.watch.around, nowMs)
  return periods.map(({ closedBy, closedMs, exception, isRefuted, openedMs }: ExceptionPeriod) => ({
    exception: exceptionView(rowOf(exception, closedMs === undefined ? 'opened' : 'closed'), nowMs),
    openedAt: openedMs,
    closedAt: closedMs,
    isRefuted,
    closedBy: closedBy === undefined ? undefined : historyView(closedBy),
  }))
}
