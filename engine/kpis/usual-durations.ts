// UsualDurations: how long the steps of a shipment usually take, learned from this twin's own journal, by `time` and not by
// arrival: per node and service level where enough is known, else per node, else over all. What is learned is told when it is
// published, and then stands for a while: what rests on it need not be looked at again at each event.
import { Histogram, type SavedHistogram } from './histogram.ts'

export type Stage = 'receive_to_release' | 'release_to_ship' | 'ship_to_deliver'

export interface Leg {
  readonly stage: Stage
  readonly node?: string
  readonly service?: string
  readonly ms: number
}

// 20: below that a percentile is an anecdote, and nothing is foretold from it.
const SAMPLES_MIN = 20
// Four of five take no longer: a promise is at risk before it is likelier than not to break.
const USUAL_SHARE = 0.8
// 10,000 scopes of about 300 buckets at most: beyond that a new one is told by its node's, or by all.
const SCOPES_MAX = 10_000

export interface SavedUsual {
  readonly histograms: readonly (readonly [string, SavedHistogram])[]
  readonly published: readonly (readonly [string, number])[]
}

export class UsualDurations {
  private readonly histograms = new Map<string, Histogram>()
  private published = new Map<string, number>()

  /** Counts a leg, or takes it back with -1. */
  count(leg: Leg, times: 1 | -1 = 1): void {
    for (const key of keysOf(leg)) this.histogram(key)?.add(leg.ms, times)
  }

  /** From now on tells what has been learned. Whether that is anything else than before. */
  publish(): boolean {
    const now = new Map<string, number>()
    for (const [key, histogram] of this.histograms) {
      const usual = histogram.count >= SAMPLES_MIN ? histogram.percentile(USUAL_SHARE) : undefined
      if (usual !== undefined) now.set(key, usual)
    }
    const isNew = now.size !== this.published.size || [...now].some(([key, ms]) => this.published.get(key) !== ms)
    this.published = now
    return isNew
  }

  /** What four of five take at most, as published; undefined where too few were known. */
  usualMs(stage: Stage, scope: { readonly node?: string; readonly service?: string }): number | undefined {
    for (const key of keysOf({ stage, ...scope })) {
      const usual = this.published.get(key)
      if (usual !== undefined) return usual
    }
    return undefined
  }

  saved(): SavedUsual {
    const histograms = [...this.histograms].map(([key, histogram]) => [key, histogram.saved()] as const)
    return { histograms, published: [...this.published] }
  }

  load({ histograms, published }: SavedUsual): void {
    for (const [key, histogram] of histograms) this.histograms.set(key, Histogram.from(histogram))
    this.published = new Map(published)
  }

  private histogram(key: string): Histogram | undefined {
    let histogram = this.histograms.get(key)
    if (histogram === undefined && this.histograms.size < SCOPES_MAX) {
      histogram = new Histogram()
      this.histograms.set(key, histogram)
    }
    return histogram
  }
}

/** Narrowest first. */
function keysOf({ node, service, stage }: Omit<Leg, 'ms'>): readonly string[] {
  const keys = [stage as string]
  if (node !== undefined) keys.unshift(`${stage}|${node}`)
  if (node !== undefined && service !== undefined) keys.unshift(`${stage}|${node}|${service}`)
  return keys
}
