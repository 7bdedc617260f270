// SharedTexts: what many exceptions that rest say in the same words, kept once and meant by number.
// Owns: which texts are shared.   Does not own: who says them: they stay when nobody does any more.
import { Words } from '../kpis/columns.ts'

// 4,096 texts of at most 256 letters: most is wrong in the same words in many orders. Not shared is what is longer or beyond them; nor what
// was not said twice within a thousand others: many name a number of their order.
const TEXTS_MAX = 4_096
const LETTERS_MAX = 256
const ONCE_MAX = 1_024

export type SavedTexts = readonly [sources: readonly string[], details: readonly string[]]

export class SharedTexts {
  private readonly sources = new Words(TEXTS_MAX)
  private readonly details = new Words(TEXTS_MAX)
  /** Details said once, the oldest first. */
  private readonly once = new Set<string>()

  /** 0, here and below, where a text is not shared. */
  sourceNumber(source: string): number {
    return this.sources.number(source)
  }

  source(number: number): string {
    return this.sources.word(number)
  }

  detailNumber(detail: string): number {
    const known = this.details.known(detail)
    if (known > 0 || detail.length > LETTERS_MAX) return known
    if (this.once.delete(detail)) return this.details.number(detail)
    this.once.add(detail)
    const [oldest] = this.once.size > ONCE_MAX ? this.once : []
    if (oldest !== undefined) this.once.delete(oldest)
    return 0
  }

  detail(number: number): string {
    return this.details.word(number)
  }

  saved(): SavedTexts {
    return [this.sources.saved(), this.details.saved()]
  }

  load([sources, details]: SavedTexts): void {
    this.sources.load(sources)
    this.details.load(details)
  }
}
