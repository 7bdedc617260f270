// Reader: what the writer wrote (writer.ts, tags.ts). The bytes were verified before; what does not read is a broken promise.
import { FORM_NAMES, FORMS, type Form } from './forms.ts'
import { sealedText } from './sealed.ts'
import {
  BESIDE,
  ENDING,
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
  NEGATIVE,
  NULL,
  RECORD,
  REPEAT,
  REPEATED_LENGTH_MIN,
  REPEATS_MAX,
  SAME,
  SEALED,
  SHAPED,
  SHAPES_MAX,
  SHORT_MAX,
  SMALL_MAX,
  SPARSE,
  TABLE,
  TEXT,
  TRUE,
  TYPE,
  UINT,
  UNDEFINED,
  WIDE_TEXT,
  WORD,
} from './tags.ts'
import { WORDS } from './words.ts'
import type { Known } from './writer.ts'

// Short texts read lately, by their bytes: sources, numbers and names come again entry after entry. 4,096: what a batch's orders say.
const LATELY = 4_096
const LATELY_LENGTH_MAX = 24
const lately: string[] = new Array(LATELY).fill('')

/** The members of records that came before. */
interface Shape {
  readonly names: readonly string[]
  readonly form?: Form
}

export class Reader {
  private buffer: Buffer = Buffer.alloc(0)
  private at = 0
  private readonly repeats: string[] = []
  private readonly shapes: Shape[] = []
  private readonly next = () => this.value()
  private readonly lists: (readonly unknown[])[] = []
  /** That of the record read last. */
  private last: Shape = { names: [] }
  private moment = -1
  private type = ''
  private name = ''

  /** Reads what begins at `from`. */
  begin(body: Uint8Array, from = 0): void {
    this.buffer = body instanceof Buffer ? body : Buffer.from(body.buffer, body.byteOffset, body.length)
    this.at = from
    this.repeats.length = 0
    this.shapes.length = 0
    this.lists.length = 0
    this.moment = -1
    this.type = ''
    this.name = ''
  }

  /** The name of what the body is about: other numbers often end as it does. */
  named(): string {
    this.name = this.text()
    return this.name
  }

  /** What the body is about, which both sides know from here on. */
  know({ place, timeMs, type }: Known): void {
    this.repeats.push(place)
    this.moment = timeMs
    this.type = type
  }

  byte(): number {
    return this.buffer[this.at++] as number
  }

  value(): unknown {
    const tag = this.byte()
    if (tag <= SMALL_MAX) return tag
    if (tag < LIST) return this.textOf(tag)
    if (tag <= LIST + SHORT_MAX) return this.listOf(tag - LIST)
    if (tag >= RECORD && tag <= RECORD + SHORT_MAX) return this.recordOf(tag - RECORD)
    if (tag === MOMENT) return this.moment
    if (tag === TYPE) return this.type
    if (tag >= SHAPED && tag < BESIDE) return this.shaped(this.shapes[tag - SHAPED] as Shape)
    switch (tag) {
      case FORMED:
        return this.formed()
      case TABLE:
        return this.table()
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
      case SAME:
        return this.lists[this.count()]
      case SPARSE:
        return this.sparse()
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

  word32(): number {
    this.at += 4
    return this.buffer.readUInt32LE(this.at - 4)
  }

  /** `length` bytes as a text of one letter each. */
  private letters(length: number): string {
    const from = this.at
    this.at += length
    if (length > LATELY_LENGTH_MAX) return this.buffer.toString('latin1', from, this.at)
    let hash = length
    for (let at = from; at < this.at; at++) hash = Math.imul(hash ^ (this.buffer[at] as number), 0x9e3779b1)
    const slot = (hash ^ (hash >>> 15)) & (LATELY - 1)
    const known = lately[slot] as string
    if (known.length === length && this.reads(known, from)) return known
    const text = this.buffer.toString('latin1', from, this.at)
    lately[slot] = text
    return text
  }

  private reads(text: string, from: number): boolean {
    for (let index = 0; index < text.length; index++)
      if (text.charCodeAt(index) !== this.buffer[from + index]) return false
    return true
  }

  private textOf(tag: number): string {
    if (tag >= WORD && tag < LIST) return WORDS[tag & SMALL_MAX] as string
    if (tag >= TEXT && tag < WORD) return this.kept(this.letters(tag & SMALL_MAX))
    if (tag >= NEAR_REPEAT && tag < SHAPED) return this.repeats[tag - NEAR_REPEAT] as string
    switch (tag) {
      case TYPE:
        return this.type
      case JOINED:
        return this.kept(this.text() + this.text())
      case BESIDE:
        return this.kept(`${this.text()}/${this.text()}`)
      case ENDING:
        return this.kept(this.ending())
      case SEALED:
        return this.kept(this.sealed())
      case FAR_WORD:
        return WORDS[this.count() + SMALL_MAX + 1] as string
      case REPEAT:
        return this.repeats[this.count()] as string
      case LONG_TEXT:
        return this.kept(this.letters(this.count()))
      case WIDE_TEXT:
        return this.kept(this.wide(this.count()))
      default:
        throw new Error(`reader: ${tag.toString(16)} at ${this.at - 1} begins no text`)
    }
  }

  private ending(): string {
    const length = this.count()
    return this.text() + this.name.slice(this.name.length - length)
  }

  private sealed(): string {
    const owner = this.count()
    const length = this.count()
    const from = this.at
    this.at += length
    return sealedText(owner % 2 === 1, Math.floor(owner / 2), this.buffer.toString('base64url', from, this.at))
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
    return this.keptList(list)
  }

  private table(): readonly unknown[] {
    const list = new Array<unknown>(this.count())
    const first = this.record()
    const shape = this.last
    list[0] = first
    for (let row = 1; row < list.length; row++) list[row] = this.shaped(shape)
    return this.keptList(list)
  }

  private keptList(list: readonly unknown[]): readonly unknown[] {
    if (list.length > 1 && typeof list[0] === 'object' && list[0] !== null && this.lists.length < LISTS_MAX)
      this.lists.push(list)
    return list
  }

  private sparse(): readonly number[] {
    const list = new Array<number>(this.count()).fill(0)
    let index = 0
    for (let others = this.count(); others > 0; others--) {
      index += this.count()
      list[index] = this.count()
    }
    return list
  }

  private recordOf(count: number): Readonly<Record<string, unknown>> {
    const names = new Array<string>(count)
    const record: Record<string, unknown> = {}
    for (let index = 0; index < count; index++) {
      const name = this.text()
      names[index] = name
      record[name] = this.value()
    }
    return this.known(record, { names })
  }

  private formed(): Readonly<Record<string, unknown>> {
    const number = this.byte()
    const form = FORMS[number] as Form
    return this.known(form(this.next), { names: FORM_NAMES[number] as readonly string[], form })
  }

  /** Of what shape a record was is known behind it. */
  private known(record: Readonly<Record<string, unknown>>, shape: Shape): Readonly<Record<string, unknown>> {
    if (shape.names.length > 1 && this.shapes.length < SHAPES_MAX) this.shapes.push(shape)
    this.last = shape
    return record
  }

  private shaped(shape: Shape): Readonly<Record<string, unknown>> {
    const { form, names } = shape
    if (form !== undefined) {
      const record = form(this.next)
      this.last = shape
      return record
    }
    const record: Record<string, unknown> = {}
    for (let index = 0; index < names.length; index++) record[names[index] as string] = this.value()
    this.last = shape
    return record
  }
}
