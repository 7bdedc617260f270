// Swarm: which faults one run has, and how often. Every run has some and lacks others: with all at once, one would hide another.
import { type Random, seededRandom } from '../../connectors/simulated/random.ts'

export const FAULTS = [
  // What systems do to their messages.
  'duplicate',
  'delay',
  'reorder',
  'contradict',
  'omit',
  'clock_skew',
  'lost_answer',
  // What becomes of the process.
  'power_cut',
  'kill',
  'close',
  'stale_writer',
  // What the disk does.
  'write_error',
  'short_write',
  'sync_error',
  'read_error',
  'full_disk',
  'slow_disk',
  // What becomes of all that can be made again.
  'level_missing',
  'level_stale',
  'level_flipped',
  'level_failing',
  'checkpoint_damaged',
  'index_damaged',
  'head_mark_missing',
  // Those who watch.
  'slow_subscriber',
  'lost_connection',
  // Little room everywhere: eviction, small batches, full segments.
  'small_memory',
  // What people do about exceptions.
  'intervene',
  // People who are to be forgotten.
  'erase',
  // Orders that ended leave the store.
  'retire',
  // People who find that nothing is wrong with what was damaged.
  'clear',
] as const
export type Fault = (typeof FAULTS)[number]

export interface Swarm {
  has(fault: Fault): boolean
  /** True with the fault's own share in this run; never when the run lacks it. Counts what it let happen. */
  strikes(fault: Fault): boolean
  /** How often each fault happened. */
  readonly struck: ReadonlyMap<Fault, number>
  note(fault: Fault): void
}

/** Part of the moments at which a fault may happen that it does, at most. */
const SHARES: Readonly<Partial<Record<Fault, number>>> = {
  duplicate: 0.3,
  contradict: 0.3,
  omit: 0.1,
  clock_skew: 0.1,
  lost_answer: 0.2,
  power_cut: 0.008,
  kill: 0.008,
  close: 0.06,
  stale_writer: 0.004,
  write_error: 0.006,
  short_write: 0.006,
  sync_error: 0.01,
  read_error: 0.003,
  full_disk: 0.08,
  level_missing: 0.5,
  level_stale: 0.5,
  level_flipped: 0.5,
  level_failing: 0.05,
  checkpoint_damaged: 0.5,
  index_damaged: 0.5,
  head_mark_missing: 0.3,
  slow_subscriber: 0.9,
  lost_connection: 0.05,
  intervene: 0.15,
  erase: 0.15,
  retire: 0.15,
}

/** The faults of `seed`, less those `without`: a failure is shrunk by leaving some out. */
export function swarmOf(seed: number, without: readonly Fault[] = []): Swarm {
  const choice = streamOf(seed, 'swarm')
  const share = new Map<Fault, { readonly part: number; readonly random: Random }>()
  for (const fault of FAULTS) {
    const isIn = choice.chance(0.5)
    const part = (SHARES[fault] ?? 1) * (0.2 + 0.8 * choice.unit())
    if (isIn && !without.includes(fault)) share.set(fault, { part, random: streamOf(seed, fault) })
  }
  const struck = new Map<Fault, number>()
  const note = (fault: Fault) => void struck.set(fault, (struck.get(fault) ?? 0) + 1)
  return {
    has: fault => share.has(fault),
    strikes(fault) {
      const own = share.get(fault)
      if (own === undefined || !own.random.chance(own.part)) return false
      note(fault)
      return true
    },
    struck,
    note,
  }
}

/** Numbers for one purpose only: leaving one fault out changes none of the others. */
export function streamOf(seed: number, purpose: string): Random {
  // FNV-1a: short, and every letter counts.
  let hash = 0x811c9dc5
  for (const letter of `${seed} ${purpose}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193)
  return seededRandom(hash)
}
