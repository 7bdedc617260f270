// Reader: what the writer wrote (writer.ts, tags.ts). The bytes were verified before; what does not read is a broken promise.
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
} from './tags.ts'
import { WORDS } from './words.ts'

export class Reader {
  private buffer: Buffer = Buffer.alloc(0)
  private at = 0
  private readonly repeats: string[] = []

  begin(body: Uint8Array): void {
    this.buffer = Buffer.from(body.buffer, body.byteOffset, body.length)
    this.at = 0
    this.repeats.length = 0
  }

  /** A text that both sides know from here on. */
  know(text: string): void {
    this.repeats.push(text)
  }

  byte(): number {
    return this.buffer[this.at++] as number
  }

  value(): unknown {
    const tag = this.byte()
    if (tag <= SMALL_MAX) return tag
    if (tag < LIST) return this.textOf(tag)
    if (tag < RECORD) return this.listOf(tag & SHORT_MAX)
    if (tag < NULL) return this.recordOf(tag & SHORT_MAX)
    switch (tag) {
      case NULL:
        return null
      case UNDEFINED:
        return undefined
      case TRUE:
        return true
      case FALSE:
        return false
      case UINT:
        return this.count()
      case NEGATIVE:
        return -this.count()
      case FLOAT:
        return this.float()
      case LONG_LIST:
        return this.listOf(this.count())
      case LONG_RECORD:
        return this.recordOf(this.count())
      default:
        return this.textOf(tag)
    }
  }

  text(): string {
    return this.textOf(this.byte())
  }

  list(): readonly unknown[] {
    return this.value() as readonly unknown[]
  }

  record(): Readonly<Record<string, unknown>> {
    return this.value() as Readonly<Record<string, unknown>>
  }

  count(): number {
    let number = 0
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte()
      number += (byte & 0x7f) * scale
      if (byte < 0x80) return number
    }
  }

  /** `length` bytes as a text of one letter each: a key to find what they mean. */
  key(length: number): string {
    const from = this.at
    this.at += length
    return this.buffer.toString('latin1', from, this.at)
  }

  private textOf(tag: number): string {
    if (tag >= WORD && tag < LIST) return WORDS[tag & SMALL_MAX] as string
    if (tag >= TEXT && tag < WORD) return this.kept(this.key(tag & SMALL_MAX))
    switch (tag) {
      case FAR_WORD:
        return WORDS[this.count()] as string
      case REPEAT:
        return this.repeats[this.count()] as string
      case LONG_TEXT:
        return this.kept(this.key(this.count()))
      case WIDE_TEXT:
        return this.kept(this.wide(this.count()))
      default:
        throw new Error(`reader: ${tag.toString(16)} at ${this.at - 1} begins no text`)
    }
  }

  private wide(length: number): string {
    const from = this.at
    this.at += length
    return this.buffer.toString('utf8', from, this.at)
  }

  private kept(text: string): string {
    if (text.length >= REPEATED_LENGTH_MIN && this.repeats.length < REPEATS_MAX) this.repeats.push(text)
    return text
  }

  private float(): number {
    this.at += 8
    return this.buffer.readDoubleLE(this.at - 8)
  }

  private listOf(count: number): readonly unknown[] {
    const list = new Array<unknown>(count)
    for (let index = 0; index < count; index++) list[index] = this.value()
    return list
  }

  private recordOf(count: number): Readonly<Record<string, unknown>> {
    const record: Record<string, unknown> = {}
    for (let index = 0; index < count; index++) {
      const name = this.text()
      record[name] = this.value()
    }
    return record
  }
}
