// All scenarios, by name.
import { fanout } from './fanout.ts'
import { growth } from './growth.ts'
import { history } from './history.ts'
import { ingest } from './ingest.ts'
import { memory } from './memory.ts'
import { query } from './query.ts'
import { recover } from './recover.ts'
import type { Scenario } from './scenario.ts'
import { step } from './step.ts'

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  step,
  ingest,
  recover,
  query,
  history,
  fanout,
  memory,
  growth,
}
