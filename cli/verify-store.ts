// The whole store read again: the journal's bytes and chain, each family's own chain and versions, and every snapshot
// against the state its entries give.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { applied, type JournalEntry, retirementIn } from '../engine/entry.ts'
import { ERASURE_ENTRY, EVENT_ENTRY, packFamily, unpackEntry } from '../engine/entry-codec.ts'
import { emptyFamily, type Family } from '../engine/family.ts'
import { diskFiles } from '../engine/journal/disk-files.ts'
import type { Journal } from '../engine/journal/journal.ts'
import type { KeptHead } from '../engine/journal/kept-head.ts'
import { openSegmentJournal } from '../engine/journal/segment-journal.ts'
import { StoreRefused } from '../engine/journal/store-refused.ts'
import { verifyJournal } from '../engine/journal/verify.ts'
import { unpackErasure } from '../engine/sealing/erasure.ts'
import { openKeyFiles } from '../engine/sealing/key-files.ts'
import { CHECKPOINT_NAME, readCheckpoint } from '../engine/snapshots/checkpoint-file.ts'
import { familyKey } from '../engine/snapshots/keys.ts'
import { openFamilyStore } from '../engine/snapshots/level-family-store.ts'
import { familiesFolder, journalFolder, keysFolder } from './store.ts'
import { Remnants } from './verify-remnants.ts'

export type StoreVerdict = { readonly report: string } | { readonly problem: string }

/**
 * Whether the whole store is what was written, and goes on from `keptHead` where one was kept elsewhere. `onEntry` hears of every
 * entry, oldest first.
 */
export async function verifyStore(
  data: string,
  onEntry?: (entry: JournalEntry) => void,
  keptHead?: KeptHead,
): Promise<StoreVerdict> {
  const verdict = await verifyJournal(journalFolder(data), { keptHead })
  if (verdict.kind === 'empty') return { problem: `there is no store in ${data}` }
  if (verdict.kind === 'damaged')
    return {
      problem: `damaged at position ${verdict.position}${verdict.file === undefined ? '' : ` (${verdict.file})`}: ${verdict.message}`,
    }
  const lines = [
    `journal: ${verdict.position} entries in ${verdict.segments} segments, chain whole, head ${verdict.hash}`,
  ]
  if (keptHead !== undefined) lines.push(`head kept elsewhere: holds at position ${keptHead.position}`)
  if (verdict.torn !== undefined)
    lines.push(
      `never acknowledged, and dropped when it is opened: a write at position ${verdict.torn.position} (${verdict.torn.file})`,
    )
  if (verdict.rewritten > 0)
    lines.push(`written anew: ${verdict.rewritten} segments, each as an entry of the journal names it`)
  if (verdict.rewrittenSince.length > 0)
    lines.push(`written anew since that head, as said at positions: ${verdict.rewrittenSince.join(', ')}`)
  const changed = [...verdict.badIndexes, ...verdict.changedUnused, ...(await badCheckpoint(data, verdict.storeId))]
  if (changed.length > 0) lines.push(`changed, and made again when it is opened: ${changed.join(', ')}`)
  try {
    const journal = await openSegmentJournal({ directory: journalFolder(data), randomBytes })
    try {
      const problem = await verifyFamilies(journal, { data, lines, onEntry })
      return problem === undefined ? { report: lines.join('\n') } : { problem }
    } finally {
      await journal.close()
    }
  } catch (error) {
    if (!(error instanceof StoreRefused)) throw error
    lines.push(`families: not checked, the store is in use or a copy (${error.message})`)
    return { report: lines.join('\n') }
  }
}

/** Its name when there is one that is not what was written. */
async function badCheckpoint(data: string, storeId: string): Promise<readonly string[]> {
  const isThere = existsSync(join(data, CHECKPOINT_NAME))
  return isThere && (await readCheckpoint(diskFiles, data, storeId)) === undefined ? [CHECKPOINT_NAME] : []
}

/** Replays every family; undefined when all is as it should be, else what is wrong first. */
async function verifyFamilies(
  journal: Journal,
  { data, lines, onEntry }: { data: string; lines: string[]; onEntry?: (entry: JournalEntry) => void },
): Promise<string | undefined> {
  const families = new Map<string, Family>()
  const keys = { used: 0, erased: new Set<number>() }
  const left = new Remnants()
  for await (const frames of journal.scan(0))
    for (const frame of frames) {
      if (frame.kind === ERASURE_ENTRY) for (const key of unpackErasure(frame).keys) keys.erased.add(key)
      const broken = left.note(frame)
      if (broken !== undefined) return broken
      if (frame.kind !== EVENT_ENTRY) continue
      const entry = unpackEntry(frame)
      const retirement = retirementIn(entry)
      for (const key of retirement?.keys ?? []) {
        keys.erased.add(key)
        keys.used = Math.max(keys.used, key + 1)
      }
      keys.used = Math.max(keys.used, (entry.key ?? -1) + 1)
      onEntry?.(entry)
      const family = families.get(entry.family) ?? emptyFamily(entry.family)
      // Where little is left of some entries, each still follows the one before; what they came to stands in the retirement.
      const flaw = left.isOf(frame) ? undefined : brokenChain(family, entry)
      if (retirement !== undefined) left.retired(frame)
      if (flaw !== undefined) return `position ${entry.position}: ${flaw}`
      families.set(entry.family, applied(family, entry))
    }
  if (left.waiting() !== undefined) return left.waiting()
  if (left.count > 0) lines.push(`retired: of ${left.orders} orders little is left, ${left.count} of their entries`)
  lines.push(`families: ${families.size}, each entry follows its family's last, each version the one before`)
  const lost = await verifyKeys(journal, { data, lines, keys })
  if (lost !== undefined) return lost
  return existsSync(familiesFolder(data)) ? verifySnapshots(families, { journal, data, lines }) : undefined
}

async function verifyKeys(
  { epoch, storeId }: Journal,
  { data, lines, keys }: { data: string; lines: string[]; keys: { used: number; erased: ReadonlySet<number> } },
): Promise<string | undefined> {
  if (keys.used === 0) return undefined
  const directory = keysFolder(data)
  const files = await openKeyFiles({ files: diskFiles, directory, storeId, epoch, randomBytes })
  const lost = files.startAt(keys.used).filter(key => !keys.erased.has(key))
  const left = [...keys.erased].filter(key => files.keyIn(key) !== undefined)
  if (lost.length > 0) return `${lost.length} keys that entries name are not there or damaged, the first is ${lost[0]}`
  const open = left.length === 0 ? '' : `, ${left.length} of them when it is opened`
  lines.push(`keys: ${keys.used - keys.erased.size} there, ${keys.erased.size} destroyed${open}`)
  return undefined
}

function brokenChain(family: Family, entry: JournalEntry): string | undefined {
  if (entry.previous !== family.head)
    return `family ${family.id} stood at ${family.head}, the entry says ${entry.previous}`
  for (const change of entry.changes) {
    const actor = family.actors.get(change.key)
    const version = actor?.version ?? 0
    // An actor carried over to another chart without being moved keeps its version (E11).
    const isCarriedOver = actor !== undefined && change.isWhole && change.chart !== actor.chart
    if (change.version === version + 1 || (isCarriedOver && change.version === version)) continue
    return `${family.id} ${change.key} was at version ${version}, the entry makes it ${change.version}`
  }
  return undefined
}

const BATCH = 1_000

async function verifySnapshots(
  families: ReadonlyMap<string, Family>,
  { journal, data, lines }: { journal: Journal; data: string; lines: string[] },
): Promise<string | undefined> {
  const store = await openFamilyStore({ directory: familiesFolder(data), storeId: journal.storeId })
  try {
    const list = [...families.values()]
    let current = 0
    for (let from = 0; from < list.length; from += BATCH) {
      const rows = list.slice(from, from + BATCH)
      // Rows are given in the order families first appear, which is the order they stand in here.
      const stored = await store.readMany(rows.map((_, index) => familyKey(from + index)))
      for (const [index, family] of rows.entries()) {
        const snapshot = stored[index]
        if (snapshot === undefined || snapshot.head < family.head) continue
        if (snapshot.head > family.head)
          return `snapshot of ${family.id} is of position ${snapshot.head}, its last entry is ${family.head}`
        if (Buffer.compare(snapshot.bytes, packFamily(family)) !== 0)
          return `snapshot of ${family.id} is not what its ${family.head} entries give`
        current++
      }
    }
    lines.push(
      `snapshots: ${current} current and equal to their entries, ${list.length - current} older or missing (rebuilt when read)`,
    )
    return undefined
  } finally {
    await store.close()
  }
}
