// deliveries: when and how often what sources said reaches the twin: late, out of order, twice, after an outage. Pure.
//   D1  Every event arrives at least once, never before its time, and each copy is the same event.
//   D2  Latency and outages keep a source's events in order; the shuffle window does not.
//   D3  The same events and model give the same deliveries.
import type { EventInput } from '../../machines/event.ts'
import { type Random, seededRandom } from './random.ts'

export interface DeliveryModel {
  readonly seed: number
  /** Part of the events that arrive a second time, 0 to 1. */
  readonly duplicateShare?: number
  /** Each copy arrives up to this much later, evenly spread: what happened within it may arrive in any order. */
  readonly shuffleWindowMs?: number
  /** How long a message travels on average; most travel shorter, few ten times as long. */
  readonly latencyMeanMs?: number
  /** What a source would have delivered within one of its outages arrives when that ends. */
  readonly outages?: readonly Outage[]
}

export interface Outage {
  readonly source: string
  readonly fromMs: number
  readonly toMs: number
}

export interface Delivery {
  /** Arrival, epoch milliseconds on the clock of the events' own times. */
  readonly atMs: number
  readonly event: EventInput
  /** 1 for the first sending, 2 for the duplicate. */
  readonly copy: 1 | 2
}

// A message that takes longer than ten times the mean (one in 22,000) takes that long.
const LATENCY_OVER_MEAN_MAX = 10

/** All deliveries of `events`, which are oldest first; the result is in order of arrival, ties in order of `events`. */
export function deliveries(events: readonly EventInput[], model: DeliveryModel): readonly Delivery[] {
  const random = seededRandom(model.seed)
  const sentMs = sendingTimes(events, model, random)
  const windowMs = model.shuffleWindowMs ?? 0
  const arrived = events.flatMap((event, index): Delivery[] => {
    const fromMs = sentMs[index] ?? 0
    const first: Delivery = { atMs: fromMs + random.whole(windowMs + 1), event, copy: 1 }
    if (!random.chance(model.duplicateShare ?? 0)) return [first]
    return [first, { atMs: fromMs + random.whole(windowMs + 1), event, copy: 2 }]
  })
  return arrived.toSorted((a, b) => a.atMs - b.atMs)
}

/** When each event would arrive by latency and outages alone: per source in the order of its events. */
function sendingTimes(events: readonly EventInput[], model: DeliveryModel, random: Random): readonly number[] {
  const latest = new Map<string, number>()
  return events.map(event => {
    const travelled = Date.parse(event.time) + latencyMs(model.latencyMeanMs ?? 0, random)
    const inOrder = Math.max(travelled, latest.get(event.source) ?? 0)
    const atMs = afterOutages(event.source, inOrder, model.outages ?? [])
    latest.set(event.source, atMs)
    return atMs
  })
}

function latencyMs(meanMs: number, random: Random): number {
  const times = Math.min(-Math.log(1 - random.unit()), LATENCY_OVER_MEAN_MAX)
  return Math.round(meanMs * times)
}

function afterOutages(source: string, atMs: number, outages: readonly Outage[]): number {
  const outage = outages.find(each => each.source === source && each.fromMs <= atMs && atMs < each.toMs)
  // One outage may end within the next.
  return outage === undefined ? atMs : afterOutages(source, outage.toMs, outages)
}
