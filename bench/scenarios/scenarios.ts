// All scenarios, by name.
import { runNetwork } from '../network/run-network.ts'
import { NETWORK_SCENARIOS } from '../network/scenarios.ts'
import { exceptions } from './exceptions.ts'
import { fanout } from './fanout.ts'
import { growth } from './growth.ts'
import { history } from './history.ts'
import { ingest } from './ingest.ts'
import { memory } from './memory.ts'
import { profile } from './profile.ts'
import { query } from './query.ts'
import { recover } from './recover.ts'
import type { Scenario } from './scenario.ts'
import { step } from './step.ts'

// A day is made before it is played, fifteen reports of a kilobyte an order, here and with its sources.
const DAY_ORDERS_MAX = 200_000

/** Each network scenario is data; one runner plays them all. */
const network = Object.entries(NETWORK_SCENARIOS).map(([name, scenario]): [string, Scenario] => [
  name,
  {
    about: scenario.about,
    orders: scenario.orders,
    ordersMax: DAY_ORDERS_MAX,
    run: options => runNetwork(scenario, options),
  },
])

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  step,
  ingest,
  recover,
  query,
  history,
  fanout,
  exceptions,
  memory,
  growth,
  profile,
  ...Object.fromEntries(network),
}

/** Those that measure others too; fanout always does. */
export const WITH_PEERS: ReadonlySet<string> = new Set(['ingest', 'fanout'])
