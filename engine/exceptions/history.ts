// History of a family's exceptions: when each opened and closed, and by which entry; what opens again is told again. Folded
// from the entries, so that it is the same after any restart. Pure.
import { placeMs } from '../../machines/ids.ts'
import { applied, type JournalEntry } from '../entry.ts'
import { emptyFamily } from '../family.ts'
import type { Condition, OrderException, Surroundings } from './condition.ts'
import { conditionsOf, openAt } from './exceptions.ts'
import { factsWith } from './facts.ts'
import { Marks } from './marks.ts'

export interface ExceptionPeriod {
  /** As it stood when it closed, or stands now. */
  readonly exception: OrderException
  readonly openedMs: number
  /** The entry after which it held; its moment may have come later. */
  readonly openedBy: number
  /** Undefined while it is open. */
  readonly closedMs?: number
  readonly closedBy?: JournalEntry
  /** What closed it happened before it opened and was heard too late: it only seemed so. */
  readonly isRefuted: boolean
}

/** Every period, in the order they opened. `entries` are the family's, oldest first; `nowMs` is the clock. */
export function exceptionHistory(
  entries: readonly JournalEntry[],
  around: Surroundings,
  nowMs: number,
): readonly ExceptionPeriod[] {
  const periods = new Periods()
  let family = emptyFamily(entries[0]?.family ?? '')
  const marks = Marks.of([])
  let conditions: readonly Condition[] = []
  let last = 0
  const openBy = (ms: number) => openAt(conditions, { family: family.id, nowMs: ms, policies: around.policies })
  for (const entry of entries) {
    periods.open(openBy(entry.recordedMs), last)
    family = applied(family, entry)
    marks.fold(entry)
    conditions = conditionsOf(factsWith(family, marks), around)
    const still = openBy(entry.recordedMs)
    periods.close(still, entry)
    periods.open(still, entry.position)
    last = entry.position
  }
  periods.open(openBy(nowMs), last)
  return periods.all()
}

type Draft = { -readonly [Key in keyof ExceptionPeriod]: ExceptionPeriod[Key] }

class Periods {
  private readonly told: Draft[] = []
  private readonly current = new Map<string, Draft>()

  open(exceptions: readonly OrderException[], position: number): void {
    for (const exception of exceptions) {
      const known = this.current.get(exception.key)
      if (known !== undefined) {
        known.exception = exception
        continue
      }
      const period: Draft = { exception, openedMs: exception.opensMs, openedBy: position, isRefuted: false }
      this.current.set(exception.key, period)
      this.told.push(period)
    }
  }

  close(still: readonly OrderException[], entry: JournalEntry): void {
    const keys = new Set(still.map(({ key }) => key))
    for (const [key, period] of this.current) {
      if (keys.has(key)) continue
      // What was wrong for less than no time, as its end happened before anybody could know, ends when it began.
      period.closedMs = Math.max(period.openedMs, placeMs(entry.place))
      period.closedBy = entry
      period.isRefuted = placeMs(entry.place) < period.openedMs
      this.current.delete(key)
    }
  }

  all(): readonly ExceptionPeriod[] {
    return [...this.told].sort((a, b) => a.openedMs - b.openedMs)
  }
}
