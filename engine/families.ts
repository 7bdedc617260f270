// Families: the live ones, and behind them those that were not used for longer, packed: bounded caches over snapshots and the journal.
// Owns:  families in memory, when they are packed, written and dropped.   Does not own: what they mean, which exist (directory.ts).
//   L1  A family in memory is as of its head in the directory.
//   L2  Only durable families are here: drafts live in the batch until its append resolves (E3).
//   L3  A snapshot is believed only at the head the directory names; else the family is rebuilt along its own entries.
//   L4  A family being written stays readable until the write has returned.
//   L5  Packed are only families that the store does not have as they are; they are written when they leave.
//   L6  Who asks about a family that is not in memory leaves it where it is, and drives none out that events come for; asked for once more
//       soon after, as those on the first pages of a list are, it stays.

import type { Directory } from './directory.ts'
import { applied, type JournalEntry, retirementIn } from './entry.ts'
import { unpackEntry } from './entry-codec.ts'
import { emptyFamily, type Family } from './family.ts'
import { packFamily, unpackFamily } from './family-codec.ts'
import { Generations } from './generations.ts'
import type { Journal } from './journal/journal.ts'
import type { FamilyRow, FamilyStore, StoredFamily } from './snapshots/family-store.ts'
import { familyKey } from './snapshots/keys.ts'

interface Live {
  family: Family
  /** Where its entries are, oldest first, of a retired one from its retirement on; undefined where only the journal tells. */
  positions: number[] | undefined
  /** Every entry, oldest first; loaded only when an event needs the past, dropped with the family. */
  history: JournalEntry[] | undefined
  /** Whether the snapshot store has it as it is now. */
  isStored: boolean
}

/** A family as the store has it. */
type Read = Pick<Live, 'family' | 'positions'>

/** A family as bytes: a fifth of what its objects take, and nothing that the collector goes through. */
interface Packed {
  readonly id: string
  readonly head: number
  readonly positions: number[] | undefined
  readonly bytes: Uint8Array
}

/** Where a family's entries are, after `entry`: of a retired one from its retirement on. Grows `positions`; undefined where it is not known. */
export function withPosition(positions: number[] | undefined, entry: JournalEntry): number[] | undefined {
  if (entry.previous === 0 || retirementIn(entry) !== undefined) return [entry.position]
  positions?.push(entry.position)
  return positions
}

export interface FamiliesOptions {
  readonly journal: Journal
  readonly store: FamilyStore
  readonly directory: Directory
  /** Families kept in memory when idle; a batch may hold more while it runs. */
  readonly liveMax: number
  /** Those kept packed beside them. */
  readonly packedMax: number
  readonly onTrouble: (trouble: string) => void
}

// 512: one snapshot batch of families of about a kilobyte stays well under a megabyte.
const WRITE_BATCH = 512
// 256, some two megabytes: a page of 200, and a few other questions meanwhile.
const LAST_READ_MAX = 256

export class Families {
  private readonly options: FamiliesOptions
  private readonly live = new Generations<Live>()
  private readonly packed = new Generations<Packed>()
  /** Ids of those that were read lately and left where they are (L6). */
  private readonly readOnce = new Generations<true>()
  /** The last few of these, and of those that were packed: one question asks for its family several times, which is not once more. */
  private readonly lastRead = new Generations<Read>()
  /** Families on their way into the store (L4). */
  private readonly leaving = new Map<string, Packed>()
  /** Writes that have not come to their end, the oldest first. */
  private readonly writes: Promise<void>[] = []

  constructor(options: FamiliesOptions) {
    this.options = options
  }

  get size(): number {
    return this.live.size
  }

  get packedSize(): number {
    return this.packed.size
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
    const cold = [...missing].filter(id => !this.unpacks(id))
    const stored = await store.readMany(cold.map(id => familyKey(directory.row(id))))
    for (const [index, id] of cold.entries()) {
      // A turn beside this may have read it, and packed it again.
      if (this.live.get(id) !== undefined || this.unpacks(id)) continue
      const found = this.believed(id, stored[index])
      if (found === undefined) await this.rebuild(id)
      else this.keep(id, { ...found, isStored: true })
    }
  }

  /** Families as they are now, for who only reads them (L6). Rejects with JournalDamage where one cannot be rebuilt. */
  async read(ids: readonly string[]): Promise<readonly Family[]> {
    const { directory, store } = this.options
    const read = new Map<string, Family>()
    for (;;) {
      const families: Family[] = []
      const missing = new Set<string>()
      for (const id of ids) {
        // What is live is the newest there is; a turn beside this may have brought on what was read.
        const others = [read.get(id), this.lastRead.get(id)?.family]
        const family = this.get(id) ?? others.find(each => each?.head === directory.head(id))
        if (family !== undefined) families.push(family)
        else missing.add(id)
      }
      if (missing.size === 0) return families
      const cold: string[] = []
      for (const id of missing) {
        const here = this.packed.get(id) ?? this.leaving.get(id)
        if (here === undefined || here.head !== directory.head(id)) cold.push(id)
        else read.set(id, this.justRead({ family: unpackFamily(here.bytes) as Family, positions: here.positions }))
      }
      if (cold.length === 0) continue
      const stored = await store.readMany(cold.map(id => familyKey(directory.row(id))))
      for (const [index, id] of cold.entries()) {
        const found = this.believed(id, stored[index])
        // What had to be made anew stays, so that the store gets it when it leaves.
        read.set(id, found === undefined ? await this.rebuild(id) : this.noted(found))
      }
    }
  }

  /** A family that a reader found in the store: it stays where it was asked for before. */
  private noted(found: Read): Family {
    const { head, id } = found.family
    // Another part of the same question may have read it meanwhile.
    if (this.lastRead.get(id)?.family.head === head) return found.family
    if (this.readOnce.take(id)) {
      this.keep(id, { ...found, isStored: true })
      return found.family
    }
    this.readOnce.set(id, true)
    this.readOnce.shrink(this.options.liveMax, () => undefined)
    return this.justRead(found)
  }

  private justRead(found: Read): Family {
    this.lastRead.set(found.family.id, found)
    this.lastRead.shrink(LAST_READ_MAX, () => undefined)
    return found.family
  }

  /** The family in a snapshot that is as of its head; undefined where it is not (L3). */
  private believed(id: string, snapshot: StoredFamily | undefined): Read | undefined {
    const head = this.options.directory.head(id)
    if (snapshot?.head !== head) return undefined
    const family = unpackFamily(snapshot.bytes)
    return family?.id === id && family.head === head ? { family, positions: positionsIn(snapshot) } : undefined
  }

  /** Takes back a family that is here as bytes; one on its way out as it is. */
  private unpacks(id: string): boolean {
    const waiting = this.packed.take(id)
    const known = waiting ?? this.leaving.get(id)
    if (known === undefined) return false
    // A list of its own: what is on its way is written as of its head, however this one grows meanwhile.
    const positions = waiting === undefined ? known.positions?.slice() : known.positions
    this.keep(id, { family: unpackFamily(known.bytes) as Family, positions, isStored: waiting === undefined })
    return this.live.get(id) !== undefined
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
    for (const [id, family] of families) {
      const known = this.live.use(id)
      if (known === undefined) this.live.set(id, { family, positions: undefined, history: undefined, isStored: false })
      else {
        known.family = family
        known.isStored = false
      }
    }
    for (const entry of entries) {
      const known = this.live.get(entry.family)
      if (known === undefined) continue
      known.positions = withPosition(known.positions, entry)
      known.history?.push(entry)
    }
  }

  /** Packs the longest unused beyond the limit, but for what the store has; of the packed the longest unused are written behind. */
  evict(): void {
    const { liveMax, packedMax, store } = this.options
    this.live.shrink(liveMax, (id, live) => {
      if (!live.isStored) this.packed.set(id, packedOf(live))
    })
    const unsaved: Packed[] = []
    this.packed.shrink(packedMax, (id, packed) => {
      unsaved.push(packed)
      this.leaving.set(id, packed)
    })
    for (const batch of inBatches(unsaved)) {
      const before = this.writes.at(-1) ?? Promise.resolve()
      const write = before.then(async () => {
        // Everything in the store can be rebuilt from the journal: losing a write costs time, not data.
        if (!(await this.save(batch))) this.options.onTrouble(`snapshots were not written: ${String(store.failure())}`)
        for (const each of batch) if (this.leaving.get(each.id) === each) this.leaving.delete(each.id)
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
    // All of them now: readers may still have one packed while others are written.
    const packed = [...this.packed.values()]
    const unsaved = [...this.live.values()].filter(each => !each.isStored)
    for (const batch of inBatches(packed)) if (!(await this.save(batch))) return
    for (const batch of inBatches(unsaved)) if (!(await this.save(batch.map(packedOf)))) return
  }

  /** False where it was not written. */
  private save(batch: readonly Packed[]): Promise<boolean> {
    const { directory, store } = this.options
    const rows = batch.map(({ bytes, head, id, positions }): FamilyRow => {
      return { key: familyKey(directory.row(id)), head, earlier: positions?.slice(0, -1), bytes }
    })
    return store.write(rows)
  }

  /** A family's entries after position `after`, oldest first, `first` at most: of a retired one from its retirement on. */
  async entriesOf(id: string, { after = 0, first }: { after?: number; first?: number } = {}): Promise<JournalEntry[]> {
    if (this.options.directory.head(id) <= after) return []
    const known = await this.positionsOf(id)
    // Read together: one by one each of them waits for the loop to come round, which takes milliseconds while a batch is judged.
    const frames = await this.options.journal.read(known.filter(position => position > after).slice(0, first))
    const entries = frames.map(unpackEntry)
    const isOwn = known.length > 0 && entries.every(({ family }) => family === id)
    return isOwn ? entries : (await this.chainOf(id, after)).slice(0, first)
  }

  /** Where its entries are, as far as it is known beside the journal; a snapshot may say so of another family. */
  private async positionsOf(id: string): Promise<readonly number[]> {
    const { directory, store } = this.options
    const here = () => this.live.get(id) ?? this.packed.get(id) ?? this.leaving.get(id)
    const known = here()
    if (known !== undefined) return known.positions ?? []
    const last = this.lastRead.get(id)
    if (last?.positions !== undefined && last.family.head === directory.head(id)) return last.positions
    const [stored] = await store.readMany([familyKey(directory.row(id))])
    // A turn beside this may have brought it in, and on.
    const positions = here()?.positions ?? (stored?.head === directory.head(id) ? positionsIn(stored) : undefined)
    return positions ?? []
  }

  /** The same of all after `from`, one read after the other along their previous positions. */
  private async chainOf(id: string, from = 0): Promise<JournalEntry[]> {
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
  private async rebuild(id: string): Promise<Family> {
    const { directory } = this.options
    for (;;) {
      if (this.live.get(id) === undefined) this.unpacks(id)
      const known = this.live.get(id)
      if (known !== undefined) return known.family
      const head = directory.head(id)
      const entries = await this.chainOf(id)
      const positions = entries.map(({ position }) => position)
      const family = entries.reduce(applied, emptyFamily(id))
      this.keep(id, { family, positions, isStored: false })
      // Read again it would come to the same, for ever. That the directory names no entry of its own is no damage: we broke it.
      if (family.head !== head && directory.head(id) === head)
        throw new Error(`families: the entries of ${id} end at ${family.head}, its last one is ${head}`)
    }
  }

  /** Keeps a family that was read, unless the turn knows a newer one (reads run beside turns). */
  private keep(id: string, known: Omit<Live, 'history'>): void {
    if (this.live.get(id) !== undefined || known.family.head !== this.options.directory.head(id)) return
    // Another reader may have kept it before, and have it packed by now.
    this.packed.take(id)
    this.live.set(id, { ...known, history: undefined })
  }
}

const positionsIn = ({ earlier, head }: StoredFamily): number[] | undefined => earlier && [...earlier, head]

/** Bytes of its own: the writer's are part of something larger. */
const packedOf = ({ family, positions }: Live): Packed => ({
  id: family.id,
  head: family.head,
  positions,
  bytes: new Uint8Array(packFamily(family)),
})

function* inBatches<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += WRITE_BATCH) yield items.slice(at, at + WRITE_BATCH)
}
