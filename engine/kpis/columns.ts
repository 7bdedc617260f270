// Columns: one number for each of many rows, in memory that typed arrays take and nothing else. A row never written holds 0.
import { grownLength, resized } from '../bytes.ts'
import { CopyOnWrite } from '../copy-on-write.ts'
import type { SectionContent } from '../snapshots/checkpoint-file.ts'

const ROWS_MIN = 1_024

/** Bytes of a number. */
const CELLS = { byte: Uint8Array, short: Uint16Array, word: Uint32Array } as const

export class Column {
  private readonly kind: keyof typeof CELLS
  private cells: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>
  private saving: CopyOnWrite | undefined

  constructor(kind: keyof typeof CELLS) {
    this.kind = kind
    this.cells = new CELLS[kind](ROWS_MIN)
  }

  get(row: number): number {
    return this.cells[row] ?? 0
  }

  set(row: number, value: number): void {
    if (row >= this.cells.length) this.grow(row + 1)
    this.saving?.keep(row)
    this.cells[row] = value
  }

  get bytes(): number {
    return this.cells.byteLength
  }

  /** The first row from `from` on that does not hold 0; -1 where there is none. Nothing is passed over four bytes at a time. */
  firstWritten(from: number): number {
    const { BYTES_PER_ELEMENT, buffer, length } = this.cells
    const words = new Uint32Array(buffer, 0, buffer.byteLength >> 2)
    const rowsAWord = 4 / BYTES_PER_ELEMENT
    for (let row = from; row < length; row++) {
      if (row % rowsAWord === 0)
        for (let word = row / rowsAWord; word < words.length && words[word] === 0; word++) row += rowsAWord
      if (row < length && this.cells[row] !== 0) return row
    }
    return -1
  }

  /** The first `rows` as they are now. */
  saved(rows: number): SectionContent {
    if (rows > this.cells.length) this.grow(rows)
    this.saving = new CopyOnWrite(this.cells, rows)
    return this.saving
  }

  load(bytes: Uint8Array): void {
    this.cells = new CELLS[this.kind](new Uint8Array(bytes).buffer)
  }

  private grow(rows: number): void {
    this.cells = resized(this.cells, grownLength(this.cells.length, rows))
    this.saving = undefined
  }
}

/** A column of moments in whole seconds, of which 0 is none: epoch seconds fit until 2106. */
export class Seconds {
  readonly column = new Column('word')

  getMs(row: number): number | undefined {
    const second = this.column.get(row)
    return second === 0 ? undefined : second * 1_000
  }

  setMs(row: number, ms: number | undefined): void {
    this.column.set(row, secondOf(ms))
  }

  /** Whether it holds this moment, to the second. */
  isAt(row: number, ms: number | undefined): boolean {
    return this.column.get(row) === secondOf(ms)
  }
}

const SECOND_MAX = 0xffffffff
const secondOf = (ms: number | undefined): number =>
  ms === undefined ? 0 : Math.min(SECOND_MAX, Math.max(1, Math.floor(ms / 1_000)))

/** A column of whole numbers from 0, nearly all of which fit 32 bits. */
export class Quantities {
  readonly column = new Column('word')
  private readonly large = new Map<number, number>()

  get(row: number): number {
    const value = this.column.get(row)
    return value === LARGE ? (this.large.get(row) ?? 0) : value
  }

  set(row: number, value: number): void {
    if (value >= LARGE) this.large.set(row, value)
    else this.large.delete(row)
    this.column.set(row, Math.min(LARGE, Math.max(0, value)))
  }

  /** Rows and numbers that the column cannot hold. */
  beyond(): readonly (readonly [number, number])[] {
    return [...this.large]
  }

  loadBeyond(beyond: readonly (readonly [number, number])[]): void {
    for (const [row, value] of beyond) this.large.set(row, value)
  }
}
const LARGE = 0xffffffff

/** Words of which there are few, as numbers from 0; the empty one is 0, and so are those beyond `most`. */
export class Words {
  private readonly most: number
  private readonly words: string[] = ['']
  private readonly numbers = new Map<string, number>([['', 0]])

  constructor(most = Number.POSITIVE_INFINITY) {
    this.most = most
  }

  /** 0 where it has no number yet. */
  known(word: string): number {
    return this.numbers.get(word) ?? 0
  }

  number(word: string): number {
    let number = this.numbers.get(word)
    if (number === undefined) {
      if (this.words.length > this.most) return 0
      number = this.words.length
      this.words.push(word)
      this.numbers.set(word, number)
    }
    return number
  }

  word(number: number): string {
    return this.words[number] ?? ''
  }

  saved(): readonly string[] {
    return this.words
  }

  load(words: readonly string[]): void {
    for (const word of words) this.number(word)
  }
}
