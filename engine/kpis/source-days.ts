// SourceDays: what came of each source's events, day by day, and how long after it happened we heard of it. Folded from
// entries. Days are days of arrival, UTC: a window counts whole days.
import { placeMs } from '../../machines/ids.ts'
import { type JournalEntry, retirementIn } from '../entry.ts'
import type { Verdict } from '../outcome.ts'
import { Histogram, type SavedHistogram } from './histogram.ts'

const DAY_MS = 24 * 3_600_000

/** The whole days, UTC, that a window touches. */
export const daysTouched = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) => ({
  fromMs: Math.floor(fromMs / DAY_MS) * DAY_MS,
  toMs: Math.ceil(toMs / DAY_MS) * DAY_MS,
})

export interface SourceDay {
  readonly source: string
  readonly dayMs: number
  readonly verdicts: Partial<Record<Verdict, number>>
  /** From happening to being recorded: of all events, and of goods issues alone. */
  readonly lag: Histogram
  readonly confirmationLag: Histogram
}

export interface SavedSourceDay extends Omit<SourceDay, 'lag' | 'confirmationLag'> {
  readonly lag: SavedHistogram
  readonly confirmationLag: SavedHistogram
}

export class SourceDays {
  private readonly days = new Map<string, SourceDay>()
  /** The day in which each source was heard last: nearly always the one that is asked for. */
  private readonly latest = new Map<string, SourceDay>()

  fold(entry: JournalEntry): void {
    const { cause, event, place, recordedMs, verdict } = entry
    // What was woken came before: it is counted once, as its sender sent it. No source retires an order.
    if (cause !== undefined || retirementIn(entry) !== undefined) return
    const day = this.day(event.source, Math.floor(recordedMs / DAY_MS) * DAY_MS)
    day.verdicts[verdict] = (day.verdicts[verdict] ?? 0) + 1
    const lagMs = Math.max(0, recordedMs - placeMs(place))
    day.lag.add(lagMs)
    if (event.type === 'shipment.confirmed') day.confirmationLag.add(lagMs)
  }

  /** Days that touch the window, by source and day. */
  within(fromMs: number, toMs: number): readonly SourceDay[] {
    return [...this.days.values()]
      .filter(({ dayMs }) => dayMs + DAY_MS > fromMs && dayMs < toMs)
      .sort((a, b) => (a.source < b.source ? -1 : a.source > b.source ? 1 : a.dayMs - b.dayMs))
  }

  saved(): readonly SavedSourceDay[] {
    return [...this.days.values()].map(({ confirmationLag, lag, ...day }) => ({
      ...day,
      lag: lag.saved(),
      confirmationLag: confirmationLag.saved(),
    }))
  }

  load(days: readonly SavedSourceDay[]): void {
    for (const { confirmationLag, lag, ...day } of days)
      this.days.set(`${day.source}\0${day.dayMs}`, {
        ...day,
        lag: Histogram.from(lag),
        confirmationLag: Histogram.from(confirmationLag),
      })
  }

  private day(source: string, dayMs: number): SourceDay {
    const latest = this.latest.get(source)
    if (latest?.dayMs === dayMs) return latest
    const day = this.dayOf(source, dayMs)
    this.latest.set(source, day)
    return day
  }

  private dayOf(source: string, dayMs: number): SourceDay {
    const key = `${source}\0${dayMs}`
    let day = this.days.get(key)
    if (day === undefined) {
      day = { source, dayMs, verdicts: {}, lag: new Histogram(), confirmationLag: new Histogram() }
      this.days.set(key, day)
    }
    return day
  }
}
