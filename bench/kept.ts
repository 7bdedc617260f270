// Kept stores: to fill a store with a million orders takes minutes. A run with --keep leaves its store, closed, for the next that
// wants the same orders; a note beside it says that it is whole.
import { existsSync } from 'node:fs'
import { constants, cp, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { whileThere } from './ending.ts'
import type { LoadOptions } from './load/load.ts'
import { loadOf, partOf } from './load/load-of.ts'
import type { Figures } from './report.ts'
import type { RunOptions } from './scenarios/scenario.ts'
import { withFolder } from './store.ts'

export type Wanted = Pick<RunOptions, 'data' | 'keep' | 'seed'> & { readonly orders: number }

/** Runs with the folder of a store that `fill` has filled and closed, now or in an earlier run. */
export async function withFilled<Result>(
  wanted: Wanted,
  fill: (data: string) => Promise<void>,
  run: (data: string) => Promise<Result>,
): Promise<Result> {
  if (!wanted.keep)
    return withFolder(wanted.data, async data => {
      await fill(data)
      return run(data)
    })
  const folder = keptFolder(wanted)
  if (!existsSync(wholeNote(folder))) await withKept(wanted, fill)
  return run(storeIn(folder))
}

/** Runs with an empty folder in which a store is made and closed; it is left for others, or is gone afterwards. */
export async function withKept<Result>(wanted: Wanted, run: (data: string) => Promise<Result>): Promise<Result> {
  if (!wanted.keep) return withFolder(wanted.data, run)
  const folder = keptFolder(wanted)
  await rm(wholeNote(folder), { force: true })
  await rm(folder, { recursive: true, force: true })
  // Where it does not become whole nobody can use it.
  return whileThere(
    folder,
    async () => {
      await mkdir(storeIn(folder), { recursive: true })
      const result = await run(storeIn(folder))
      await writeFile(wholeNote(folder), '')
      return result
    },
    true,
  )
}

// What a copy is sent further: 100,000 orders are some 190 MB of journal, several checkpoints long.
const FURTHER_PART = 10
const FURTHER_MAX = 100_000

export interface Begun {
  /** Orders that are there already: all of the kept store, where it is asked for and there. */
  readonly before: number
  /** What is to be sent: all of them, or some more. */
  readonly load: LoadOptions
}

/** Begins a store in the folder: with a copy of the kept one, which stays as it is, or empty. Whoever opens it adopts it. */
export async function begunFrom(wanted: Wanted, data: string): Promise<Begun> {
  const { orders, seed } = wanted
  if (!(await copyKept(wanted, data))) return { before: 0, load: loadOf(seed, orders) }
  const further = Math.min(FURTHER_MAX, partOf(orders, FURTHER_PART))
  return { before: orders, load: { ...loadOf(seed, further), after: orders } }
}

/** What was sent, under the name of what it was. */
export const begunFigures = ({ before, load }: Begun, events: number): Figures =>
  before === 0 ? { events } : { further_orders: load.orders, further_events: events }

/** What a report says of a store that was begun from a kept one. */
export const begunNotes = ({ before, load }: Begun): readonly string[] =>
  before === 0 ? [] : [`a copy of the kept store of ${before} orders, and ${load.orders} more`]

/** No links: the open segment and LevelDB's log are appended in place. False where none is asked for or there. */
async function copyKept(wanted: Wanted, data: string): Promise<boolean> {
  const folder = keptFolder(wanted)
  if (!wanted.keep || !existsSync(wholeNote(folder))) return false
  await cp(storeIn(folder), data, { recursive: true, mode: constants.COPYFILE_FICLONE })
  // On the disk before anything is measured: the system would write it meanwhile.
  for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = await open(join(entry.parentPath, entry.name))
    await file.sync()
    await file.close()
  }
  return true
}

/** Folder of the kept store and its note. */
export const keptFolder = ({ data, orders, seed }: Omit<Wanted, 'keep'>): string =>
  join(resolve(data), `kept-${seed}-${orders}`)
const storeIn = (folder: string): string => join(folder, 'store')
const wholeNote = (folder: string): string => join(folder, 'WHOLE')
