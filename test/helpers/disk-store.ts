// A store in a folder of its own that is gone with its test, and everything one may ask of it, to compare before and after.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openTwin, type StoreOptions } from '../../cli/store.ts'
import type { Engine } from '../../engine/engine.ts'
import type { JournalEntry } from '../../engine/entry.ts'
import { packFamily } from '../../engine/entry-codec.ts'
import type { Twin } from '../../engine/twin.ts'
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

/** Every event's entry up to `end`, oldest first. One must stand there: followers never see settings. */
export async function allEntries(twin: Twin, end = twin.head().position): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = []
  for await (const { cursor, entry } of twin.follow({ after: '' })) {
    entries.push(entry)
    if (cursor >= end) break
  }
  return entries
}

export interface StoreTruth {
  readonly families: Readonly<Record<string, string>>
  readonly references: Readonly<Record<string, readonly string[]>>
  readonly counts: unknown
  readonly states: unknown
  readonly parked: number
}

/** Families byte for byte, what each number finds, and every count. */
export async function storeTruth(twin: Twin, end?: string): Promise<StoreTruth> {
  const entries = await allEntries(twin, end)
  const ids = [...new Set(entries.map(entry => entry.family))].sort()
  const numbers = [...new Set(entries.flatMap(entry => entry.learned))].sort()
  const families: Record<string, string> = {}
  for (const id of ids) {
    const family = await twin.family(id)
    families[id] = family === undefined ? '' : Buffer.from(packFamily(family)).toString('base64')
  }
  const references: Record<string, readonly string[]> = {}
  for (const number of numbers) {
    const found = await twin.find(number)
    references[number] =
      found.kind === 'none' ? [] : found.holders.map(({ actors, family }) => `${family.id}: ${actors.join()}`).sort()
  }
  return {
    families,
    references,
    counts: twin.orderCounts({}, ['lifecycle', 'credit', 'fulfilment', 'billing', 'customer', 'channel']),
    states: (['order', 'shipment', 'return'] as const).map(kind => twin.stateCounts(kind)),
    parked: twin.orders({ hasParked: true }, { by: 'number', descending: false }, { first: 0 }).totalCount,
  }
}
