// Writer: plain values (what JSON can say, and undefined) as few bytes, into bodies one after another (tags.ts).
// Canonical: equal values, written after the same texts, give equal bytes. One writer serves all entries of an engine.
import { isSame } from './same.ts'
import {
  BESIDE,
  FALSE,
  FAR_WORD,
  FLOAT,
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
  REPEATS_MAX,
  SAME,
  SHAPED,
  SHAPES_MAX,
  SHORT_MAX,
  SMALL_MAX,
  SPARSE,
  SPARSE_LENGTH_MIN,
  TEXT,
  TRUE,
  TYPE,
  UINT,
  UNDEFINED,
  WIDE_TEXT,
  WORD,
  WORD_LENGTH_MAX,
} from './tags.ts'
import { WORDS } from './words.ts'

const WORD_NUMBERS = new Map(WORDS.map((word, number) => [word, number]))
// 256 KB: some hundred bodies share one allocation.
const CHUNK_BYTES = 256 * 1024
// Room that is always there: no single tag with its number needs more.
const MARGIN_BYTES = 16

/** Said once in a body and then meant by one byte each. */
export interface Known {
  readonly place: string
  readonly type: string
  readonly timeMs: number
}

export class Writer {
  private buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  /** Where the body being written begins, and where it is. */
  private start = 0
  private at = 0
  private readonly repeats: string[] = []
  /** Member names of records, and lists of records, written so far. */
  private readonly shapes: (readonly string[])[] = []
  private readonly lists: (readonly unknown[])[] = []
  private moment = -1
  private type = ''

  begin(): void {
    this.start = this.at
    this.repeats.length = 0
    this.shapes.length = 0
    this.lists.length = 0
    this.moment = -1
    this.type = ''
  }

  /** What the body is about, which both sides know from here on. */
  know({ place, timeMs, type }: Known): void {
    this.repeats.push(place)
    this.moment = timeMs
    this.type = type
  }

  /** The body: bytes nobody else writes into. */
  end(): Uint8Array {
    return this.buffer.subarray(this.start, this.at)
  }

  byte(value: number): void {
    this.reserve(1)
    this.buffer[this.at++] = value
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.text(value)
        return
      case 'number':
        this.number(value)
        return
      case 'boolean':
        this.byte(value ? TRUE : FALSE)
        return
      case 'undefined':
        this.byte(UNDEFINED)
        return
      case 'object':
        if (value === null) this.byte(NULL)
        else if (Array.isArray(value)) this.list(value)
        else this.record(value)
        return
      default:
        throw new Error(`writer: a ${typeof value} cannot be kept`)
    }
  }

  list(list: readonly unknown[]): void {
    this.reserve(MARGIN_BYTES)
    const first = list[0]
    if (list.length >= SPARSE_LENGTH_MIN && typeof first === 'number' && this.sparse(list)) return
    const isKept = list.length > 1 && typeof first === 'object' && first !== null
    if (isKept && this.sameList(list)) return
    if (list.length <= SHORT_MAX) this.buffer[this.at++] = LIST | list.length
    else this.tagged(LONG_LIST, list.length)
    for (let index = 0; index < list.length; index++) this.value(list[index])
    if (isKept && this.lists.length < LISTS_MAX) this.lists.push(list)
  }

  private sameList(list: readonly unknown[]): boolean {
    for (let place = 0; place < this.lists.length; place++) {
      if (!isSame(this.lists[place], list)) continue
      this.tagged(SAME, place)
      return true
    }
    return false
  }

  /** False, and nothing written, unless all are whole numbers and at least half of them 0. */
  private sparse(list: readonly unknown[]): boolean {
    let others = 0
    for (const number of list) {
      if (!Number.isSafeInteger(number) || (number as number) < 0 || Object.is(number, -0)) return false
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

  record(members: object): void {
    const record = members as Readonly<Record<string, unknown>>
    const names = Object.keys(record)
    this.reserve(MARGIN_BYTES)
    const shape = this.shapeOf(names)
    if (shape >= 0) {
      this.buffer[this.at++] = SHAPED | shape
      for (let index = 0; index < names.length; index++) this.value(record[names[index] as string])
      return
    }
    if (names.length <= SHORT_MAX) this.buffer[this.at++] = RECORD | names.length
    else this.tagged(LONG_RECORD, names.length)
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string
      this.text(name)
      this.value(record[name])
    }
    // Behind its members, as the reader comes to know them.
    if (names.length > 1 && this.shapes.length < SHAPES_MAX) this.shapes.push(names)
  }

  /** The place of these names among the shapes; -1 where they are none. */
  private shapeOf(names: readonly string[]): number {
    for (let place = 0; place < this.shapes.length; place++) {
      const shape = this.shapes[place] as readonly string[]
      let index = shape.length === names.length ? 0 : -1
      while (index >= 0 && index < names.length) index = shape[index] === names[index] ? index + 1 : -1
      if (index >= 0) return place
    }
    return -1
  }

  number(value: number): void {
    this.reserve(MARGIN_BYTES)
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
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
    const { length } = text
    if (text === this.type && length > 0) {
      this.byte(TYPE)
      return
    }
    const word = length <= WORD_LENGTH_MAX ? WORD_NUMBERS.get(text) : undefined
    if (word !== undefined) {
      this.reserve(MARGIN_BYTES)
      if (word <= SMALL_MAX) this.buffer[this.at++] = WORD | word
      else this.tagged(FAR_WORD, word - SMALL_MAX - 1)
      return
    }
    if (length >= REPEATED_LENGTH_MIN && (this.repeated(text) || this.joined(text))) return
    this.literal(text)
    this.keep(text)
  }

  private literal(text: string): void {
    const { length } = text
    this.reserve(length * 3 + MARGIN_BYTES)
    if (length <= SMALL_MAX && this.ascii(text)) return
    this.longText(text)
  }

  /** 32 bits, little end first. */
  word32(value: number): void {
    this.reserve(MARGIN_BYTES)
    this.at = this.buffer.writeUInt32LE(value, this.at)
  }

  /** Bytes that were made before, as they are. */
  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    for (let index = 0; index < bytes.length; index++) this.buffer[this.at++] = bytes[index] as number
  }

  /** Names a text that came before; false where it did not. */
  private repeated(text: string): boolean {
    const place = this.repeats.indexOf(text)
    if (place < 0) return false
    this.reserve(MARGIN_BYTES)
    if (place < NEAR_REPEATS) this.buffer[this.at++] = NEAR_REPEAT | place
    else this.tagged(REPEAT, place)
    return true
  }

  /**
   * Writes a text in two where its beginning is a word, or one of the two parts came before: keys, subjects and names of
   * documents are put together so.
   */
  private joined(text: string): boolean {
    const slash = text.indexOf('/') + 1
    if (slash === 0 || slash === text.length) return false
    const head = text.slice(0, slash)
    const tail = text.slice(slash)
    const last = text.lastIndexOf('/')
    if (this.repeats.includes(text.slice(0, last))) this.both(BESIDE, text.slice(0, last), text.slice(last + 1))
    else if (WORD_NUMBERS.has(head) || this.repeats.includes(tail)) this.both(JOINED, head, tail)
    else return false
    this.keep(text)
    return true
  }

  private both(tag: number, one: string, other: string): void {
    this.byte(tag)
    this.text(one)
    this.text(other)
  }

  private keep(text: string): void {
    if (text.length >= REPEATED_LENGTH_MIN && this.repeats.length < REPEATS_MAX) this.repeats.push(text)
  }

  /** A short text letter by letter; false, and nothing written, where it is not ASCII. */
  private ascii(text: string): boolean {
    const { buffer } = this
    let at = this.at + 1
    for (let index = 0; index < text.length; index++) {
      const letter = text.charCodeAt(index)
      if (letter >= 0x80) return false
      buffer[at++] = letter
    }
    buffer[this.at] = TEXT | text.length
    this.at = at
    return true
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
      this.buffer[this.at++] = (rest % 0x80) | 0x80
      rest = rest < 0x80000000 ? rest >>> 7 : Math.floor(rest / 0x80)
    }
    this.buffer[this.at++] = rest
  }

  /** Makes room for `bytes` more. A body that outgrows the chunk moves to a new one, where it stays in one piece. */
  private reserve(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return
    const written = this.at - this.start
    const larger = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, (written + bytes) * 2))
    this.buffer.copy(larger, 0, this.start, this.at)
    this.buffer = larger
    this.start = 0
    this.at = written
  }
}
