// A twin on disk: one folder with the journal, a checkpoint and LevelDB's snapshots of families.
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Checkpoints } from '../engine/checkpoint.ts'
import { type Engine, openEngine } from '../engine/engine.ts'
import { diskFiles } from '../engine/journal/disk-files.ts'
import { openSegmentJournal } from '../engine/journal/segment-journal.ts'
import type { EngineLimits } from '../engine/limits.ts'
import { readCheckpoint, writeCheckpoint } from '../engine/snapshots/checkpoint-file.ts'
import { openFamilyStore } from '../engine/snapshots/level-family-store.ts'
import { CHARTS } from '../machines/charts.ts'
import type { Source } from '../machines/sources.ts'

/** Where the parts of a store stand within its folder. */
export const journalFolder = (data: string): string => join(data, 'journal')
export const familiesFolder = (data: string): string => join(data, 'families')

export interface StoreOptions {
  readonly data: string
  readonly sources: readonly Source[]
  readonly clock: { readonly nowMs: number }
  readonly limits?: Partial<EngineLimits>
  /** Take over a folder that is a copy. */
  readonly adopt?: boolean
  readonly onTrouble: (trouble: string) => void
}

/** Opens the store, making it when there is none. Rejects with StoreRefused or JournalDamage. */
export async function openTwin(options: StoreOptions): Promise<Engine> {
  const { adopt, clock, data, limits, onTrouble, sources } = options
  await mkdir(data, { recursive: true })
  // The journal first: its lock is the store's (reliability.md F8).
  const journal = await openSegmentJournal({ directory: journalFolder(data), randomBytes, adopt })
  try {
    const store = await openFamilyStore({ directory: familiesFolder(data), storeId: journal.storeId })
    const checkpoints: Checkpoints = {
      read: storeId => readCheckpoint(diskFiles, data, storeId),
      write: draft => writeCheckpoint(diskFiles, data, draft),
    }
    return await openEngine({ journal, store, sources, charts: CHARTS, clock, limits, checkpoints, onTrouble })
  } catch (error) {
    await journal.close()
    throw error
  }
}

export const systemClock = {
  get nowMs(): number {
    return Date.now()
  },
}
