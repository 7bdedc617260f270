// HashSlots: values under hashes of 32 bits, as they come. Open addressing, 8 bytes a slot that lie together: a search in a table that is
// not in the processor's caches waits for memory once, not once a column.
// Owns: what was added since it was made.   Does not own: what came before that (hash-run.ts).

/** Largest value: 40 bits. */
export const HASH_VALUE_MAX = 255 * 0xffff_ffff + 0xffff_fffe

const CAPACITY_MIN = 16
// Nine tenths: a search that finds nothing takes 400 ns of 14 million, where it took 270 at three quarters, and 2 bytes more for each.
const FILL_MAX = 0.9
// An eighth: all shards of a table fill at the same pace, so that the whole table has the room that one shard has.
const GROWTH = 1.125
// Values are told by their quotient and remainder: the remainder plus one is never 0, which is an empty slot.
const DIVISOR = 0xffff_ffff
// The hash, and the remainder of the value plus one. The quotient stands apart.
const WORDS = 2

const HEADER_WORDS = 3

export class HashSlots {
  private count: number
  private slots: Uint32Array<ArrayBuffer>
  /** Undefined while all are 0, as in all but the largest stores: no search waits for a column that is not there. */
  private quotients: Uint8Array<ArrayBuffer> | undefined
  private capacity: number

  /** Neither is copied. */
  constructor(
    count = 0,
    slots = new Uint32Array(CAPACITY_MIN * WORDS),
    quotients: Uint8Array<ArrayBuffer> | undefined = undefined,
  ) {
    this.count = count
    this.slots = slots
    this.quotients = quotients
    this.capacity = slots.length / WORDS
  }

  get size(): number {
    return this.count
  }

  /** Adds `value` beside those already there; a pair that is there changes nothing. */
  add(hash: number, value: number): void {
    let slot = this.home(hash)
    for (; this.isTaken(slot); slot = this.next(slot)) {
      if (this.slots[slot * WORDS] === hash && this.valueAt(slot) === value) return
    }
    if (this.count + 1 > this.capacity * FILL_MAX) {
      this.enlarge()
      slot = this.freeSlot(hash)
    }
    this.put(slot, hash, value)
  }

  /** The value that came first under the hash; -1 when there is none. */
  first(hash: number): number {
    for (let slot = this.home(hash); this.isTaken(slot); slot = this.next(slot)) {
      if (this.slots[slot * WORDS] === hash) return this.valueAt(slot)
    }
    return -1
  }

  /** Adds all values under the hash to `values`, in the order they came. */
  collect(hash: number, values: number[]): void {
    for (let slot = this.home(hash); this.isTaken(slot); slot = this.next(slot)) {
      if (this.slots[slot * WORDS] === hash) values.push(this.valueAt(slot))
    }
  }

  /** All of it in order of hash, those under one hash in the order they came. */
  sorted(): { readonly hashes: Uint32Array; readonly values: Float64Array } {
    const hashes = new Uint32Array(this.count)
    const values = new Float64Array(this.count)
    let count = 0
    this.walk(slot => {
      const hash = this.slots[slot * WORDS]!
      // Slots are nearly in order of hash: an entry goes before a few others at most, but for those of the first slots.
      let place = count++
      for (; place > 0 && hashes[place - 1]! > hash; place--) {
        hashes[place] = hashes[place - 1]!
        values[place] = values[place - 1]!
      }
      hashes[place] = hash
      values[place] = this.valueAt(slot)
    })
    return { hashes, values }
  }

  /** What `slotsIn` reads, as it lies in memory. */
  parts(): readonly Uint32Array<ArrayBuffer>[] {
    const { capacity, count, quotients, slots } = this
    const header = Uint32Array.of(capacity, count, quotients === undefined ? 0 : 1)
    if (quotients === undefined) return [header, slots]
    const whole = new Uint8Array(quotientWords(capacity) * 4)
    whole.set(quotients)
    return [header, slots, new Uint32Array(whole.buffer)]
  }

  /** From behind an empty slot on: values under one hash come in the order they were added, also where they go on at the beginning. */
  private walk(visit: (slot: number) => void): void {
    let slot = 0
    while (this.isTaken(slot)) slot++
    for (let step = 1; step < this.capacity; step++) {
      slot = this.next(slot)
      if (this.isTaken(slot)) visit(slot)
    }
  }

  private enlarge(): void {
    const larger = new HashSlots(0, new Uint32Array(Math.ceil(this.capacity * GROWTH) * WORDS))
    this.walk(slot => {
      const hash = this.slots[slot * WORDS]!
      larger.put(larger.freeSlot(hash), hash, this.valueAt(slot))
    })
    this.release()
    this.slots = larger.slots
    this.quotients = larger.quotients
    this.capacity = larger.capacity
  }

  /** Gives its memory back at once: what waits for the collector is tens of megabytes by the time that comes. Nothing can be asked of it then. */
  release(): void {
    this.slots.buffer.transfer(0)
    this.quotients?.buffer.transfer(0)
  }

  private put(slot: number, hash: number, value: number): void {
    if (!(value >= 0 && value <= HASH_VALUE_MAX)) throw new RangeError(`not a value for a hash table: ${value}`)
    const quotient = Math.floor(value / DIVISOR)
    this.slots[slot * WORDS] = hash
    this.slots[slot * WORDS + 1] = value - quotient * DIVISOR + 1
    if (quotient > 0) this.quotients ??= new Uint8Array(this.capacity)
    if (this.quotients !== undefined) this.quotients[slot] = quotient
    this.count++
  }

  private freeSlot(hash: number): number {
    let slot = this.home(hash)
    while (this.isTaken(slot)) slot = this.next(slot)
    return slot
  }

  private valueAt(slot: number): number {
    const remainder = this.slots[slot * WORDS + 1]! - 1
    return this.quotients === undefined ? remainder : this.quotients[slot]! * DIVISOR + remainder
  }

  private isTaken(slot: number): boolean {
    return this.slots[slot * WORDS + 1] !== 0
  }

  /** Where a search begins: as far into the slots as the hash is into its range. */
  private home(hash: number): number {
    return Math.floor((hash * this.capacity) / 0x1_0000_0000)
  }

  private next(slot: number): number {
    return slot + 1 === this.capacity ? 0 : slot + 1
  }
}

/** The slots whose words `take` gives, so many at a time as it is asked for; undefined where it has no more. */
export function slotsIn(take: (count: number) => Uint32Array<ArrayBuffer> | undefined): HashSlots | undefined {
  const [capacity = 0, count = 0, hasQuotients] = take(HEADER_WORDS) ?? []
  if (capacity < CAPACITY_MIN || count > capacity * FILL_MAX) return
  const slots = take(capacity * WORDS)
  if (hasQuotients === 0) return slots && new HashSlots(count, slots)
  const quotients = take(quotientWords(capacity))
  return slots && quotients && new HashSlots(count, slots, new Uint8Array(quotients.buffer, 0, capacity))
}

const quotientWords = (capacity: number): number => Math.ceil(capacity / 4)
