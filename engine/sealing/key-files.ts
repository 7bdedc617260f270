// KeyFiles: the store's keys on disk. Made ahead in pages and synced before the first of a page is used; a key is destroyed by
// overwriting it where it stands. Each opening appends to a file of its own: an owner that was declared dead and goes on writes
// into its old one, and touches no key that is in use (E10). A slot is a key's number; later files take over from their first.
//
//     header, 64 bytes: 0 magic   4 format   6 –   8 store id   24 first slot   30 –   60 CRC-32 of all before
//     a slot, 40 bytes: 0 key   32 state   33 –   36 CRC-32 of store id, slot and all before
//
//   Y1  A key is durable before anything is sealed under it.
//   Y2  A key that was destroyed is gone from the disk when destroy() resolves with true, and never comes back.
//   Y3  A key that an entry names and that does not verify is damage: it is told, and nothing goes on without it unasked.
import { crc32 } from 'node:zlib'
import { sameBytes, storeIdBytes } from '../journal/codec.ts'
import { type Files, type OpenFile, writeAll } from '../journal/files.ts'
import { isNoSpace } from '../journal/opening.ts'
import { KEY_BYTES } from './cipher.ts'

// Format log.
//   1  0.1.0  the first
const KEYS_FORMAT = 1
const KEYS_MAGIC = 0x4b4a544f // 'OTJK'
const HEADER_BYTES = 64
const SLOT_BYTES = 40
// 512: 20 KB, one write and one sync for as many orders.
const PAGE_SLOTS = 512
const MADE = 1
const DESTROYED = 2

export interface KeyFilesOptions {
  readonly files: Files
  /** Made when it is not there. Whoever opens it owns the store already (journal/lock.ts). */
  readonly directory: string
  readonly storeId: string
  /** The journal's: no former owner has it. */
  readonly epoch: number
  readonly randomBytes: (count: number) => Uint8Array
}

/** Slots from `first` on, in one file. */
interface Part {
  readonly path: string
  readonly first: number
}

export class KeyFiles {
  private readonly options: KeyFilesOptions
  private readonly path: string
  private readonly parts: Part[]
  private own: OpenFile | undefined
  /** All keys and how each slot is, with room for more; 0 are those that did not verify when they were read. */
  private keys: Buffer
  private states: Buffer
  private count: number
  private readonly storeSum: number
  /** A page that is not durable yet: written again, it is the same. */
  private page: Buffer | undefined
  private failed: unknown

  /** Only openKeyFiles calls it. */
  constructor(options: KeyFilesOptions, found: { parts: Part[]; slots: Buffer; number: number }) {
    this.options = options
    this.parts = found.parts
    this.count = found.slots.length / SLOT_BYTES
    this.keys = Buffer.alloc(this.count * KEY_BYTES)
    this.states = Buffer.alloc(this.count)
    this.storeSum = crc32(storeIdBytes(options.storeId))
    for (let slot = 0; slot < this.count; slot++) this.take(slot, slotIn(found.slots, slot))
    // No key stays behind in memory nobody looks after.
    found.slots.fill(0)
    this.path = `${options.directory}/${nameOf(found.number)}`
  }

  get directory(): string {
    return this.options.directory
  }

  /** How many keys there are, those destroyed counted. */
  get made(): number {
    return this.count
  }

  /** What ended the making of keys for good; undefined while it goes on. */
  failure(): unknown {
    return this.failed
  }

  /** The key in `slot`; undefined where it was destroyed, never made, or does not verify. A view: it is wiped with its slot. */
  keyIn(slot: number): Uint8Array | undefined {
    return this.is(slot, MADE) ? this.key(slot) : undefined
  }

  isDestroyed(slot: number): boolean {
    return this.is(slot, DESTROYED)
  }

  private is(slot: number, state: number): boolean {
    return slot < this.count && this.states[slot] === state
  }

  /**
   * Goes on behind `used`, the last key an entry names, and gives the keys before it that are neither whole nor destroyed.
   * Keys behind it may exist in memory only, though they read back (reliability.md F3): they are never used.
   */
  startAt(used: number): readonly number[] {
    const lost: number[] = []
    for (let slot = 0; slot < used; slot++)
      if (!this.isDestroyed(slot) && this.keyIn(slot) === undefined) lost.push(slot)
    this.grow(used)
    this.count = used
    return lost
  }

  /** Makes at least `count` keys more. False when that failed: for good, unless the disk was full. */
  async make(count: number): Promise<boolean> {
    for (let made = 0; made < count; made += PAGE_SLOTS) if (!(await this.makePage())) return false
    return true
  }

  /** Overwrites the keys in `slots`. They are gone from memory at once, from the disk when it resolves with true. */
  async destroy(slots: readonly number[]): Promise<boolean> {
    const open = slots.filter(slot => slot < this.count && !this.isDestroyed(slot))
    for (const slot of open) this.wipe(slot)
    if (this.failed !== undefined) return false
    try {
      for (const part of this.parts) await this.overwrite(part, open)
      return true
    } catch (error) {
      this.failed ??= error
      return false
    }
  }

  async close(): Promise<void> {
    await this.own?.close()
  }

  private async makePage(): Promise<boolean> {
    if (this.failed !== undefined) return false
    this.page ??= this.freshPage()
    try {
      this.own ??= await this.ownFile()
      await writeAll(this.own, this.page, this.offsetOf(this.count))
    } catch (error) {
      if (!isNoSpace(error)) this.failed = error
      return false
    }
    try {
      await this.own.sync()
    } catch (error) {
      // What the file holds is unknown until it is opened anew (reliability.md F3).
      this.failed = error
      return false
    }
    this.grow(this.count + PAGE_SLOTS)
    for (let index = 0; index < PAGE_SLOTS; index++) this.take(this.count + index, slotIn(this.page, index))
    this.count += PAGE_SLOTS
    this.page.fill(0)
    this.page = undefined
    return true
  }

  /** This opening's file, empty but for its header; its name is durable. */
  private async ownFile(): Promise<OpenFile> {
    const { directory, files, storeId } = this.options
    const file = await files.open(this.path, (await files.readWhole(this.path)) === undefined ? 'create' : 'update')
    await writeAll(file, headerOf(storeId, this.count), 0)
    await file.sync()
    await files.syncDirectory(directory)
    this.parts.push({ path: this.path, first: this.count })
    return file
  }

  private offsetOf(slot: number): number {
    return HEADER_BYTES + (slot - (this.parts.at(-1) as Part).first) * SLOT_BYTES
  }

  /** Those of `slots` that stand in the file, also where a later one has taken over: no copy stays. */
  private async overwrite({ first, path }: Part, slots: readonly number[]): Promise<void> {
    const behind = slots.filter(slot => slot >= first)
    if (behind.length === 0) return
    const file = await this.options.files.open(path, 'update')
    try {
      const size = await file.size()
      const within = behind.filter(slot => HEADER_BYTES + (slot - first + 1) * SLOT_BYTES <= size)
      for (const slot of within) await writeAll(file, this.stored(slot), HEADER_BYTES + (slot - first) * SLOT_BYTES)
      if (within.length > 0) await file.sync()
    } finally {
      await file.close()
    }
  }

  private wipe(slot: number): void {
    this.key(slot).fill(0)
    this.states[slot] = DESTROYED
  }

  private freshPage(): Buffer {
    const page = Buffer.alloc(PAGE_SLOTS * SLOT_BYTES)
    const keys = this.options.randomBytes(PAGE_SLOTS * KEY_BYTES)
    for (let index = 0; index < PAGE_SLOTS; index++) {
      const slot = slotIn(page, index)
      slot.set(keys.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES))
      slot[KEY_BYTES] = MADE
      slot.writeUInt32LE(this.checksum(this.count + index, slot), SLOT_BYTES - 4)
    }
    return page
  }

  /** What stands in the slot on disk, where it verifies. */
  private take(slot: number, bytes: Buffer): void {
    if (bytes.readUInt32LE(SLOT_BYTES - 4) !== this.checksum(slot, bytes)) return
    this.keys.set(bytes.subarray(0, KEY_BYTES), slot * KEY_BYTES)
    this.states[slot] = bytes[KEY_BYTES]!
  }

  /** The slot as it stands on disk. */
  private stored(slot: number): Buffer {
    const bytes = Buffer.alloc(SLOT_BYTES)
    bytes.set(this.key(slot))
    bytes[KEY_BYTES] = this.states[slot]!
    bytes.writeUInt32LE(this.checksum(slot, bytes), SLOT_BYTES - 4)
    return bytes
  }

  private key(slot: number): Buffer {
    return this.keys.subarray(slot * KEY_BYTES, (slot + 1) * KEY_BYTES)
  }

  /** Room for `count` slots; twice as much as was there where that is not enough: what is not used yet takes no memory. */
  private grow(count: number): void {
    if (count <= this.states.length) return
    const slots = Math.max(count, this.states.length * 2)
    const [keys, states] = [Buffer.alloc(slots * KEY_BYTES), Buffer.alloc(slots)]
    this.keys.copy(keys)
    this.states.copy(states)
    // No key stays behind in memory nobody looks after.
    this.keys.fill(0)
    this.keys = keys
    this.states = states
  }

  /** Of another slot, or another store, it differs. */
  private checksum(slot: number, bytes: Uint8Array): number {
    this.summed.writeUIntLE(slot, 0, 6)
    this.summed.set(bytes.subarray(0, SLOT_BYTES - 4), 8)
    return crc32(this.summed, this.storeSum)
  }
  /** A slot's number and what stands in it: put together, a million are summed in half the time of two sums each. */
  private readonly summed = Buffer.alloc(8 + SLOT_BYTES - 4)
}

/** Opens the store's keys; none where there are none. */
export async function openKeyFiles(options: KeyFilesOptions): Promise<KeyFiles> {
  const { directory, epoch, files } = options
  await files.makeDirectory(directory)
  const found = await readSlots(options)
  return new KeyFiles(options, { ...found, number: Math.max(epoch, found.newest + 1) })
}

/** Writes all keys of `source` into one file of the empty folder `target`: after the journal, whose entries name them. */
export async function copyKeys(
  { directory, files, storeId }: Pick<KeyFilesOptions, 'directory' | 'files' | 'storeId'>,
  target: string,
): Promise<void> {
  await files.makeDirectory(target)
  const { slots } = await readSlots({ directory, files, storeId })
  const file = await files.open(`${target}/${nameOf(0)}`, 'create')
  try {
    await writeAll(file, Buffer.concat([headerOf(storeId, 0), slots]), 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await files.syncDirectory(target)
}

async function readSlots({
  directory,
  files,
  storeId,
}: Pick<KeyFilesOptions, 'directory' | 'files' | 'storeId'>): Promise<{
  parts: Part[]
  slots: Buffer
  newest: number
}> {
  const parts: Part[] = []
  let slots = Buffer.alloc(0)
  const names = (await files.list(directory)).filter(name => name.endsWith(SUFFIX)).sort()
  for (const name of names) {
    const path = `${directory}/${name}`
    const { buffer, byteOffset, length } = (await files.readWhole(path)) ?? new Uint8Array(0)
    const bytes = Buffer.from(buffer, byteOffset, length)
    const first = firstSlotOf(bytes, storeId)
    // One whose header was never durable holds nothing anybody uses; one that is damaged shows by the keys it lacks (Y3).
    if (first === undefined) continue
    const whole = Math.floor((bytes.length - HEADER_BYTES) / SLOT_BYTES)
    const before = Buffer.alloc(first * SLOT_BYTES)
    slots.copy(before)
    slots = Buffer.concat([before, bytes.subarray(HEADER_BYTES, HEADER_BYTES + whole * SLOT_BYTES)])
    parts.push({ path, first })
  }
  return { parts, slots, newest: Number.parseInt(names.at(-1) ?? '-1', 10) }
}

const slotIn = (slots: Buffer, index: number): Buffer => slots.subarray(index * SLOT_BYTES, (index + 1) * SLOT_BYTES)

const SUFFIX = '.keys'
const nameOf = (number: number): string => `${String(number).padStart(10, '0')}${SUFFIX}`

function headerOf(storeId: string, first: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32LE(KEYS_MAGIC, 0)
  header.writeUInt16LE(KEYS_FORMAT, 4)
  header.set(storeIdBytes(storeId), 8)
  header.writeUIntLE(first, 24, 6)
  header.writeUInt32LE(crc32(header.subarray(0, HEADER_BYTES - 4)), HEADER_BYTES - 4)
  return header
}

/** Undefined where the header is not whole, or another store's. */
function firstSlotOf(bytes: Buffer, storeId: string): number | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  const first = bytes.readUIntLE(24, 6)
  return sameBytes(bytes.subarray(0, HEADER_BYTES), headerOf(storeId, first)) ? first : undefined
}
