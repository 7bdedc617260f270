// Everything one may ask of a store, to compare before and after.
import type { JournalEntry } from '../../engine/entry.ts'
import { packFamily } from '../../engine/family-codec.ts'
import type { Twin } from '../../engine/twin.ts'

/** Every event's entry up to `end`, oldest first. */
export async function allEntries(twin: Twin, end = twin.head().position): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = []
  for await (const { cursor, entry } of twin.follow({ after: '', untilHead: true })) {
    if (cursor > end) break
    entries.push(entry)
  }
  return entries
}

export interface StoreTruth {
  readonly families: Readonly<Record<string, string>>
  readonly references: Readonly<Record<string, readonly string[]>>
  readonly counts: unknown
  readonly states: unknown
  readonly parked: number
}

/** Families byte for byte, what each number finds, and every count. */
export async function storeTruth(twin: Twin, end?: string): Promise<StoreTruth> {
  const entries = await allEntries(twin, end)
  const ids = [...new Set(entries.map(entry => entry.family))].sort()
  const numbers = [...new Set(entries.flatMap(entry => entry.learned))].sort()
  const families: Record<string, string> = {}
  for (const id of ids) {
    const family = await twin.family(id)
    families[id] = family === undefined ? '' : Buffer.from(packFamily(family)).toString('base64')
  }
  const references: Record<string, readonly string[]> = {}
  for (const number of numbers) {
    const found = await twin.find(number)
    references[number] =
      found.kind !== 'found' ? [] : found.holders.map(({ actors, family }) => `${family.id}: ${actors.join()}`).sort()
  }
  return {
    families,
    references,
    counts: twin.orderCounts({}, ['lifecycle', 'credit', 'fulfilment', 'billing', 'customer', 'channel']),
    states: (['order', 'shipment', 'return'] as const).map(kind => twin.stateCounts(kind)),
    parked: twin.orders({ hasParked: true }, { by: 'number', descending: false }, { first: 0 }).totalCount,
  }
}
