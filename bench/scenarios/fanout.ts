// fanout: one operation, many subscribers: deliveries a second of the twin, of Mercurius' own subscriptions, of graphql-ws, and of
// bytes prepared once.
// The twin also judges and keeps what it tells; the others are given payloads that are ready.
import { serve } from '../../cli/serving.ts'
import { isTransient, type OutcomeCode } from '../../engine/outcome.ts'
import type { EventInput } from '../../machines/event.ts'
import { FIRST_MS } from '../load/load.ts'
import { type FannedOut, fanOut } from '../measures/fan-out.ts'
import { Checks } from '../oracle.ts'
import type { Feed, FeedChange } from '../peers/feed.ts'
import { graphqlWsFeed } from '../peers/graphql-ws-feed.ts'
import { mercuriusFeed } from '../peers/mercurius-feed.ts'
import { preparedFeed } from '../peers/prepared-feed.ts'
import { type Figures, rounded, shown } from '../report.ts'
import { stage } from '../stage.ts'
import { openBenchTwin, withFolder } from '../store.ts'
import type { Scenario } from './scenario.ts'

/** Changes told to each subscriber: that many orders are captured. */
const ORDERS = 500
const CROWDS = [200, 1_000]
// 50 changes a round: one batch of the engine, and 50,000 deliveries to the larger crowd.
const CHANGES_PER_ROUND = 50

export const fanout: Scenario = {
  about: 'subscription deliveries beside Mercurius and graphql-ws, 200 and 1,000 subscribers',
  orders: ORDERS,
  async run({ data: parent, orders }) {
    const checks = new Checks()
    const rounds = Math.max(1, Math.ceil(orders / CHANGES_PER_ROUND))
    const size = { rounds, changesPerRound: Math.min(orders, CHANGES_PER_ROUND) }
    const runs: Run[] = []
    const feeds = { mercurius: mercuriusFeed, prepared_bytes: preparedFeed, graphql_ws: graphqlWsFeed }
    for (const subscribers of CROWDS) {
      const measure = async (name: string, fan: (size: Size) => Promise<FannedOut>) => {
        stage(`${name}, ${shown(subscribers)} subscribers`)
        runs.push({ name, subscribers, fanned: await fan({ ...size, subscribers }) })
      }
      await measure('twin', its => fromTwin(parent, its))
      for (const [name, open] of Object.entries(feeds)) await measure(name, its => fromFeed(open, its))
    }
    for (const run of runs) check(run, size, checks)
    const rate = (name: string, subscribers: number) => {
      const run = runs.find(each => each.name === name && each.subscribers === subscribers)
      return run === undefined ? 0 : run.fanned.deliveries / run.fanned.seconds
    }
    const ratiosTo = (name: string) =>
      CROWDS.map(crowd => [`fanout_vs_${name}_${crowd}`, rounded(rate('twin', crowd) / rate(name, crowd), 2)] as const)
    const ratios: Figures = {
      // The lesser of the two crowds' ratios: both are to be reached.
      fanout_vs_mercurius: Math.min(...ratiosTo('mercurius').map(each => each[1])),
      ...Object.fromEntries(ratiosTo('mercurius')),
      fanout_vs_graphql_ws: Math.min(...ratiosTo('graphql_ws').map(each => each[1])),
      ...Object.fromEntries(ratiosTo('graphql_ws')),
      fanout_vs_prepared_bytes: Math.min(...ratiosTo('prepared_bytes').map(each => each[1])),
    }
    return {
      results: {
        orders,
        ...Object.fromEntries(
          runs.map(each => [
            `${each.name}_deliveries_per_s_${each.subscribers}`,
            rounded(rate(each.name, each.subscribers)),
          ]),
        ),
      },
      ratios,
      oracle: checks.verdict(),
      charts: CROWDS.map(crowd => ({
        title: `${crowd} subscribers`,
        x: 'seconds',
        y: 'deliveries a second',
        lines: runs
          .filter(({ subscribers }) => subscribers === crowd)
          .map(({ fanned, name }) => ({ name, points: fanned.throughput })),
      })),
    }
  },
}

interface Run {
  readonly name: string
  readonly subscribers: number
  readonly fanned: FannedOut
}

interface Size {
  readonly subscribers: number
  readonly rounds: number
  readonly changesPerRound: number
}

function fromTwin(parent: string, size: Size): Promise<FannedOut> {
  return withFolder(parent, async data => {
    const engine = await openBenchTwin(data)
    const { close, server } = await serve(engine, { host: '127.0.0.1', port: 0 })
    let captured = 0
    const publish = async (round: number) => {
      let open = Array.from({ length: round === 0 ? 1 : size.changesPerRound }, () => capture(++captured))
      // A starved twin may put some off; they are sent again, in order.
      while (open.length > 0) {
        const outcomes = (await engine.submit(open)).map(({ outcome }) => outcome)
        const other = outcomes.find(outcome => outcome !== 'accepted' && !isTransient(outcome))
        if (other !== undefined) throw new Error(`bench: a capture came to ${other}`)
        open = open.filter((_, index) => isTransient(outcomes[index] as OutcomeCode))
      }
      return numberOf(captured)
    }
    try {
      return await fanOut({ ...size, url: server.url, publish })
    } finally {
      await close()
    }
  })
}

async function fromFeed(open: () => Promise<Feed>, size: Size): Promise<FannedOut> {
  const feed = await open()
  let told = 0
  const publish = async (round: number) => {
    await feed.publish(Array.from({ length: round === 0 ? 1 : size.changesPerRound }, () => change(++told)))
    return numberOf(told)
  }
  try {
    return await fanOut({ ...size, url: feed.url, publish })
  } finally {
    await feed.close()
  }
}

/** Each subscriber got each change once, in order, and all got the same. */
function check({ fanned: { sum }, name, subscribers }: Run, size: Omit<Size, 'subscribers'>, checks: Checks): void {
  const wanted = size.rounds * size.changesPerRound
  const numbers = (sum.heard[0]?.payloads ?? []).map(text =>
    Number(/"number":"SO-(\d+)"/.exec(text)?.[1] ?? Number.NaN),
  )
  const inOrder = numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1)
  const flaws = [
    sum.least === wanted && sum.most === wanted ? [] : [`they got ${sum.least} to ${sum.most} of ${wanted}`],
    sum.isSame ? [] : ['the first and the last were told different things'],
    inOrder ? [] : ['the first was told out of order, or not all'],
    sum.ended.slice(0, 1),
  ].flat()
  const fact = `${name}: each of ${subscribers} subscribers is told each change once and in order`
  checks.check(fact, flaws.length === 0 ? undefined : flaws.join('; '))
}

const numberOf = (count: number): string => `SO-${1_000_000 + count}`

const capture = (count: number): EventInput => ({
  specversion: '1.0',
  id: `capture-${count}`,
  source: 'webshop',
  type: 'order.captured',
  subject: `order/${numberOf(count)}`,
  time: new Date(FIRST_MS + count * 1_000).toISOString(),
  data: { customer: `C-${count % 5_000}`, currency: 'USD', lines: [{ line: '1', item: 'SKU-1', quantity: 1 }] },
})

const change = (count: number): FeedChange => ({
  cursor: String(count).padStart(11, '0'),
  entries: 1,
  order: {
    number: numberOf(count),
    customer: `C-${count % 5_000}`,
    state: { lifecycle: 'captured', credit: 'unchecked', fulfilment: 'unallocated', billing: 'unbilled' },
  },
})
