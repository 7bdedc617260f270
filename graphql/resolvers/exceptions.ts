// Exceptions: the list over all orders, their counts, the stream, and what each is about.
import { positionText } from '../../engine/answers.ts'
import type { JournalEntry } from '../../engine/entry.ts'
import type { OrderException } from '../../engine/exceptions/condition.ts'
import { conditionsOf, openAt } from '../../engine/exceptions/exceptions.ts'
import { assigneeOf, type Step } from '../../engine/exceptions/handling.ts'
import { type ExceptionPeriod, exceptionHistory } from '../../engine/exceptions/history.ts'
import { Marks } from '../../engine/exceptions/marks.ts'
import { wholeOf } from '../../engine/exceptions/open-list.ts'
import type { ExceptionChange } from '../../engine/exceptions/watch.ts'
import { type Family, isWaitingFamily } from '../../engine/family.ts'
import type { Place } from '../../machines/ids.ts'
import { ExceptionStream } from '../desk/exception-stream.ts'
import { OpenCauses, sharingCauses } from '../desk/open-causes.ts'
import type { OrderDesk } from '../desk/order-desk.ts'
import { type GraphContext, type Resolve, type Resolvers, unlessDamaged } from '../graph-context.ts'
import { graphError } from '../operations/graph-errors.ts'
import { type OrderView, orderView } from '../views/actors.ts'
import {
  compareInList,
  cursorOf,
  type ExceptionRow,
  type ExceptionView,
  exceptionView,
  isWantedException,
  ordersOfCause,
  placeAfter,
  rowOf,
} from '../views/exceptions.ts'
import { type FamilyRef, type HistoryView, historyView } from '../views/history.ts'
import { entriesOf } from './history.ts'
import { connection, type PageArguments, pageSize } from './pages.ts'

export interface ExceptionFilterInput {
  readonly kind?: readonly string[] | null
  readonly class?: readonly string[] | null
  readonly team?: readonly string[] | null
  readonly severity?: readonly string[] | null
  readonly order?: readonly string[] | null
  readonly isOverdue?: boolean | null
  readonly person?: readonly string[] | null
  readonly isAssigned?: boolean | null
}

interface Where {
  readonly where?: ExceptionFilterInput | null
}

/** What is open now and wanted. */
export async function openCauses({ where }: Where, { graph: { desk } }: GraphContext): Promise<OpenCauses> {
  await desk.upToDate()
  return OpenCauses.of(desk.watch.openExceptions(), isWantedException(where, desk.nowMs()))
}

export const exceptions: Resolve<unknown, Where & PageArguments> = async (_, args, context) => {
  const { graph } = context
  const first = pageSize(args, graph.limits.pageMax)
  const place = args.after == null ? undefined : placeAfter(args.after)
  if (args.after != null && place === undefined) throw graphError('BAD_CURSOR', args.after.slice(0, 40))
  const causes = await openCauses(args, context)
  const { hasMore, rows } = await causes.worst(first, place)
  const nowMs = graph.desk.nowMs()
  const edges = rows.map(row => ({
    cursor: cursorOf(row),
    node: exceptionView({ ...row, exception: wholeOf(row.exception) }, nowMs),
  }))
  const page = connection(context.counted(edges), { hasNextPage: hasMore, hasPreviousPage: place !== undefined })
  return { totalCount: causes.count, ...page }
}

type Facet = 'kind' | 'class' | 'team' | 'severity'

export const exceptionCounts: Resolve<unknown, Where & { by: readonly Facet[] }> = async (_, args, context) => {
  const counts = new Map<string, { readonly values: object; count: number }>()
  const causes = await openCauses(args, context)
  await causes.each(first => {
    const key = args.by.map(facet => first[facet]).join()
    const known = counts.get(key)
    if (known !== undefined) known.count++
    else counts.set(key, { values: Object.fromEntries(args.by.map(facet => [facet, first[facet]])), count: 1 })
  })
  return context
    .counted([...counts.values()].map(({ count, values }) => ({ ...values, count })))
    .toSorted((a, b) => b.count - a.count)
}

export const exceptionChanged: Resolve<unknown, Where> = (_, { where }, { graph }) => {
  // To tell it every exception that is open would have to be armed a second time.
  if (where?.isOverdue != null) throw graphError('BAD_ARGUMENT', 'isOverdue: it is no change that is told; see dueAt')
  const { desk, exceptionChanges: changes, waker } = graph
  return new ExceptionStream({ changes, waker, isWanted: isWantedException(where, desk.nowMs()) })
}

/** What closed it may have been done by hand: that was no more open to be seen on it. */
export const changedException = async (
  { exception, kind }: ExceptionChange,
  _: unknown,
  { graph: { desk } }: GraphContext,
) => {
  const { family, handling, key } = exception
  const known = kind === 'closed' ? await desk.handling(family, key) : handling
  return exceptionView(rowOf({ ...exception, handling: known }, kind), desk.nowMs())
}

/** What a family's entries at these places say; the position of each is its evidence. */
export async function eventsAt(
  family: FamilyRef,
  places: readonly Place[],
  context: GraphContext,
): Promise<readonly HistoryView[]> {
  if (places.length === 0) return []
  const wanted = new Set(places)
  const last = new Map<Place, JournalEntry>()
  for (const entry of await entriesOf(family, context)) if (wanted.has(entry.place)) last.set(entry.place, entry)
  return [...last.values()].sort((a, b) => (a.place < b.place ? -1 : 1)).map(entry => historyView(entry, family))
}

export const exception: Resolvers = {
  order: async ({ exception, family }: ExceptionView, _, context) => {
    if (isWaitingFamily(exception.family)) return undefined
    const known = family ?? (await readable(exception, context))
    return known === undefined ? undefined : orderView(known)
  },
  evidence: async (view: ExceptionView, _, context) => {
    // The watch may know what is wrong with an order that cannot be read any more: its row stays, and those of others.
    const events = await unlessDamaged(eventsAt(familyOf(view), view.exception.evidence, context))
    return context.counted(events ?? [])
  },
  assignee: ({ exception }: ExceptionView) => {
    const step = assigneeOf(exception.handling)
    return step === undefined ? undefined : stepView(step)
  },
  notes: ({ exception }: ExceptionView, _, context) =>
    context.counted(stepsOf(exception).filter(({ kind }) => kind === 'noted')).map(stepView),
  steps: ({ exception }: ExceptionView, _, context) => context.counted(stepsOf(exception)).map(stepView),
  closedAt: async (view: ExceptionView, _, context) => (await periodOf(view, context))?.closedMs,
  closedBy: async (view: ExceptionView, _, context) => {
    const entry = (await periodOf(view, context))?.closedBy
    return entry === undefined ? undefined : historyView(entry, familyOf(view))
  },
}

const familyOf = ({ exception, family }: ExceptionView): FamilyRef => family ?? { id: exception.family }

/** A family that was set aside may be one that cannot be read. */
const readable = ({ family, kind }: ExceptionView['exception'], context: GraphContext) =>
  kind === 'poisoned' ? unlessDamaged(context.family(family)) : context.family(family)

const stepsOf = ({ handling }: ExceptionView['exception']): readonly Step[] => handling?.steps ?? []

const stepView = ({ atMs, by, kind, person, position, team, text }: Step) => ({
  kind,
  by,
  at: atMs,
  text,
  team,
  person,
  position: positionText(position),
})

/** The time it was open that it tells of, else the last; undefined while it is. */
async function periodOf(view: ExceptionView, context: GraphContext): Promise<ExceptionPeriod | undefined> {
  if (view.state !== 'closed' || view.period !== undefined) return view.period
  const periods = periodsIn(await entriesOf(familyOf(view), context), context.graph.desk)
  return periods.findLast(({ exception: { key } }) => key === view.exception.key)
}

// By the entries they are folded from, which an operation reads once: it may ask for them under many names.
const folded = new WeakMap<readonly JournalEntry[], readonly ExceptionPeriod[]>()

function periodsIn(
  entries: readonly JournalEntry[],
  desk: OrderDesk,
  nowMs = desk.nowMs(),
): readonly ExceptionPeriod[] {
  const periods = folded.get(entries) ?? exceptionHistory(entries, desk.watch.around, nowMs)
  folded.set(entries, periods)
  return periods
}

/** What is wrong with one order now, or was believed to be then. */
export async function openExceptions({ family }: OrderView, context: GraphContext): Promise<readonly ExceptionView[]> {
  const { desk } = context.graph
  const nowMs = desk.nowMs(family)
  const conditions = conditionsOf(await context.facts(family), desk.watch.around)
  const open = openAt(conditions, { family: family.id, nowMs, policies: desk.policies })
  const poisoned = desk.isBelief(family) ? undefined : desk.watch.poisoned.of(family.id)
  const all = [...(poisoned === undefined ? [] : [poisoned]), ...open]
  const ordersOf = ordersSharing(all, family, context)
  return all.map(each => exceptionView({ ...rowOf(each), orders: ordersOf(each), family }, nowMs))
}

/**
 * The orders that share the cause of each of `exceptions`, which are open in `family`: its own first. They are looked for once, and only
 * if somebody asks: all that is open is gone through. Of a belief it is the order alone: what was open elsewhere then nobody knows.
 */
export function ordersSharing(
  exceptions: readonly OrderException[],
  family: Family,
  { graph: { desk } }: GraphContext,
): (exception: OrderException) => ExceptionRow['orders'] {
  if (desk.isBelief(family)) return exception => rowOf(exception).orders
  const find = async () => {
    await desk.upToDate()
    return sharingCauses(exceptions, desk.watch.openExceptions())
  }
  let found: ReturnType<typeof find> | undefined
  return exception => async () => {
    found ??= find()
    const members = (await found).get(exception.cause) ?? []
    return ordersOfCause(exception, members.toSorted(compareInList))
  }
}

/** Each time something was wrong with one order, as is known now or was believed then. */
export async function pastExceptions({ family }: OrderView, context: GraphContext) {
  const { desk } = context.graph
  const nowMs = desk.nowMs(family)
  const entries = await entriesOf(family, context)
  const { handlings } = Marks.of(entries)
  return periodsIn(entries, desk, nowMs).map(period => {
    const { closedBy, closedMs, exception, isRefuted, openedMs } = period
    const known = { ...exception, handling: handlings.of(exception.key) }
    const row = rowOf(known, closedMs === undefined ? 'opened' : 'closed')
    return {
      exception: exceptionView({ ...row, family, period }, nowMs),
      openedAt: openedMs,
      closedAt: closedMs,
      isRefuted,
      closedBy: closedBy === undefined ? undefined : historyView(closedBy, family),
    }
  })
}
