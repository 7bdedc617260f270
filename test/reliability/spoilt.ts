// Spoilt: one byte or bit of a store's files changed, or a file cut short, one at a time. What is part of the journal is held
// against what verify says of it; what can be made again, against all that is then served.
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { familiesFolder, openTwin } from '../../cli/store.ts'
import { type Random, seededRandom } from '../../connectors/simulated/random.ts'
import { HEAD_MARK_NAME } from '../../engine/journal/head-mark.ts'
import { LOCK_NAME } from '../../engine/journal/lock.ts'
import { openSegmentJournal } from '../../engine/journal/segment-journal.ts'
import { type JournalVerdict, verifyJournal } from '../../engine/journal/verify.ts'
import { CHECKPOINT_NAME } from '../../engine/snapshots/checkpoint-file.ts'
import { appendCommits } from '../engine/journal/segment-store.ts'
import { readyOrder, released, SOURCES } from '../helpers/distributor.ts'
import { DAY_START_MS } from '../helpers/memory-engine.ts'
import { MemoryFiles } from '../helpers/memory-files.ts'
import { storeTruth } from '../helpers/store-truth.ts'

const FOLDER = '/store/journal'
const SEGMENT_BYTES = 8 * 1024

export type Spoiling = 'flip' | 'cut'
export type PerFile = Readonly<Record<string, number>>

/** `bytes` with one bit turned over, or without their end. The same for the same numbers. */
function spoilt(bytes: Uint8Array, how: Spoiling, random: Random): Uint8Array {
  const at = random.whole(bytes.length)
  if (how === 'cut') return bytes.slice(0, at)
  const copy = bytes.slice()
  copy[at] = (copy[at] as number) ^ (1 << random.whole(8))
  return copy
}

/** A journal of several segments and their index files, closed. */
async function journal(): Promise<MemoryFiles> {
  const files = new MemoryFiles()
  const randomBytes = (count: number) => new Uint8Array(count).fill(7)
  const options = { directory: FOLDER, segmentBytes: SEGMENT_BYTES, files, randomBytes }
  const open = await openSegmentJournal(options)
  await appendCommits(open, 40)
  await open.close()
  await (await openSegmentJournal(options)).close()
  return files
}

/**
 * Spoils files of a journal, `rounds` times, and tells how often each. Throws at the first change that verify does not find, or
 * whose file it does not name. Cuts that take nothing but zeros behind the last block lose nothing: counted apart, and the
 * verdict must be as before.
 */
export async function spoilJournal(seed: number, rounds: number, how: Spoiling): Promise<PerFile> {
  const random = seededRandom(seed)
  const files = await journal()
  const names = files.names()
  const clean = await verifyJournal(FOLDER, { files })
  if (clean.kind !== 'whole' || !isClean(clean)) throw new Error(`not whole before: ${JSON.stringify(clean)}`)
  const perFile: Record<string, number> = {}
  for (let round = 0; round < rounds; round++) {
    const path = names[random.whole(names.length)] as string
    const before = files.bytesOf(path)
    const after = spoilt(before, how, random)
    files.replace(path, after)
    const verdict = await verifyJournal(FOLDER, { files }).catch(error => ({ kind: 'damaged', message: String(error) }))
    files.replace(path, before)
    const kind = lostNothing(path, before, after)
    perFile[`${basename(path)}${kind}`] = (perFile[`${basename(path)}${kind}`] ?? 0) + 1
    if (isNamed(verdict, path) && !isClean(verdict)) continue
    if (kind === '' || !isDeepStrictEqual(verdict, clean))
      throw new Error(`seed ${seed}, ${how} ${round} in ${path}, ${after.length} bytes: ${JSON.stringify(verdict)}`)
  }
  return perFile
}

/** What a cut took that nobody ever acknowledged, or that was never synced; empty where it may have taken more. */
function lostNothing(path: string, before: Uint8Array, after: Uint8Array): string {
  if (after.length === before.length) return ''
  if (path.endsWith(HEAD_MARK_NAME) && after.length === 0) return ', emptied'
  return path.endsWith('.segment') && before.subarray(after.length).every(byte => byte === 0) ? ', zeros only' : ''
}

function isClean(verdict: object): boolean {
  const { badIndexes, changedUnused, kind, torn } = verdict as Partial<Extract<JournalVerdict, { kind: 'whole' }>>
  return kind === 'whole' && torn === undefined && badIndexes?.length === 0 && changedUnused?.length === 0
}

/** LOCK and HEAD say which store it is and how far it went: where the journal is said not to fit them, they need not be named. */
function isNamed(verdict: object, path: string): boolean {
  const isDamaged = 'kind' in verdict && verdict.kind === 'damaged'
  if (isDamaged && (path.endsWith(HEAD_MARK_NAME) || path.endsWith(LOCK_NAME))) return true
  return JSON.stringify(verdict).includes(basename(path))
}

export interface SpoilServed {
  /** An empty folder. */
  readonly folder: string
  readonly seed: number
  readonly rounds: number
}

/**
 * Spoils the checkpoint and LevelDB's files of a store on disk, half of the times by a cut, and opens it: the same families,
 * numbers and counts must be served. Tells how often each kind of file was spoilt.
 */
export async function spoilServed({ folder, rounds, seed }: SpoilServed): Promise<PerFile> {
  const random = seededRandom(seed)
  const whole = join(folder, 'whole')
  const twin = await opened(whole)
  await twin.submit(Array.from({ length: 30 }, (_, index) => readyOrder(`O-${index + 1}`)).flat())
  await twin.submit([released('O-1', 'S-1', '01:00')])
  const truth = await storeTruth(twin)
  await twin.close()
  const perFile: Record<string, number> = {}
  for (let round = 0; round < rounds; round++) {
    const data = join(folder, 'spoilt')
    await cp(whole, data, { recursive: true })
    const how = round % 4 < 2 ? 'flip' : 'cut'
    const file = await spoiltFile(data, round % 2 === 0, how, random)
    const copy = await opened(data)
    if (!isDeepStrictEqual(await storeTruth(copy), truth))
      throw new Error(`seed ${seed}, ${how} ${round} in ${file}: another state is served; the store is in ${data}`)
    await copy.close()
    await rm(data, { recursive: true })
    const kind = `${how} ${file.replace(/\d+/, 'N')}`
    perFile[kind] = (perFile[kind] ?? 0) + 1
  }
  return perFile
}

const opened = (data: string) =>
  openTwin({ data, sources: SOURCES, clock: { nowMs: DAY_START_MS }, adopt: true, onTrouble: () => undefined })

/** Its name within the store. */
async function spoiltFile(data: string, isCheckpoint: boolean, how: Spoiling, random: Random): Promise<string> {
  const names = isCheckpoint ? [] : (await readdir(familiesFolder(data))).filter(name => LEVEL_FILES.test(name)).sort()
  const file = isCheckpoint
    ? join(data, CHECKPOINT_NAME)
    : join(familiesFolder(data), names[random.whole(names.length)] ?? '')
  const bytes = await readFile(file)
  if (bytes.length > 0) await writeFile(file, spoilt(bytes, how, random))
  return file.slice(data.length + 1)
}

const LEVEL_FILES = /\.(log|ldb)$|^MANIFEST|^CURRENT$/
