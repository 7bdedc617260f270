// Due: the clock of an open loop.
import { setTimeout as pause } from 'node:timers/promises'

/**
 * Resolves at `dueMs` (performance.now) within the millisecond that timers can do; what is due sooner goes at once. With when latency
 * begins: then, or now where that is sooner, as nobody's answer is quicker because the question was early.
 */
export async function due(dueMs: number): Promise<number> {
  while (dueMs - performance.now() > 1) await pause(1)
  return Math.min(dueMs, performance.now())
}
