// Queries over all orders: the board finds them, families tell about them.
import {
  type BoardColumn,
  type BoardFacet,
  type BoardFilter,
  type BoardPage,
  type FacetCount,
  isBoardCursor,
} from '../../engine/projections/order-board.ts'
import type { GraphContext, Resolve, Resolvers } from '../graph-context.ts'
import { graphError } from '../operations/graph-errors.ts'
import { type OrderView, orderView } from '../views/actors.ts'
import { type Connection, connection, type PageArguments, pageSize } from './pages.ts'

/** Lists and times of `OrderFilter`; DateTime arguments are epoch milliseconds already. */
export interface OrderFilterInput extends Omit<BoardFilter, `${string}Ms`> {
  readonly capturedFrom?: number | null
  readonly capturedTo?: number | null
  readonly promisedFrom?: number | null
  readonly promisedTo?: number | null
  readonly updatedFrom?: number | null
  readonly updatedTo?: number | null
}

interface OrdersArguments extends PageArguments {
  readonly where?: OrderFilterInput | null
  readonly orderBy?: { readonly by: BoardColumn; readonly descending?: boolean | null } | null
}

/** Null means the same as absent: no such condition. */
export function boardFilter(where: OrderFilterInput | null | undefined): BoardFilter {
  const { capturedFrom, capturedTo, promisedFrom, promisedTo, updatedFrom, updatedTo, ...rest } = where ?? {}
  const times = {
    capturedFromMs: capturedFrom,
    capturedToMs: capturedTo,
    promisedFromMs: promisedFrom,
    promisedToMs: promisedTo,
    updatedFromMs: updatedFrom,
    updatedToMs: updatedTo,
  }
  return Object.fromEntries(Object.entries({ ...rest, ...times }).filter(([, value]) => value != null))
}

interface OrdersView {
  readonly page: BoardPage
  readonly isFirst: boolean
}

export const orders: Resolve<unknown, OrdersArguments> = (_, args, context): OrdersView => {
  const { graph, twin } = context
  const first = pageSize(args, graph.limits.pageMax)
  const after = args.after ?? undefined
  if (after !== undefined && !isBoardCursor(after)) throw graphError('BAD_CURSOR', after.slice(0, 40))
  const order = {
    by: args.orderBy?.by ?? 'capturedAt',
    descending: args.orderBy == null ? true : (args.orderBy.descending ?? false),
  }
  const page = twin.orders(boardFilter(args.where), order, { first, after })
  return { page, isFirst: after === undefined }
}

/** Families are read only where the answer needs them. */
async function connectionOf({ page, isFirst }: OrdersView, context: GraphContext): Promise<Connection<OrderView>> {
  const families = await context.manyFamilies(page.orders)
  const edges = families.flatMap((family, index) => {
    const node = family === undefined ? undefined : orderView(family)
    return node === undefined ? [] : [{ cursor: page.cursors[index] as string, node }]
  })
  return connection(edges, { hasNextPage: page.hasNext, hasPreviousPage: !isFirst })
}

export const orderConnection: Resolvers = {
  totalCount: ({ page }: OrdersView) => page.totalCount,
  edges: async (view: OrdersView, _, context) => context.counted((await connectionOf(view, context)).edges),
  nodes: async (view: OrdersView, _, context) => context.counted((await connectionOf(view, context)).nodes),
  pageInfo: ({ page, isFirst }: OrdersView) => ({
    hasNextPage: page.hasNext,
    hasPreviousPage: !isFirst,
    startCursor: page.cursors[0],
    endCursor: page.cursors.at(-1),
  }),
}

interface CountsArguments {
  readonly where?: OrderFilterInput | null
  readonly by: readonly BoardFacet[]
}

export const orderCounts: Resolve<unknown, CountsArguments> = (_, { where, by }, context) =>
  context.counted(context.twin.orderCounts(boardFilter(where), [...new Set(by)])).map(countView)

const countView = ({ values, count }: FacetCount) => ({
  ...Object.fromEntries(Object.entries(values).map(([facet, value]) => [facet, value === '' ? undefined : value])),
  count,
})
