// Writer: plain values (what JSON can say, and undefined) as few bytes, into bodies one after another (tags.ts).
// Canonical: equal values, written after the same texts, give equal bytes. One writer serves all entries of an engine.
import {
  FALSE,
  FAR_WORD,
  FLOAT,
  LIST,
  LONG_LIST,
  LONG_RECORD,
  LONG_TEXT,
  NEGATIVE,
  NULL,
  RECORD,
  REPEAT,
  REPEATED_LENGTH_MIN,
  REPEATS_MAX,
  SHORT_MAX,
  SMALL_MAX,
  TEXT,
  TRUE,
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

export class Writer {
  private buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  /** Where the body being written begins, and where it is. */
  private start = 0
  private at = 0
  private readonly repeats: string[] = []

  begin(): void {
    this.start = this.at
    this.repeats.length = 0
  }

  /** A text that both sides know from here on. */
  know(text: string): void {
    this.repeats.push(text)
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
    if (list.length <= SHORT_MAX) this.buffer[this.at++] = LIST | list.length
    else this.tagged(LONG_LIST, list.length)
    for (let index = 0; index < list.length; index++) this.value(list[index])
  }

  record(members: object): void {
    const record = members as Readonly<Record<string, unknown>>
    this.reserve(MARGIN_BYTES)
    // Most records are small: one byte for their size is kept free, and put in when the members have been counted.
    const from = this.at++ - this.start
    const known = this.repeats.length
    let count = 0
    for (const name in record) {
      if (count === SHORT_MAX) {
        this.at = this.start + from
        this.repeats.length = known
        this.longRecord(record)
        return
      }
      this.text(name)
      this.value(record[name])
      count++
    }
    this.buffer[this.start + from] = RECORD | count
  }

  private longRecord(record: Readonly<Record<string, unknown>>): void {
    const names = Object.keys(record)
    this.tagged(LONG_RECORD, names.length)
    for (const name of names) {
      this.text(name)
      this.value(record[name])
    }
  }

  number(value: number): void {
    this.reserve(MARGIN_BYTES)
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      if (value >= 0 && value <= SMALL_MAX) this.buffer[this.at++] = value
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
    const word = length <= WORD_LENGTH_MAX ? WORD_NUMBERS.get(text) : undefined
    if (word !== undefined) {
      this.reserve(MARGIN_BYTES)
      if (word <= SMALL_MAX) this.buffer[this.at++] = WORD | word
      else this.tagged(FAR_WORD, word)
      return
    }
    if (length >= REPEATED_LENGTH_MIN && this.repeated(text)) return
    this.reserve(length * 3 + MARGIN_BYTES)
    if (length <= SMALL_MAX && this.ascii(text)) return
    this.longText(text)
  }

  /** Bytes that were made before, as they are. */
  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    for (let index = 0; index < bytes.length; index++) this.buffer[this.at++] = bytes[index] as number
  }

  /** Names a text that came before; else keeps it to be named. */
  private repeated(text: string): boolean {
    const { repeats } = this
    const place = repeats.indexOf(text)
    if (place < 0) {
      if (repeats.length < REPEATS_MAX) repeats.push(text)
      return false
    }
    this.reserve(MARGIN_BYTES)
    this.tagged(REPEAT, place)
    return true
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
