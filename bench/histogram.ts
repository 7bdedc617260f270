// Latencies: an HDR histogram, exact to three digits from a microsecond to an hour.
// Coordinated omission: a sender that waits for its answers sends nothing while the server stalls, and so measures one slow
// answer where its users would have met many. Two cures:
//   H1  Open loop: record the time from when the request was due, not from when it was sent.
//   H2  Closed loop: corrected() adds the requests that the stall kept from being sent.
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js'

// One hour: what takes longer is a fault, and is counted as an hour.
const MICROSECONDS_MAX = 3_600_000_000
const PERCENTILES = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100]

export class Latencies {
  readonly #histogram: Histogram

  constructor(histogram: Histogram = emptyHistogram()) {
    this.#histogram = histogram
  }

  /** Latencies that came from another process as text. */
  static from(text: string): Latencies {
    return new Latencies(decodeFromCompressedBase64(text, 32, false) as Histogram)
  }

  get count(): number {
    return this.#histogram.totalCount
  }

  record(ms: number, count = 1): void {
    const microseconds = Math.min(MICROSECONDS_MAX, Math.max(1, Math.round(ms * 1e3)))
    this.#histogram.recordValueWithCount(microseconds, count)
  }

  add(other: Latencies): void {
    this.#histogram.add(other.#histogram)
  }

  /** As senders that wait for nobody would have found them (H2). A closed loop sends as often as the mean answer takes. */
  corrected(): Latencies {
    if (this.count === 0) return this
    return new Latencies(this.#histogram.copyCorrectedForCoordinatedOmission(Math.max(1, this.#histogram.mean)))
  }

  /** Milliseconds within which `percent` of the answers came; 0 when there are none. */
  percentileMs(percent: number): number {
    return this.count === 0 ? 0 : this.#histogram.getValueAtPercentile(percent) / 1e3
  }

  /** Percentile and milliseconds, for a chart. */
  percentilePoints(): readonly (readonly [number, number])[] {
    return PERCENTILES.map(percent => [percent, this.percentileMs(percent)] as const)
  }

  toText(): string {
    return encodeIntoCompressedBase64(this.#histogram)
  }
}

const emptyHistogram = (): Histogram =>
  build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: MICROSECONDS_MAX,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
    autoResize: false,
  })
