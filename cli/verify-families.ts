// All families of a store: whether each entry follows its family's last, each version the one before, and each snapshot is what
// its entries give.
import { Directory } from '../engine/directory.ts'
import { type JournalEntry, retirementIn } from '../engine/entry.ts'
import { ERASURE_ENTRY, EVENT_ENTRY, unpackEntry } from '../engine/entry-codec.ts'
import type { Journal } from '../engine/journal/journal.ts'
import { unpackErasure } from '../engine/sealing/erasure.ts'
import type { FamilyStore } from '../engine/snapshots/family-store.ts'
import { Remnants } from './verify-remnants.ts'
import { FamilyReplay } from './verify-replay.ts'

// 20,000 at 7 to 10 KB: a machine that serves has room for these.
const REPLAYED_MAX = 20_000

export interface VerifyFamiliesOptions {
  /** Hears of every entry, oldest first. */
  readonly onEntry?: (entry: JournalEntry) => void
  /** Undefined where there are no snapshots. */
  readonly store?: FamilyStore
  /** Families replayed at a time, at least one. */
  readonly liveFamiliesMax?: number
}

/** Numbers of keys that entries name. */
export interface NamedKeys {
  /** Behind all of them. */
  readonly used: number
  readonly erased: ReadonlySet<number>
}

export interface VerifiedFamilies {
  readonly families: number
  /** Of how many orders little is left, and how many entries these had. */
  readonly retired: { readonly orders: number; readonly entries: number }
  readonly keys: NamedKeys
  /** Snapshots as of their families' last entries, each what these give. */
  readonly currentSnapshots: number
  /** What is wrong with a snapshot; undefined while nothing is. */
  readonly wrongSnapshot: string | undefined
}

/** What the journal's entries come to; what is wrong first where one does not follow the one before it. */
export async function verifyFamilies(
  journal: Journal,
  { liveFamiliesMax = REPLAYED_MAX, onEntry, store }: VerifyFamiliesOptions,
): Promise<VerifiedFamilies | { readonly problem: string }> {
  const directory = new Directory(journal.hashKey)
  const replay = await FamilyReplay.over({ journal, directory, store, liveFamiliesMax })
  const left = new Remnants(directory)
  const keys = { used: 0, erased: new Set<number>() }
  for await (const frames of journal.scan(0)) {
    for (const frame of frames) {
      if (frame.kind === ERASURE_ENTRY) for (const key of unpackErasure(frame).keys) keys.erased.add(key)
      const broken = left.note(frame)
      if (broken !== undefined) return { problem: broken }
      if (frame.kind !== EVENT_ENTRY) continue
      const entry = unpackEntry(frame)
      noteKeys(entry, keys)
      onEntry?.(entry)
      // Where little is left of some entries, their hashes tell (Remnants).
      const flaw = (left.isOf(frame) ? undefined : brokenChain(entry, directory)) ?? replay.take(entry)
      if (flaw !== undefined) return { problem: `position ${entry.position}: ${flaw}` }
      directory.noteFamily(entry.family, entry.position)
      if (retirementIn(entry) !== undefined) left.retired(frame)
    }
    await replay.compare()
  }
  const problem = (await replay.rest()) ?? left.waiting()
  if (problem !== undefined) return { problem }
  return {
    families: directory.size,
    retired: { orders: left.orders, entries: left.count },
    keys,
    currentSnapshots: replay.current,
    wrongSnapshot: replay.wrongSnapshot,
  }
}

function noteKeys(entry: JournalEntry, keys: { used: number; readonly erased: Set<number> }): void {
  for (const key of retirementIn(entry)?.keys ?? []) {
    keys.erased.add(key)
    keys.used = Math.max(keys.used, key + 1)
  }
  keys.used = Math.max(keys.used, (entry.key ?? -1) + 1)
}

function brokenChain({ family, previous }: JournalEntry, directory: Directory): string | undefined {
  const head = directory.head(family)
  return previous === head ? undefined : `family ${family} stood at ${head}, the entry says ${previous}`
}
