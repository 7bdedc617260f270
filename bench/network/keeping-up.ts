// Whether the twin kept up with a day, in words for who asks whether their peak fits. Pure.
import { rounded, shown } from '../report.ts'
import type { Dues } from './day.ts'

// What waits for longer is late to who watches an order; a batch and a pause of the collector are a tenth of it.
const LATE_MS = 1_000
const SECOND_MS = 1_000

export interface BusiestSecond {
  /** Deliveries due in it, as the day was played. */
  readonly played: number
  /** And in the busiest second of the day itself; undefined where everything happens at once. */
  readonly own: number | undefined
}

export function busiestSecond({ bySource, realPerSimulated }: Dues): BusiestSecond {
  const times = Float64Array.from([...bySource.values()].flatMap(dues => dues.map(({ atMs }) => atMs))).sort()
  return {
    played: mostWithin(times, SECOND_MS),
    own: realPerSimulated === 0 ? undefined : mostWithin(times, SECOND_MS * realPerSimulated),
  }
}

/** Of sorted times, how many lie less than `spanMs` apart at most. */
function mostWithin(times: Float64Array, spanMs: number): number {
  let most = 0
  for (let first = 0, last = 0; last < times.length; last++) {
    while ((times[last] as number) - (times[first] as number) >= spanMs) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

export interface Fared {
  readonly deliveries: number
  readonly busiest: BusiestSecond
  /** Of the source that fared worst: within so long of being due 99 of 100 of its deliveries were answered. */
  readonly slowest: { readonly source: string; readonly p99Ms: number }
  readonly backlogMax: number
  /** From when the last delivery was due to the last answer. */
  readonly drainSeconds: number
  /** How much faster than it is the day was played; undefined where everything happens at once. */
  readonly simulatedPerReal: number | undefined
  /** Whether something was held back for a while and came at once. */
  readonly isHeldBack: boolean
}

/** In a few sentences: whether it fits, and how far from the day itself that is. */
export function fitText(fared: Fared): string {
  const { backlogMax, busiest, deliveries, drainSeconds, isHeldBack, simulatedPerReal, slowest } = fared
  if (simulatedPerReal === undefined)
    return `${shown(deliveries)} came at once, and the last was answered ${duration(drainSeconds * 1e3)} later.`
  const isLate = slowest.p99Ms > LATE_MS
  const pace = `played ${times(simulatedPerReal)} as fast as the day itself`
  const seconds = `In its busiest second ${shown(busiest.played)} events were due; at its own pace ${shown(busiest.own ?? 0)} would be.`
  if (!isLate)
    return `It fits, ${pace}: of each source 99 of 100 were answered within ${duration(slowest.p99Ms)}. ${seconds}`
  const late = `of ${slowest.source} one of 100 waited for more than ${duration(slowest.p99Ms)}, ${shown(backlogMax)} events of all were due and not answered at most, and the last was answered ${duration(drainSeconds * 1e3)} after it was due`
  // What is held back is due at once however slowly the day is played, or while nobody is there to answer.
  const verdict = isHeldBack ? `It fell behind, ${pace}, what was held back included` : `It does not fit, ${pace}`
  return `${verdict}: ${late}. ${seconds} A longer --seconds plays it more slowly.`
}

const times = (factor: number): string => `${shown(rounded(factor, factor < 10 ? 1 : 0))} times`

const duration = (ms: number): string =>
  ms < 1_000 ? `${shown(rounded(ms, ms < 10 ? 1 : 0))} ms` : `${shown(rounded(ms / 1e3, 2))} s`
