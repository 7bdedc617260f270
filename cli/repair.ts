// Repair: a new store from what a damaged one still holds. Nothing is changed in the damaged one. The journal is taken over as
// it is up to the first gap; what was said after it is written out as events, to be judged again on what is then known.
import { createWriteStream } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { ERASURE_ENTRY, EVENT_ENTRY, unpackEntry } from '../engine/entry-codec.ts'
import { copyJournal } from '../engine/journal/copy.ts'
import { diskFiles } from '../engine/journal/disk-files.ts'
import type { Files } from '../engine/journal/files.ts'
import { JournalDamage } from '../engine/journal/journal.ts'
import { type Salvaged, salvageJournal } from '../engine/journal/salvage.ts'
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
}

/** `target` must be empty or not exist. Rejects when nothing of the journal verifies. */
export async function repairStore(data: string, target: string): Promise<RepairReport> {
  const source = journalFolder(data)
  const sealed = { keysUsed: 0, erasures: new Map<string, Erasure>() }
  const salvaged = await salvageJournal(diskFiles, source, frames => {
    for (const frame of frames)
      if (frame.kind === ERASURE_ENTRY) sealed.erasures.set(String(frame.position), unpackErasure(frame))
      else if (frame.kind === EVENT_ENTRY)
        sealed.keysUsed = Math.max(sealed.keysUsed, (unpackEntry(frame).key ?? -1) + 1)
  })
  if (salvaged.storeId === undefined) throw new Refused(`nothing in ${source} verifies`)
  await mkdir(target, { recursive: true })
  const wholeUpTo = await copiedUpTo(salvaged, source, join(target, 'store', 'journal'))
  const later = join(target, 'later.ndjson')
  const keyring = await copiedKeys(data, join(target, 'store'), salvaged.storeId, sealed)
  const laterEvents = await writeLater(source, wholeUpTo, { path: later, keyring })
  await keyring.close()
  if (wholeUpTo === 0) await rm(join(target, 'store'), { recursive: true })
  else {
    const later = [...sealed.erasures.values()].filter(({ position }) => position > wholeUpTo)
    await writeErasures(join(target, 'store', ERASURES_NAME), later.map(recordedErasure))
  }
  const list = join(target, 'missing.json')
  await writeFile(list, `${JSON.stringify(salvaged.missing, null, 2)}\n`)
  return { ...salvaged, wholeUpTo, laterEvents, later, list }
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
    if (!(error instanceof JournalDamage)) throw error
    await rm(join(target, '..'), { recursive: true, force: true })
    return 0
  }
}

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
  { keyring, path }: { keyring: Keyring; path: string },
): Promise<number> {
  const stream = createWriteStream(path)
  let count = 0
  await salvageJournal(diskFiles, source, frames => {
    for (const frame of frames) {
      if (frame.position <= from || frame.kind !== EVENT_ENTRY) continue
      const { cause, event } = unpackEntry(frame)
      if (cause !== undefined) continue
      count++
      stream.write(`${JSON.stringify({ specversion: '1.0', ...keyring.opened(event) })}\n`)
    }
  })
  stream.end()
  await finished(stream)
  return count
}
