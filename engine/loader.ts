// Loader: brings into memory what deciding will ask for (E2): families, their histories, entries behind possible duplicates.
import type { CanonicalEvent } from '../machines/event.ts'
import { isDeskEventType } from '../machines/event-types.ts'
import type { Need } from './decide.ts'
import type { Base } from './derived.ts'
import type { JournalEntry } from './entry.ts'
import { REMNANT_ENTRY, unpackEntry } from './entry-codec.ts'
import { WAITING, waitingFamilyId } from './family.ts'
import { type Journal, JournalDamage, type StoredFrame } from './journal/journal.ts'
import { type Remnant, unpackRemnant } from './retiring/remnant.ts'

// 2,000: twenty acts about as much as one may be; loaded cold, a few hundred milliseconds.
const AHEAD_MAX = 2_000
const JUDGES_AGAIN: ReadonlySet<string> = new Set(['exception.retried', 'exception.discarded'])

type Fields = Readonly<Record<string, unknown>>

/** What is known to be wanted. */
class Wanted {
  readonly families = new Set<string>()
  readonly histories = new Set<string>()
  readonly positions = new Set<number>()
  /** Ids of events that may have been answered before. */
  readonly ids = new Set<string>()
  readonly holders = new Map<string, readonly string[]>()
  private readonly base: Base
  /** Families that acts of this turn are about. */
  private ahead = 0

  constructor(base: Base) {
    this.base = base
  }

  /** What an event tells of what it will need. */
  event({ data, id, source, subject, type }: CanonicalEvent): void {
    if (subject.kind === 'order') this.families.add(subject.number)
    else this.number(subject.number)
    this.seen(source, id)
    if (isDeskEventType(type)) this.act(data as Fields, JUDGES_AGAIN.has(type))
  }

  /** What a person's act is about: all of it at once, as it is decided whole; of what is judged again the histories too. */
  private act(data: Fields, isWithHistory: boolean): void {
    const about: unknown[] = Array.isArray(data.about) ? data.about : []
    // Of acts beyond the limit the first come in this turn, the others, put off, in the next.
    if (this.ahead + about.length > AHEAD_MAX) return
    this.ahead += about.length
    for (const each of about) {
      const family: unknown = (each as { family?: unknown } | null)?.family
      if (typeof family !== 'string') continue
      this.families.add(family)
      if (isWithHistory) this.histories.add(family)
    }
    if (typeof data.family === 'string') this.families.add(data.family)
    if (typeof data.number === 'string') this.number(data.number)
  }

  need(need: Need): void {
    if ('family' in need) this.families.add(need.family)
    else if ('number' in need) this.number(need.number)
    else if ('history' in need) this.history(need.history)
    else if ('source' in need) this.seen(need.source, need.id)
    // Keys are made before each turn (engine.ts).
  }

  history(id: string): void {
    this.families.add(id)
    this.histories.add(id)
  }

  private number(number: string): void {
    if (this.holders.has(number)) return
    const holders = this.base.directory.holders(number)
    this.holders.set(number, holders)
    for (const id of holders) this.families.add(id)
    // Where somebody holds it what waits under it is seldom asked for, and then loaded for the next turn.
    if (holders.length === 0 && this.base.directory.hasJoined(WAITING, number))
      this.families.add(waitingFamilyId(number))
  }

  private seen(source: string, id: string): void {
    const positions = this.base.directory.seenAt(source, id)
    if (positions.length === 0) return
    this.ids.add(id)
    for (const position of positions) this.positions.add(position)
  }
}

/** What possible duplicates point to. */
export interface Loaded {
  /** Entries, by position. */
  readonly read: ReadonlyMap<number, JournalEntry | Remnant>
  /** Ids of events that may have been answered before, of whatever source; no other was. */
  readonly ids: ReadonlySet<string>
  /** Families that hold the numbers that events name, as the directory has them. */
  readonly holders: ReadonlyMap<string, readonly string[]>
}

/** Loads what `events` tell of and everything in `needs`. */
export async function load(
  { base, journal }: { base: Base; journal: Journal },
  events: readonly CanonicalEvent[],
  needs: readonly Need[],
): Promise<Loaded> {
  const wanted = new Wanted(base)
  for (const event of events) wanted.event(event)
  for (const need of needs) wanted.need(need)
  const read = new Map<number, JournalEntry | Remnant>()
  if (wanted.positions.size > 0)
    for (const frame of await readable(journal, [...wanted.positions])) {
      if (frame.kind === REMNANT_ENTRY) {
        read.set(frame.position, unpackRemnant(frame, base.directory.idOf(frame.family)))
        continue
      }
      const entry = unpackEntry(frame)
      read.set(frame.position, entry)
      // What became of a parked event stands in its family's history.
      if (entry.verdict === 'parked') wanted.history(entry.family)
    }
  await eachAlone(base, [...wanted.families], ids => base.families.load(ids))
  await eachAlone(base, [...wanted.histories], ids => base.families.loadHistory(ids))
  return { read, ids: wanted.ids, holders: wanted.holders }
}

/** A family that cannot be read is set aside; it must not keep the others from being loaded. */
async function eachAlone(
  { quarantined }: Base,
  ids: readonly string[],
  loadAll: (ids: readonly string[]) => Promise<void>,
): Promise<void> {
  const healthy = quarantined.size === 0 ? ids : ids.filter(id => quarantined.reason(id) === undefined)
  if (await verifies(loadAll(healthy))) return
  for (const id of healthy)
    if (!(await verifies(loadAll([id])))) quarantined.add(id, 'its entries in the journal do not verify')
}

/** Entries behind possible duplicates, as far as they verify: what is missing is asked for again, and then set aside. */
async function readable(journal: Journal, positions: readonly number[]): Promise<readonly StoredFrame[]> {
  try {
    return await journal.read(positions)
  } catch (damage) {
    if (!(damage instanceof JournalDamage)) throw damage
    if (positions.length === 1) return []
    const frames: StoredFrame[] = []
    for (const position of positions) frames.push(...(await readable(journal, [position])))
    return frames
  }
}

/** Whether nothing it read was damaged. */
async function verifies(reading: Promise<void>): Promise<boolean> {
  try {
    await reading
    return true
  } catch (damage) {
    if (damage instanceof JournalDamage) return false
    throw damage
  }
}
