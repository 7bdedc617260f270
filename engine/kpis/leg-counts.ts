// LegCounts: how long the steps of shipments took, as histograms: per stage, per node, per node and service level. The same
// whatever order they are counted in; what was counted can be taken back.
import { Histogram, type SavedHistogram } from './histogram.ts'

export type Stage = 'receive_to_release' | 'release_to_ship' | 'ship_to_deliver'

export interface Scope {
  readonly node?: string
  readonly service?: string
}

export interface Leg extends Scope {
  readonly stage: Stage
  readonly ms: number
}

export type SavedLegCounts = readonly (readonly [string, SavedHistogram])[]

export class LegCounts {
  /** Of scopes in which something is counted: no more than the columns have shipments. */
  private readonly histograms = new Map<string, Histogram>()

  static from(saved: SavedLegCounts): LegCounts {
    const counts = new LegCounts()
    for (const [key, histogram] of saved) counts.histograms.set(key, Histogram.from(histogram))
    return counts
  }

  /** Counts legs, or takes them back with -1. */
  count(legs: readonly Leg[], times: 1 | -1): void {
    for (const leg of legs) for (const key of keysOf(leg.stage, leg)) this.add(key, leg.ms, times)
  }

  copy(): LegCounts {
    const copy = new LegCounts()
    for (const [key, histogram] of this.histograms) {
      const own = new Histogram()
      own.addAll(histogram)
      copy.histograms.set(key, own)
    }
    return copy
  }

  /** What `share` (0 to 1) of all take at most, for each scope that has at least `samplesMin`. */
  percentiles(share: number, samplesMin: number): ReadonlyMap<string, number> {
    const found = new Map<string, number>()
    for (const [key, histogram] of this.histograms) {
      const ms = histogram.count >= samplesMin ? histogram.percentile(share) : undefined
      if (ms !== undefined) found.set(key, ms)
    }
    return found
  }

  saved(): SavedLegCounts {
    return [...this.histograms].map(([key, histogram]) => [key, histogram.saved()] as const)
  }

  private add(key: string, ms: number, times: 1 | -1): void {
    const histogram = this.histograms.get(key) ?? new Histogram()
    histogram.add(ms, times)
    if (histogram.count === 0) this.histograms.delete(key)
    else this.histograms.set(key, histogram)
  }
}

/** Narrowest first. */
export function keysOf(stage: Stage, { node, service }: Scope): readonly string[] {
  const keys = [stage as string]
  if (node !== undefined) keys.unshift(`${stage}|${node}`)
  if (node !== undefined && service !== undefined) keys.unshift(`${stage}|${node}|${service}`)
  return keys
}
