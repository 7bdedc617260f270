// A load through an engine in this process, on disk, from an empty store to a verified one.
import { journalBytes, otherBytes } from '../disk.ts'
import { type Driven, drive, type EventForm } from '../drive.ts'
import type { LoadOptions } from '../load/load.ts'
import type { Checks } from '../oracle.ts'
import { openRawLog } from '../peers/raw-log.ts'
import { openBenchTwin, withFolder } from '../store.ts'

export interface InProcess extends Driven {
  readonly journalBytes: number
  /** The journal and everything beside it, once closed. */
  readonly storeBytes: number
}

export interface InProcessOptions {
  /** Folder in which the store is made. */
  readonly parent: string
  readonly load: LoadOptions
  readonly form: EventForm
  /** Families kept in memory; default: all that are open, and some that closed lately. */
  readonly liveFamiliesMax?: number
}

export function ingestInProcess(options: InProcessOptions, checks: Checks): Promise<InProcess> {
  const { form, load, parent } = options
  return withFolder(parent, async data => {
    const engine = await openBenchTwin(data, options.liveFamiliesMax ?? warmFamilies(load))
    const driven = await drive(engine, load, form)
    checks.outcomes(driven.answered, driven.expected)
    checks.ended(engine, load.orders)
    const bytes = journalBytes(engine)
    await engine.close()
    await checks.store(data)
    return { ...driven, journalBytes: bytes, storeBytes: bytes + (await otherBytes(data)) }
  })
}

/** Enough that an open order is never evicted: the oldest fifth of what is kept are closed ones. */
export const warmFamilies = ({ workingSet }: LoadOptions): number => Math.ceil(workingSet * 1.25)

/** The same load into a log that decides nothing. */
export function rawLogInProcess(parent: string, load: LoadOptions): Promise<Driven> {
  return withFolder(parent, async data => {
    const log = await openRawLog(data)
    try {
      return await drive(log, load, 'text')
    } finally {
      await log.close()
    }
  })
}

export const eventsPerSecond = ({ events, seconds }: { events: number; seconds: number }): number => events / seconds
