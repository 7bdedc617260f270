// MemoryFamilyStore: the family store without a disk, for tests, previews and the simulation. Values are kept as the records
// LevelDB would hold, so that a test can damage one and a second opening finds what the first has written.
import { decodeRecord, encodeRecord } from './family-record.ts'
import type { FamilyStore } from './family-store.ts'

export interface MemoryFamilyStoreOptions {
  readonly storeId?: string
  /** What would be on the disk. */
  readonly records?: Map<string, Uint8Array>
  /** Stands for the write of each batch: what it throws fails the store. */
  readonly beforeWrite?: () => void
}

export function memoryFamilyStore(options: MemoryFamilyStoreOptions = {}): FamilyStore {
  const { storeId = '', records = new Map<string, Uint8Array>(), beforeWrite } = options
  let failure: unknown
  let unreadable = 0
  return {
    async write(rows) {
      if (failure !== undefined) return false
      try {
        beforeWrite?.()
      } catch (error) {
        failure = error
        return false
      }
      for (const row of rows) records.set(row.key, encodeRecord(storeId, row.key, row))
      return true
    },
    async readMany(keys) {
      return keys.map(key => {
        const record = records.get(key)
        if (record === undefined) return undefined
        const family = decodeRecord(storeId, key, record)
        if (family === undefined) unreadable++
        return family
      })
    },
    failure: () => failure,
    unreadable: () => unreadable,
    close: async () => undefined,
  }
}
