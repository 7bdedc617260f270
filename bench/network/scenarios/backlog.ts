// backlog: a 3PL is silent for six hours and then pours it all out, while everybody else goes on: carriers report goods in
// transit that nobody has shipped yet, the ERP invoices them.
import { GOOD_SOURCE, hours, minutes, type NetworkScenario } from '../network-scenario.ts'

export const backlog: NetworkScenario = {
  about: 'a 3PL silent for six hours pours it out',
  orders: 4_000,
  seconds: 20,
  arrivals: { kind: 'steady', overMs: hours(8) },
  mix: { stepMeanMs: minutes(20), illegalShare: 0.01 },
  usual: { ...GOOD_SOURCE, duplicateShare: 0.02 },
  sources: {
    '3pl-west': { outages: [{ fromMs: hours(2), toMs: hours(8) }], shuffleWindowMs: minutes(5), duplicateShare: 0.1 },
    // Its background jobs report side by side: a hold comes behind its approval.
    erp: { shuffleWindowMs: minutes(10), connections: 2 },
    'parcel-one': { latencyMeanMs: minutes(5) },
    'freight-two': { latencyMeanMs: minutes(5) },
  },
  subscribers: 20,
}
