// Erasing: from a reference to an order nobody can be found in any more. First the entry, then the keys: what a crash between
// both leaves is finished when the store is opened (keyring.ts).
import { parseSubject } from '../../machines/event.ts'
import { isDeskEventType } from '../../machines/event-types.ts'
import type { Base, Derived } from '../derived.ts'
import type { JournalEntry } from '../entry.ts'
import { ERASURE_ENTRY, EVENT_ENTRY, unpackEntry } from '../entry-codec.ts'
import { isWaitingFamily, waitingFamilyId } from '../family.ts'
import type { Journal } from '../journal/journal.ts'
import { ordersNamed } from '../named-orders.ts'
import type { Reader } from '../reader.ts'
import { eventKey } from '../said.ts'
import { type Erasure, keysOf, packErasure } from './erasure.ts'

/** Who wants it, and why: told for ever, so neither should name whom it is about. */
export type EraseRequest = Erasing & { readonly by: string; readonly reason: string }

type Erasing =
  /** An order by id or any business reference, or a number under which events wait. */
  | { readonly ref: string }
  /** As an earlier erasure named it. */
  | { readonly family: string }

export type EraseOutcome =
  | { readonly kind: 'erased'; readonly erasure: Erasure }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'ambiguous'; readonly families: readonly string[] }
  /** The journal or the keys could not be written; once the entry is durable, opening the store again finishes it. */
  | { readonly kind: 'unavailable'; readonly reason: string }

export interface Eraser {
  readonly base: Base
  readonly derived: Derived
  readonly journal: Journal
  readonly reader: Reader
  readonly nowMs: number
}

/** Only between turns: nothing is decided meanwhile. */
export async function erase(request: EraseRequest, eraser: Eraser): Promise<EraseOutcome> {
  const { by, reason } = request
  const families = await meant(request, eraser)
  const [family, another] = families
  if (family === undefined) return { kind: 'unknown' }
  if (another !== undefined) return { kind: 'ambiguous', families }
  const { base, derived } = eraser
  const keys = await keysFor(family, eraser)
  const known = derived.erasures.get(family)
  if (known === undefined || keys.some(key => !base.keyring.isGone(key) && !known.keys.includes(key))) {
    const failure = await note({ family, keys, by, reason }, eraser)
    if (failure !== undefined) return { kind: 'unavailable', reason: `the journal takes no entries (${failure})` }
  }
  const erasure = derived.erasures.get(family) as Erasure
  if (await base.keyring.destroy(erasure.keys)) return { kind: 'erased', erasure }
  return { kind: 'unavailable', reason: 'the keys are destroyed when the store is opened again: a write failed' }
}

/** The keys of everything that was said of a family. */
export async function keysFor(family: string, eraser: Pick<Eraser, 'base' | 'journal'>): Promise<readonly number[]> {
  const entries = [...(await eraser.base.families.entriesOf(family)), ...(await actsBefore(family, eraser))]
  return keysOf(entries, entry => answersElsewhere(entry, eraser))
}

/** What people of the desk wrote of an order that nobody knew yet: it stands under its id as under a number. */
async function actsBefore(family: string, { base }: Pick<Eraser, 'base'>): Promise<readonly JournalEntry[]> {
  const id = waitingFamilyId(family)
  if (isWaitingFamily(family) || base.directory.row(id) < 0) return []
  return (await base.families.entriesOf(id)).filter(({ event }) => isDeskEventType(event.type))
}

/** Orders that hold the number; else the family that has its name, or whose events wait under it. */
async function meant(erasing: Erasing, { base, reader }: Eraser): Promise<readonly string[]> {
  if ('family' in erasing) return base.directory.row(erasing.family) < 0 ? [] : [erasing.family]
  const { ref } = erasing
  const found = await reader.find(ref)
  if (found.kind === 'retired') return found.orders.map(({ id }) => id)
  if (found.kind === 'found') return found.holders.map(holder => holder.family.id)
  const named = parseSubject(`ref/${ref}`)
  const number = named?.kind === 'reference' ? named.number : ref
  return [number, waitingFamilyId(number)].filter(id => base.directory.row(id) >= 0).slice(0, 1)
}

/** All that came of the event, and of others under its id, in the family where it was first answered, those it names, and under the
 *  numbers of orders it names. */
async function answersElsewhere(
  { event }: JournalEntry,
  { base, journal }: Pick<Eraser, 'base' | 'journal'>,
): Promise<readonly JournalEntry[]> {
  const isIt = (each: JournalEntry) => eventKey(each.event) === eventKey(event)
  const frames = await journal.read([...base.directory.seenAt(event.source, event.id)])
  const first = frames
    .filter(({ kind }) => kind === EVENT_ENTRY)
    .map(unpackEntry)
    .find(isIt)
  const families = new Set(isDeskEventType(event.type) ? familiesAbout(event.data) : [])
  if (first !== undefined) families.add(first.family)
  for (const number of ordersNamed(event)) families.add(waitingFamilyId(number))
  const known = [...families].filter(id => base.directory.row(id) >= 0)
  return (await Promise.all(known.map(id => base.families.entriesOf(id)))).flat().filter(isIt)
}

/** Families that what somebody of the desk wrote is about: it is kept in each. */
const familiesAbout = (data: unknown): readonly string[] =>
  ((data as { readonly about?: readonly { readonly family: string }[] }).about ?? []).map(({ family }) => family)

/** Why it is not in the journal; undefined when it is. */
async function note(
  erasure: Pick<Erasure, 'by' | 'family' | 'keys' | 'reason'>,
  { derived, journal, nowMs }: Eraser,
): Promise<string | undefined> {
  const none = { high: 0, low: 0 }
  const body = packErasure(erasure)
  const appended = await journal.append(nowMs, [
    { family: none, eventId: none, previous: 0, kind: ERASURE_ENTRY, verdict: 0, body },
  ])
  if ('failure' in appended) return appended.failure.code
  derived.erase({ ...erasure, position: appended.head.position, atMs: nowMs })
  return undefined
}
