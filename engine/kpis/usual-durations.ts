// UsualDurations: how long the steps of a shipment usually take, learned from this twin's own journal, by `time` and not by
// arrival: per node and service level where enough is known, else per node, else over all.
import { Histogram } from './histogram.ts'

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

export class UsualDurations {
  private readonly histograms = new Map<string, Histogram>()

  /** Counts a leg, or takes it back with -1. */
  count(leg: Leg, times: 1 | -1 = 1): void {
    for (const key of keysOf(leg)) {
      const known = this.histograms.get(key)
      const histogram = known ?? new Histogram()
      if (known === undefined) this.histograms.set(key, histogram)
      histogram.add(leg.ms, times)
    }
  }

  /** What four of five take at most; undefined where too few are known. */
  usualMs(stage: Stage, scope: { readonly node?: string; readonly service?: string }): number | undefined {
    for (const key of keysOf({ stage, ...scope })) {
      const histogram = this.histograms.get(key)
      if (histogram !== undefined && histogram.count >= SAMPLES_MIN) return histogram.percentile(USUAL_SHARE)
    }
    return undefined
  }

  /** Stages over all nodes, as one text: it changes when what is usual does. */
  digest(): string {
    return [...this.histograms]
      .filter(([, histogram]) => histogram.count >= SAMPLES_MIN)
      .map(([key, histogram]) => `${key}=${histogram.percentile(USUAL_SHARE)}`)
      .sort()
      .join()
  }
}

/** Narrowest first. */
function keysOf({ node, service, stage }: Omit<Leg, 'ms'>): readonly string[] {
  const keys = [stage as string]
  if (node !== undefined) keys.unshift(`${stage}|${node}`)
  if (node !== undefined && service !== undefined) keys.unshift(`${stage}|${node}|${service}`)
  return keys
}
