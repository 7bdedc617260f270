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
    for (const leg of legs) this.countOne(leg, times)
  }

  /** Counts `legs` where `known` were counted. A shipment that goes on has the legs it had, and one more. */
  replace(known: readonly Leg[], legs: readonly Leg[]): void {
    for (let at = 0; at < known.length || at < legs.length; at++) {
      const before = known[at]
      const after = legs[at]
      if (isSame(before, after)) continue
      if (before !== undefined) this.countOne(before, -1)
      if (after !== undefined) this.countOne(after, 1)
    }
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

  private countOne(leg: Leg, times: 1 | -1): void {
    for (const key of keysOf(leg.stage, leg)) this.add(key, leg.ms, times)
  }

  private add(key: string, ms: number, times: 1 | -1): void {
    const histogram = this.histograms.get(key) ?? new Histogram()
    histogram.add(ms, times)
    if (histogram.count === 0) this.histograms.delete(key)
    else this.histograms.set(key, histogram)
  }
}

const isSame = (a: Leg | undefined, b: Leg | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.ms === b.ms &&
  a.stage === b.stage &&
  a.node === b.node &&
  a.service === b.service

/** Narrowest first. */
export function keysOf(stage: Stage, { node, service }: Scope): readonly string[] {
  if (node === undefined) return [stage]
  const ofNode = `${stage}|${node}`
  return service === undefined ? [ofNode, stage] : [`${ofNode}|${service}`, ofNode, stage]
}
