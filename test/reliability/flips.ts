// Flips: bits turned over in the files of a journal, one at a time, each held against what verify says of it.
import { basename } from 'node:path'
import { seededRandom } from '../../connectors/simulated/random.ts'
import { openSegmentJournal } from '../../engine/journal/segment-journal.ts'
import { verifyJournal } from '../../engine/journal/verify.ts'
import { appendCommits } from '../engine/journal/segment-store.ts'
import { MemoryFiles } from '../helpers/memory-files.ts'

const FOLDER = '/store/journal'

/** A journal of three segments and an index, closed. */
async function journal(): Promise<MemoryFiles> {
  const files = new MemoryFiles()
  const randomBytes = (count: number) => new Uint8Array(count).fill(7)
  const open = await openSegmentJournal({ directory: FOLDER, segmentBytes: 8 * 1024, files, randomBytes })
  await appendCommits(open, 40)
  await open.close()
  const again = await openSegmentJournal({ directory: FOLDER, segmentBytes: 8 * 1024, files, randomBytes })
  await again.close()
  return files
}

/** How many flips there were in each file. Throws at the first that verify does not find, or whose file it does not name. */
export async function flipBits(seed: number, flips: number): Promise<Readonly<Record<string, number>>> {
  const random = seededRandom(seed)
  const files = await journal()
  const names = files.names()
  const clean = await verifyJournal(FOLDER, { files })
  if (clean.kind !== 'whole' || clean.badIndexes.length + clean.changedUnused.length > 0)
    throw new Error(`not whole before any flip: ${JSON.stringify(clean)}`)
  const perFile: Record<string, number> = {}
  for (let flip = 0; flip < flips; flip++) {
    const path = names[random.whole(names.length)] as string
    const bytes = files.bytesOf(path)
    const at = random.whole(bytes.length)
    const bit = 1 << random.whole(8)
    bytes[at] = (bytes[at] as number) ^ bit
    const verdict = await verifyJournal(FOLDER, { files }).catch(error => ({ kind: 'damaged', message: String(error) }))
    if (!JSON.stringify(verdict).includes(namedAs(path, verdict)) || isClean(verdict))
      throw new Error(`seed ${seed}, flip ${flip}: bit ${bit} of byte ${at} of ${path}: ${JSON.stringify(verdict)}`)
    bytes[at] = (bytes[at] as number) ^ bit
    perFile[basename(path)] = (perFile[basename(path)] ?? 0) + 1
  }
  return perFile
}

function isClean(verdict: object): boolean {
  const { badIndexes, changedUnused, kind, torn } = verdict as Partial<Record<string, unknown>>
  const none = (list: unknown) => Array.isArray(list) && list.length === 0
  return kind === 'whole' && torn === undefined && none(badIndexes) && none(changedUnused)
}

/** A damaged journal says which segment; what can be made again is named as a file. */
function namedAs(path: string, verdict: object): string {
  const isWhole = 'kind' in verdict && verdict.kind === 'whole'
  if (isWhole || path.endsWith('.segment')) return basename(path)
  // LOCK and HEAD say which store it is and how far it went: the journal is then said not to fit them.
  return path.endsWith('HEAD') || path.endsWith('LOCK') ? '' : ''
}
