// Load: many orders' lives interleaved, some events sent twice. The same options give the same events.
//   L1  It comes in laps. In a lap each open order is told of at most once (and may be repeated once), so that a lap's
//       events may be sent side by side; the next lap starts when this one is answered. A long lap comes in parts, each sent
//       when the one before is answered: what is made ahead of being sent is bounded.
//   L2  What must come of each event is known beforehand.
import { seededRandom } from '../../connectors/simulated/random.ts'
import type { OutcomeCode } from '../../engine/outcome.ts'
import type { EventInput } from '../../machines/event.ts'
import { type Life, openLife, type Told } from './order-life.ts'

export interface LoadOptions {
  readonly seed: number
  readonly orders: number
  /** Their numbers go on behind this one; default 0. */
  readonly after?: number
  /** Orders open at one time. */
  readonly workingSet: number
  /** Part of all events that are sent again, and part that must be refused, 0 to 1. */
  readonly duplicateShare: number
  readonly illegalShare: number
}

export type Tally = Partial<Record<OutcomeCode, number>>

/** A lap, or a part of one. */
export interface Lap {
  readonly events: readonly EventInput[]
  readonly expected: Tally
}

export const LOAD = { duplicateShare: 0.02, illegalShare: 0.02 }
/** The working set the targets are stated for; a small load keeps half of its orders open. */
export const workingSetOf = (orders: number): number => Math.min(50_000, Math.max(1, Math.ceil(orders / 2)))

/** The load's own clock starts here; 20 laps are ten hours of it. */
export const FIRST_MS = Date.UTC(2026, 0, 5)
const LAP_MS = 30 * 60_000
// Orders start within 15 laps of each other: about the length of a life, so that each lap has every kind of event.
const STAGGER_LAPS = 15

interface Slot {
  readonly life: Life
  readonly order: number
  next: number
  /** Laps until it tells something. */
  pause: number
}

// 20,000: some 50 MB of events, and ten requests for each connection of the busiest client.
const PART_EVENTS_MAX = 20_000

/** All laps of the load, none empty, in parts of at most so many events and a repetition. */
export function* laps(options: LoadOptions, eventsMax = PART_EVENTS_MAX): Generator<Lap> {
  const { after = 0, seed } = options
  const random = seededRandom(seed)
  let opened = 0
  const open = (pause: number): Slot => {
    const number = after + ++opened
    return { life: openLife({ number, random, illegalShare: options.illegalShare }), order: number, next: 0, pause }
  }
  let slots = Array.from({ length: Math.min(options.workingSet, options.orders) }, () =>
    open(random.whole(STAGGER_LAPS)),
  )
  let again: EventInput[] = []
  for (let lap = 0; slots.length > 0; lap++) {
    let part = new Part()
    const repeated = new Map(again.map(event => [random.whole(slots.length), event]))
    const placed = new Set(repeated.values())
    const rest = again.filter(event => !placed.has(event))
    again = []
    for (const [index, slot] of slots.entries()) {
      if (part.events.length >= eventsMax) {
        yield part
        part = new Part()
      }
      const repeat = repeated.get(index)
      if (repeat !== undefined) part.add(repeat, 'duplicate')
      if (slot.pause-- > 0) continue
      const told = slot.life.told(slot.next++)
      const event = eventOf(told, slot, lap * LAP_MS + (index % LAP_MS))
      part.add(event, told.outcome)
      if (random.chance(options.duplicateShare)) again.push(copy(event))
    }
    for (const event of rest) part.add(event, 'duplicate')
    slots = slots.flatMap(slot => {
      if (slot.next < slot.life.length) return [slot]
      return opened < options.orders ? [open(random.whole(3))] : []
    })
    // Now and then every open order pauses.
    if (part.events.length > 0) yield part
  }
  if (again.length > 0) yield { events: again, expected: { duplicate: again.length } }
}

class Part implements Lap {
  readonly events: EventInput[] = []
  readonly expected: Tally = {}

  add(event: EventInput, outcome: OutcomeCode): void {
    this.events.push(event)
    this.expected[outcome] = (this.expected[outcome] ?? 0) + 1
  }
}

function eventOf(
  { data, dataschema, source, subject, type }: Told,
  { next, order }: Slot,
  sinceMs: number,
): EventInput {
  const id = `${source}-${order}-${next}`
  const time = new Date(FIRST_MS + sinceMs).toISOString()
  return copy({ specversion: '1.0', id, source, type, subject, time, dataschema, data })
}

/** As a parser hands events over: objects of their own, absent members absent. */
const copy = (event: EventInput): EventInput => JSON.parse(JSON.stringify(event)) as EventInput

/** Adds `more` to `sum`. */
export function addTally(sum: Tally, more: Tally): void {
  for (const [outcome, count] of Object.entries(more) as [OutcomeCode, number][])
    sum[outcome] = (sum[outcome] ?? 0) + count
}
