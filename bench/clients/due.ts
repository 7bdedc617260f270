// Due: the clock of an open loop.
import { setTimeout as pause } from 'node:timers/promises'

/** Resolves at `dueMs` (performance.now) within the millisecond that timers can do; what is due sooner goes at once. */
export async function due(dueMs: number): Promise<void> {
  while (dueMs - performance.now() > 1) await pause(1)
}
