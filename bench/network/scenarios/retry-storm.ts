// retry-storm: the twin is down for a while, and sources that wait for nobody send everything again and again; once it is back
// they are too impatient for its answers.
import { GOOD_SOURCE, hours, minutes, type NetworkScenario } from '../network-scenario.ts'

export const retryStorm: NetworkScenario = {
  about: 'the twin is restarted under impatient sources',
  orders: 2_500,
  seconds: 20,
  arrivals: { kind: 'steady', overMs: hours(8) },
  mix: { stepMeanMs: minutes(15), illegalShare: 0.01 },
  usual: {
    ...GOOD_SOURCE,
    duplicateShare: 0.05,
    shuffleWindowMs: minutes(1),
    connections: 4,
    patience: { timeoutMs: 40, sendingsMax: 4, retryAfterMs: 5 },
  },
  // Its background jobs lose their order whether the twin is there or not.
  sources: { erp: { shuffleWindowMs: minutes(10) } },
  subscribers: 0,
  twinOutages: [
    { fromMs: hours(3), toMs: hours(4) },
    { fromMs: hours(6), toMs: hours(6) + minutes(10) },
  ],
}
