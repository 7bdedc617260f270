// A store on a simulated disk whose orders can be retired, and a disk that dies at any of its calls.
import { DEFAULT_POLICIES } from '../../engine/deadlines/policies.ts'
import { type Engine, openEngine } from '../../engine/engine.ts'
import type { Files, OpenFile } from '../../engine/journal/files.ts'
import { openSegmentJournal } from '../../engine/journal/segment-journal.ts'
import { chosen } from '../../engine/retiring/choosing.ts'
import { type Finished, type Finishing, finishBegun } from '../../engine/retiring/finishing.ts'
import { type Chosen, retirementOf } from '../../engine/retiring/retirement.ts'
import { retire } from '../../engine/retiring/retiring.ts'
import { openKeyFiles } from '../../engine/sealing/key-files.ts'
import { CHECKPOINT_NAME, readCheckpoint, writeCheckpoint } from '../../engine/snapshots/checkpoint-file.ts'
import { memoryFamilyStore } from '../../engine/snapshots/memory-family-store.ts'
import { CHARTS } from '../../machines/charts.ts'
import type { EventInput } from '../../machines/event.ts'
import { event, SOURCES } from './distributor.ts'
import { bodiesIn, type StoredBody } from './journal-bodies.ts'
import { MemoryFiles } from './memory-files.ts'
import { orderLife } from './order-life.ts'

export const RETIRING_JOURNAL = '/store/journal'
export const LIFE_MS = Date.UTC(2026, 10, 21, 12)
export const YEAR_MS = 365 * 86_400_000

export const personOf = (number: number): string => `Person-${number}`

/** The life of an order up to its end, delivered to somebody. */
export const closedLife = (number: number): readonly EventInput[] => {
  const payment = { payment: `P-${number}`, invoice: `I-${number}`, amountMinor: 10_000 }
  const [first, ...others] = orderLife(number) as readonly [EventInput, ...EventInput[]]
  return [
    { ...first, data: { ...(first.data as object), shipTo: { name: personOf(number) } } },
    ...others,
    event('erp', 'payment.received', `order/O-${number}`, '05:00', payment, { id: `${number}-paid` }),
    event('erp', 'order.closed', `order/O-${number}`, '06:00', {}, { id: `${number}-closed` }),
  ]
}

export class RetiringStore {
  readonly disk: MemoryFiles
  readonly clock = { nowMs: LIFE_MS }
  private readonly segmentBytes: number

  constructor(disk = new MemoryFiles(), segmentBytes = 16 * 1024) {
    this.disk = disk
    this.segmentBytes = segmentBytes
  }

  /** Opens it as a server does. */
  async open(files: Files = this.disk): Promise<Engine> {
    const parts = await this.parts(files)
    await finishBegun(parts)
    return openEngine({
      journal: parts.journal,
      keys: parts.keys,
      store: memoryFamilyStore(),
      sources: SOURCES,
      charts: CHARTS,
      clock: this.clock,
      checkpoints: {
        read: storeId => readCheckpoint(files, '/store', storeId),
        write: draft => writeCheckpoint(files, '/store', draft),
      },
    })
  }

  /** Orders that a policy of a year retires. */
  async chosen(): Promise<readonly Chosen[]> {
    const engine = await this.open()
    const families: Chosen[] = []
    const choice = { closedForDays: 365, policies: DEFAULT_POLICIES, nowMs: this.clock.nowMs }
    for await (const each of chosen(engine, choice)) families.push(each)
    await engine.close()
    return families
  }

  async retire(families: readonly Chosen[], files: Files = this.disk): Promise<Finished> {
    const parts = await this.parts(files)
    try {
      const policy = { closedForDays: 365, by: 'records', nowMs: parts.nowMs }
      return await retire(
        families.map(each => retirementOf(each, policy)),
        parts,
      )
    } finally {
      await parts.keys.close()
      await parts.journal.close()
    }
  }

  /** Bodies of all entries, the oldest first. */
  async bodies(): Promise<readonly StoredBody[]> {
    const { journal, keys } = await this.parts(this.disk)
    const bodies = await bodiesIn(journal)
    await keys.close()
    await journal.close()
    return bodies
  }

  private async parts(files: Files): Promise<Finishing> {
    const randomBytes = (count: number) => Uint8Array.from({ length: count }, (_, index) => (index * 7 + 1) & 0xff)
    const directory = RETIRING_JOURNAL
    const journal = await openSegmentJournal({ directory, randomBytes, segmentBytes: this.segmentBytes, files })
    await files.makeDirectory('/store')
    const { epoch, storeId } = journal
    const keys = await openKeyFiles({ files, directory: '/store/keys', storeId, epoch, randomBytes })
    return {
      files,
      directory,
      journal,
      keys,
      nowMs: Math.max(this.clock.nowMs, journal.head().recordedMs),
      forgetDerived: async () => {
        await files.remove(`/store/${CHECKPOINT_NAME}`)
        await files.syncDirectory('/store')
      },
    }
  }
}

/** `disk` as a process sees it that dies before its call number `last`; `calls` says how many it made. */
export function dyingAt(disk: Files, last: number): { readonly files: Files; readonly calls: () => number } {
  let calls = 0
  const lives = <Result>(call: () => Promise<Result>): Promise<Result> =>
    ++calls > last ? Promise.reject(new Error('the process is dead')) : call()
  const opened = (file: OpenFile): OpenFile => ({
    size: () => file.size(),
    read: (target, offset) => lives(() => file.read(target, offset)),
    write: (bytes, offset) => lives(() => file.write(bytes, offset)),
    sync: () => lives(() => file.sync()),
    close: () => file.close(),
  })
  const files: Files = {
    claim: directory => disk.claim(directory),
    identity: directory => disk.identity(directory),
    makeDirectory: directory => disk.makeDirectory(directory),
    list: directory => lives(() => disk.list(directory)),
    open: (path, mode) => lives(async () => opened(await disk.open(path, mode))),
    readWhole: path => lives(() => disk.readWhole(path)),
    rename: (from, to) => lives(() => disk.rename(from, to)),
    link: (from, to) => lives(() => disk.link(from, to)),
    remove: path => lives(() => disk.remove(path)),
    syncDirectory: directory => lives(() => disk.syncDirectory(directory)),
  }
  return { files, calls: () => calls }
}
