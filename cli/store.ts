// A twin on disk: one folder with the journal, a checkpoint and LevelDB's snapshots of families.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Checkpoints } from '../engine/checkpoint.ts'
import { type Engine, type EngineOptions, openEngine } from '../engine/engine.ts'
import { diskFiles } from '../engine/journal/disk-files.ts'
import { openSegmentJournal, type SegmentJournal } from '../engine/journal/segment-journal.ts'
import type { EngineLimits } from '../engine/limits.ts'
import { type Finishing, finishBegun } from '../engine/retiring/finishing.ts'
import { type KeyFiles, openKeyFiles } from '../engine/sealing/key-files.ts'
import { CHECKPOINT_NAME, readCheckpoint, writeCheckpoint } from '../engine/snapshots/checkpoint-file.ts'
import { openFamilyStore } from '../engine/snapshots/level-family-store.ts'
import { CHARTS } from '../machines/charts.ts'
import type { Source } from '../machines/sources.ts'
import { finishErasures } from './erasures.ts'
import { Refused } from './exit.ts'

/** Where the parts of a store stand within its folder. */
export const journalFolder = (data: string): string => join(data, 'journal')
export const familiesFolder = (data: string): string => join(data, 'families')
export const keysFolder = (data: string): string => join(data, 'keys')

export interface StoreOptions {
  readonly data: string
  readonly sources: readonly Source[]
  readonly clock: { readonly nowMs: number }
  readonly limits?: Partial<EngineLimits>
  /** Take over a folder that is a copy. */
  readonly adopt?: boolean
  /** Go on where keys are lost. */
  readonly lostKeys?: boolean
  readonly onTrouble: (trouble: string) => void
}

/** Throws Refused where nothing was ever kept in the folder: who only reads or copies a store makes none. */
export function expectStore(data: string): void {
  if (!existsSync(journalFolder(data))) throw new Refused(`there is no store in ${data}`)
}

/** The store as it is, for a command of a moment. Throws Refused where there is none. */
export function openExisting({
  data,
  limits,
  sources,
}: Pick<StoreOptions, 'data' | 'limits' | 'sources'>): Promise<Engine> {
  expectStore(data)
  return openTwin({ data, limits, sources, clock: systemClock, onTrouble: trouble => console.error(trouble) })
}

/** Opens the store, making it when there is none. Rejects with StoreRefused or JournalDamage, and has then closed what it opened. */
export async function openTwin(options: StoreOptions): Promise<Engine> {
  const { adopt, data } = options
  await mkdir(data, { recursive: true })
  // The journal first: its lock is the store's (reliability.md F8).
  const journal = await openSegmentJournal({ directory: journalFolder(data), randomBytes, adopt })
  const opened: { close(): Promise<void> }[] = [journal]
  try {
    const keys = await keysOf(data, journal)
    if (await finishBegun({ ...retiringIn(data), journal, keys, nowMs: options.clock.nowMs }))
      options.onTrouble('a retirement had been interrupted; it is finished')
    const store = await openFamilyStore({ directory: familiesFolder(data), storeId: journal.storeId })
    opened.unshift(store)
    const engine = await engineOver({ journal, store, keys }, options)
    opened.splice(0, 2, engine)
    await finishErasures(data, engine)
    return engine
  } catch (error) {
    for (const each of opened) await each.close()
    throw error
  }
}

async function engineOver(
  parts: Pick<EngineOptions, 'journal' | 'store' | 'keys'>,
  { clock, data, limits, lostKeys, onTrouble, sources }: StoreOptions,
): Promise<Engine> {
  const checkpoints: Checkpoints = {
    read: id => readCheckpoint(diskFiles, data, id),
    write: draft => writeCheckpoint(diskFiles, data, draft),
  }
  return openEngine({ ...parts, lostKeys, checkpoints, sources, charts: CHARTS, clock, limits, onTrouble })
}

export const keysOf = (data: string, { epoch, storeId }: SegmentJournal): Promise<KeyFiles> =>
  openKeyFiles({ files: diskFiles, directory: keysFolder(data), storeId, epoch, randomBytes })

/** What retiring needs of the folder. */
export const retiringIn = (data: string): Pick<Finishing, 'directory' | 'files' | 'forgetDerived'> => ({
  files: diskFiles,
  directory: journalFolder(data),
  forgetDerived: async () => {
    await rm(familiesFolder(data), { recursive: true, force: true })
    await diskFiles.remove(join(data, CHECKPOINT_NAME))
    await diskFiles.syncDirectory(data)
  },
})

export const systemClock = {
  get nowMs(): number {
    return Date.now()
  },
}
