// history: everything that was said of random orders, over GraphQL, from a store opened just before.
import { type Random, seededRandom } from '../../connectors/simulated/random.ts'
import type { Ask } from '../clients/asker.ts'
import { askCold, figuresOf, linesOf } from '../measures/questions.ts'
import { Checks } from '../oracle.ts'
import { anyNumber } from './query.ts'
import type { Scenario } from './scenario.ts'

const ORDERS = 10_000
// Half of them tell the latency.
const ASKS = 4_000

export const history: Scenario = {
  about: 'the history of random orders over GraphQL, cold',
  orders: ORDERS,
  async run(options) {
    const { orders, seed } = options
    const checks = new Checks()
    const random = seededRandom(seed)
    const asks = async () => ({
      histories: Array.from({ length: Math.min(ASKS, orders) }, () => historyAsk(orders, random)),
    })
    const { histories } = await askCold({ ...options, orders, asks }, checks)
    return {
      results: {
        orders,
        ...figuresOf('history', histories),
        turned_away_requests: histories.turnedAway,
      },
      ratios: {},
      oracle: checks.verdict(),
      charts: [
        {
          title: 'Latency',
          x: 'percentile',
          y: 'milliseconds',
          scale: 'percentile',
          lines: linesOf('the history of one order', histories),
        },
      ],
    }
  },
}

const QUERY = `query ($ref: String!) {
  history(ref: $ref) { nodes { at recordedAt source event verdict order from to changes { entity from to } } }
}`

function historyAsk(orders: number, random: Random): Ask {
  const { order, ref } = anyNumber(orders, random)
  // From its beginning to its end: a part of it is a wrong answer.
  const says = ['order.captured', 'shipment.confirmed', 'order.closed'].map(
    event => `"event":"${event}","verdict":"accepted","order":"${order}"`,
  )
  return { query: QUERY, variables: { ref }, says }
}
