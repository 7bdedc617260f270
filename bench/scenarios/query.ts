// query: random orders by their numbers, and filtered, sorted pages of all orders, over GraphQL, from a store opened just before.
import { type Random, seededRandom } from '../../connectors/simulated/random.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Ask } from '../clients/asker.ts'
import { FIRST_MS } from '../load/load.ts'
import { askCold, figuresOf, linesOf } from '../measures/questions.ts'
import { Checks } from '../oracle.ts'
import type { Scenario } from './scenario.ts'

const ORDERS = 10_000
// Half of them tell the latency: 2,000 answers leave twenty beyond the 99th percentile.
const ORDER_ASKS = 4_000
// 2,000: fewer are asked within less than a second, which tells nothing of how many a second there can be.
const LIST_ASKS = 2_000
const PAGE = 50
const LOAD_SPAN_MS = 10 * 3_600_000

export const query: Scenario = {
  about: 'random orders and filtered, sorted pages over GraphQL, cold',
  orders: ORDERS,
  async run(options) {
    const { orders, seed } = options
    const checks = new Checks()
    const random = seededRandom(seed)
    const asks = (engine: Engine) => ({
      orders: Array.from({ length: Math.min(ORDER_ASKS, orders) }, () => orderAsk(orders, random)),
      lists: Array.from({ length: Math.min(LIST_ASKS, orders) }, () => listAsk(engine, random)),
    })
    const asked = await askCold({ ...options, orders, asks }, checks)
    return {
      results: {
        orders,
        ...figuresOf('order', asked.orders),
        ...figuresOf('list', asked.lists),
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

const LIST_QUERY = `query ($where: OrderFilter, $orderBy: OrderOrder) {
  orders(where: $where, orderBy: $orderBy, first: ${PAGE}) {
    totalCount
    nodes { number customer capturedAt state { lifecycle fulfilment billing } }
    pageInfo { hasNextPage endCursor }
  }
}`

/** A channel's orders captured since some time, by one of the columns. The count must be what the board says, the page sorted. */
function listAsk(engine: Engine, random: Random): Ask {
  const channel = random.chance(0.5) ? 'webshop' : 'edi'
  const capturedFromMs = FIRST_MS + random.whole(LOAD_SPAN_MS)
  const by = (['capturedAt', 'updatedAt', 'number'] as const)[random.whole(3)] ?? 'number'
  const count = engine
    .orderCounts({ channel: [channel], capturedFromMs }, [])
    .reduce((sum, { count }) => sum + count, 0)
  const descending = random.chance(0.5)
  return {
    query: LIST_QUERY,
    variables: {
      where: { channel: [channel], capturedFrom: new Date(capturedFromMs).toISOString() },
      orderBy: { by, descending },
    },
    says: [`"totalCount":${count},`],
    page: { nodes: Math.min(PAGE, count), sorted: by === 'updatedAt' ? undefined : { by, descending } },
  }
}
