// A whole twin in memory: the real engine over the memory journal and store, with a clock that tests set.
import { randomBytes } from 'node:crypto'
import { openEngine } from '../../engine/engine.ts'
import { type JournalMemory, openMemoryJournal } from '../../engine/journal/memory-journal.ts'
import type { EngineLimits } from '../../engine/limits.ts'
import { memoryFamilyStore } from '../../engine/snapshots/memory-family-store.ts'
import type { Twin } from '../../engine/twin.ts'
import { CHARTS, type Charts } from '../../machines/charts.ts'
import type { Source } from '../../machines/sources.ts'
import { memoryKeys } from './memory-keys.ts'

export type TestTwin = Twin & { readonly clock: { nowMs: number } }

export interface TestTwinOptions {
  readonly sources: readonly Source[]
  /** Where the clock stands; it moves only when a test moves it. Default: 2026-11-21T00:00Z. */
  readonly nowMs?: number
  readonly limits?: Partial<EngineLimits>
  readonly charts?: Charts
  /** Pass it to a second twin to open the same store again. */
  readonly memory?: JournalMemory
}

export async function openTestTwin(options: TestTwinOptions): Promise<TestTwin> {
  const journal = openMemoryJournal({ memory: options.memory, randomBytes })
  return openEngine({
    journal,
    keys: await memoryKeys(journal, options.memory),
    store: memoryFamilyStore(),
    sources: options.sources,
    charts: options.charts ?? CHARTS,
    clock: { nowMs: options.nowMs ?? Date.UTC(2026, 10, 21) },
    limits: options.limits,
  })
}
