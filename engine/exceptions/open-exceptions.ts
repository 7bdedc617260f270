// OpenExceptions: what is open in each family, by row. As objects an exception takes a kilobyte, and what stands open in orders that
// ended stays until somebody settles it: a quarter of a million of a million orders. Families of which nothing more is expected
// have theirs as text, at a quarter of that; to read one back takes some microseconds.
// Owns: the texts.   Does not own: which families rest (watch-state.ts).
import type { ActorKey, Place } from '../../machines/ids.ts'
import { CATALOGUE, type ExceptionKind } from './catalogue.ts'
import { keyOf, type OrderException } from './condition.ts'

/** What is open in one family, as JSON has it. */
export type SavedExceptions = readonly [family: string, ...open: readonly SavedException[]]

type SavedException = readonly [
  kind: ExceptionKind,
  actor: ActorKey,
  part: string,
  opensMs: number,
  dueMs: number,
  /** In memory the number of one that is said of many. */
  detail: string | number,
  cause: string,
  evidence: readonly Place[],
  unusual?: Unusual,
]

/** What the catalogue says otherwise of the kind, and what most do not have. */
type Unusual = Partial<Pick<OrderException, 'action' | 'event' | 'handling' | 'lines' | 'severity' | 'team'>>

// 4,096 texts, some hundred bytes each: most is wrong in the same words in many orders. What is told in others stands in full.
const DETAILS_MAX = 4_096
const NO_LINES: readonly string[] = []

export class OpenExceptions {
  private readonly objects = new Map<number, readonly OrderException[]>()
  private readonly texts = new Map<number, string>()
  private readonly details: string[] = []
  private readonly detailNumbers = new Map<string, number>()

  /** Families that have something open. */
  get size(): number {
    return this.objects.size + this.texts.size
  }

  /** In no order. */
  *rows(): Generator<number> {
    yield* this.objects.keys()
    yield* this.texts.keys()
  }

  *values(): Generator<readonly OrderException[]> {
    yield* this.objects.values()
    for (const text of this.texts.values()) yield this.read(text)
  }

  /** Undefined where nothing is open. */
  get(row: number): readonly OrderException[] | undefined {
    const text = this.texts.get(row)
    return text === undefined ? this.objects.get(row) : this.read(text)
  }

  set(row: number, open: readonly OrderException[]): void {
    this.texts.delete(row)
    if (open.length === 0) this.objects.delete(row)
    else this.objects.set(row, open)
  }

  /** Keeps what is open in `row` as text until it is set again. */
  rest(row: number): void {
    const open = this.objects.get(row)
    if (open === undefined) return
    this.objects.delete(row)
    this.texts.set(row, JSON.stringify(savedOf(open, detail => this.numberOf(detail))))
  }

  saved(row: number): SavedExceptions | undefined {
    const open = this.get(row)
    return open && savedOf(open, detail => detail)
  }

  /** What was saved, as it was before. */
  load(row: number, saved: SavedExceptions): void {
    this.set(row, exceptionsOf(saved, this.details))
    this.rest(row)
  }

  private read(text: string): readonly OrderException[] {
    return exceptionsOf(JSON.parse(text) as SavedExceptions, this.details)
  }

  /** The text itself where the table is full. */
  private numberOf(detail: string): number | string {
    const known = this.detailNumbers.get(detail)
    if (known !== undefined || this.details.length >= DETAILS_MAX) return known ?? detail
    this.detailNumbers.set(detail, this.details.length)
    return this.details.push(detail) - 1
  }
}

function savedOf(open: readonly OrderException[], detailAs: (detail: string) => string | number): SavedExceptions {
  const [first] = open
  return [(first as OrderException).family, ...open.map(each => savedException(each, detailAs(each.detail)))]
}

function savedException(it: OrderException, detail: string | number): SavedException {
  const known = CATALOGUE[it.kind]
  const unusual: Unusual = {
    action: it.action === known.action ? undefined : it.action,
    event: it.event,
    handling: it.handling,
    lines: it.lines.length === 0 ? undefined : it.lines,
    severity: it.severity === known.severity ? undefined : it.severity,
    team: it.team === known.team ? undefined : it.team,
  }
  return [it.kind, it.actor, it.part, it.opensMs, it.dueMs, detail, it.cause, it.evidence, unusual]
}

function exceptionsOf([family, ...open]: SavedExceptions, details: readonly string[]): readonly OrderException[] {
  return open.map(([kind, actor, part, opensMs, dueMs, detail, cause, evidence, unusual = {}]) => {
    const known = CATALOGUE[kind]
    // Key by key, and in their order: one shape with those that were just opened (condition.ts).
    return {
      kind,
      actor,
      part,
      opensMs,
      detail: typeof detail === 'number' ? (details[detail] as string) : detail,
      evidence,
      lines: unusual.lines ?? NO_LINES,
      dueMs,
      team: unusual.team ?? known.team,
      severity: unusual.severity ?? known.severity,
      action: unusual.action ?? known.action,
      cause,
      event: unusual.event,
      handling: unusual.handling,
      key: keyOf({ kind, actor, part }),
      family,
      class: known.class,
    }
  })
}
