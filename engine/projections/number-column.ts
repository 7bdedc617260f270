// NumberColumn: the orders' numbers, to sort them and to go on behind one. Of each block of rows that has one form it knows the least and
// the most.
// Owns: what is known of blocks.   Does not own: the texts.
import { BLOCK_SHIFT, type Condition } from './board-rows.ts'
import { NO_FORM, type NumberedTexts } from './numbered-texts.ts'

/** What the orders of a block have between them. */
interface Span {
  /** Undefined before the first; NO_FORM where they have several, or none. */
  form: number | undefined
  least: number
  most: number
}

function widen(span: Span, form: number, digits: number): void {
  if (span.form === undefined) [span.form, span.least, span.most] = [form, digits, digits]
  else if (span.form !== form) span.form = NO_FORM
  else if (digits < span.least) span.least = digits
  else if (digits > span.most) span.most = digits
}

export class NumberColumn {
  readonly texts: NumberedTexts
  private readonly spans: Span[] = []

  constructor(texts: NumberedTexts) {
    this.texts = texts
  }

  /** Row `row`, which has its text, holds an order. */
  note(row: number): void {
    const { digits, forms } = this.texts
    const block = row >>> BLOCK_SHIFT
    while (this.spans.length <= block) this.spans.push({ form: undefined, least: 0, most: 0 })
    widen(this.spans[block] as Span, forms[row] as number, digits[row] as number)
  }

  /** All rows that come before `row`, or behind it where `sign` is -1, and those of which only their texts could tell. */
  mayBeBefore(row: number, sign: number): Condition {
    const { digits, forms } = this.texts
    const form = forms[row] as number
    const most = sign * (digits[row] as number)
    return {
      ofBlock: block => (this.sideOf(block, form, digits[row] as number) === sign ? false : undefined),
      keep: (rows, count) => {
        let kept = 0
        for (let index = 0; index < count; index++) {
          const each = rows[index] as number
          rows[kept] = each
          kept +=
            Number(sign * (digits[each] as number) <= most) | Number(forms[each] !== form) | Number(form === NO_FORM)
        }
        return kept
      },
    }
  }

  /** All rows that come after `text`, or before it where `sign` is -1. */
  after(text: string, sign: number): Condition {
    const { digits, forms } = this.texts
    const { digits: number, form } = this.texts.formAndDigits(text)
    const against = this.texts.against(text)
    const most = sign * number
    return {
      ofBlock: block => {
        const side = this.sideOf(block, form, number)
        return side === undefined ? undefined : side === sign
      },
      keep: (rows, count) => {
        let kept = 0
        for (let index = 0; index < count; index++) {
          const row = rows[index] as number
          rows[kept] = row
          const isAfter =
            forms[row] === form && form !== NO_FORM ? sign * (digits[row] as number) > most : sign * against(row) > 0
          kept += Number(isAfter)
        }
        return kept
      },
    }
  }

  /** 1 where all numbers of a block come behind the one of this form and digits, -1 where all come before; undefined where that is not known. */
  private sideOf(block: number, form: number, digits: number): number | undefined {
    const span = this.spans[block]
    if (span === undefined || span.form !== form || form === NO_FORM) return undefined
    return span.least > digits ? 1 : span.most < digits ? -1 : undefined
  }
}
