// LevelFamilyStore: families in LevelDB. Whoever opens it already owns the store's folder (journal/lock.ts): LevelDB's own
// lock is not relied on (reliability.md F8). A folder that LevelDB cannot open is thrown away and started empty.
import { rm } from 'node:fs/promises'
import { Level } from 'level'
import { decodeRecord, encodeRecord } from './family-record.ts'
import type { FamilyRow, FamilyStore, StoredFamily } from './family-store.ts'

export interface FamilyStoreOptions {
  readonly directory: string
  /** Rows of another store do not verify. */
  readonly storeId: string
  /** Files LevelDB keeps open; undefined: as many as it does by itself. */
  readonly openFilesMax?: number
}

type Database = Level<string, Uint8Array>

/** Rejects when even an empty one cannot be opened (disk full), or when another process has it open. */
export async function openFamilyStore(options: FamilyStoreOptions): Promise<LevelFamilyStore> {
  const database = await openDatabase(options)
  return new LevelFamilyStore(database.database, options.storeId, database.startedEmpty)
}

export class LevelFamilyStore implements FamilyStore {
  /** Why the folder was thrown away when it was opened; undefined when it was not. */
  readonly startedEmpty: unknown
  readonly #database: Database
  readonly #storeId: string
  #failure: unknown
  #unreadable = 0

  /** Only openFamilyStore calls it. */
  constructor(database: Database, storeId: string, startedEmpty: unknown) {
    this.#database = database
    this.#storeId = storeId
    this.startedEmpty = startedEmpty
  }

  async write(rows: readonly FamilyRow[]): Promise<boolean> {
    if (this.#failure !== undefined) return false
    const puts = rows.map(row => ({
      type: 'put' as const,
      key: row.key,
      value: encodeRecord(this.#storeId, row.key, row),
    }))
    try {
      await this.#database.batch(puts)
      return true
    } catch (error) {
      // A failed append is not sticky in LevelDB: what is written after it may be dropped when it opens again (F1).
      this.#failure ??= error
      return false
    }
  }

  async readMany(keys: readonly string[]): Promise<readonly (StoredFamily | undefined)[]> {
    const values = await this.#values(keys)
    return values.map((value, index) => {
      if (value === undefined) return undefined
      const family = decodeRecord(this.#storeId, keys[index]!, value)
      if (family === undefined) this.#unreadable++
      return family
    })
  }

  failure(): unknown {
    return this.#failure
  }

  unreadable(): number {
    return this.#unreadable
  }

  async close(): Promise<void> {
    await this.#database.close()
  }

  async #values(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    try {
      return await this.#database.getMany([...keys])
    } catch {
      // One damaged table fails the whole call: ask one by one, so that only its own rows are lost.
      const values: (Uint8Array | undefined)[] = []
      for (const key of keys) values.push(await this.#value(key))
      return values
    }
  }

  async #value(key: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#database.get(key)
    } catch {
      this.#unreadable++
      return undefined
    }
  }
}

async function openDatabase(options: FamilyStoreOptions): Promise<{ database: Database; startedEmpty?: unknown }> {
  try {
    return { database: await opened(options) }
  } catch (error) {
    if (isLocked(error)) throw error
    await rm(options.directory, { recursive: true, force: true })
    return { database: await opened(options), startedEmpty: error }
  }
}

async function opened({ directory, openFilesMax }: FamilyStoreOptions): Promise<Database> {
  const limits = openFilesMax === undefined ? {} : { maxOpenFiles: openFilesMax }
  const database: Database = new Level(directory, { keyEncoding: 'utf8', valueEncoding: 'view', ...limits })
  await database.open()
  return database
}

/** Its folder is in use: that is no reason to throw it away. */
function isLocked(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && cause.code === 'LEVEL_LOCKED') return true
  }
  return false
}
