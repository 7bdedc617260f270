// flash-sale: a promotion opens, and for an hour fifteen times as many orders come in as in any other of the day.
import { GOOD_SOURCE, hours, minutes, type NetworkScenario } from '../network-scenario.ts'

export const flashSale: NetworkScenario = {
  about: 'a promotion: 15 times the orders for an hour',
  orders: 4_000,
  seconds: 20,
  arrivals: { kind: 'peak', overMs: hours(12), peak: { fromMs: hours(3), toMs: hours(4) }, times: 15 },
  mix: { stepMeanMs: minutes(20), illegalShare: 0.01 },
  usual: { ...GOOD_SOURCE, duplicateShare: 0.02 },
  sources: {
    // The shop's queue delivers at least once, and several workers empty it side by side.
    webshop: { duplicateShare: 0.05, shuffleWindowMs: minutes(2), connections: 4 },
    // So do the ERP's background jobs: a hold comes behind its approval.
    erp: { shuffleWindowMs: minutes(10), connections: 2 },
    // Carriers report in runs.
    'parcel-one': { latencyMeanMs: minutes(10) },
    'freight-two': { latencyMeanMs: minutes(30) },
  },
  subscribers: 20,
}
