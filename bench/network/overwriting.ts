// Overwriting: whether what stands of each order in the end is what was told last, and whether anything came late enough to tell. Pure.
import { isFact } from '../../engine/entry.ts'
import { placeMs } from '../../machines/ids.ts'
import type { Checks } from '../oracle.ts'
import type { Said } from './day.ts'
import { lateEvents, lateSettings, setsTwice } from './lateness.ts'
import { eventKey, type OrderEnd } from './order-end.ts'
import { type Standing, standingsTold } from './standing.ts'

export interface Stood {
  readonly said: readonly Said[]
  readonly ends: ReadonlyMap<string, Pick<OrderEnd, 'standings' | 'verdicts'>>
}

const FACT = 'nothing newer is overwritten by something older'
// Orders of which something is told twice, a third of all. Where the ERP loses its order by half a step, one in fifteen of them has it
// turned round: of so many some have, of fewer perhaps none.
const TRIED_FROM_ORDERS = 80

/** What was not tried is a flaw in a day that could have, else a note that is returned. */
export function checkOverwriting(stood: Stood, checks: Checks): readonly string[] {
  const flaws = overwritten(stood)
  if (flaws.length === 0 && lateCounts(stood).settings === 0) return checkUntried(stood, checks)
  const more = flaws.length > 1 ? ` and ${flaws.length - 1} more` : ''
  checks.check(FACT, flaws.length > 0 ? `${flaws[0]}${more}` : undefined)
  return []
}

function checkUntried({ said }: Stood, checks: Checks): readonly string[] {
  const count = [...acceptedByOrder(said).values()].filter(setsTwice).length
  const untried = `not tried: nothing older came behind something newer that sets the same; ${count} orders have such`
  if (count < TRIED_FROM_ORDERS) return [`${FACT}: ${untried}`]
  checks.check(FACT, `${untried}. Give its source, the ERP, a shuffle window about as wide as its steps are apart`)
  return []
}

function overwritten({ ends, said }: Stood): readonly string[] {
  return [...acceptedByOrder(said)].flatMap(([order, events]) => {
    const found = ends.get(order)?.standings
    // An order that is not there at all is lost.
    if (found === undefined) return []
    return [...standingsTold(events)].flatMap(([setting, wanted]) => {
      const is = found.get(setting)
      const isSo = is?.place === wanted.place && is.value === wanted.value
      return isSo ? [] : [`${setting} of ${order} is ${standingText(is)}, not ${standingText(wanted)}`]
    })
  })
}

function acceptedByOrder(said: readonly Said[]) {
  const byOrder = Map.groupBy(
    said.filter(({ outcome }) => outcome === 'accepted'),
    ({ order }) => order,
  )
  return new Map([...byOrder].map(([order, all]) => [order, all.map(({ event }) => event)] as const))
}

const standingText = (standing: Standing | undefined): string =>
  standing === undefined ? 'unknown' : `${standing.value} as of ${new Date(placeMs(standing.place)).toISOString()}`

export interface LateCounts {
  /** Reports that were judged behind a newer one of their order. */
  readonly events: number
  /** Of those that count: behind a newer one which sets the same. */
  readonly settings: number
}

/** How much of the day came late, as the journal has it. */
export function lateCounts({ ends, said }: Stood): LateCounts {
  const events = new Map(said.map(({ event }) => [eventKey(event), event]))
  const late = { events: 0, settings: 0 }
  for (const { verdicts } of ends.values()) {
    late.events += lateEvents(verdicts.flatMap(({ event }) => events.get(event) ?? []))
    late.settings += lateSettings(verdicts.filter(isFact).flatMap(({ event }) => events.get(event) ?? []))
  }
  return late
}
