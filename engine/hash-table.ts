// HashTable: from a hash to numbers, tens of millions of them. The hash finds, it does not decide (hash.ts): several values under
// one hash are normal, and whoever follows one compares the name itself. So 40 bits of 64 are enough: of 15 million entries one
// search in 70,000 meets one that it does not mean.
// Cut into 256 shards by the hash's top byte. In a small one all is in slots, 9 to 10 bytes an entry (hash-slots.ts). In a large one only
// what came lately is, and most is in a run, 5 to 6 bytes an entry (hash-run.ts); they are merged one shard at a time, so that a
// table of ten million never stops the loop for more than a few milliseconds.
import { bytesOf } from './bytes.ts'
import { EMPTY_RUN, type HashRun, runIn } from './hash-run.ts'
import { HashSlots, slotsIn } from './hash-slots.ts'

// Format log of toBytes().
//   1  0.1.0  the first
//   2  0.1.0  40 bits of the hash, and slots that lie together; three quarters full at most at first, and code of that time reads
//             no fuller ones: it makes them anew from the journal
//   3  0.1.0  a shard's quotients only where it has some
//   4  0.1.0  most of a shard as a run
const FORMAT = 4
const MAGIC = 0x5448544f // 'OTHT'
const HEADER_WORDS = 4

const SHARDS = 256
// 8,192: tables of up to two million have no runs, in which a search takes twice as long.
const RUN_MIN = 8_192
// A sixteenth: each entry is moved sixteen times for one that comes. A thirty-second would cost twice that and save a quarter of a byte.
const RECENT_SHARE = 1 / 16

interface Shard {
  readonly run: HashRun
  readonly recent: HashSlots
}

export class HashTable {
  readonly #shards: Shard[]
  readonly #runMin: number

  /** Shards have a run once they have more than `runMin` entries. */
  constructor(
    runMin = RUN_MIN,
    shards: Shard[] = Array.from({ length: SHARDS }, () => ({ run: EMPTY_RUN, recent: new HashSlots() })),
  ) {
    this.#shards = shards
    this.#runMin = runMin
  }

  get size(): number {
    return this.#shards.reduce((sum, { recent, run }) => sum + run.size + recent.size, 0)
  }

  /** Memory it takes. */
  get bytes(): number {
    return this.#shards.reduce(
      (sum, shard) => sum + shardWords(shard).reduce((all, words) => all + words.byteLength, 0),
      0,
    )
  }

  /** Adds `value` beside those already there. Adding a pair that is there changes nothing: entries may be applied twice. */
  add(high: number, low: number, value: number): void {
    const { recent, run } = this.#shards[high >>> 24]!
    if (run.has(low, value)) return
    recent.add(low, value)
    if (recent.size > (run.size === 0 ? this.#runMin : run.size * RECENT_SHARE)) this.#merge(high >>> 24)
  }

  /** The first value under the hash; -1 when there is none. */
  get(high: number, low: number): number {
    const { recent, run } = this.#shards[high >>> 24]!
    const value = run.first(low)
    return value < 0 ? recent.first(low) : value
  }

  /** All values under the hash, in the order they came. */
  all(high: number, low: number): number[] {
    const { recent, run } = this.#shards[high >>> 24]!
    const values: number[] = []
    run.collect(low, values)
    recent.collect(low, values)
    return values
  }

  /** Its bytes for a checkpoint, shard by shard: each part is true of the moment it is asked for. */
  *parts(): Generator<Uint8Array> {
    yield bytesOf(Uint32Array.of(MAGIC, FORMAT, 0, 0))
    for (const shard of this.#shards) yield Buffer.concat(shardWords(shard).map(bytesOf))
  }

  /** All parts in one. Not canonical: two tables with the same entries may differ in it. */
  toBytes(): Uint8Array {
    return Buffer.concat([...this.parts()])
  }

  /** Undefined when these are not the bytes of a table. They are not checked for more: a checkpoint has its digest. */
  static fromBytes(bytes: Uint8Array, runMin = RUN_MIN): HashTable | undefined {
    let at = 0
    const take = (count: number) => {
      const from = at
      at += count * 4
      // A copy, which need not be filled with nothing first; a Buffer's own slice is none.
      if (at <= bytes.length)
        return new Uint32Array(bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + at) as ArrayBuffer)
    }
    const [magic, format] = take(HEADER_WORDS) ?? []
    if (magic !== MAGIC || format !== FORMAT) return
    const shards: Shard[] = []
    for (let index = 0; index < SHARDS; index++) {
      const run = runIn(take)
      const recent = slotsIn(take)
      if (run === undefined || recent === undefined) return
      shards.push({ run, recent })
    }
    return at === bytes.length ? new HashTable(runMin, shards) : undefined
  }

  #merge(shard: number): void {
    const { recent, run } = this.#shards[shard]!
    this.#shards[shard] = { run: run.with(recent), recent: new HashSlots() }
    recent.release()
    // All small shards share an empty one.
    if (run.size > 0) run.release()
  }
}

const shardWords = ({ recent, run }: Shard): readonly Uint32Array<ArrayBuffer>[] => [...run.parts(), ...recent.parts()]
