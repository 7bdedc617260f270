// ingest: how many events a second become durable: in process from parsed objects, and over HTTP.
import { drive } from '../drive.ts'
import { LOAD, workingSetOf } from '../load/load.ts'
import { Checks } from '../oracle.ts'
import { rounded } from '../report.ts'
import { openBenchTwin, withFolder } from '../store.ts'
import type { RunOptions, Scenario } from './scenario.ts'

const ORDERS = 20_000

export const ingest: Scenario = {
  about: 'durable events per second',
  async run(options) {
    const checks = new Checks()
    const results = await inProcess(options, checks)
    return { results, ratios: {}, oracle: checks.verdict() }
  },
}

async function inProcess({ data: parent, orders = ORDERS, seed }: RunOptions, checks: Checks) {
  const workingSet = workingSetOf(orders)
  return withFolder(parent, async data => {
    const engine = await openBenchTwin(data, workingSet * 2)
    const driven = await drive(engine, { seed, orders, workingSet, ...LOAD })
    checks.outcomes(driven.answered, driven.expected)
    checks.ended(engine, orders)
    await engine.close()
    await checks.store(data)
    return {
      events: driven.events,
      working_set_orders: workingSet,
      engine_events_per_s: rounded(driven.events / driven.seconds),
      engine_us_per_event: rounded((driven.seconds / driven.events) * 1e6, 2),
    }
  })
}
