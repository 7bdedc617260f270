// Families: the live ones, a bounded cache over snapshots and the journal.
// Owns:  families in memory, when they are written and dropped.   Does not own: what they mean, which exist (directory.ts).
//   L1  A family in memory is as of its head in the directory.
//   L2  Only durable families are here: drafts live in the batch until its append resolves (E3).
//   L3  A snapshot is believed only at the head the directory names; else the family is rebuilt along its own entries.
//   L4  A family being written stays readable until the write has returned.

import type { Directory } from './directory.ts'
import { applied, type JournalEntry, retirementIn } from './entry.ts'
import { packFamily, unpackEntry, unpackFamily } from './entry-codec.ts'
import { emptyFamily, type Family } from './family.ts'
import { Generations } from './generations.ts'
import type { Journal } from './journal/journal.ts'
import type { FamilyRow, FamilyStore } from './snapshots/family-store.ts'
import { familyKey } from './snapshots/keys.ts'

interface Live {
  family: Family
  /** Every entry, oldest first; loaded only when an event needs the past, dropped with the family. */
  history: JournalEntry[] | undefined
  /** Whether the snapshot store has it as it is now. */
  isStored: boolean
}

export interface FamiliesOptions {
  readonly journal: Journal
  readonly store: FamilyStore
  readonly directory: Directory
  /** Families kept in memory when idle; a batch may hold more while it runs. */
  readonly liveMax: number
  readonly onTrouble: (trouble: string) => void
}

// 512: one snapshot batch of families of about a kilobyte stays well under a megabyte.
const WRITE_BATCH = 512

export class Families {
  private readonly options: FamiliesOptions
  private readonly live = new Generations<Live>()
  /** Families on their way into the store (L4). */
  private readonly leaving = new Map<string, Family>()
  /** Writes that have not come to their end, the oldest first. */
  private readonly writes: Promise<void>[] = []

  constructor(options: FamiliesOptions) {
    this.options = options
  }

  get size(): number {
    return this.live.size
  }

  /** The family if it is in memory, or exists nowhere; undefined where it must be loaded. */
  get(id: string): Family | undefined {
    const known = this.live.get(id)
    if (known !== undefined) return known.family
    return this.options.directory.row(id) < 0 ? emptyFamily(id) : undefined
  }

  /** Its entries if they are in memory; undefined where they must be loaded. */
  history(id: string): readonly JournalEntry[] | undefined {
    if (this.options.directory.row(id) < 0) return []
    return this.live.get(id)?.history
  }

  /** Brings families into memory. Rejects with JournalDamage where one cannot be rebuilt. */
  async load(ids: readonly string[]): Promise<void> {
    const { directory, store } = this.options
    const missing = new Set<string>()
    for (const id of ids) if (this.live.use(id) === undefined && directory.row(id) >= 0) missing.add(id)
    if (missing.size === 0) return
    const cold = [...missing].filter(id => !this.comesBack(id))
    const stored = await store.readMany(cold.map(id => familyKey(directory.row(id))))
    for (const [index, id] of cold.entries()) {
      const snapshot = stored[index]
      const family = snapshot?.head === directory.head(id) ? unpackFamily(snapshot.bytes) : undefined
      if (family?.id === id && family.head === directory.head(id)) this.keep(id, family, true)
      else await this.rebuild(id)
    }
  }

  /** The family as it is now. For readers: what was loaded for them, a turn beside them may have dropped again. */
  async latest(id: string): Promise<Family> {
    for (;;) {
      const family = this.get(id)
      if (family !== undefined) return family
      await this.load([id])
    }
  }

  /** A family on its way out is taken back as it is. */
  private comesBack(id: string): boolean {
    const family = this.leaving.get(id)
    if (family !== undefined) this.keep(id, family, true)
    return family !== undefined
  }

  /** Brings the whole history of families that are in memory. */
  async loadHistory(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const known = this.live.get(id)
      if (known === undefined || known.history !== undefined) continue
      const entries = await this.entriesOf(id)
      // Turns load histories and turns commit: nothing can have been added meanwhile.
      known.history = entries
    }
  }

  /** Families as their durable entries leave them. */
  commit(families: ReadonlyMap<string, Family>, entries: readonly JournalEntry[]): void {
    let hasHistory = false
    for (const [id, family] of families) {
      const known = this.live.use(id)
      if (known === undefined) this.live.set(id, { family, history: undefined, isStored: false })
      else {
        known.family = family
        known.isStored = false
        hasHistory ||= known.history !== undefined
      }
    }
    if (hasHistory) for (const entry of entries) this.live.get(entry.family)?.history?.push(entry)
  }

  /** Drops the longest unused beyond the limit; what the store does not have yet is written behind. */
  evict(): void {
    const { liveMax, store } = this.options
    const unsaved: Family[] = []
    this.live.shrink(liveMax, (id, { family, isStored }) => {
      if (isStored) return
      unsaved.push(family)
      this.leaving.set(id, family)
    })
    for (let at = 0; at < unsaved.length; at += WRITE_BATCH) {
      const batch = unsaved.slice(at, at + WRITE_BATCH)
      const before = this.writes.at(-1) ?? Promise.resolve()
      const write = before.then(async () => {
        const rows = batch.map(family => this.rowOf(family))
        // Everything in the store can be rebuilt from the journal: losing a write costs time, not data.
        if (!(await store.write(rows))) this.options.onTrouble(`snapshots were not written: ${String(store.failure())}`)
        for (const family of batch) if (this.leaving.get(family.id) === family) this.leaving.delete(family.id)
        this.writes.shift()
      })
      this.writes.push(write)
    }
  }

  /** Resolves once at most `most` wait to be written. */
  async written(most: number): Promise<void> {
    while (this.leaving.size > most && this.writes[0] !== undefined) await this.writes[0]
  }

  /** Writes every family in memory the store does not have as it is now. */
  async saveAll(): Promise<void> {
    await this.writes.at(-1)
    const unsaved = [...this.live.values()].filter(each => !each.isStored)
    for (let at = 0; at < unsaved.length; at += WRITE_BATCH) {
      const batch = unsaved.slice(at, at + WRITE_BATCH)
      const rows = batch.map(({ family }) => this.rowOf(family))
      if (!(await this.options.store.write(rows))) return
      for (const each of batch) each.isStored = true
    }
  }

  private rowOf(family: Family): FamilyRow {
    return { key: familyKey(this.options.directory.row(family.id)), head: family.head, bytes: packFamily(family) }
  }

  /** Every entry of a family, oldest first, read along its previous positions: of a retired one from its retirement on. */
  async entriesOf(id: string, from = 0): Promise<JournalEntry[]> {
    const entries: JournalEntry[] = []
    for (let position = this.options.directory.head(id); position > from; ) {
      const [frame] = await this.options.journal.read([position])
      if (frame === undefined) throw new Error(`families: entry ${position} of ${id} was not read`)
      const entry = unpackEntry(frame)
      entries.push(entry)
      position = retirementIn(entry) === undefined ? entry.previous : 0
    }
    return entries.reverse()
  }

  /** From its entries. The turn may have brought it on, or in, meanwhile: only its newest state is kept (L1). */
  private async rebuild(id: string): Promise<void> {
    while (this.live.get(id) === undefined) {
      const family = (await this.entriesOf(id)).reduce(applied, emptyFamily(id))
      this.keep(id, family, false)
    }
  }

  /** Keeps a family that was read, unless the turn knows a newer one (reads run beside turns). */
  private keep(id: string, family: Family, isStored: boolean): void {
    if (this.live.get(id) !== undefined || family.head !== this.options.directory.head(id)) return
    this.live.set(id, { family, history: undefined, isStored })
  }
}
