// NumberedTexts: texts by row, kept as numbers: `SO-1000017` and `SO-1000009` have the same form, seven digits behind `SO-`, and differ as
// 1000017 and 1000009 do. A million ids are 10 MB so, and 50 as texts, which the collector goes through each time.
// Owns: the texts, form and digits of each row.   Does not own: what the rows are.
import { bytesOf, grownLength, resized } from '../bytes.ts'

// Its text stands for itself.
export const NO_FORM = 0
// 4,096: orders have a few, and so has each kind of number that waits for its order. Where every text has a form of its own, as with
// UUIDs, those beyond are kept as they are.
const FORMS_MAX = 4_096
// 15 digits are whole numbers that floating point tells apart.
const DIGITS = /\d{1,15}$/
const ROWS_MIN = 1_024
// 4,096 texts a piece: joining them holds the loop for well under a millisecond.
const TEXTS_A_PIECE = 4_096
const ZERO = 0x30

/** What stands before the digits, and how many they are: `007` and `7` differ. */
interface Form {
  readonly prefix: string
  readonly width: number
}

/** Columns of a checkpoint; bytes in the machine's order, as checkpoints never leave it. */
export interface SavedTexts {
  readonly forms: Uint8Array
  readonly digits: Uint8Array
  /** The forms' prefixes and widths. */
  readonly known: Uint8Array
  /** Of rows without a form. */
  readonly texts: Iterable<Uint8Array>
}

export class NumberedTexts {
  /** By row: NO_FORM, or what the form is known by. */
  forms = new Uint16Array(ROWS_MIN)
  /** By row; 0 where there is no form. */
  digits = new Float64Array(ROWS_MIN)
  private readonly formsByCode: Form[] = [{ prefix: '', width: 0 }]
  private readonly codes = new Map<string, number>()
  /** Of rows without a form. */
  private readonly texts = new Map<number, string>()
  private count = 0

  /** How many rows there are. */
  get size(): number {
    return this.count
  }

  /** Adds a row; which one it is. */
  push(text: string): number {
    const row = this.count++
    if (row >= this.forms.length) this.grow()
    const { digits, form } = this.parsed(text, true)
    this.forms[row] = form
    this.digits[row] = digits
    if (form === NO_FORM) this.texts.set(row, text)
    return row
  }

  /** The text of a row that is there. */
  at(row: number): string {
    const form = this.forms[row] as number
    if (form === NO_FORM) return this.texts.get(row) as string
    const { prefix, width } = this.formsByCode[form] as Form
    const digits = String(this.digits[row])
    return prefix + (digits.length === width ? digits : digits.padStart(width, '0'))
  }

  /** Whether the row has this text. A table written after these texts were (checkpoint.ts) may name rows that are not there yet. */
  holds(row: number, text: string): boolean {
    if (row >= this.count) return false
    const form = this.forms[row] as number
    if (form === NO_FORM) return this.texts.get(row) === text
    const { prefix, width } = this.formsByCode[form] as Form
    if (text.length !== prefix.length + width) return false
    let digits = 0
    for (let at = prefix.length; at < text.length; at++) {
      const digit = text.charCodeAt(at) - ZERO
      if (!(digit >= 0 && digit <= 9)) return false
      digits = digits * 10 + digit
    }
    return digits === this.digits[row] && text.startsWith(prefix)
  }

  /** Negative where row `a` comes first, as texts are compared; 0 only of equal ones. */
  compare(a: number, b: number): number {
    const form = this.forms[a] as number
    return form === this.forms[b] && form !== NO_FORM
      ? (this.digits[a] as number) - (this.digits[b] as number)
      : compareText(this.at(a), this.at(b))
  }

  /** How a row compares with a text that need not be any row's. */
  against(text: string): (row: number) => number {
    const { digits: number, form } = this.formAndDigits(text)
    const { digits, forms } = this
    return row =>
      forms[row] === form && form !== NO_FORM ? (digits[row] as number) - number : compareText(this.at(row), text)
  }

  /** NO_FORM for a text of a form that no row has. */
  formAndDigits(text: string): { readonly form: number; readonly digits: number } {
    return this.parsed(text, false)
  }

  private parsed(text: string, isNew: boolean): { readonly form: number; readonly digits: number } {
    const digits = DIGITS.exec(text)?.[0]
    if (digits === undefined) return WITHOUT_FORM
    const prefix = text.slice(0, text.length - digits.length)
    const form = { prefix, width: digits.length }
    const known = this.codes.get(nameOf(form))
    if (known === undefined && (!isNew || this.formsByCode.length > FORMS_MAX)) return WITHOUT_FORM
    return { form: known ?? this.learn(form), digits: Number(digits) }
  }

  /** The rows there are now, by column, for a checkpoint: nothing of a row ever changes, so its pieces may be asked for later. */
  saved(): SavedTexts {
    const { count, digits, forms } = this
    return {
      forms: bytesOf(forms.subarray(0, count)),
      digits: bytesOf(digits.subarray(0, count)),
      known: Buffer.from(JSON.stringify(this.formsByCode.slice(1))),
      texts: this.textPieces(count),
    }
  }

  /** What `saved` gave, read again. */
  static from({ digits, forms, known, texts }: Readonly<Record<keyof SavedTexts, Uint8Array>>): NumberedTexts {
    const read = new NumberedTexts()
    // Copies: what was read need not begin where such numbers may.
    read.forms = new Uint16Array(new Uint8Array(forms).buffer)
    read.digits = new Float64Array(new Uint8Array(digits).buffer)
    read.count = read.forms.length
    for (const form of JSON.parse(Buffer.from(known).toString()) as readonly Form[]) read.learn(form)
    const buffer = Buffer.from(texts.buffer, texts.byteOffset, texts.length)
    let at = 0
    for (let row = read.forms.indexOf(NO_FORM); row >= 0; row = read.forms.indexOf(NO_FORM, row + 1)) {
      const end = buffer.indexOf(0, at)
      read.texts.set(row, buffer.toString('utf8', at, end))
      at = end + 1
    }
    return read
  }

  /** Texts without a form, in the order of their rows: none holds NUL, which ends each. */
  private *textPieces(rows: number): Generator<Uint8Array> {
    let piece: string[] = []
    for (const [row, text] of this.texts) {
      if (row >= rows) break
      piece.push(text, '\0')
      if (piece.length < 2 * TEXTS_A_PIECE) continue
      yield Buffer.from(piece.join(''))
      piece = []
    }
    yield Buffer.from(piece.join(''))
  }

  private learn(form: Form): number {
    this.codes.set(nameOf(form), this.formsByCode.length)
    return this.formsByCode.push(form) - 1
  }

  private grow(): void {
    const rows = grownLength(this.forms.length, this.count)
    this.forms = resized(this.forms, rows)
    this.digits = resized(this.digits, rows)
  }
}

const nameOf = ({ prefix, width }: Form): string => `${width} ${prefix}`

const WITHOUT_FORM = { form: NO_FORM, digits: 0 }

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
