// What a store tells is the same after it was closed and opened, whatever of its derived files is gone, stale or damaged.
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { familiesFolder } from '../../../cli/store.ts'
import { verifyStore } from '../../../cli/verify-store.ts'
import type { Engine } from '../../../engine/engine.ts'
import type { EventInput } from '../../../machines/event.ts'
import { type DiskStore, diskStore } from '../../helpers/disk-store.ts'
import { deliveredLog, LOG_OVER_MS, LOG_SOURCES } from '../../helpers/public-log.ts'
import { storeTruth } from '../../helpers/store-truth.ts'

// 10 live families of 60: most are read back from LevelDB or rebuilt, many times over.
const LIVE_MAX = 10
const BATCH = 100

let log: readonly EventInput[]

beforeAll(async () => {
  log = await deliveredLog({ orders: 60, seed: 1 })
})

async function submitAll(engine: Engine, events: readonly EventInput[]): Promise<void> {
  for (let from = 0; from < events.length; from += BATCH) {
    const outcomes = await engine.submit(events.slice(from, from + BATCH))
    expect(outcomes.filter(each => !['accepted', 'superseded', 'parked', 'duplicate'].includes(each.outcome))).toEqual(
      [],
    )
  }
}

const logStore = () =>
  diskStore({
    sources: LOG_SOURCES,
    clock: { nowMs: LOG_OVER_MS },
    limits: { liveFamiliesMax: LIVE_MAX, packedFamiliesMax: 0 },
  })

async function tellsTheSame(store: DiskStore, spoil: () => Promise<void>): Promise<void> {
  const first = await store.open()
  await submitAll(first, log)
  const truth = await storeTruth(first)
  const head = first.head()
  await first.close()
  await spoil()
  const second = await store.open()
  expect(second.head()).toEqual(head)
  expect(await storeTruth(second)).toEqual(truth)
  const again = await second.submit(log)
  expect(new Set(again.map(each => each.outcome))).toEqual(new Set(['duplicate']))
  await second.close()
  expect(await verifyStore(store.data)).toHaveProperty('report')
}

describe('a store opened again', () => {
  test('[E9] tells the same: families, references, counts, duplicates', async () => {
    const store = await logStore()
    await tellsTheSame(store, async () => {})
  })

  test('[E9] without its LevelDB folder tells the same', async () => {
    const store = await logStore()
    await tellsTheSame(store, () => rm(familiesFolder(store.data), { recursive: true }))
  })

  test('[E9] without everything but its journal and keys tells the same', async () => {
    const store = await logStore()
    await tellsTheSame(store, async () => {
      for (const name of await readdir(store.data))
        if (name !== 'journal' && name !== 'keys') await rm(join(store.data, name), { recursive: true })
    })
  })

  test('[E9] [L3] with snapshots older than their heads tells the same', async () => {
    const store = await logStore()
    const early = await store.open()
    await submitAll(early, log.slice(0, log.length / 2))
    await early.close()
    await cp(familiesFolder(store.data), join(store.data, 'older'), { recursive: true })
    await tellsTheSame(store, async () => {
      await rm(familiesFolder(store.data), { recursive: true })
      await cp(join(store.data, 'older'), familiesFolder(store.data), { recursive: true })
      await rm(join(store.data, 'older'), { recursive: true })
    })
  })

  test.each([1, 2, 3])('[E9] [L3] with flipped bytes in LevelDB believes none of them (seed %i)', async seed => {
    const store = await logStore()
    await tellsTheSame(store, async () => {
      const folder = familiesFolder(store.data)
      for (const name of await readdir(folder)) {
        if (!/\.(ldb|log)$/.test(name)) continue
        const bytes = await readFile(join(folder, name))
        for (let at = seed * 97; at < bytes.length; at += 5_000) bytes[at] = (bytes[at] as number) ^ (1 << seed)
        await writeFile(join(folder, name), bytes)
      }
    })
  })
})

test('[L1] [L3] [L4] [E2] with a small cache the same is in force as with a large one', async () => {
  const small = await (await logStore()).open()
  const large = await (await logStore()).open({ limits: { liveFamiliesMax: 10_000 } })
  for (const engine of [small, large]) await submitAll(engine, log)
  // What must be loaded first goes first in the next batch: entries stand in another order and say the same (C1–C6).
  const { families: _, ...inForce } = await storeTruth(large)
  expect(await storeTruth(small)).toMatchObject(inForce)
  await small.close()
  await large.close()
})
