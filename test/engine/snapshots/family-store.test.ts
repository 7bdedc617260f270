import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { familyKey } from '../../../engine/snapshots/keys.ts'
import { openFamilyStore } from '../../../engine/snapshots/level-family-store.ts'
import { memoryFamilyStore } from '../../../engine/snapshots/memory-family-store.ts'
import { familyStoreContract } from '../../contracts/family-store-contract.ts'

const STORE_ID = '00112233445566778899aabbccddeeff'

familyStoreContract('in memory', async () => {
  const records = new Map<string, Uint8Array>()
  let failing = false
  const beforeWrite = () => {
    if (!failing) return
    failing = false
    throw new Error('EIO')
  }
  return {
    open: async (storeId = STORE_ID) => memoryFamilyStore({ storeId, records, beforeWrite }),
    damage: async (key, change) => void records.set(key, change(records.get(key)!)),
    misplace: async (from, to) => void records.set(to, records.get(from)!),
    failNextWrite: () => {
      failing = true
    },
    dispose: async () => undefined,
  }
})

familyStoreContract('LevelDB', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ordertwin-families-'))
  const directory = join(folder, 'families')
  const inside = async (change: (database: Level<string, Uint8Array>) => Promise<void>) => {
    const database = new Level<string, Uint8Array>(directory, { valueEncoding: 'view' })
    await change(database)
    await database.close()
  }
  return {
    open: (storeId = STORE_ID) => openFamilyStore({ directory, storeId }),
    damage: (key, change) => inside(async database => database.put(key, change((await database.get(key))!))),
    misplace: (from, to) => inside(async database => database.put(to, (await database.get(from))!)),
    // LevelDB itself cannot be made to fail from here; its batch is, once.
    failNextWrite: () => {
      vi.spyOn(Level.prototype, 'batch').mockImplementationOnce(() => Promise.reject(new Error('EIO')) as never)
    },
    dispose: async () => {
      vi.restoreAllMocks()
      await rm(folder, { recursive: true })
    },
  }
})

describe('family store on a disk', () => {
  let directory: string

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ordertwin-families-'))
  })
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true })
  })

  test('[E9] a folder that LevelDB cannot open is started empty: all in it can be rebuilt', async () => {
    const store = await openFamilyStore({ directory, storeId: STORE_ID })
    expect(store.startedEmpty).toBeUndefined()
    await store.write([{ key: familyKey(1), head: 1, earlier: [], bytes: Uint8Array.of(1) }])
    await store.close()
    const manifest = (await readdir(directory)).find(name => name.startsWith('MANIFEST'))!
    await writeFile(join(directory, manifest), 'not a manifest')
    const reopened = await openFamilyStore({ directory, storeId: STORE_ID })
    expect(reopened.startedEmpty).toBeInstanceOf(Error)
    expect(await reopened.readMany([familyKey(1)])).toEqual([undefined])
    expect(await reopened.write([{ key: familyKey(1), head: 1, earlier: [], bytes: Uint8Array.of(1) }])).toBe(true)
    await reopened.close()
  })

  test('[E10] a folder that is open already is refused, not started empty', async () => {
    const store = await openFamilyStore({ directory, storeId: STORE_ID })
    await store.write([{ key: familyKey(1), head: 1, earlier: [], bytes: Uint8Array.of(1) }])
    await expect(openFamilyStore({ directory, storeId: STORE_ID })).rejects.toThrow()
    expect((await store.readMany([familyKey(1)]))[0]?.head).toBe(1)
    await store.close()
  })

  test('keys of rows made together lie together', () => {
    const keys = [0, 1, 35, 36, 1_000_000, 78_364_164_095].map(familyKey)
    expect([...keys].sort()).toEqual(keys)
    expect(new Set(keys.map(key => key.length)).size).toBe(1)
  })
})
