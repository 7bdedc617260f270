// HashRun: values under hashes of 32 bits, in order of hash and in as few bits as that takes. It never changes: what comes later is
// merged into another (`with`).
//
// Hashes are cut into pages by their first bits, some sixteen values each. A page tells these bits, so that only the rest of each
// hash is kept: of 60,000 values 20 bits, beside 24 of a value up to 16 million. A search goes through half a page, a cache line or two.
//
//     where each page begins, and where the last ends: a word each   hashes and values, in turn   what values have above 32 bits
import { bitsAt, bitsOf, putBits, wordsFor } from './bits.ts'
import type { HashSlots } from './hash-slots.ts'

const HASH_BITS = 32
// 12 to 24 values a page: with fewer, where pages begin takes more than it saves.
const PAGE_MIN = 12
const WORD = 0x1_0000_0000
/** Words before a run's own that tell what they are. */
const HEADER_WORDS = 4

/** How wide its numbers are, in bits. */
interface Widths {
  /** Of a hash what its page does not tell. */
  readonly rest: number
  readonly low: number
  /** Of what values have above 32 bits: 0 in all but the largest stores, and then it takes no room. */
  readonly high: number
}

export class HashRun {
  readonly size: number
  private readonly words: Uint32Array<ArrayBuffer>
  private readonly restBits: number
  private readonly lowBits: number
  private readonly restMask: number
  private readonly restShare: number
  private readonly highBits: number
  private readonly entryBits: number
  /** Where hashes and values begin, and what is above these, in bits. */
  private readonly entriesAt: number
  private readonly highsAt: number

  /** `words` is not copied; it has `runWords` of them. */
  constructor(size: number, widths: Widths, words: Uint32Array<ArrayBuffer>) {
    this.size = size
    this.words = words
    this.restBits = widths.rest
    this.restMask = 2 ** widths.rest - 1
    this.restShare = 2 ** -widths.rest
    this.lowBits = widths.low
    this.highBits = widths.high
    this.entryBits = widths.rest + widths.low
    this.entriesAt = (pageCount(widths.rest) + 1) * HASH_BITS
    this.highsAt = this.entriesAt + wordsFor(size, this.entryBits) * HASH_BITS
  }

  /** The value that came first under the hash; -1 when there is none. */
  first(hash: number): number {
    const index = this.indexOf(hash)
    return index < 0 ? -1 : this.valueAt(index)
  }

  /** Adds all values under the hash to `values`, in the order they came. */
  collect(hash: number, values: number[]): void {
    const index = this.indexOf(hash)
    if (index >= 0) for (let at = index; this.holds(at, hash); at++) values.push(this.valueAt(at))
  }

  has(hash: number, value: number): boolean {
    const index = this.indexOf(hash)
    if (index >= 0) for (let at = index; this.holds(at, hash); at++) if (this.valueAt(at) === value) return true
    return false
  }

  /** What this holds, and behind it what `recent` does. */
  with(recent: HashSlots): HashRun {
    const { hashes, values } = recent.sorted()
    const highest = values.reduce((most, value) => Math.max(most, value), 0)
    const merged = roomFor(this.size + values.length, {
      low: Math.max(this.lowBits, bitsOf(Math.min(highest, WORD - 1))),
      high: Math.max(this.highBits, highest < WORD ? 0 : bitsOf(Math.floor(highest / WORD))),
    })
    merged.fill(this, hashes, values)
    return merged
  }

  /** What `runIn` reads, as it lies in memory. */
  parts(): readonly Uint32Array<ArrayBuffer>[] {
    return [Uint32Array.of(this.size, this.restBits, this.lowBits, this.highBits), this.words]
  }

  /** Gives its memory back at once: left to the collector, the runs of a large table would be there twice when all grow. Nobody may ask it again. */
  release(): void {
    this.words.buffer.transfer(0)
  }

  /** Takes what `old` holds, and behind it `values`, in order of their `hashes`. */
  private fill(old: HashRun, hashes: Uint32Array, values: Float64Array): void {
    const oldPages = pageCount(old.restBits)
    let count = 0
    let next = 0
    for (let page = 0; page < oldPages; page++) {
      const end = old.words[page + 1]!
      for (let index = old.words[page]!; index < end; index++) {
        const hash = ((page << old.restBits) | old.restAt(index)) >>> 0
        for (; next < hashes.length && hashes[next]! < hash; next++) this.put(count++, hashes[next]!, values[next]!)
        this.put(count++, hash, old.valueAt(index))
      }
    }
    for (; next < hashes.length; next++) this.put(count++, hashes[next]!, values[next]!)
    const { restBits, words } = this
    const pages = pageCount(restBits)
    for (let page = 1; page <= pages; page++) words[page]! += words[page - 1]!
  }

  /** Puts an entry behind those before. How many a page has stands behind it, until all are there. */
  private put(index: number, hash: number, value: number): void {
    const { entryBits, highBits, restBits, words } = this
    const bit = this.entriesAt + index * entryBits
    words[(hash >>> restBits) + 1]!++
    putBits(words, bit, hash & this.restMask)
    putBits(words, bit + restBits, value >>> 0)
    if (highBits > 0) putBits(words, this.highsAt + index * highBits, Math.floor(value / WORD))
  }

  /** Where the first value under the hash is, or -1. */
  private indexOf(hash: number): number {
    const { restBits, words } = this
    const rest = hash & this.restMask
    const page = hash >>> restBits
    const from = words[page]!
    const end = words[page + 1]!
    // As far into the page as the hash is into its range, and a step or two from there.
    let index = from + ((rest * this.restShare * (end - from)) | 0)
    while (index > from && this.restAt(index - 1) >= rest) index--
    while (index < end && this.restAt(index) < rest) index++
    return index < end && this.restAt(index) === rest ? index : -1
  }

  /** Whether what stands at `index` is of the page of `hash`, and under it. */
  private holds(index: number, hash: number): boolean {
    const { restBits, words } = this
    return index < words[(hash >>> restBits) + 1]! && this.restAt(index) === (hash & this.restMask)
  }

  private restAt(index: number): number {
    return bitsAt(this.words, this.entriesAt + index * this.entryBits, this.restBits)
  }

  private valueAt(index: number): number {
    const low = bitsAt(this.words, this.entriesAt + index * this.entryBits + this.restBits, this.lowBits)
    const { highBits } = this
    return highBits === 0 ? low : bitsAt(this.words, this.highsAt + index * highBits, highBits) * WORD + low
  }
}

const pageCount = (restBits: number): number => 2 ** (HASH_BITS - restBits)

const runWords = (size: number, widths: Widths): number =>
  pageCount(widths.rest) + 1 + wordsFor(size, widths.rest + widths.low) + wordsFor(size, widths.high)

function roomFor(size: number, { high, low }: Pick<Widths, 'low' | 'high'>): HashRun {
  // Two pages at least, as no shift is by a whole word.
  const rest = HASH_BITS - Math.max(1, bitsOf(Math.floor(size / PAGE_MIN)) - 1)
  const widths = { rest, low, high }
  return new HashRun(size, widths, new Uint32Array(runWords(size, widths)))
}

export const EMPTY_RUN = roomFor(0, { low: 1, high: 0 })

/** The run whose words `take` gives, so many at a time as it is asked for; undefined where it has no more. */
export function runIn(take: (count: number) => Uint32Array<ArrayBuffer> | undefined): HashRun | undefined {
  const [size = 0, rest = 0, low = 0, high = 0] = take(HEADER_WORDS) ?? []
  if (rest < 1 || rest >= HASH_BITS || low < 1 || low > HASH_BITS || high > HASH_BITS) return
  const widths = { rest, low, high }
  const words = take(runWords(size, widths))
  return words && new HashRun(size, widths, words)
}
