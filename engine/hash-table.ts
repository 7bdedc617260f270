// HashTable: from a 64-bit hash to numbers, tens of millions of them. The hash finds, it does not decide (hash.ts): several
// values under one hash are normal, and whoever follows one compares the name itself.
// Open addressing over typed arrays, 14 bytes a slot, at most three quarters full: 19–37 bytes per entry and no objects.
// Cut into 256 shards by the hash's top byte, each growing on its own: a table of ten million never stops the loop for
// more than a few milliseconds to double itself.

// Format log of toBytes().
//   1  0.1.0  the first
const FORMAT = 1
const MAGIC = 0x5448544f // 'OTHT'
const HEADER_BYTES = 16
const SHARD_HEADER_BYTES = 8
const SLOT_BYTES = 14

const SHARDS = 256
const CAPACITY_MIN = 16
// Three quarters: beyond that a search that finds nothing walks ten slots and more.
const FILL_MAX = 0.75
/** Largest value: 48 bits hold it and the empty slot. */
export const HASH_TABLE_VALUE_MAX = 2 ** 48 - 2

interface Shard {
  size: number
  readonly mask: number
  readonly highs: Uint32Array
  readonly lows: Uint32Array
  /** Value plus one in 48 bits; zero is an empty slot. */
  readonly valueLows: Uint32Array
  readonly valueHighs: Uint16Array
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
    return this.#shards.reduce((sum, shard) => sum + (shard.mask + 1) * SLOT_BYTES, 0)
  }

  /** Adds `value` beside those already there. Adding a pair that is there changes nothing: entries may be applied twice. */
  add(high: number, low: number, value: number): void {
    const shard = this.#shards[high >>> 24]!
    let slot = firstSlot(shard, low)
    for (; isTaken(shard, slot); slot = nextSlot(shard, slot)) {
      if (holds(shard, slot, high, low) && valueAt(shard, slot) === value) return
    }
    this.#fill(shard, slot, high, low, value)
  }

  /** Makes `value` the first under the hash, in place of the first there was. For tables that keep one value per hash. */
  set(high: number, low: number, value: number): void {
    const shard = this.#shards[high >>> 24]!
    const slot = slotOf(shard, high, low)
    if (isTaken(shard, slot)) putValue(shard, slot, value)
    else this.#fill(shard, slot, high, low, value)
  }

  /** Puts `value` in place of `former`. False, and nothing changed, when `former` is not there under this hash. */
  replace(high: number, low: number, former: number, value: number): boolean {
    const shard = this.#shards[high >>> 24]!
    for (let slot = firstSlot(shard, low); isTaken(shard, slot); slot = nextSlot(shard, slot)) {
      if (!holds(shard, slot, high, low) || valueAt(shard, slot) !== former) continue
      putValue(shard, slot, value)
      return true
    }
    return false
  }

  /** The first value under the hash; -1 when there is none. */
  get(high: number, low: number): number {
    const shard = this.#shards[high >>> 24]!
    const slot = slotOf(shard, high, low)
    return isTaken(shard, slot) ? valueAt(shard, slot) : -1
  }

  /** All values under the hash, in no promised order. */
  all(high: number, low: number): number[] {
    const shard = this.#shards[high >>> 24]!
    const values: number[] = []
    for (let slot = firstSlot(shard, low); isTaken(shard, slot); slot = nextSlot(shard, slot)) {
      if (holds(shard, slot, high, low)) values.push(valueAt(shard, slot))
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
      at += SHARD_HEADER_BYTES + (shard.mask + 1) * SLOT_BYTES
    }
    return at === bytes.length ? new HashTable(shards) : undefined
  }

  #fill(shard: Shard, slot: number, high: number, low: number, value: number): void {
    if (shard.size + 1 <= (shard.mask + 1) * FILL_MAX) {
      put(shard, slot, high, low, value)
    } else {
      const larger = doubled(shard)
      this.#shards[high >>> 24] = larger
      put(larger, freeSlot(larger, low), high, low, value)
    }
  }
}

function emptyShard(capacity: number): Shard {
  return {
    size: 0,
    mask: capacity - 1,
    highs: new Uint32Array(capacity),
    lows: new Uint32Array(capacity),
    valueLows: new Uint32Array(capacity),
    valueHighs: new Uint16Array(capacity),
  }
}

function doubled(shard: Shard): Shard {
  const larger = emptyShard((shard.mask + 1) * 2)
  // From behind an empty slot on, so that the values under one hash keep their order and the first stays first.
  let start = 0
  while (isTaken(shard, start)) start++
  for (let step = 1; step <= shard.mask; step++) {
    const slot = (start + step) & shard.mask
    if (!isTaken(shard, slot)) continue
    const low = shard.lows[slot]!
    put(larger, freeSlot(larger, low), shard.highs[slot]!, low, valueAt(shard, slot))
  }
  return larger
}

function put(shard: Shard, slot: number, high: number, low: number, value: number): void {
  shard.highs[slot] = high
  shard.lows[slot] = low
  putValue(shard, slot, value)
  shard.size++
}

function putValue(shard: Shard, slot: number, value: number): void {
  if (!(value >= 0 && value <= HASH_TABLE_VALUE_MAX)) throw new RangeError(`not a value for a hash table: ${value}`)
  const stored = value + 1
  shard.valueLows[slot] = stored >>> 0
  shard.valueHighs[slot] = Math.floor(stored / 0x1_0000_0000)
}

function valueAt(shard: Shard, slot: number): number {
  return shard.valueHighs[slot]! * 0x1_0000_0000 + shard.valueLows[slot]! - 1
}

function isTaken(shard: Shard, slot: number): boolean {
  return shard.valueLows[slot] !== 0 || shard.valueHighs[slot] !== 0
}

function holds(shard: Shard, slot: number, high: number, low: number): boolean {
  return shard.lows[slot] === low && shard.highs[slot] === high
}

/** The first slot that holds the hash, or the empty one where it would go. */
function slotOf(shard: Shard, high: number, low: number): number {
  let slot = firstSlot(shard, low)
  while (isTaken(shard, slot) && !holds(shard, slot, high, low)) slot = nextSlot(shard, slot)
  return slot
}

function freeSlot(shard: Shard, low: number): number {
  let slot = firstSlot(shard, low)
  while (isTaken(shard, slot)) slot = nextSlot(shard, slot)
  return slot
}

function firstSlot(shard: Shard, low: number): number {
  return low & shard.mask
}

function nextSlot(shard: Shard, slot: number): number {
  return (slot + 1) & shard.mask
}

function headerBytes(): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint32(4, FORMAT, true)
  return bytes
}

/** Capacity and size, then the columns as they are in memory: little-endian, as every machine that Node runs on. */
function shardBytes(shard: Shard): Uint8Array {
  const { highs, lows, valueLows, valueHighs } = shard
  const head = new Uint32Array([shard.mask + 1, shard.size])
  const bytes = new Uint8Array(SHARD_HEADER_BYTES + (shard.mask + 1) * SLOT_BYTES)
  let at = 0
  for (const column of [head, highs, lows, valueLows, valueHighs]) {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at)
    at += column.byteLength
  }
  return bytes
}

function shardFrom(bytes: Uint8Array, view: DataView, start: number): Shard | undefined {
  const capacity = view.getUint32(start, true)
  const size = view.getUint32(start + 4, true)
  const isPower = capacity >= CAPACITY_MIN && (capacity & (capacity - 1)) === 0
  if (!isPower || size > capacity * FILL_MAX) return undefined
  let at = start + SHARD_HEADER_BYTES
  if (at + capacity * SLOT_BYTES > bytes.length) return undefined
  const shard = { ...emptyShard(capacity), size }
  for (const column of [shard.highs, shard.lows, shard.valueLows, shard.valueHighs]) {
    new Uint8Array(column.buffer).set(bytes.subarray(at, at + column.byteLength))
    at += column.byteLength
  }
  return shard
}
