// Erasure: the end of what is known of people in one order. An entry says who had it done and why, and which keys go; then they
// are destroyed. It stands beside the order's own chain: what happened to the order stays as it was told.
import { isSealedAlone, type JournalEntry } from '../entry.ts'
import { eventKey } from '../said.ts'

/** Format of the entry's body: JSON, so that it explains itself. */
const ERASURE_FORMAT = 1

export interface Erasure {
  /** Position of its entry. */
  readonly position: number
  readonly atMs: number
  readonly family: string
  /** The keys it destroys. */
  readonly keys: readonly number[]
  readonly by: string
  readonly reason: string
}

export const packErasure = ({ by, family, keys, reason }: Omit<Erasure, 'position' | 'atMs'>): Uint8Array =>
  Buffer.from(JSON.stringify({ format: ERASURE_FORMAT, family, keys, by, reason }))

/** Throws when the body is of a format this version does not know. */
export function unpackErasure(frame: {
  readonly position: number
  readonly recordedMs: number
  readonly body: Uint8Array
}): Erasure {
  const { format, ...body } = JSON.parse(Buffer.from(frame.body).toString()) as Erasure & { readonly format: number }
  if (format !== ERASURE_FORMAT) throw new Error(`entry ${frame.position}: format ${format} is not known`)
  return { ...body, position: frame.position, atMs: frame.recordedMs }
}

/**
 * The keys of everything a family's entries tell. `beforeOf` gives the entries of an event where it was first answered: where it
 * waited before it came here, under a number or for another order, it was kept under a key of its own.
 */
export async function keysOf(
  entries: readonly JournalEntry[],
  beforeOf: (entry: JournalEntry) => Promise<readonly JournalEntry[]>,
): Promise<readonly number[]> {
  const keys = new Set<number>()
  const asked = new Set<string>()
  for (const entry of entries) {
    if (entry.key === undefined) continue
    keys.add(entry.key)
    const name = eventKey(entry.event)
    if (asked.has(name)) continue
    asked.add(name)
    for (const before of await beforeOf(entry))
      if (before.key !== undefined && isSealedAlone(before)) keys.add(before.key)
  }
  return [...keys].sort((a, b) => a - b)
}
