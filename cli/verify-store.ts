// The whole store read again: the journal's bytes and chain, each family's own chain and versions, and every snapshot
// against the state its entries give.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { diskFiles } from '../engine/journal/disk-files.ts'
import type { Journal } from '../engine/journal/journal.ts'
import type { KeptHead } from '../engine/journal/kept-head.ts'
import { openSegmentJournal } from '../engine/journal/segment-journal.ts'
import { StoreRefused } from '../engine/journal/store-refused.ts'
import { verifyJournal } from '../engine/journal/verify.ts'
import { openKeyFiles } from '../engine/sealing/key-files.ts'
import { CHECKPOINT_NAME, checkpointVerifies } from '../engine/snapshots/checkpoint-file.ts'
import { openFamilyStore } from '../engine/snapshots/level-family-store.ts'
import { familiesFolder, journalFolder, keysFolder } from './store.ts'
import { type NamedKeys, type VerifyFamiliesOptions, verifyFamilies } from './verify-families.ts'

// 74: the fewest LevelDB takes. What was read of an open table of 2 MB stays mapped into memory: 128 MB at most, and families that
// end about the same time lie in few of them.
const OPEN_FILES_MAX = 74

export type StoreVerdict = { readonly report: string } | { readonly problem: string }

export interface VerifyStoreOptions extends Pick<VerifyFamiliesOptions, 'liveFamiliesMax' | 'onEntry'> {
  /** A head kept elsewhere: the store must go on from there. */
  readonly keptHead?: KeptHead
}

/** Whether the whole store is what was written. */
export async function verifyStore(data: string, options: VerifyStoreOptions = {}): Promise<StoreVerdict> {
  const { keptHead } = options
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
      const problem = await verifyEntries(journal, lines, { ...options, data })
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
  return isThere && !(await checkpointVerifies(diskFiles, data, storeId)) ? [CHECKPOINT_NAME] : []
}

/** Undefined when all is as it should be, else what is wrong first. */
async function verifyEntries(
  journal: Journal,
  lines: string[],
  { data, ...options }: VerifyStoreOptions & { readonly data: string },
): Promise<string | undefined> {
  const { storeId } = journal
  const directory = familiesFolder(data)
  const isThere = existsSync(directory)
  const store = isThere ? await openFamilyStore({ directory, storeId, openFilesMax: OPEN_FILES_MAX }) : undefined
  try {
    const found = await verifyFamilies(journal, { ...options, store })
    if ('problem' in found) return found.problem
    const { currentSnapshots, families, keys, retired, wrongSnapshot } = found
    if (retired.entries > 0)
      lines.push(`retired: of ${retired.orders} orders little is left, ${retired.entries} of their entries`)
    lines.push(`families: ${families}, each entry follows its family's last, each version the one before`)
    const problem = (await verifyKeys(journal, { data, lines, keys })) ?? wrongSnapshot
    if (problem !== undefined || store === undefined) return problem
    lines.push(
      `snapshots: ${currentSnapshots} current and equal to their entries, ${families - currentSnapshots} older or missing (rebuilt when read)`,
    )
    return undefined
  } finally {
    await store?.close()
  }
}

async function verifyKeys(
  { epoch, storeId }: Journal,
  { data, lines, keys }: { data: string; lines: string[]; keys: NamedKeys },
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
