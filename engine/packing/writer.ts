// Writer: plain values (what JSON can say, and undefined) as few bytes, into bodies one after another (tags.ts).
// Canonical: equal values, written after the same texts, give equal bytes. One writer serves all entries of an engine.
import { areSame, formOf, haveNames, type Names } from './names.ts'
import { isSame } from './same.ts'
import { sealedBytes } from './sealed.ts'
import {
  BESIDE,
  ENDING,
  ENDING_LENGTH_MIN,
  FALSE,
  FAR_WORD,
  FLOAT,
  FORMED,
  JOINED,
  LIST,
  LISTS_MAX,
  LONG_LIST,
  LONG_RECORD,
  LONG_TEXT,
  MOMENT,
  NEAR_REPEAT,
  NEAR_REPEATS,
  NEGATIVE,
  NULL,
  RECORD,
  REPEAT,
  REPEATED_LENGTH_MIN,
  SAME,
  SEALED,
  SHAPED,
  SHAPES_MAX,
  SHORT_MAX,
  SMALL_MAX,
  SPARSE,
  SPARSE_LENGTH_MIN,
  TABLE,
  TEXT,
  TRUE,
  TYPE,
  UINT,
  UNDEFINED,
  WIDE_TEXT,
  WORD,
  WORD_LENGTH_MAX,
} from './tags.ts'
import { endingLength, LETTERS_MAX, lastSlash, letterHash, Repeats, wordNumber } from './texts.ts'

// 256 KB: some hundred bodies share one allocation.
const CHUNK_BYTES = 256 * 1024
// Room that is always there: no single tag with its number needs more.
const MARGIN_BYTES = 16

const NO_NAMES: Names = []

/** Said once in a body and then meant by one byte each. */
export interface Known {
  readonly place: string
  readonly type: string
  readonly timeMs: number
}

export class Writer {
  private buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  private size = CHUNK_BYTES
  /** Where the body being written begins, and where it is. */
  private start = 0
  private at = 0
  private readonly repeats = new Repeats()
  /** Member names of records, and lists of records, written so far: as many as counted; those behind are a former body's. */
  private readonly shapes = new Array<Names>(SHAPES_MAX).fill(NO_NAMES)
  private shapeCount = 0
  private readonly lists = new Array<readonly unknown[]>(LISTS_MAX).fill(NO_NAMES)
  private listCount = 0
  private moment = -1
  private type = ''
  private name = ''

  begin(): void {
    this.start = this.at
    this.repeats.begin()
    this.shapeCount = 0
    this.listCount = 0
    this.moment = -1
    this.type = ''
    this.name = ''
  }

  /** The name of what the body is about: other numbers often end as it does. */
  named(name: string): void {
    this.text(name)
    this.name = name
  }

  /** What the body is about, which both sides know from here on. */
  know({ place, timeMs, type }: Known): void {
    this.repeats.keep(place, letterHash(place))
    this.moment = timeMs
    this.type = type
  }

  /** The body: bytes nobody else writes into. */
  end(): Uint8Array {
    return this.buffer.subarray(this.start, this.at)
  }

  /** Nobody needs the body any more: the next one is written over it. */
  drop(): void {
    this.at = this.start
  }

  byte(value: number): void {
    this.reserve(1)
    this.buffer[this.at++] = value
  }

  // Not a switch: V8 asks `typeof value === …` without making the name of the type.
  value(value: unknown): void {
    if (typeof value === 'string') this.text(value)
    else if (typeof value === 'number') this.number(value)
    else if (typeof value === 'object' && value !== null)
      if (Array.isArray(value)) this.list(value)
      else this.record(value)
    else this.byte(tagOf(value))
  }

  list(list: readonly unknown[]): void {
    this.reserve(MARGIN_BYTES)
    const { length } = list
    const first = list[0]
    if (length >= SPARSE_LENGTH_MIN && typeof first === 'number' && this.sparse(list)) return
    const isKept = length > 1 && typeof first === 'object' && first !== null
    if (isKept && this.sameList(list)) return
    const names = isKept && !Array.isArray(first) ? Object.keys(first) : undefined
    if (names !== undefined && haveNames(list, names)) this.table(list, names)
    else {
      if (length <= SHORT_MAX) this.buffer[this.at++] = LIST | length
      else this.tagged(LONG_LIST, length)
      for (let index = 0; index < length; index++) this.value(list[index])
    }
    if (isKept && this.listCount < LISTS_MAX) this.lists[this.listCount++] = list
  }

  private table(list: readonly unknown[], names: Names): void {
    this.tagged(TABLE, list.length)
    this.members(list[0] as Readonly<Record<string, unknown>>, names)
    for (let row = 1; row < list.length; row++) {
      const record = list[row] as Readonly<Record<string, unknown>>
      for (const name in record) this.value(record[name])
    }
  }

  private sameList(list: readonly unknown[]): boolean {
    for (let place = 0; place < this.listCount; place++) {
      if (!isSame(this.lists[place], list)) continue
      this.tagged(SAME, place)
      return true
    }
    return false
  }

  /** False, and nothing written, unless all are whole numbers and at least half of them 0. */
  private sparse(list: readonly unknown[]): boolean {
    let others = 0
    for (let index = 0; index < list.length; index++) {
      const number = list[index]
      if (number === 0 ? Object.is(number, -0) : !Number.isSafeInteger(number) || (number as number) < 0) return false
      if (number !== 0) others++
    }
    if (others * 2 > list.length) return false
    this.tagged(SPARSE, list.length)
    this.varint(others)
    let before = 0
    for (let index = 0; index < list.length; index++) {
      if (list[index] === 0) continue
      this.count(index - before)
      this.count(list[index] as number)
      before = index
    }
    return true
  }

  record(record: object): void {
    this.members(record as Readonly<Record<string, unknown>>, Object.keys(record))
  }

  private members(record: Readonly<Record<string, unknown>>, names: Names): void {
    const { length } = names
    this.reserve(MARGIN_BYTES)
    const shape = length > 1 ? this.shapeOf(names) : -1
    if (shape >= 0) {
      this.buffer[this.at++] = SHAPED | shape
      for (const name in record) this.value(record[name])
      return
    }
    const form = formOf(names)
    if (form >= 0) {
      this.buffer[this.at++] = FORMED
      this.buffer[this.at++] = form
      for (const name in record) this.value(record[name])
    } else {
      if (length <= SHORT_MAX) this.buffer[this.at++] = RECORD | length
      else this.tagged(LONG_RECORD, length)
      for (let index = 0; index < length; index++) {
        const name = names[index] as string
        this.text(name)
        this.value(record[name])
      }
    }
    // Behind its members, as the reader comes to know them.
    if (length > 1 && this.shapeCount < SHAPES_MAX) this.shapes[this.shapeCount++] = names
  }

  /** The place of these names among the shapes; -1 where they are none. */
  private shapeOf(names: Names): number {
    for (let place = 0; place < this.shapeCount; place++) if (areSame(this.shapes[place] as Names, names)) return place
    return -1
  }

  number(value: number): void {
    this.reserve(MARGIN_BYTES)
    if (Number.isSafeInteger(value) && (value !== 0 || !Object.is(value, -0))) {
      if (value >= 0 && value <= SMALL_MAX) this.buffer[this.at++] = value
      else if (value === this.moment) this.buffer[this.at++] = MOMENT
      else if (value >= 0) this.tagged(UINT, value)
      else this.tagged(NEGATIVE, -value)
      return
    }
    this.buffer[this.at++] = FLOAT
    this.at = this.buffer.writeDoubleLE(value, this.at)
  }

  /** A whole number from 0 without a tag, where the reader expects one. */
  count(value: number): void {
    this.reserve(MARGIN_BYTES)
    this.varint(value)
  }

  text(text: string): void {
    // V8 has more kinds of string than it tells apart at one place, and then looks `length` up. A sum of texts it knows to be a text.
    const { length } = '' + text
    this.reserve(MARGIN_BYTES)
    if (length === 0) {
      this.buffer[this.at++] = TEXT
      return
    }
    if (text === this.type) {
      this.buffer[this.at++] = TYPE
      return
    }
    const hash = letterHash(text)
    const word = length <= WORD_LENGTH_MAX ? wordNumber(text, hash) : -1
    if (word >= 0) {
      if (word <= SMALL_MAX) this.buffer[this.at++] = WORD | word
      else this.tagged(FAR_WORD, word - SMALL_MAX - 1)
      return
    }
    if (length < REPEATED_LENGTH_MIN) {
      this.letters(text)
      return
    }
    const place = this.repeats.placeOf(text, hash)
    if (place >= 0) {
      if (place < NEAR_REPEATS) this.buffer[this.at++] = NEAR_REPEAT | place
      else this.tagged(REPEAT, place)
      return
    }
    if (!(text.charCodeAt(0) === 0 && this.sealed(text)) && !this.joined(text) && !this.ending(text)) this.letters(text)
    this.repeats.keep(text, hash)
  }

  /** 32 bits, little end first. */
  word32(value: number): void {
    this.reserve(MARGIN_BYTES)
    this.at = this.buffer.writeUInt32LE(value, this.at)
  }

  private sealed(text: string): boolean {
    const sealed = sealedBytes(text)
    if (sealed === undefined) return false
    const { bytes, isEvent, key, length } = sealed
    this.reserve(length + 2 * MARGIN_BYTES)
    this.buffer[this.at++] = SEALED
    this.varint(key * 2 + (isEvent ? 1 : 0))
    this.varint(length)
    for (let index = 0; index < length; index++) this.buffer[this.at++] = bytes[index] as number
    return true
  }

  /**
   * Writes a text in two where its beginning is a word, or one of the two parts came before: keys, subjects and names of
   * documents are put together so.
   */
  private joined(text: string): boolean {
    const last = lastSlash(text)
    if (last < 0) return false
    const slash = text.indexOf('/') + 1
    if (slash === text.length) return false
    const before = text.slice(0, last)
    if (this.isRepeat(before)) return this.both(BESIDE, before, text.slice(last + 1))
    const head = text.slice(0, slash)
    const tail = text.slice(slash)
    if (wordNumber(head, letterHash(head)) < 0 && !this.isRepeat(tail)) return false
    return this.both(JOINED, head, tail)
  }

  private isRepeat(text: string): boolean {
    return text !== '' && this.repeats.placeOf(text, letterHash(text)) >= 0
  }

  private both(tag: number, one: string, other: string): true {
    this.byte(tag)
    this.text(one)
    this.text(other)
    return true
  }

  /** Numbers of one order often end alike. */
  private ending(text: string): boolean {
    const length = endingLength(text, this.name)
    if (length < ENDING_LENGTH_MIN) return false
    this.tagged(ENDING, length)
    this.text(text.slice(0, text.length - length))
    return true
  }

  /** A short text letter by letter; one that is long, or not ASCII, as a whole. */
  private letters(text: string): void {
    const { length } = text
    this.reserve(length * 3 + MARGIN_BYTES)
    const { buffer } = this
    let at = this.at
    if (length <= SMALL_MAX) buffer[at++] = TEXT | length
    else {
      buffer[at++] = LONG_TEXT
      buffer[at++] = length
    }
    let index = length < LETTERS_MAX ? 0 : length + 1
    while (index < length) {
      const letter = text.charCodeAt(index)
      if (letter >= 0x80) break
      buffer[at++] = letter
      index++
    }
    if (index === length) this.at = at
    else this.longText(text)
  }

  private longText(text: string): void {
    const bytes = Buffer.byteLength(text)
    this.tagged(bytes === text.length ? LONG_TEXT : WIDE_TEXT, bytes)
    this.at += this.buffer.write(text, this.at, bytes, 'utf8')
  }

  private tagged(tag: number, number: number): void {
    this.buffer[this.at++] = tag
    this.varint(number)
  }

  /** Seven bits a byte, the lowest first. Past 32 bits numbers are divided: shifts would lose their upper half. */
  private varint(number: number): void {
    let rest = number
    while (rest >= 0x80) {
      this.buffer[this.at++] = (rest & 0x7f) | 0x80
      rest = rest < 0x80000000 ? rest >>> 7 : Math.floor(rest / 0x80)
    }
    this.buffer[this.at++] = rest
  }

  /** Makes room for `bytes` more. Short, and apart from what is rare: V8 copies it to wherever something is written. */
  private reserve(bytes: number): void {
    if (this.at + bytes > this.size) this.grow(bytes)
  }

  /** A body that outgrows the chunk moves to a new one, where it stays in one piece. */
  private grow(bytes: number): void {
    const written = this.at - this.start
    const larger = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, (written + bytes) * 2))
    this.buffer.copy(larger, 0, this.start, this.at)
    this.buffer = larger
    this.size = larger.length
    this.start = 0
    this.at = written
  }
}

function tagOf(value: unknown): number {
  if (value === undefined) return UNDEFINED
  if (value === null) return NULL
  if (typeof value !== 'boolean') throw new Error(`writer: a ${typeof value} cannot be kept`)
  return value ? TRUE : FALSE
}
