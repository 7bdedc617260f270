// Store: what outlives a process in the simulation, and opening a twin on it.
import { DEFAULT_POLICIES } from '../../engine/deadlines/policies.ts'
import { type Engine, openEngine } from '../../engine/engine.ts'
import { Watch } from '../../engine/exceptions/watch.ts'
import type { Files } from '../../engine/journal/files.ts'
import { openSegmentJournal, type SegmentJournal } from '../../engine/journal/segment-journal.ts'
import type { EngineLimits } from '../../engine/limits.ts'
import { type Finishing, finishBegun } from '../../engine/retiring/finishing.ts'
import { type Chosen, retirementOf } from '../../engine/retiring/retirement.ts'
import { retire } from '../../engine/retiring/retiring.ts'
import { type KeyFiles, openKeyFiles } from '../../engine/sealing/key-files.ts'
import { CHECKPOINT_NAME, readCheckpoint, writeCheckpoint } from '../../engine/snapshots/checkpoint-file.ts'
import { CHARTS } from '../../machines/charts.ts'
import { SOURCES } from '../helpers/distributor.ts'
import { SimulatedDisk } from './disk.ts'
import { flipped, SimulatedLevel } from './level.ts'
import { SimulatedProcess, ticks } from './process.ts'
import { type Swarm, streamOf } from './swarm.ts'
import { Vault } from './vault.ts'

export const JOURNAL_FOLDER = '/store/journal'
const STORE_FOLDER = '/store'
const KEYS_FOLDER = '/store/keys'
// 48 KiB: a run fills several segments, and a batch always fits into one.
const SEGMENT_BYTES = 48 * 1024

/** A process with the twin it serves. */
export interface Running {
  readonly process: SimulatedProcess
  readonly engine: Engine
  /** Exceptions beside it, as a server has them. */
  readonly watch: Watch
  readonly journal: SegmentJournal
  readonly keys: KeyFiles
  readonly troubles: string[]
}

interface Retiring {
  readonly files: Files
  readonly journal: SegmentJournal
  readonly keys: KeyFiles
  readonly clock: { readonly nowMs: number }
}

export class SimulatedStore {
  readonly disk: SimulatedDisk
  readonly level: SimulatedLevel
  readonly limits: Partial<EngineLimits>
  readonly vault = new Vault()
  private readonly swarm: Swarm
  private readonly seed: number
  private processes = 0

  constructor(seed: number, swarm: Swarm) {
    this.seed = seed
    this.swarm = swarm
    this.disk = new SimulatedDisk(swarm, streamOf(seed, 'disk'))
    this.level = new SimulatedLevel(swarm, streamOf(seed, 'level'))
    const random = streamOf(seed, 'limits')
    this.limits = swarm.has('small_memory')
      ? {
          liveFamiliesMax: 1 + random.whole(3),
          batchEventsMax: 1 + random.whole(20),
          batchBytesMax: 500 + random.whole(4_000),
          packedFamiliesMax: random.whole(4),
          checkpointEveryBytes: 1_000 + random.whole(10_000),
        }
      : { batchEventsMax: 40, batchBytesMax: 16_000, checkpointEveryBytes: 20_000 }
    if (swarm.has('small_memory')) swarm.note('small_memory')
  }

  /** Undefined when the process died, or the disk failed it, while it opened. */
  async open(clock: { readonly nowMs: number }): Promise<Running | undefined> {
    const process = new SimulatedProcess(++this.processes)
    const opening = this.opened(process, clock).catch(error => {
      if (!isDiskTrouble(error)) throw error
      return undefined
    })
    const running = await Promise.race([opening, process.stopped.then(() => undefined)])
    if (running === undefined) this.disk.settle(process)
    return running
  }

  /** What the next process finds of all that can be made again. */
  decay(process: SimulatedProcess): void {
    this.level.decay(process.lostPower)
    const { files } = this.disk
    const random = streamOf(this.seed, `decay ${process.number}`)
    const damage = (path: string) => files.bytesOf(path).set(flipped(files.bytesOf(path), random))
    const names = files.names()
    const checkpoint = `${STORE_FOLDER}/${CHECKPOINT_NAME}`
    if (names.includes(checkpoint) && this.swarm.strikes('checkpoint_damaged')) damage(checkpoint)
    for (const path of names.filter(name => name.endsWith('.index')))
      if (this.swarm.strikes('index_damaged')) damage(path)
    const mark = `${JOURNAL_FOLDER}/HEAD`
    if (names.includes(mark) && this.swarm.strikes('head_mark_missing')) files.forget(mark)
  }

  /** Retires `families` as another process, which may die of it. How it ended; the next opening finishes what was begun. */
  async retire(families: readonly Chosen[], clock: { readonly nowMs: number }): Promise<'done' | 'dead' | 'held'> {
    const process = new SimulatedProcess(++this.processes)
    let isOpen = false
    const done = this.retired(process, families, clock, () => {
      isOpen = true
    })
    const ended = await Promise.race([done.then(() => 'done' as const), process.stopped])
    // Who is taken for dead while it opens never goes on: its claim would not have been lost (journal/lock.ts).
    if (ended === 'held' && isOpen) this.stale.push({ process, done: done.catch(() => undefined) })
    else {
      this.disk.settle(process)
      this.decay(process)
    }
    return ended
  }

  /** Those who were taken for dead while they retired go on, unaware. */
  async resumeStale(): Promise<void> {
    for (const { done, process } of this.stale.splice(0)) {
      process.goOn()
      await Promise.race([done, ticks(60)])
      process.die()
    }
  }
  private readonly stale: { readonly process: SimulatedProcess; readonly done: Promise<unknown> }[] = []

  private async retired(
    process: SimulatedProcess,
    families: readonly Chosen[],
    clock: { readonly nowMs: number },
    onOpen: () => void,
  ): Promise<void> {
    const files = this.disk.seenBy(process)
    const random = streamOf(this.seed, `process ${process.number}`)
    const randomBytes = (count: number) => Uint8Array.from({ length: count }, () => random.whole(256))
    try {
      const options = { directory: JOURNAL_FOLDER, randomBytes, segmentBytes: SEGMENT_BYTES, files }
      const journal = await openSegmentJournal(options)
      onOpen()
      try {
        const keys = await this.keysOf(journal, { files, randomBytes })
        const store = this.retiring({ files, journal, keys, clock })
        await finishBegun(store)
        const policy = { closedForDays: 0, by: 'the world', nowMs: store.nowMs }
        await retire(
          families.map(each => retirementOf(each, policy)),
          store,
        )
        await keys.close()
      } finally {
        await journal.close()
      }
    } catch (error) {
      if (!isDiskTrouble(error)) throw error
    }
  }

  private async keysOf(
    { epoch, storeId }: SegmentJournal,
    { files, randomBytes }: { readonly files: Files; readonly randomBytes: (count: number) => Uint8Array },
  ): Promise<KeyFiles> {
    const keys = await openKeyFiles({ files, directory: KEYS_FOLDER, storeId, epoch, randomBytes })
    this.vault.watch(keys)
    return keys
  }

  private retiring({ clock, files, journal, keys }: Retiring): Finishing {
    const nowMs = Math.max(clock.nowMs, journal.head().recordedMs)
    const forgetDerived = async () => {
      await files.remove(`${STORE_FOLDER}/${CHECKPOINT_NAME}`)
      await files.syncDirectory(STORE_FOLDER)
    }
    return { files, directory: JOURNAL_FOLDER, journal, keys, nowMs, forgetDerived }
  }

  private async opened(process: SimulatedProcess, clock: { readonly nowMs: number }): Promise<Running> {
    const files = this.disk.seenBy(process)
    const random = streamOf(this.seed, `process ${process.number}`)
    const randomBytes = (count: number) => Uint8Array.from({ length: count }, () => random.whole(256))
    const journal = await openSegmentJournal({
      directory: JOURNAL_FOLDER,
      randomBytes,
      segmentBytes: SEGMENT_BYTES,
      files,
    })
    await files.makeDirectory(STORE_FOLDER)
    const troubles: string[] = []
    try {
      const keys = await this.keysOf(journal, { files, randomBytes })
      await finishBegun(this.retiring({ files, journal, keys, clock }))
      const engine = await openEngine({
        journal,
        store: this.level.seenBy(process, journal.storeId),
        keys,
        sources: SOURCES,
        charts: CHARTS,
        clock,
        limits: this.limits,
        checkpoints: {
          read: storeId => readCheckpoint(files, STORE_FOLDER, storeId),
          write: draft => writeCheckpoint(files, STORE_FOLDER, draft),
        },
        onTrouble: trouble => void troubles.push(trouble),
      })
      const watch = new Watch({ twin: engine, policies: DEFAULT_POLICIES, clock })
      // A disk that cannot be read ends with the process.
      void watch.run().catch(error => {
        if (!isDiskTrouble(error)) throw error
      })
      return { process, engine, watch, journal, keys, troubles }
    } catch (error) {
      await journal.close()
      throw error
    }
  }
}

/** The disk's own error, anywhere in what caused it; not damage, which nothing here may cause. */
export function isDiskTrouble(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause as Error) {
    const code = 'code' in cause ? String(cause.code) : ''
    if (['EIO', 'ENOSPC', 'short_write', 'store_no_space'].includes(code)) return true
    if (/takes no entries/.test(cause.message) && isFailure(cause.cause)) return true
  }
  return false
}

const isFailure = (cause: unknown): boolean => typeof cause === 'object' && cause !== null && 'code' in cause
