// Kept stores: to fill a store with a million orders takes minutes. A run with --keep leaves its store, closed, for the next that
// wants the same orders; a note beside it says that it is whole.
import { existsSync } from 'node:fs'
import { constants, cp, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { whileThere } from './ending.ts'
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

/**
 * Copies the kept store of that seed and size into the folder; false where none is asked for or there. Whoever opens it adopts it.
 * No links: the open segment and LevelDB's log are appended in place, and the kept one stays as it is.
 */
export async function copyKept(wanted: Wanted, data: string): Promise<boolean> {
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
