// Scenario: what `npm run bench` can run.
import type { Findings } from '../report.ts'

export interface RunOptions {
  readonly seed: number
  /** Size of the load. */
  readonly orders: number
  /** How long a played day takes; undefined: the scenario's own. Of no meaning to those that play none. */
  readonly seconds?: number | undefined
  /** Whether what a user would pick instead is measured too. */
  readonly peers: boolean
  /** Folder in which stores are made. */
  readonly data: string
  /** Whether a store that others may want is left, and one that is there is taken (kept.ts). */
  readonly keep: boolean
}

export interface Scenario {
  readonly about: string
  /** Size of the load where nobody says. */
  readonly orders: number
  /** The largest that can be had: what is made ahead of it is in memory, or the hours it takes. Default: ORDERS_MAX. */
  readonly ordersMax?: number
  run(options: RunOptions): Promise<Findings>
}

// As many as growth reaches within hours.
export const ORDERS_MAX = 20_000_000

/** To read a store again, entry by entry, takes a quarter of the time of filling it. Beyond so many orders it is done of kept stores, once. */
export const VERIFIED_ORDERS_MAX = 200_000

/** Why a larger store was not verified; nothing where it was. */
export const unverifiedNote = (orders: number): readonly string[] =>
  orders <= VERIFIED_ORDERS_MAX
    ? []
    : ['the store is not read again entry by entry at this size: a kept one was when it was filled']
