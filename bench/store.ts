// A store for one run: a new folder under bench/stores, or where --data says; removed at the end.
import { existsSync, mkdtempSync } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { openTwin } from '../cli/store.ts'
import type { Engine } from '../engine/engine.ts'
import { whileThere } from './ending.ts'
import { FIRST_MS } from './load/load.ts'
import { SOURCES } from './load/sources.ts'
import { NotAsked } from './not-asked.ts'

/** A year after the load begins: none of its events is ahead of the twin's clock. */
export const benchClock = {
  get nowMs(): number {
    return FIRST_MS + 365 * 24 * 3_600_000 + Math.floor(performance.now())
  },
}

/** Makes the folder and those above it. One by one: where none can be made, as under /proc, Node tries for ever to make all of them. */
export async function makeFolder(path: string): Promise<void> {
  const above = dirname(resolve(path))
  if (!existsSync(above)) await makeFolder(above)
  try {
    await mkdir(path)
  } catch (problem) {
    if (existsSync(path) && (await stat(path)).isDirectory()) return
    throw new NotAsked(`there can be no folder ${path}: ${(problem as Error).message}`)
  }
}

/** Runs with a folder that is gone afterwards. On the disk, not in /tmp, which may be memory. */
export async function withFolder<Result>(parent: string, run: (data: string) => Promise<Result>): Promise<Result> {
  await makeFolder(parent)
  // Made and told of in one go: no signal comes in between.
  const data = mkdtempSync(join(resolve(parent), 'store-'))
  return whileThere(data, () => run(data))
}

/** `liveFamiliesMax`: so many in memory and none packed; undefined is the engine's default. `adopt`: the folder may be a copy. */
export function openBenchTwin(data: string, liveFamiliesMax?: number, adopt = false): Promise<Engine> {
  return openTwin({
    data,
    adopt,
    sources: SOURCES,
    clock: benchClock,
    limits: liveFamiliesMax === undefined ? {} : { liveFamiliesMax, packedFamiliesMax: 0 },
    onTrouble: trouble => console.error(`trouble: ${trouble}`),
  })
}
