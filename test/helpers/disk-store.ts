// A store in a folder of its own that is gone with its test.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openTwin, type StoreOptions } from '../../cli/store.ts'
import type { Engine } from '../../engine/engine.ts'
import { SOURCES } from './distributor.ts'
import { DAY_START_MS } from './memory-engine.ts'

/** An empty folder; removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ordertwin-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export interface DiskStore {
  readonly data: string
  readonly troubles: string[]
  /** Opens it, once more after it was closed. */
  open(options?: Partial<StoreOptions>): Promise<Engine>
}

export async function diskStore(defaults: Partial<StoreOptions> = {}): Promise<DiskStore> {
  const data = defaults.data ?? join(await temporaryFolder(), 'store')
  const troubles: string[] = []
  return {
    data,
    troubles,
    open: options =>
      openTwin({
        data,
        sources: SOURCES,
        clock: { nowMs: DAY_START_MS },
        onTrouble: trouble => void troubles.push(trouble),
        ...defaults,
        ...options,
      }),
  }
}
