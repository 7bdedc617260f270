// month-end: the ERP posts a month's invoices, payments and closings in one night run, while shipping goes on.
import { GOOD_SOURCE, hours, minutes, type NetworkScenario } from '../network-scenario.ts'

export const monthEnd: NetworkScenario = {
  about: 'a month of invoices in one night run',
  orders: 4_000,
  seconds: 20,
  arrivals: { kind: 'steady', overMs: hours(16) },
  mix: { stepMeanMs: minutes(15), illegalShare: 0.01, held: { from: 'invoice.posted', untilMs: hours(20) } },
  usual: GOOD_SOURCE,
  // Night runs write files, several at a time, in no order; files are sent again when in doubt.
  sources: {
    erp: { latencyMeanMs: minutes(1), shuffleWindowMs: minutes(10), duplicateShare: 0.05, connections: 2 },
  },
  subscribers: 20,
}
