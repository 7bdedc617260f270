// Random numbers from a seed, so that a run that failed can be run again.

export interface Random {
  /** At least 0 and less than 1. */
  unit(): number
  /** A whole number from 0, less than `below`. */
  whole(below: number): number
  /** True with this probability: never at 0, always at 1. */
  chance(share: number): boolean
}

/** The same `seed` (a whole number; its lower 32 bits count) gives the same numbers. Good enough to simulate, not to guard. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  // splitmix32: one multiply-and-shift step per number, full period of 2^32.
  const unit = () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
  return { unit, whole: below => Math.floor(unit() * below), chance: share => unit() < share }
}
