// Sampling: how often a day is looked at while it is played.

const SAMPLE_MS = 200
// A page shows no more, and of a day of 24 hours they would count as growth of memory.
const SAMPLES = 5_000

/** Milliseconds between two samples of a day whose last delivery is due after `lastDueMs`. */
export const sampleEveryMs = (lastDueMs: number): number => Math.max(SAMPLE_MS, lastDueMs / SAMPLES)
