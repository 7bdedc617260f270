// All network scenarios, by the name `npm run bench` knows them by.
import type { NetworkScenario } from './network-scenario.ts'
import { backlog } from './scenarios/backlog.ts'
import { ediBurst } from './scenarios/edi-burst.ts'
import { flashSale } from './scenarios/flash-sale.ts'
import { monthEnd } from './scenarios/month-end.ts'
import { retryStorm } from './scenarios/retry-storm.ts'
import { soak } from './scenarios/soak.ts'

export const NETWORK_SCENARIOS: Readonly<Record<string, NetworkScenario>> = {
  'flash-sale': flashSale,
  'month-end': monthEnd,
  'edi-burst': ediBurst,
  'retry-storm': retryStorm,
  backlog,
  soak,
}
