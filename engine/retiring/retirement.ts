// Retirement: the entry by which an order leaves. It takes the place of all before it: the family goes on from there, without
// actors, and knows how it ended and which numbers were its own. It is written by the store itself; nobody can send such an event.
//   Z3  A retired order is told from an unknown one under every number it had.
//   Z4  What is said of it later is refused by name and stands in its history; a number that somebody holds now is theirs.
import type { Obstacle } from '../../machines/chart.ts'
import { placeOf } from '../../machines/ids.ts'
import { isoTime } from '../../machines/time.ts'
import { NO_DOCUMENTS } from '../document-list.ts'
import { type JournalEntry, ORDER_RETIRED } from '../entry.ts'
import { packPlain } from '../entry-codec.ts'
import type { Family, Retired, Retirement } from '../family.ts'
import { sha256 } from '../journal/codec.ts'
import { carriedReferences } from '../references.ts'

// 22: 128 bits of a SHA-256.
const DIGEST_LETTERS = 22

/** Whose event it is, for those who read histories. */
const STORE_ITSELF = 'ordertwin'

export interface Policy {
  /** Days since the last entry. */
  readonly closedForDays: number
  /** Who had it done. */
  readonly by: string
}

/** A family that may go, with all that is known of it. */
export interface Chosen {
  readonly family: Family
  /** All of them, oldest first. */
  readonly entries: readonly JournalEntry[]
  /** Keys of everything that was said of it. */
  readonly keys: readonly number[]
}

/** The entry that retires a family, as of `nowMs`; where it stands is known when it is written. Pure. */
export function retirementOf(
  { entries, family, keys }: Chosen,
  { by, closedForDays, nowMs }: Policy & { readonly nowMs: number },
): JournalEntry {
  const numbers = numbersOf(family)
  const id = `retired/${family.id}`
  const retirement: Retirement = {
    closedForDays,
    by,
    lastRecordedMs: entries.at(-1)?.recordedMs ?? 0,
    entries: entries.length,
    digest: digestOf(entries),
    actors: Object.fromEntries(family.actors.all.map(({ key, state, version }) => [key, { state, version }])),
    numbers,
    keys,
  }
  return {
    position: 0,
    recordedMs: nowMs,
    family: family.id,
    previous: family.head,
    verdict: 'accepted',
    event: {
      id,
      source: STORE_ITSELF,
      type: ORDER_RETIRED,
      subject: `order/${family.id}`,
      time: isoTime(nowMs),
      data: retirement,
    },
    place: placeOf({ timeMs: nowMs, sequence: undefined, source: STORE_ITSELF, id }),
    actors: [],
    detail: { reason: `by ${by}, after ${closedForDays} days without a word` },
    changes: [],
    // All it ever held: who takes one of them later is told apart from who is the first.
    learned: [...new Set([...entries.flatMap(({ learned }) => learned), ...numbers.map(([, number]) => number)])],
    documents: NO_DOCUMENTS,
    frees: [],
  }
}

/** Kind and number of all the family was ever known by; no kind where a person said what a number means. */
function numbersOf({ actors, links }: Family): Retirement['numbers'] {
  const numbers = new Map<string, readonly [string, string]>()
  const note = (kind: string, number: string) => void numbers.set(`${kind}/${number}`, [kind, number])
  for (const actor of actors.byKey) for (const { kind, number } of carriedReferences(actor)) note(kind, number)
  for (const name of Object.keys(links)) note('', name.slice(name.indexOf('/') + 1))
  return [...numbers.values()]
}

/** Of the bodies of its entries before they are coded, oldest first: what a backup from before has can be held against it, whatever code it is in. */
const digestOf = (entries: readonly JournalEntry[]): string =>
  Buffer.from(sha256(Buffer.concat(entries.map(packPlain))))
    .toString('base64url')
    .slice(0, DIGEST_LETTERS)

/** Whether a retired order was known by a number, as one of `kinds` where some are named. */
export const wasKnownBy = ({ numbers }: Retired, wanted: string, kinds?: readonly string[]): boolean =>
  numbers.some(([kind, number]) => number === wanted && (kinds === undefined || kind === '' || kinds.includes(kind)))

/** Where an order that was retired is, in words. */
export const retiredText = (id: string, { actors, atMs, closedForDays }: Retired): string =>
  `order ${id} was retired ${isoTime(atMs).slice(0, 10)}, ${actors.order?.state.split('.')[0] ?? 'ended'}, after ${closedForDays} days without a word`

/** What an event about a retired order meets. */
export const orderRetired = (id: string, retired: Retired): Obstacle => ({
  verdict: 'not_allowed_in_state',
  code: 'order_retired',
  reason: `${retiredText(id, retired)}: what it was judged by is gone`,
})
