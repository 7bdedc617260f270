// Amended lines: an order's lines as an amendment leaves them, and its columns beside them. Pure.
import type { Place } from '../ids.ts'
import { quantityAt, WIDTH } from '../quantities.ts'
import { type LineAmendment, lineIndex, newLine, type OrderContext, type OrderLine, orderedOf } from './context.ts'

/** Whether a setting that stands since a place is the amendment's from now on. */
type Sets = (setting: string, since: Place | '') => boolean

/** All changes in one copy: orders have thousands of lines, and amendments hundreds of changes. */
export function amendedLines(
  context: OrderContext,
  changes: readonly LineAmendment[],
  sets: Sets,
): readonly OrderLine[] {
  const lines = context.lines.slice()
  const fresh = new Map<string, OrderLine>()
  for (const change of changes) {
    const index = lineIndex(context, change.line)
    if (index >= 0) lines[index] = amendedLine(lines[index] as OrderLine, change, sets)
    else fresh.set(change.line, amendedLine(fresh.get(change.line) ?? newLine(change), change, sets))
  }
  return fresh.size === 0 ? lines : withAdded(lines, [...fresh.values()])
}

function amendedLine(known: OrderLine, change: LineAmendment, sets: Sets): OrderLine {
  const { line: number, quantity, ...fields } = change
  const taken: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(fields))
    if (value !== undefined && sets(`${number}.${field}`, known.place)) taken[field] = value
  const line = { ...known, ...taken }
  const ordered = quantity === undefined ? undefined : orderedOf({ ...line, quantity })
  if (ordered !== undefined && sets(`${number}.quantity`, known.place)) line.ordered = ordered
  // As much as before, in other base units: the gates made sure that it comes out exact.
  else line.ordered = Math.round(known.ordered * 10 ** (line.precision - known.precision))
  return line
}

/** Added lines (no place of their own) stand behind the captured ones, by line number. */
function withAdded(lines: readonly OrderLine[], fresh: readonly OrderLine[]): readonly OrderLine[] {
  const added = [...lines.filter(({ place }) => place === ''), ...fresh]
  return [...lines.filter(({ place }) => place !== ''), ...added.sort((a, b) => (a.line < b.line ? -1 : 1))]
}

/** The quantities of `context` where its lines stand in `lines`; new lines start with none. */
export function rearranged(context: OrderContext, lines: readonly OrderLine[]): OrderContext['quantities'] {
  if (lines.length === context.lines.length) return context.quantities
  const quantities = new Array<number>(lines.length * WIDTH).fill(0)
  for (let index = 0; index < lines.length; index++) {
    const known = lineIndex(context, (lines[index] as OrderLine).line)
    if (known < 0) continue
    for (let column = 0; column < WIDTH; column++)
      quantities[index * WIDTH + column] = quantityAt(context.quantities, known, column)
  }
  return quantities
}

/** The same of its allocations. */
export function reallocated(context: OrderContext, lines: readonly OrderLine[]): OrderContext['allocations'] {
  const { allocations } = context
  if (lines.length === context.lines.length || allocations.length === 0) return allocations
  return lines.map(({ line }) => allocations[lineIndex(context, line)])
}
