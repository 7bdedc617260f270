// NumberedTexts: texts by row, compared as texts, but mostly as numbers: `SO-1000017` and `SO-1000009` have the same shape, seven digits
// behind `SO-`, and differ as 1000017 and 1000009 do. Of each block of rows that has one shape it knows the least and the most.
// Owns: shape and digits of each row.   Does not own: the texts.
import { BLOCK_SHIFT, COLUMN_GROWTH, type Condition } from './board-rows.ts'

// 0: its text is compared.
const NO_SHAPE = 0
// 1,000: a channel or company has a few. Where every number has a shape of its own, they are compared as texts.
const SHAPES_MAX = 1_000
// 15 digits are whole numbers that floating point tells apart.
const DIGITS = /\d{1,15}$/

/** What the texts of a block have between them. */
interface Span {
  /** Undefined before the first; NO_SHAPE where they have several, or none. */
  shape: number | undefined
  least: number
  most: number
}

function widen(span: Span, shape: number, digits: number): void {
  if (span.shape === undefined) [span.shape, span.least, span.most] = [shape, digits, digits]
  else if (span.shape !== shape) span.shape = NO_SHAPE
  else if (digits < span.least) span.least = digits
  else if (digits > span.most) span.most = digits
}

export class NumberedTexts {
  private readonly texts: readonly string[]
  private readonly shapeCodes = new Map<string, number>()
  private shapes = new Uint32Array(0)
  private digits = new Float64Array(0)
  private readonly spans: Span[] = []

  /** `texts` is the owner's list by row; a row must be in it, and set, before it is compared. */
  constructor(texts: readonly string[]) {
    this.texts = texts
  }

  /** Takes on the text of `row`. */
  set(row: number): void {
    if (row >= this.shapes.length) this.grow(Math.max(row + 1, Math.ceil(this.shapes.length * COLUMN_GROWTH)))
    const { digits, shape } = parsed(this.texts[row] as string)
    const code = this.codeOf(shape)
    this.shapes[row] = code
    this.digits[row] = digits
    const block = row >>> BLOCK_SHIFT
    while (this.spans.length <= block) this.spans.push({ shape: undefined, least: 0, most: 0 })
    widen(this.spans[block] as Span, code, digits)
  }

  /** Negative where row `a` comes first; 0 only of equal texts. */
  compare(a: number, b: number): number {
    const shape = this.shapes[a] as number
    return shape === this.shapes[b] && shape !== NO_SHAPE
      ? (this.digits[a] as number) - (this.digits[b] as number)
      : compareText(this.texts[a] as string, this.texts[b] as string)
  }

  /** How a row compares with a text that need not be any row's. */
  against(text: string): (row: number) => number {
    const { digits: number, shape } = parsed(text)
    const code = this.shapeCodes.get(shape) ?? NO_SHAPE
    const { digits, shapes, texts } = this
    return row =>
      shapes[row] === code && code !== NO_SHAPE
        ? (digits[row] as number) - number
        : compareText(texts[row] as string, text)
  }

  /** All rows that come before `row`, or behind it where `sign` is -1, and those of which only their texts could tell. */
  mayBeBefore(row: number, sign: number): Condition {
    const { digits, shapes } = this
    const shape = shapes[row] as number
    const most = sign * (digits[row] as number)
    return {
      ofBlock: block => (this.sideOf(block, shape, digits[row] as number) === sign ? false : undefined),
      keep: (rows, count) => {
        let kept = 0
        for (let index = 0; index < count; index++) {
          const each = rows[index] as number
          rows[kept] = each
          kept +=
            Number(sign * (digits[each] as number) <= most) |
            Number(shapes[each] !== shape) |
            Number(shape === NO_SHAPE)
        }
        return kept
      },
    }
  }

  /** All rows that come after `text`, or before it where `sign` is -1. */
  after(text: string, sign: number): Condition {
    const { digits: number, shape } = parsed(text)
    const code = this.shapeCodes.get(shape) ?? NO_SHAPE
    const { digits, shapes } = this
    const against = this.against(text)
    const most = sign * number
    return {
      ofBlock: block => {
        const side = this.sideOf(block, code, number)
        return side === undefined ? undefined : side === sign
      },
      keep: (rows, count) => {
        let kept = 0
        for (let index = 0; index < count; index++) {
          const row = rows[index] as number
          rows[kept] = row
          const isAfter =
            shapes[row] === code && code !== NO_SHAPE ? sign * (digits[row] as number) > most : sign * against(row) > 0
          kept += Number(isAfter)
        }
        return kept
      },
    }
  }

  /** 1 where all texts of a block come behind the one of this shape and digits, -1 where all come before; undefined where that is not known. */
  private sideOf(block: number, shape: number, digits: number): number | undefined {
    const span = this.spans[block]
    if (span === undefined || span.shape !== shape || shape === NO_SHAPE) return undefined
    return span.least > digits ? 1 : span.most < digits ? -1 : undefined
  }

  private codeOf(shape: string): number {
    const known = this.shapeCodes.get(shape)
    if (known !== undefined) return known
    const code = this.shapeCodes.size + 1
    if (code > SHAPES_MAX) return NO_SHAPE
    this.shapeCodes.set(shape, code)
    return code
  }

  private grow(rows: number): void {
    const shapes = new Uint32Array(rows)
    shapes.set(this.shapes)
    this.shapes = shapes
    const digits = new Float64Array(rows)
    digits.set(this.digits)
    this.digits = digits
  }
}

function parsed(text: string): { readonly shape: string; readonly digits: number } {
  const digits = DIGITS.exec(text)?.[0] ?? ''
  return { shape: `${digits.length} ${text.slice(0, text.length - digits.length)}`, digits: Number(digits) }
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
