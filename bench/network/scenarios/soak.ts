// soak: an even day, for long. What grows though nothing does? See `rss_mb_growth`: the second half of the run.
// The bound is generous, so that it holds whatever --orders says: what the twin's cache may yet take, and twice what any order leaves in
// memory for good. The more events, the less of each has to stay to be found out.
import { GOOD_SOURCE, hours, minutes, type NetworkScenario } from '../network-scenario.ts'

export const soak: NetworkScenario = {
  about: 'an even day, for long; --orders makes it busier',
  orders: 5_000,
  seconds: 45,
  arrivals: { kind: 'steady', overMs: hours(24) },
  mix: { stepMeanMs: minutes(20), illegalShare: 0.02 },
  usual: { ...GOOD_SOURCE, duplicateShare: 0.02, shuffleWindowMs: minutes(3), latencyMeanMs: minutes(2) },
  sources: { erp: { shuffleWindowMs: minutes(10) } },
  subscribers: 20,
  growth: { mb: 400, bytesPerEvent: 100 },
}
