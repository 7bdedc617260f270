// Pressure: whether the process has more to do than it can. Measured by how late timers fire, which counts everything
// that shares the thread; the number of requests in flight says nothing about it (reliability.md F15).
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Limits } from '../limits.ts'

export interface Pressure {
  /** No time to read large bodies. */
  isHigh(): boolean
  /** No time for anybody: so late is the loop only when it is many small requests that make it so. */
  isExtreme(): boolean
  /** Mean delay of the event loop over the last sample, milliseconds. */
  loopDelayMs(): number
  close(): void
}

const RESOLUTION_MS = 10
const NANOSECONDS = 1e6
const EXTREME = 2

export function loopPressure({ loopDelayMaxMs, loopSampleMs }: Limits): Pressure {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  let delayMs = 0
  const timer = setInterval(() => {
    // The histogram holds intervals between ticks; it is empty, and its mean NaN, when not one tick came through.
    delayMs = histogram.count === 0 ? loopSampleMs : Math.max(0, histogram.mean / NANOSECONDS - RESOLUTION_MS)
    histogram.reset()
  }, loopSampleMs)
  timer.unref()
  return {
    isHigh: () => delayMs > loopDelayMaxMs,
    isExtreme: () => delayMs > loopDelayMaxMs * EXTREME,
    loopDelayMs: () => delayMs,
    close() {
      clearInterval(timer)
      histogram.disable()
    },
  }
}
