// A scenario's day: everything that is said, when it happened, and when each copy of it is to reach the twin. Pure: the same
// scenario, size and seed give the same day in every process.
import { deliveries } from '../../connectors/simulated/deliveries.ts'
import { type Random, seededRandom } from '../../connectors/simulated/random.ts'
import type { OutcomeCode } from '../../engine/outcome.ts'
import type { EventInput } from '../../machines/event.ts'
import { FIRST_MS } from '../load/load.ts'
import { orderLife, type Told } from '../load/order-life.ts'
import { SOURCES, type SourceId } from '../load/sources.ts'
import { type Arrivals, type Mix, type NetworkScenario, sourceModel } from './network-scenario.ts'

export interface DayOptions {
  readonly scenario: NetworkScenario
  readonly seed: number
  readonly orders: number
}

/** One thing that is said. */
export interface Said {
  readonly event: EventInput
  /** Id of the order it is about. */
  readonly order: string
  /** What it comes to when everything is heard once and in order. */
  readonly outcome: OutcomeCode
}

export interface Due {
  /** When it is to reach the twin: real milliseconds from the beginning of the run. */
  readonly atMs: number
  readonly event: EventInput
}

export interface Dues {
  readonly bySource: ReadonlyMap<SourceId, readonly Due[]>
  readonly realPerSimulated: number
}

// Reports of one order are never at the same instant: their order is not in doubt.
const STEP_MIN_MS = 1_000
const STEP_OVER_MEAN_MAX = 10
// Of so many orders something is told first so and then otherwise: the first, if it comes late, would overwrite the second. It does
// where the ERP loses its order by more than a step or so; overwriting.ts tells when it never did.
const HELD_SHARE = 0.2
const BACKORDERED_SHARE = 0.2

/** Everything that is said, as it happened. */
export function said({ orders, scenario, seed }: DayOptions): readonly Said[] {
  const random = seededRandom(seed)
  const starts = Array.from({ length: orders }, () => startMs(scenario.arrivals, random)).sort((a, b) => a - b)
  const all = starts.flatMap((start, index) => lifeSaid(index + 1, start, scenario.mix, random))
  return all.sort((a, b) => a.atMs - b.atMs || compare(a.event.id, b.event.id))
}

/** All deliveries of each source, soonest first. */
export function dues(day: DayOptions): Dues {
  const bySource = Map.groupBy(said(day), ({ event }) => event.source)
  const arriving = SOURCES.map(({ id }, index) => {
    const { duplicateShare, latencyMeanMs, outages = [], shuffleWindowMs } = sourceModel(day.scenario, id)
    const delivered = deliveries(
      (bySource.get(id) ?? []).map(({ event }) => event),
      {
        seed: day.seed + 1 + index,
        duplicateShare,
        latencyMeanMs,
        shuffleWindowMs,
        outages: outages.map(({ fromMs, toMs }) => ({ source: id, fromMs: FIRST_MS + fromMs, toMs: FIRST_MS + toMs })),
      },
    )
    return [id, delivered] as const
  })
  const lastMs = arriving.reduce((last, [, delivered]) => Math.max(last, delivered.at(-1)?.atMs ?? 0), FIRST_MS)
  const realPerSimulated = paceOf(day.scenario, lastMs - FIRST_MS)
  const inReal = (atMs: number) => (atMs - FIRST_MS) * realPerSimulated
  const bySourceDue = arriving.map(
    ([id, delivered]) => [id, delivered.map(({ atMs, event }) => ({ atMs: inReal(atMs), event }))] as const,
  )
  return { bySource: new Map(bySourceDue), realPerSimulated }
}

/** Real milliseconds in a simulated one. A day in which all happens at once has no length that could be played. */
const paceOf = ({ arrivals, seconds }: NetworkScenario, spanMs: number): number =>
  arrivals.kind === 'at_once' ? 0 : (seconds * 1e3) / Math.max(1, spanMs)

type Timed = Said & { readonly atMs: number }

function lifeSaid(number: number, start: number, mix: Mix, random: Random): readonly Timed[] {
  const { channel, illegalShare } = mix
  const told = orderLife({
    number,
    random,
    illegalShare,
    channel,
    isWrongInAnyOrder: true,
    heldShare: HELD_SHARE,
    backorderedShare: BACKORDERED_SHARE,
  })
  const last = mix.until === undefined ? told.length : told.findIndex(({ type }) => type === mix.until) + 1
  const heldFrom = mix.held === undefined ? -1 : told.findIndex(({ type }) => type === mix.held?.from)
  let atMs = start
  return told.slice(0, last).map((each, index) => {
    if (index > 0) atMs += STEP_MIN_MS + waitMs(mix.stepMeanMs, random)
    if (index === heldFrom) atMs = Math.max(atMs, mix.held?.untilMs ?? 0)
    return { atMs, order: `SO-${1_000_000 + number}`, outcome: each.outcome, event: eventOf(each, number, index, atMs) }
  })
}

function eventOf({ data, dataschema, source, subject, type }: Told, number: number, index: number, atMs: number) {
  const event: EventInput = {
    specversion: '1.0',
    id: `${source}-${number}-${index}`,
    source,
    type,
    subject,
    time: new Date(FIRST_MS + atMs).toISOString(),
    dataschema,
    data,
  }
  // As a parser hands events over: absent members absent.
  return JSON.parse(JSON.stringify(event)) as EventInput
}

/** Drawn one by one and sorted: a Poisson process of which the count is known. */
function startMs(arrivals: Arrivals, random: Random): number {
  switch (arrivals.kind) {
    case 'at_once':
      return 0
    case 'steady':
      return Math.floor(random.unit() * arrivals.overMs)
    case 'peak': {
      const { overMs, peak, times } = arrivals
      const length = peak.toMs - peak.fromMs
      const share = (length * times) / (length * times + overMs - length)
      if (random.chance(share)) return Math.floor(peak.fromMs + random.unit() * length)
      const outside = random.unit() * (overMs - length)
      return Math.floor(outside < peak.fromMs ? outside : outside + length)
    }
  }
}

const waitMs = (meanMs: number, random: Random): number =>
  Math.round(meanMs * Math.min(-Math.log(1 - random.unit()), STEP_OVER_MEAN_MAX))

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
