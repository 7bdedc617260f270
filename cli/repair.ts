// Repair: a new store from what a damaged one still holds. Nothing is changed in the damaged one. The journal is taken over as
// it is up to the first gap; what was said after it is written out as events, to be judged again on what is then known.
import { createWriteStream } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { type JournalEntry, retirementIn } from '../engine/entry.ts'
import { ERASURE_ENTRY, EVENT_ENTRY, REMNANT_ENTRY, unpackEntry } from '../engine/entry-codec.ts'
import { copyJournal } from '../engine/journal/copy.ts'
import { diskFiles } from '../engine/journal/disk-files.ts'
import type { Files } from '../engine/journal/files.ts'
import { JournalDamage } from '../engine/journal/journal.ts'
import { type Salvaged, salvageJournal } from '../engine/journal/salvage.ts'
import { StoreRefused } from '../engine/journal/store-refused.ts'
import { type Erasure, unpackErasure } from '../engine/sealing/erasure.ts'
import { copyKeys, openKeyFiles } from '../engine/sealing/key-files.ts'
import { type Keyring, openKeyring } from '../engine/sealing/keyring.ts'
import { ERASURES_NAME, recordedErasure, writeErasures } from './erasures.ts'
import { Refused } from './exit.ts'
import { journalFolder, keysFolder } from './store.ts'

export interface RepairReport extends Salvaged {
  /** Events that stood behind the first gap, in `later`. */
  readonly laterEvents: number
  /** NDJSON of CloudEvents, oldest first: `ordertwin import` judges them again. */
  readonly later: string
  readonly list: string
  /** Entries of retired orders: they are in the new store as far as the journal was taken over, and else nowhere. */
  readonly remnants: number
}

/** `target` must be empty or not exist. Rejects when nothing of the journal verifies. */
export async function repairStore(data: string, target: string): Promise<RepairReport> {
  const source = journalFolder(data)
  const sealed = { keysUsed: 0, erasures: new Map<string, Erasure>(), retired: new Set<string>(), remnants: 0 }
  const note = (entry: JournalEntry) => {
    const retirement = retirementIn(entry)
    if (retirement !== undefined) sealed.retired.add(entry.family)
    for (const key of [entry.key ?? -1, ...(retirement?.keys ?? [])])
      sealed.keysUsed = Math.max(sealed.keysUsed, key + 1)
  }
  const salvaged = await salvageJournal(diskFiles, source, frames => {
    for (const frame of frames)
      if (frame.kind === REMNANT_ENTRY) sealed.remnants++
      else if (frame.kind === ERASURE_ENTRY) sealed.erasures.set(String(frame.position), unpackErasure(frame))
      else if (frame.kind === EVENT_ENTRY) note(unpackEntry(frame))
  })
  if (salvaged.storeId === undefined) throw new Refused(`nothing in ${source} verifies`)
  await mkdir(target, { recursive: true })
  const wholeUpTo = await copiedUpTo(salvaged, source, join(target, 'store', 'journal'))
  const later = join(target, 'later.ndjson')
  const keyring = await copiedKeys(data, join(target, 'store'), salvaged.storeId, sealed)
  const laterEvents = await writeLater(source, wholeUpTo, { path: later, keyring, retired: sealed.retired })
  await keyring.close()
  if (wholeUpTo === 0) await rm(join(target, 'store'), { recursive: true })
  else {
    const later = [...sealed.erasures.values()].filter(({ position }) => position > wholeUpTo)
    await writeErasures(join(target, 'store', ERASURES_NAME), later.map(recordedErasure))
  }
  const list = join(target, 'missing.json')
  await writeFile(list, `${JSON.stringify(salvaged.missing, null, 2)}\n`)
  return { ...salvaged, wholeUpTo, laterEvents, later, list, remnants: sealed.remnants }
}

/** The journal up to the first gap, as it is; 0 when that cannot be had, and all is judged again. */
async function copiedUpTo({ wholeFile, wholeUpTo }: Salvaged, source: string, target: string): Promise<number> {
  if (wholeUpTo === 0) return 0
  const files: Files = {
    ...diskFiles,
    // As if the journal ended there: what is wrong with later files is no concern of the copy's.
    list: async directory => (await diskFiles.list(directory)).filter(name => !isSegment(name) || name <= wholeFile),
  }
  try {
    return (await copyJournal({ source, target, files, head: { position: wholeUpTo } })).position
  } catch (error) {
    const isTooShort = error instanceof StoreRefused && RETIRING.has(error.code)
    if (!(error instanceof JournalDamage || isTooShort)) throw error
    await rm(join(target, '..'), { recursive: true, force: true })
    return 0
  }
}

/** A journal that ends before the entry about a segment that was written anew cannot be had as it was. */
const RETIRING: ReadonlySet<string> = new Set(['store_half_retired', 'store_retired_since'])

const isSegment = (name: string): boolean => name.endsWith('.segment')

/** The keys in the new store, those of erased orders destroyed: nothing is changed in the damaged one. */
async function copiedKeys(
  data: string,
  target: string,
  storeId: string,
  sealed: Parameters<typeof openKeyring>[1],
): Promise<Keyring> {
  const directory = keysFolder(target)
  await copyKeys({ files: diskFiles, directory: keysFolder(data), storeId }, directory)
  // No key is made: what is read is all there is.
  const files = await openKeyFiles({ files: diskFiles, directory, storeId, epoch: 1, randomBytes: noBytes })
  return openKeyring(files, sealed, true)
}

const noBytes = (): Uint8Array => {
  throw new Error('repair makes no keys')
}

/** How many events were said after position `from`, in clear as they were sent. What facts set moving they will set moving again: it is left out. */
async function writeLater(
  source: string,
  from: number,
  { keyring, path, retired }: { keyring: Keyring; path: string; retired: ReadonlySet<string> },
): Promise<number> {
  const stream = createWriteStream(path)
  let count = 0
  await salvageJournal(diskFiles, source, frames => {
    for (const frame of frames) {
      if (frame.position <= from || frame.kind !== EVENT_ENTRY) continue
      const { cause, event, family } = unpackEntry(frame)
      // Of what was retired some may be here still: it is not judged again without the rest.
      if (cause !== undefined || retired.has(family)) continue
      count++
      stream.write(`${JSON.stringify({ specversion: '1.0', ...keyring.opened(event) })}\n`)
    }
  })
  stream.end()
  await finished(stream)
  return count
}
