// All scenarios, by name.
import { ingest } from './ingest.ts'
import { memory } from './memory.ts'
import { recover } from './recover.ts'
import type { Scenario } from './scenario.ts'
import { step } from './step.ts'

export const SCENARIOS: Readonly<Record<string, Scenario>> = { step, ingest, recover, memory }
