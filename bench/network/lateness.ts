// Lateness: which reports of an order come behind newer ones. A day in which none does has not tried what it means to try. Pure.
import type { EventInput } from '../../machines/event.ts'
import type { Place } from '../../machines/ids.ts'
import { saidPlace, settingsOf } from './standing.ts'

/** Of one order, in the order they came: how many are older than one before them. What comes again counts once. */
export function lateEvents(came: readonly EventInput[]): number {
  let newest = ''
  let count = 0
  for (const place of firstOfEach(came).keys()) {
    if (place < newest) count++
    else newest = place
  }
  return count
}

/** The same of those that would overwrite something newer: they set what it has set. */
export function lateSettings(came: readonly EventInput[]): number {
  const newest = new Map<string, Place>()
  let count = 0
  for (const [place, event] of firstOfEach(came)) {
    let isLate = false
    for (const [setting] of settingsOf(event)) {
      if (place < (newest.get(setting) ?? '')) isLate = true
      else newest.set(setting, place)
    }
    if (isLate) count++
  }
  return count
}

const firstOfEach = (came: readonly EventInput[]): ReadonlyMap<Place, EventInput> =>
  new Map(came.map(event => [saidPlace(event), event]))

/** Whether something is set twice in what is said of one order. */
export function setsTwice(said: readonly EventInput[]): boolean {
  const settings = said.flatMap(event => settingsOf(event).map(([setting]) => setting))
  return new Set(settings).size < settings.length
}
