// The load the targets are stated for, in the size asked for.
import { LOAD, type LoadOptions, workingSetOf } from './load.ts'

export const loadOf = (seed: number, orders: number): LoadOptions => ({
  seed,
  orders,
  workingSet: workingSetOf(orders),
  ...LOAD,
})

/** One part in `parts` of so many orders, at least one. */
export const partOf = (orders: number, parts: number): number => Math.max(1, Math.ceil(orders / parts))
