// A store on disk, verified with room for few of its families and for all.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { familiesFolder, journalFolder } from '../../cli/store.ts'
import { verifyStore } from '../../cli/verify-store.ts'
import type { Family } from '../../engine/family.ts'
import { packFamily, unpackFamily } from '../../engine/family-codec.ts'
import { openSegmentJournal } from '../../engine/journal/segment-journal.ts'
import { familyKey } from '../../engine/snapshots/keys.ts'
import { openFamilyStore } from '../../engine/snapshots/level-family-store.ts'
import { type DiskStore, diskStore, temporaryFolder } from '../helpers/disk-store.ts'
import { event, readyOrder, SOURCES } from '../helpers/distributor.ts'
import { closedLife } from '../helpers/retiring-store.ts'
import { configFile, ordertwin } from '../helpers/server-process.ts'

const ROOMS = [1, 2, undefined]

async function world(): Promise<{ readonly folder: string; readonly store: DiskStore }> {
  const folder = await temporaryFolder()
  const store = await diskStore({ data: join(folder, 'store') })
  const engine = await store.open()
  for (const number of [1, 2, 3]) await engine.submit(closedLife(number))
  await engine.submit(readyOrder('A-1'))
  await engine.close()
  return { folder, store }
}

/** Makes the snapshot of `row` another, whole and of the same position: only its entries can tell. */
async function spoilSnapshot(data: string, row: number): Promise<void> {
  const journal = await openSegmentJournal({ directory: journalFolder(data), randomBytes })
  await journal.close()
  const store = await openFamilyStore({ directory: familiesFolder(data), storeId: journal.storeId })
  const [known] = await store.readMany([familyKey(row)])
  const family = unpackFamily(known?.bytes ?? new Uint8Array(0)) as Family
  const bytes = packFamily({ ...family, lastPlace: '' })
  await store.write([{ key: familyKey(row), head: family.head, earlier: known?.earlier, bytes }])
  await store.close()
}

test('[E9] a snapshot that is not what its entries give is told, and nothing but that', async () => {
  const { store } = await world()
  const whole = await verifyStore(store.data, { liveFamiliesMax: 1 })
  expect(whole).toEqual({ report: expect.stringMatching(/families: 4, .*\nkeys: 3 there.*\nsnapshots: 4 current/) })
  await spoilSnapshot(store.data, 2)
  for (const liveFamiliesMax of ROOMS)
    expect(await verifyStore(store.data, { liveFamiliesMax })).toEqual({
      problem: 'snapshot of O-3 is not what its 31 entries give',
    })
})

test('[Z1] orders that were retired, and spoken of since, are found whole with any room', async () => {
  const { folder, store } = await world()
  const config = await configFile(folder, SOURCES)
  expect(await ordertwin(['retire', '--closed-for', '0', '--config', config])).toMatchObject({ exitCode: 0 })
  const engine = await store.open()
  await engine.submit([3, 1, 2].map(number => event('erp', 'credit.held', `order/O-${number}`, '09:00')))
  await engine.close()
  for (const liveFamiliesMax of ROOMS)
    expect(await verifyStore(store.data, { liveFamiliesMax })).toEqual({
      report: expect.stringMatching(
        /retired: of 3 orders .*, 30 of their entries\nfamilies: 4, .*\nkeys: 0 there, 3 destroyed\nsnapshots: 3 current.*, 1 older/,
      ),
    })
})
