// Measures over a window: of orders, of what sources sent, of exceptions.
import { believedAt } from '../../engine/exceptions/as-of.ts'
import { factsOf } from '../../engine/exceptions/facts.ts'
import { exceptionHistory } from '../../engine/exceptions/history.ts'
import { exceptionGroups, type Facet } from '../../engine/kpis/facets.ts'
import { exceptionMeasures, type GroupedPeriod, type Span } from '../../engine/kpis/measures.ts'
import { daysTouched } from '../../engine/kpis/source-days.ts'
import { sourceMeasures } from '../../engine/kpis/source-measures.ts'
import { othersTurn } from '../../engine/others-turn.ts'
import { measured } from '../desk/measuring.ts'
import { type GraphContext, type Resolve, type Resolvers, unlessDamaged } from '../graph-context.ts'
import { graphError } from '../operations/graph-errors.ts'

interface KpisArguments {
  readonly from: number
  readonly to: number
  readonly by?: Facet | null
}

// 1,000 histories of twenty entries: some 1.5 seconds; measures of exceptions are read from the journal, not kept.
const HISTORIES_MAX = 1_000
// 5: others wait some 8 ms for their turn.
const HISTORIES_AT_ONCE = 5

// The last day of year 9999 ends with the last moment that RFC 3339 can write.
const LAST_MS = Date.UTC(10_000, 0) - 1

export interface KpisView {
  readonly span: Span
  readonly by: Facet | undefined
}

export const kpis: Resolve<unknown, KpisArguments> = async (
  _,
  { by, from, to },
  { graph: { desk } },
): Promise<KpisView> => {
  if (to <= from) throw graphError('BAD_ARGUMENT', 'to must be after from')
  await desk.upToDate()
  return { span: { fromMs: from, toMs: to }, by: by ?? undefined }
}

export const kpisFields: Resolvers = {
  orders: async ({ by, span }: KpisView, _, context) => {
    const { desk } = context.graph
    const options = { by, sources: desk.sources(), nowMs: desk.nowMs(), span }
    const groups = await measured(desk.watch.orders, options)
    return context.counted(groups).map(({ group, measures }) => ({ group, ...measures }))
  },
  sources: ({ span }: KpisView, _, context) =>
    context.counted(sourceMeasures(context.graph.desk.watch.sourceDays.within(span.fromMs, span.toMs))),
  sourcesFrom: ({ span }: KpisView) => daysTouched(span).fromMs,
  sourcesTo: ({ span }: KpisView) => Math.min(daysTouched(span).toMs, LAST_MS),
  exceptions: async ({ by, span }: KpisView, _, context) => {
    const periods: GroupedPeriod[] = []
    for (const [index, order] of latestOrders(span, context).entries()) {
      if (index > 0 && index % HISTORIES_AT_ONCE === 0) await othersTurn()
      periods.push(...(await periodsOf(order, by, context)))
    }
    return context.counted(exceptionMeasures(periods, { ...span, toMs: Number.POSITIVE_INFINITY }))
  },
  exceptionOrders: ({ span }: KpisView, _, context) => latestOrders(span, context).length,
}

/** The latest captured, the last first: never more rows in hand than twice what is wanted. */
function latestOrders(span: Span, { graph: { desk }, twin }: GraphContext): readonly string[] {
  const { orders } = desk.watch
  const latest = (rows: readonly number[]) =>
    rows.toSorted((a, b) => orders.capturedMs(b) - orders.capturedMs(a)).slice(0, HISTORIES_MAX)
  let rows: number[] = []
  for (const row of orders.capturedWithin(span)) {
    rows.push(row)
    if (rows.length >= 2 * HISTORIES_MAX) rows = [...latest(rows)]
  }
  return latest(rows).map(row => twin.rows.id(row))
}

/** None of an order that cannot be read. */
async function periodsOf(
  order: string,
  by: Facet | undefined,
  context: GraphContext,
): Promise<readonly GroupedPeriod[]> {
  const { desk } = context.graph
  const entries = await unlessDamaged(desk.entries(order))
  if (entries === undefined) return []
  const { family, ledger } = believedAt(order, entries, {})
  const groupsOf = exceptionGroups(by, factsOf(family, ledger), desk.sources())
  return exceptionHistory(entries, desk.watch.around, desk.nowMs()).map(period => ({
    period,
    groups: groupsOf(period.exception),
  }))
}
