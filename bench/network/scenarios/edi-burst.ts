// edi-burst: a customer's mailbox is emptied: 10,000 orders of 5 lines at once. `drain_s` is the time to the last outcome.
import { GOOD_SOURCE, minutes, type NetworkScenario } from '../network-scenario.ts'

export const ediBurst: NetworkScenario = {
  about: '50,000 order lines at once',
  orders: 10_000,
  seconds: 1,
  arrivals: { kind: 'at_once' },
  mix: { stepMeanMs: minutes(1), illegalShare: 0, channel: 'edi', until: 'order.captured' },
  usual: { ...GOOD_SOURCE, connections: 4 },
  subscribers: 0,
}
