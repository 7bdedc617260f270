// The real engine over journal and snapshots in memory, with what a test may want to hold on to or to break.
import { randomBytes } from 'node:crypto'
import { type Engine, type EngineOptions, openEngine } from '../../engine/engine.ts'
import { type Journal, JournalDamage } from '../../engine/journal/journal.ts'
import {
  type JournalMemory,
  type MemoryJournal,
  newJournalMemory,
  openMemoryJournal,
} from '../../engine/journal/memory-journal.ts'
import type { FamilyStore } from '../../engine/snapshots/family-store.ts'
import { memoryFamilyStore } from '../../engine/snapshots/memory-family-store.ts'
import { CHARTS } from '../../machines/charts.ts'
import { SOURCES } from './distributor.ts'
import { memoryKeys } from './memory-keys.ts'

export interface MemoryEngineOptions extends Partial<Omit<EngineOptions, 'journal' | 'clock' | 'keys'>> {
  /** Where the clock stands; it moves only when a test moves it. Default: the start of the day tests play on. */
  readonly nowMs?: number
  /** Pass it to a second engine to open the same store again. */
  readonly memory?: JournalMemory
  /** Stands for the write and sync of each commit: what it rejects with poisons the journal. */
  readonly commit?: (bytes: Uint8Array) => Promise<void>
  /** False: the journal has no room, and nothing is written. */
  readonly hasRoom?: () => boolean
  /** Positions that do not verify when they are read one by one. */
  readonly isDamaged?: (position: number) => boolean
  /** Waited for before entries are read one by one. */
  readonly reading?: () => Promise<void>
}

export interface EngineInMemory {
  readonly engine: Engine
  readonly clock: { nowMs: number }
  readonly memory: JournalMemory
  readonly store: FamilyStore
  /** What it was told that stopped nothing. */
  readonly troubles: readonly string[]
}

export const DAY_START_MS = Date.UTC(2026, 10, 21)

export async function openMemoryEngine(options: MemoryEngineOptions = {}): Promise<EngineInMemory> {
  const {
    commit,
    hasRoom = () => true,
    isDamaged = () => false,
    memory = newJournalMemory(randomBytes),
    nowMs = DAY_START_MS,
    reading,
    store = memoryFamilyStore(),
  } = options
  const clock = { nowMs }
  const troubles: string[] = []
  const journal = bounded(damaged(openMemoryJournal({ memory, commit }), isDamaged, reading), hasRoom)
  const engine = await openEngine({
    sources: SOURCES,
    charts: CHARTS,
    onTrouble: trouble => void troubles.push(trouble),
    ...options,
    journal,
    keys: await memoryKeys(journal, memory),
    store,
    clock,
  })
  return { engine, clock, memory, store, troubles }
}

function damaged(
  journal: MemoryJournal,
  isDamaged: (position: number) => boolean,
  reading: (() => Promise<void>) | undefined,
): Journal {
  const read = journal.read.bind(journal)
  journal.read = async positions => {
    await reading?.()
    const position = positions.find(isDamaged)
    if (position !== undefined) throw new JournalDamage(`position ${position} does not verify`, { position })
    return read(positions)
  }
  return journal
}

function bounded(journal: Journal, hasRoom: () => boolean): Journal {
  const append = journal.append.bind(journal)
  journal.append = async (recordedMs, frames) =>
    hasRoom() ? append(recordedMs, frames) : { failure: { code: 'no_space', cause: new Error('the disk is full') } }
  return journal
}

/** A snapshot store that takes everything and has nothing: each family is rebuilt along its entries. */
export const forgetfulStore = (): FamilyStore => ({
  ...memoryFamilyStore(),
  write: async () => true,
  readMany: async keys => keys.map(() => undefined),
})

/** `store`, and how often it was asked, and for how many families. */
export function countedReads(store: FamilyStore) {
  const asked = { times: 0, families: 0 }
  const counting: FamilyStore = {
    ...store,
    readMany(keys) {
      asked.times++
      asked.families += keys.length
      return store.readMany(keys)
    },
  }
  return { asked, store: counting }
}

/** `store`, of which the next question after `hold` waits until the function that gives is called. */
export function heldReads(store: FamilyStore) {
  let waiting: Promise<void> | undefined
  const slow: FamilyStore = {
    ...store,
    async readMany(keys) {
      const wait = waiting
      waiting = undefined
      await wait
      return store.readMany(keys)
    },
  }
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting = promise
    return resolve
  }
  return { hold, store: slow }
}

const gaugeOf = (engine: Engine, name: string) => engine.metrics().find(each => each.name === name)?.samples[0]?.value
/** Families in memory as they are, and packed. */
export const liveFamilies = (engine: Engine) => gaugeOf(engine, 'ordertwin_live_families')
export const packedFamilies = (engine: Engine) => gaugeOf(engine, 'ordertwin_packed_families')

/** A commit whose `count`th call is held until `written`; `isWriting` resolves when that has begun. */
export function held(count: number) {
  const { promise: disk, resolve: written } = Promise.withResolvers<void>()
  const { promise: isWriting, resolve: writes } = Promise.withResolvers<void>()
  let commits = 0
  const commit = async () => {
    if (++commits !== count) return
    writes()
    await disk
  }
  return { commit, isWriting, written }
}

/** A commit that succeeds `count` times, and then never again. */
export function failingAfter(count: number): () => Promise<void> {
  let left = count
  return () => (left-- > 0 ? Promise.resolve() : Promise.reject(new Error('no such disk')))
}
