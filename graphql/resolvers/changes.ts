// Subscriptions: streams of what changes, and what is told of each change.
import type { JournalEntry } from '../../engine/entry.ts'
import { believedAt } from '../../engine/exceptions/as-of.ts'
import type { Family } from '../../engine/family.ts'
import type { Verdict } from '../../engine/outcome.ts'
import type { BoardFilter } from '../../engine/projections/order-board.ts'
import { type GraphContext, type Resolve, type Resolvers, unlessDamaged } from '../graph-context.ts'
import { EntryBacklog, isSeen, OrderBacklog, type UntoldChange, type UntoldEntry } from '../live/backlogs.ts'
import { EventStream } from '../live/event-stream.ts'
import { isMatch, isStateMatch, type OrderSeen } from '../live/order-match.ts'
import { untouched } from '../live/touched.ts'
import { graphError } from '../operations/graph-errors.ts'
import { orderView } from '../views/actors.ts'
import { historyView } from '../views/history.ts'
import { findOrder } from './finding.ts'
import { boardFilter, type OrderFilterInput } from './order-board.ts'
import { positionAfter } from './pages.ts'

interface Change extends UntoldChange {
  readonly isMatch: boolean
}

/**
 * The cursor to start at; undefined: with what comes next. One beyond the journal's end is from before the store was restored: who
 * waited there would miss all that comes until then. Followers may see an entry a little after its position is told, but none is told
 * that the journal does not hold.
 */
const startOf = (after: string | null | undefined, { twin }: GraphContext): string | undefined => {
  if (after == null) return undefined
  if (positionAfter(after) > positionAfter(twin.head().position))
    throw graphError('BAD_CURSOR', `${after} is beyond the end, ${twin.head().position}`)
  return after
}

interface OrderChangedArguments {
  readonly ref: string
  readonly after?: string | null
}

export const orderChanged: Resolve<unknown, OrderChangedArguments> = async (_, { ref, after }, context) => {
  const order = await findOrder(ref, context)
  if (order === undefined) throw graphError('UNKNOWN_REFERENCE', ref)
  return orderStream(context, {
    after: startOf(after, context),
    family: order.family.id,
    valueFor: change => ({ ...change, isMatch: true }),
  })
}

interface OrdersChangedArguments {
  readonly where?: OrderFilterInput | null
  readonly after?: string | null
}

export const ordersChanged: Resolve<unknown, OrdersChangedArguments> = (_, { where, after }, context) => {
  const filter = boardFilter(where)
  return orderStream(context, { after: startOf(after, context), valueFor: change => matched(change, filter, context) })
}

interface OrderStream {
  readonly after?: string
  readonly family?: string
  readonly valueFor: (change: UntoldChange) => Promise<Change | undefined> | Change
}

function orderStream({ graph: { live, socketLimits, waker }, twin }: GraphContext, stream: OrderStream) {
  const backlog = new OrderBacklog(stream.after ?? twin.head().position, socketLimits.backlogMax)
  return new EventStream<UntoldChange>({ twin, live, waker, backlog, ...stream })
}

/** The change where the order matches now, or did before it; undefined otherwise, and where the order cannot be read (X9). */
async function matched(change: UntoldChange, filter: BoardFilter, context: GraphContext): Promise<Change | undefined> {
  const family = await unlessDamaged(context.twin.family(change.family))
  if (family?.actors.order === undefined) return undefined
  const now = seen(family, change.what.recordedMs, context)
  if (isMatch(filter, now)) return { ...change, isMatch: true }
  return (await wasMatch(change, now, { filter, context })) ? { ...change, isMatch: false } : undefined
}

const seen = (family: Family, updatedMs: number, { graph }: GraphContext): OrderSeen => ({
  family,
  regions: graph.steppers.order.regionStates(family.actors.order?.state ?? ''),
  updatedMs,
})

interface Matching {
  readonly filter: BoardFilter
  readonly context: GraphContext
}

/** Whether an order that does not match `now` did before the change. Its history is read only where nothing less can tell. */
async function wasMatch(change: UntoldChange, now: OrderSeen, { filter, context }: Matching): Promise<boolean> {
  const { first, touched, was, what } = change
  const { desk, steppers } = context.graph
  const others = untouched(filter, touched)
  if (Object.keys(others).length === Object.keys(filter).length) return false
  if (was !== undefined && !isStateMatch(filter, steppers.order.regionStates(was))) return false
  // What was touched by no entry is as it was, unless the order has moved on since.
  if (now.family.head === what.position && !isMatch(others, now)) return false
  const entries = await unlessDamaged(desk.entries(change.family))
  // Nobody can tell any more. Who hears of it too often misses nothing.
  if (entries === undefined) return true
  const before = believedAt(change.family, entries, { position: first.previous })
  const updatedMs = before.entries.findLast(isSeen)?.recordedMs ?? 0
  return isMatch(filter, seen(before.family, updatedMs, context))
}

export const orderChange: Resolvers = {
  order: async ({ family }: Change, _, context) => {
    const found = await context.family(family)
    return found === undefined ? undefined : orderView(found)
  },
  latest: ({ what }: Change) => historyView(what),
}

interface HistoryFilterInput {
  readonly orders?: readonly string[] | null
  readonly sources?: readonly string[] | null
  readonly events?: readonly string[] | null
  readonly verdicts?: readonly Verdict[] | null
}

interface HistoryArguments {
  readonly after?: string | null
  readonly where?: HistoryFilterInput | null
}

export const historyEntries: Resolve<unknown, HistoryArguments> = (_, { after, where }, context) => {
  const { graph, twin } = context
  return new EventStream<UntoldEntry>({
    twin,
    live: graph.live,
    waker: graph.waker,
    backlog: new EntryBacklog(entryFilter(where ?? {}), graph.socketLimits.backlogMax),
    after: startOf(after, context),
    valueFor: ({ what }) => historyView(what),
  })
}

function entryFilter({ orders, sources, events, verdicts }: HistoryFilterInput): (entry: JournalEntry) => boolean {
  const has = (wanted: readonly string[] | null | undefined, value: string) => wanted == null || wanted.includes(value)
  return ({ family, event, verdict }) =>
    has(orders, family) && has(sources, event.source) && has(events, event.type) && has(verdicts, verdict)
}
