// NetworkScenario: a distributor's day as data: how orders come in, what is said of them, how each source delivers, who watches.
// Copy one of bench/network/scenarios/, change it, add it to bench/network/scenarios.ts, and run it.
// All times are milliseconds of the simulated day, from its beginning; `seconds` says how long the day takes here.
import type { EventType } from '../../machines/event-types.ts'
import type { SourceId } from '../load/sources.ts'

export interface NetworkScenario {
  readonly about: string
  /** Orders when --orders does not say; more orders make the same day busier. */
  readonly orders: number
  /** How long the day takes to play, in real seconds, when --seconds does not say. */
  readonly seconds: number
  readonly arrivals: Arrivals
  readonly mix: Mix
  /** How sources deliver; what is not said of a source is as in `usual`. */
  readonly usual: SourceModel
  readonly sources?: Readonly<Partial<Record<SourceId, Partial<SourceModel>>>>
  /** Those who watch all orders over WebSocket, as the console does. */
  readonly subscribers: number
  /** When the twin is stopped, and when it is started again on the same store. Without subscribers only. */
  readonly twinOutages?: readonly Span[]
  /** For a day that goes on evenly: how much more memory the twin may take in its second half. */
  readonly growth?: GrowthLimit
}

/** So much whatever happens, and so much for each event: what every order leaves for good in indexes and columns. */
export interface GrowthLimit {
  readonly mb: number
  readonly bytesPerEvent: number
}

export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** When orders are captured. */
export type Arrivals =
  /** Evenly spread, at random. */
  | { readonly kind: 'steady'; readonly overMs: number }
  /** The same, but `times` as many an hour within the peak. */
  | { readonly kind: 'peak'; readonly overMs: number; readonly peak: Span; readonly times: number }
  | { readonly kind: 'at_once' }

/** What is said of an order. */
export interface Mix {
  /** Mean time from one report to the next; most are sooner, few ten times as late. */
  readonly stepMeanMs: number
  /** Part of all reports that are wrong and must be refused in whatever order they arrive, 0 to 1. */
  readonly illegalShare: number
  /** Source of every order; undefined: shop and EDI, half each. */
  readonly channel?: SourceId
  /** The last thing said, something that is said of every order; undefined: orders are told to their end. */
  readonly until?: EventType
  /** From this report on nothing more is said of an order before then. */
  readonly held?: { readonly from: EventType; readonly untilMs: number }
}

/** How a source delivers. */
export interface SourceModel {
  readonly latencyMeanMs: number
  /** Each delivery comes up to this much later, evenly spread: what lies closer together comes in any order. */
  readonly shuffleWindowMs: number
  /** Part of its events that are delivered twice, 0 to 1. */
  readonly duplicateShare: number
  /** What it would have delivered meanwhile comes when that ends. */
  readonly outages?: readonly Span[]
  /** Requests it has in flight; more than one lose its order. */
  readonly connections: number
  /** Events in one request at most. */
  readonly batchMax: number
  readonly patience: Patience
}

/** In real milliseconds: sources do not hurry because the day does. */
export interface Patience {
  /** Without an answer for so long it sends the same again on another connection. */
  readonly timeoutMs: number
  /** After so many sendings it waits for as long as it takes. */
  readonly sendingsMax: number
  /** Before it sends again what failed or was put off. */
  readonly retryAfterMs: number
}

export const minutes = (count: number): number => count * 60_000
export const hours = (count: number): number => count * 3_600_000

/** A source that behaves: soon, once, mostly in order. */
export const GOOD_SOURCE: SourceModel = {
  latencyMeanMs: 2_000,
  shuffleWindowMs: 0,
  duplicateShare: 0.01,
  connections: 1,
  batchMax: 500,
  patience: { timeoutMs: 30_000, sendingsMax: 3, retryAfterMs: 100 },
}

export const sourceModel = ({ sources, usual }: NetworkScenario, source: SourceId): SourceModel => ({
  ...usual,
  ...sources?.[source],
})
