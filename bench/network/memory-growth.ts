// Memory growth: whether a day that goes on evenly takes more and more memory. Pure.
import type { GrowthLimit } from './network-scenario.ts'

// A tenth of an even day of 45 s is longer than the serving process goes without collecting.
const PARTS = 10

export type Resident = readonly (readonly [seconds: number, mb: number])[]

/** MB between two moments, each told by what was least around it: what is garbage, and not yet collected, is no growth. */
export function grownMb(resident: Resident): number {
  const part = Math.max(1, Math.floor(resident.length / PARTS))
  const half = Math.floor(resident.length / 2)
  const least = (some: Resident) => Math.min(...some.map(([, mb]) => mb))
  return resident.length < 2 ? 0 : least(resident.slice(-part)) - least(resident.slice(half, half + part))
}

export interface SecondHalf {
  readonly grownMb: number
  readonly events: number
}

/** Undefined where it grew no more than it may. */
export function growthFlaw({ events, grownMb }: SecondHalf, { bytesPerEvent, mb }: GrowthLimit): string | undefined {
  const most = mb + (events * bytesPerEvent) / 1e6
  if (grownMb <= most) return undefined
  return `${Math.round(grownMb)} MB more in the second half, of ${events} events: ${Math.round(most)} at most`
}
