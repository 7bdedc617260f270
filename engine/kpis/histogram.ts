// Histogram: how often which durations came, in buckets a tenth apart. The same whatever order they come in, mergeable, and
// what was counted can be taken back: a late fact changes how long something took.

// 8 buckets per doubling: a bucket's bounds are 9 % apart, so a percentile is off by at most that.
const PER_DOUBLING = 8

export interface SavedHistogram {
  /** Bucket, count, bucket, count, … */
  readonly counts: readonly number[]
  readonly sumMs: number
}

export class Histogram {
  private readonly counts = new Map<number, number>()
  private total = 0
  private sumMs = 0

  get count(): number {
    return this.total
  }

  add(ms: number, times = 1): void {
    const bucket = bucketOf(ms)
    const count = (this.counts.get(bucket) ?? 0) + times
    if (count === 0) this.counts.delete(bucket)
    else this.counts.set(bucket, count)
    this.total += times
    this.sumMs += ms * times
  }

  addAll(other: Histogram): void {
    for (const [bucket, count] of other.counts) this.counts.set(bucket, (this.counts.get(bucket) ?? 0) + count)
    this.total += other.total
    this.sumMs += other.sumMs
  }

  saved(): SavedHistogram {
    return { counts: [...this.counts].flat(), sumMs: this.sumMs }
  }

  static from({ counts, sumMs }: SavedHistogram): Histogram {
    const histogram = new Histogram()
    for (let at = 0; at < counts.length; at += 2) {
      histogram.counts.set(counts[at] as number, counts[at + 1] as number)
      histogram.total += counts[at + 1] as number
    }
    histogram.sumMs = sumMs
    return histogram
  }

  /** Exact; undefined when there are none. */
  mean(): number | undefined {
    return this.total <= 0 ? undefined : Math.round(this.sumMs / this.total)
  }

  /** The duration that `share` (0 to 1) of all do not exceed, milliseconds; undefined when there are none. */
  percentile(share: number): number | undefined {
    if (this.total <= 0) return undefined
    let left = Math.max(1, Math.ceil(this.total * share))
    for (const bucket of [...this.counts.keys()].sort((a, b) => a - b)) {
      left -= this.counts.get(bucket) ?? 0
      if (left <= 0) return upperBound(bucket)
    }
    return undefined
  }
}

const bucketOf = (ms: number): number => (ms < 1 ? 0 : 1 + Math.floor(Math.log2(ms) * PER_DOUBLING))
const upperBound = (bucket: number): number => (bucket === 0 ? 0 : Math.round(2 ** (bucket / PER_DOUBLING)))
