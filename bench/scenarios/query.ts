// query: random orders by their numbers, and filtered, sorted pages of all orders, over GraphQL, from a store opened just before.
import { type Random, seededRandom } from '../../connectors/simulated/random.ts'
import type { Engine } from '../../engine/engine.ts'
import type { BoardFilter } from '../../engine/projections/order-board.ts'
import { placeMs } from '../../machines/ids.ts'
import type { OrderContext } from '../../machines/order/context.ts'
import type { Ask } from '../clients/asker.ts'
import { askCold, figuresOf, linesOf } from '../measures/questions.ts'
import { Checks } from '../oracle.ts'
import type { Scenario } from './scenario.ts'

const ORDERS = 10_000
// Half of them tell the latency: 2,000 answers leave twenty beyond the 99th percentile.
const ORDER_ASKS = 4_000
// 2,000: fewer are asked within less than a second, which tells nothing of how many a second there can be.
const LIST_ASKS = 2_000
const PAGE = 50
// As the load has them (load/order-life.ts).
const CUSTOMERS = 5_000
// A window of a hundredth of all that was captured: ten thousand orders of a million.
const WINDOWS = 100
const PAGES_ON_MAX = 20

export const query: Scenario = {
  about: 'random orders and filtered, sorted pages over GraphQL, cold',
  orders: ORDERS,
  async run(options) {
    const { orders, seed } = options
    const checks = new Checks()
    const random = seededRandom(seed)
    const different = new Set<string>()
    const asks = async (engine: Engine) => {
      const span = await spanOf(engine)
      const lists = Array.from({ length: Math.min(LIST_ASKS, orders) }, () => listAsk(engine, span, random))
      for (const { variables } of lists) different.add(JSON.stringify(variables))
      return { orders: Array.from({ length: Math.min(ORDER_ASKS, orders) }, () => orderAsk(orders, random)), lists }
    }
    const asked = await askCold({ ...options, orders, asks }, checks)
    return {
      results: {
        orders,
        ...figuresOf('order', asked.orders),
        ...figuresOf('list', asked.lists),
        list_different_asks: different.size,
        turned_away_requests: asked.orders.turnedAway + asked.lists.turnedAway,
      },
      ratios: {},
      oracle: checks.verdict(),
      charts: [
        {
          title: 'Latency',
          x: 'percentile',
          y: 'milliseconds',
          scale: 'percentile',
          lines: [...linesOf('one order', asked.orders), ...linesOf('a page of orders', asked.lists)],
        },
      ],
    }
  },
}

/** Any of the numbers an order of the load is known by (load/order-life.ts). */
export function anyNumber(orders: number, random: Random): { readonly ref: string; readonly order: string } {
  const number = 1 + random.whole(orders)
  const order = `SO-${1_000_000 + number}`
  const refs = [order, `PO-${order}`, `S-${1_000_000 + number}`, `1Z${100_000_000 + number}`, `I-${1_000_000 + number}`]
  return { ref: refs[random.whole(refs.length)] ?? order, order }
}

const ORDER_QUERY = `query ($ref: String!) {
  order(ref: $ref) {
    number state { lifecycle credit fulfilment billing } customer capturedAt invoiced { amountMinor }
    lines { line item ordered shipped delivered invoiced }
    shipments { number node state { execution } trackings carriers }
  }
}`

/** As every order of the load. */
const ENDED = JSON.stringify({ lifecycle: 'closed', credit: 'approved', fulfilment: 'delivered', billing: 'paid' })

function orderAsk(orders: number, random: Random): Ask {
  const { order, ref } = anyNumber(orders, random)
  return { query: ORDER_QUERY, variables: { ref }, says: [`"number":"${order}","state":${ENDED}`] }
}

const LIST_QUERY = `query ($where: OrderFilter, $orderBy: OrderOrder, $after: String) {
  orders(where: $where, orderBy: $orderBy, first: ${PAGE}, after: $after) {
    totalCount
    nodes { number customer capturedAt state { lifecycle fulfilment billing } }
    pageInfo { hasNextPage endCursor }
  }
}`

/** When the store's orders were captured: the first of them, and the last. */
interface Span {
  readonly fromMs: number
  readonly toMs: number
}

async function spanOf(engine: Engine): Promise<Span> {
  const capturedMs = async (descending: boolean) => {
    const [id = ''] = engine.orders({}, { by: 'capturedAt', descending }, { first: 1 }).orders
    const order = (await engine.family(id))?.actors.order
    return order === undefined ? 0 : placeMs((order.context as OrderContext).capturedPlace)
  }
  return { fromMs: await capturedMs(false), toMs: await capturedMs(true) }
}

/** What people look for: nearly all orders or a few hundred, of a channel, a customer, an hour, a company. */
const FILTERS: readonly ((span: Span, random: Random) => BoardFilter)[] = [
  (span, random) => ({ channel: [random.chance(0.5) ? 'webshop' : 'edi'], capturedFromMs: momentIn(span, random) }),
  (_span, random) => ({ customer: [`C-${random.whole(CUSTOMERS)}`] }),
  (span, random) => {
    const capturedFromMs = momentIn(span, random)
    return { capturedFromMs, capturedToMs: capturedFromMs + Math.ceil((span.toMs - span.fromMs) / WINDOWS) }
  },
  (span, random) => ({ company: ['US01'], lifecycle: ['closed'], capturedToMs: momentIn(span, random) }),
]

const momentIn = ({ fromMs, toMs }: Span, random: Random): number => fromMs + random.whole(toMs - fromMs + 1)

/** A page of a filtered list by one of the columns, its first or one further on. The count must be what the board says, the page sorted. */
function listAsk(engine: Engine, span: Span, random: Random): Ask {
  const filter = (FILTERS[random.whole(FILTERS.length)] as (typeof FILTERS)[number])(span, random)
  const by = (['capturedAt', 'updatedAt', 'number'] as const)[random.whole(3)] ?? 'number'
  const descending = random.chance(0.5)
  const before = random.chance(0.5) ? 0 : PAGE * (1 + random.whole(PAGES_ON_MAX))
  const { cursors, totalCount } = engine.orders(filter, { by, descending }, { first: Math.max(1, before) })
  const after = before === 0 ? undefined : cursors.at(-1)
  const { capturedFromMs, capturedToMs, ...facets } = filter
  const left = totalCount - (after === undefined ? 0 : cursors.length)
  return {
    query: LIST_QUERY,
    variables: {
      where: { ...facets, capturedFrom: textOf(capturedFromMs), capturedTo: textOf(capturedToMs) },
      orderBy: { by, descending },
      after,
    },
    says: [`"totalCount":${totalCount},`],
    page: { nodes: Math.min(PAGE, left), sorted: by === 'updatedAt' ? undefined : { by, descending } },
  }
}

const textOf = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString()
