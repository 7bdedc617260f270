// Whether the twin kept up with a day, in words for who asks whether their peak fits. Pure.
import { rounded, shown } from '../report.ts'
import type { Progress } from './network-client.ts'

// What waits for longer is late to who watches an order; a batch and a pause of the collector are a tenth of it.
const LATE_MS = 1_000

export interface Behind {
  /** How long something that was due had waited for more than a second. */
  readonly seconds: number
  /** What was answered a second meanwhile: all the twin can. */
  readonly answeredPerSecond: number
}

/** Undefined where nothing ever waited for so long. */
export function behindOf(progress: readonly Progress[]): Behind | undefined {
  let ms = 0
  let answered = 0
  let due = 0
  let next = 0
  for (const [index, now] of progress.entries()) {
    for (let at = progress[next]; at !== undefined && now.ms - at.ms >= LATE_MS; at = progress[++next]) due = at.due
    const before = progress[index - 1]
    if (before === undefined || now.answered >= due) continue
    ms += now.ms - before.ms
    answered += now.answered - before.answered
  }
  return ms === 0 ? undefined : { seconds: ms / 1e3, answeredPerSecond: (answered / ms) * 1e3 }
}

export interface Fared {
  readonly behind: Behind | undefined
  readonly deliveries: number
  readonly offeredPerSecondMax: number
  readonly backlogMax: number
  readonly p99Ms: number
  /** From when the last delivery was due to the last answer. */
  readonly drainSeconds: number
  /** How long the day was played, and how much faster than it is; undefined where everything happens at once. */
  readonly pace: { readonly seconds: number; readonly simulatedPerReal: number } | undefined
  /** Whether something was held back and came at once: of a source, or while the twin was stopped. */
  readonly isHeldBack: boolean
}

/** In a few sentences: whether it fits, by how much, and what to try next. */
export function fitText(fared: Fared): string {
  const { behind, deliveries, drainSeconds, isHeldBack, offeredPerSecondMax, p99Ms, pace } = fared
  const answeredIn = `99 of 100 were answered within ${duration(p99Ms)}`
  if (pace === undefined)
    return `${shown(deliveries)} came at once: the last was answered ${duration(drainSeconds * 1e3)} later, ${shown(deliveries / drainSeconds)} a second.`
  const busiest = `${shown(rounded(offeredPerSecondMax))} in the busiest second, ${times(pace.simulatedPerReal)} as many as at the day's own pace`
  if (behind === undefined) return `It fits: ${busiest}; ${answeredIn}.`
  const late = `for ${duration(behind.seconds * 1e3)} something had waited for more than a second, ${shown(fared.backlogMax)} events at most`
  const caughtUp = `; all was answered ${duration(drainSeconds * 1e3)} after the last was due`
  // What is held back comes at once however slowly the day is played.
  if (isHeldBack) return `It fell behind, as it may after an outage: ${late}${caughtUp}. ${busiest}; ${answeredIn}.`
  const { answeredPerSecond } = behind
  const slower = Math.ceil((pace.seconds * offeredPerSecondMax) / Math.max(1, answeredPerSecond))
  const advice = slower > pace.seconds ? ` At that it should with --seconds ${slower}.` : ''
  return `It does not fit at this pace: ${late}${caughtUp}. ${busiest}; ${shown(rounded(answeredPerSecond))} a second were answered meanwhile.${advice}`
}

const times = (factor: number): string => `${shown(rounded(factor, factor < 10 ? 1 : 0))} times`

const duration = (ms: number): string =>
  ms < 1_000 ? `${shown(rounded(ms, ms < 10 ? 1 : 0))} ms` : `${shown(rounded(ms / 1e3, 2))} s`
