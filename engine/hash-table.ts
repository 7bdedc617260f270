// HashTable: from a hash to numbers, tens of millions of them. The hash finds, it does not decide (hash.ts): several values under
// one hash are normal, and whoever follows one compares the name itself. So 40 bits of 64 are enough: of 15 million entries one
// search in 70,000 meets one that it does not mean.
// Open addressing, 8 bytes a slot that lie together: a search in a table that is not in the processor's caches waits for
// memory once, not once a column. 80 to 90 % full: 9 to 10 bytes per entry and no objects.
// Cut into 256 shards by the hash's top byte, each growing on its own: a table of ten million never stops the loop for
// more than a few milliseconds to make itself larger.

// Format log of toBytes().
//   1  0.1.0  the first
//   2  0.1.0  40 bits of the hash, and slots that lie together; three quarters full at most at first, and code of that time reads
//             no fuller ones: it makes them anew from the journal
//   3  0.1.0  a shard's quotients only where it has some
const FORMAT = 3
const MAGIC = 0x5448544f // 'OTHT'
const HEADER_BYTES = 16
const SHARD_HEADER_BYTES = 12

const SHARDS = 256
const CAPACITY_MIN = 16
// Nine tenths, and an eighth larger each time: all shards fill at the same pace, so that the whole table has the room that one shard
// has. At three quarters and a quarter it took 11 to 12 bytes an entry, and a search among 14 million that finds nothing 270 ns
// instead of 400; an event makes some two of these.
const FILL_MAX = 0.9
const GROWTH = 1.125
/** Largest value: 40 bits. */
export const HASH_TABLE_VALUE_MAX = 255 * 0xffff_ffff + 0xffff_fffe

// Values are told by their quotient and remainder: the remainder plus one is never 0, which is an empty slot.
const DIVISOR = 0xffff_ffff
// Low half of the hash, remainder of the value plus one. The quotient stands apart.
const WORDS = 2
const SLOT_BYTES = WORDS * 4

interface Shard {
  size: number
  readonly capacity: number
  readonly slots: Uint32Array
  /** Undefined while all are 0, as in all but the largest stores: no search waits for a column that is not there. */
  quotients: Uint8Array | undefined
}

export class HashTable {
  readonly #shards: Shard[]

  constructor(shards = Array.from({ length: SHARDS }, () => emptyShard(CAPACITY_MIN))) {
    this.#shards = shards
  }

  get size(): number {
    return this.#shards.reduce((sum, shard) => sum + shard.size, 0)
  }

  /** Memory it takes. */
  get bytes(): number {
    return this.#shards.reduce((sum, { quotients, slots }) => sum + slots.byteLength + (quotients?.byteLength ?? 0), 0)
  }

  /** Adds `value` beside those already there. Adding a pair that is there changes nothing: entries may be applied twice. */
  add(high: number, low: number, value: number): void {
    const shard = this.#shards[high >>> 24]!
    let slot = firstSlot(shard, low)
    for (; isTaken(shard, slot); slot = nextSlot(shard, slot)) {
      if (holds(shard, slot, low) && valueAt(shard, slot) === value) return
    }
    this.#fill(high >>> 24, slot, low, value)
  }

  /** The first value under the hash; -1 when there is none. */
  get(high: number, low: number): number {
    const shard = this.#shards[high >>> 24]!
    const slot = slotOf(shard, low)
    return isTaken(shard, slot) ? valueAt(shard, slot) : -1
  }

  /** All values under the hash, in no promised order. */
  all(high: number, low: number): number[] {
    const shard = this.#shards[high >>> 24]!
    const values: number[] = []
    for (let slot = firstSlot(shard, low); isTaken(shard, slot); slot = nextSlot(shard, slot)) {
      if (holds(shard, slot, low)) values.push(valueAt(shard, slot))
    }
    return values
  }

  /** Its bytes for a checkpoint, shard by shard: each part is true of the moment it is asked for. */
  *parts(): Generator<Uint8Array> {
    yield headerBytes()
    for (const shard of this.#shards) yield shardBytes(shard)
  }

  /** All parts in one. Not canonical: two tables with the same entries may differ in it. */
  toBytes(): Uint8Array {
    return Buffer.concat([...this.parts()])
  }

  /** Undefined when these are not the bytes of a table. They are not checked for more: a checkpoint has its digest. */
  static fromBytes(bytes: Uint8Array): HashTable | undefined {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    if (bytes.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== FORMAT) return
    const shards: Shard[] = []
    let at = HEADER_BYTES
    for (let index = 0; index < SHARDS; index++) {
      const shard = at + SHARD_HEADER_BYTES <= bytes.length ? shardFrom(bytes, view, at) : undefined
      if (shard === undefined) return
      shards.push(shard)
      at += storedBytes(shard)
    }
    return at === bytes.length ? new HashTable(shards) : undefined
  }

  #fill(number: number, slot: number, low: number, value: number): void {
    const shard = this.#shards[number]!
    if (shard.size + 1 <= shard.capacity * FILL_MAX) {
      put(shard, slot, low, value)
    } else {
      const larger = enlarged(shard)
      this.#shards[number] = larger
      put(larger, freeSlot(larger, low), low, value)
    }
  }
}

function emptyShard(capacity: number): Shard {
  return { size: 0, capacity, slots: new Uint32Array(capacity * WORDS), quotients: undefined }
}

function enlarged(shard: Shard): Shard {
  const { capacity, quotients, size, slots } = shard
  const larger = emptyShard(Math.ceil(capacity * GROWTH))
  larger.quotients = quotients && new Uint8Array(larger.capacity)
  // From behind an empty slot on, so that the values under one hash keep their order and the first stays first.
  let slot = 0
  while (isTaken(shard, slot)) slot++
  for (let step = 1; step < capacity; step++) {
    slot = nextSlot(shard, slot)
    if (!isTaken(shard, slot)) continue
    const low = slots[slot * WORDS]!
    const to = freeSlot(larger, low)
    larger.slots[to * WORDS] = low
    larger.slots[to * WORDS + 1] = slots[slot * WORDS + 1]!
    if (quotients !== undefined) larger.quotients![to] = quotients[slot]!
  }
  larger.size = size
  return larger
}

function put(shard: Shard, slot: number, low: number, value: number): void {
  if (!(value >= 0 && value <= HASH_TABLE_VALUE_MAX)) throw new RangeError(`not a value for a hash table: ${value}`)
  const quotient = Math.floor(value / DIVISOR)
  shard.slots[slot * WORDS] = low
  shard.slots[slot * WORDS + 1] = value - quotient * DIVISOR + 1
  if (quotient > 0) shard.quotients ??= new Uint8Array(shard.capacity)
  if (shard.quotients !== undefined) shard.quotients[slot] = quotient
  shard.size++
}

function valueAt({ quotients, slots }: Shard, slot: number): number {
  const remainder = slots[slot * WORDS + 1]! - 1
  return quotients === undefined ? remainder : quotients[slot]! * DIVISOR + remainder
}

function isTaken({ slots }: Shard, slot: number): boolean {
  return slots[slot * WORDS + 1] !== 0
}

function holds({ slots }: Shard, slot: number, low: number): boolean {
  return slots[slot * WORDS] === low
}

/** The first slot that holds the hash, or the empty one where it would go. */
function slotOf(shard: Shard, low: number): number {
  let slot = firstSlot(shard, low)
  while (isTaken(shard, slot) && !holds(shard, slot, low)) slot = nextSlot(shard, slot)
  return slot
}

function freeSlot(shard: Shard, low: number): number {
  let slot = firstSlot(shard, low)
  while (isTaken(shard, slot)) slot = nextSlot(shard, slot)
  return slot
}

/** Where a search begins: as far into the shard as the low half is into its range. */
function firstSlot({ capacity }: Shard, low: number): number {
  return Math.floor((low * capacity) / 0x1_0000_0000)
}

function nextSlot({ capacity }: Shard, slot: number): number {
  return slot + 1 === capacity ? 0 : slot + 1
}

function headerBytes(): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint32(4, FORMAT, true)
  return bytes
}

/** Capacity, size and how long the quotients are, then the columns as they are in memory: little-endian, as every machine that Node runs on. */
function shardBytes(shard: Shard): Uint8Array {
  const { capacity, quotients, size, slots } = shard
  const bytes = new Uint8Array(storedBytes(shard))
  bytes.set(new Uint8Array(new Uint32Array([capacity, size, quotients?.length ?? 0]).buffer))
  bytes.set(new Uint8Array(slots.buffer), SHARD_HEADER_BYTES)
  if (quotients !== undefined) bytes.set(quotients, SHARD_HEADER_BYTES + slots.byteLength)
  return bytes
}

const storedBytes = ({ quotients, slots }: Shard): number =>
  SHARD_HEADER_BYTES + slots.byteLength + (quotients?.byteLength ?? 0)

function shardFrom(bytes: Uint8Array, view: DataView, start: number): Shard | undefined {
  const capacity = view.getUint32(start, true)
  const size = view.getUint32(start + 4, true)
  const quotientBytes = view.getUint32(start + 8, true)
  const at = start + SHARD_HEADER_BYTES
  const slotsEnd = at + capacity * SLOT_BYTES
  const end = slotsEnd + quotientBytes
  if (capacity < CAPACITY_MIN || size > capacity * FILL_MAX || end > bytes.length) return undefined
  if (quotientBytes !== 0 && quotientBytes !== capacity) return undefined
  // Copies, which need not be filled with nothing first; a Buffer's own slice is none.
  const copied = (from: number, to: number) => bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + to)
  return {
    size,
    capacity,
    slots: new Uint32Array(copied(at, slotsEnd)),
    quotients: quotientBytes === 0 ? undefined : new Uint8Array(copied(slotsEnd, end)),
  }
}
