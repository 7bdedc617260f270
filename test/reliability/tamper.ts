// Tamper: histories forged as well as they can be, with our own code, the store's own identity and every hash in order. Nothing
// in the journal shows it; a head kept elsewhere must.
import { type Random, seededRandom } from '../../connectors/simulated/random.ts'
import { hexOf } from '../../engine/journal/codec.ts'
import type { EntryFrame } from '../../engine/journal/journal.ts'
import type { KeptHead } from '../../engine/journal/kept-head.ts'
import { openSegmentJournal } from '../../engine/journal/segment-journal.ts'
import { verifyJournal } from '../../engine/journal/verify.ts'
import { makeFrames } from '../helpers/frames.ts'
import { MemoryFiles } from '../helpers/memory-files.ts'

const FOLDER = '/store/journal'
const SEGMENT_BYTES = 16 * 1024

export type Forgery = 'edited' | 'deleted' | 'reordered' | 'cut short' | 'put back'

type History = readonly (readonly EntryFrame[])[]

interface Written {
  readonly files: MemoryFiles
  /** The head after each commit. */
  readonly heads: readonly KeptHead[]
}

/** The same history gives the same bytes: store id, key and stamps are no secrets. */
async function written(history: History): Promise<Written> {
  const files = new MemoryFiles()
  const randomBytes = (count: number) => new Uint8Array(count).fill(7)
  const journal = await openSegmentJournal({ directory: FOLDER, segmentBytes: SEGMENT_BYTES, files, randomBytes })
  const heads: KeptHead[] = []
  for (const frames of history) {
    const appended = await journal.append(journal.head().recordedMs + 1, frames)
    if ('failure' in appended) throw new Error(`not appended: ${appended.failure.code}`)
    heads.push({ position: appended.head.position, hash: hexOf(appended.head.hash) })
  }
  await journal.close()
  return { files, heads }
}

const someHistory = (random: Random): History => {
  let position = 1
  return Array.from({ length: 8 + random.whole(30) }, () => {
    const frames = makeFrames(position, 1 + random.whole(4), 10 + random.whole(300))
    position += frames.length
    return frames
  })
}

/** `history` changed at or before commit `last`. */
function forged(history: History, forgery: Forgery, last: number, random: Random): History {
  const at = random.whole(last + 1)
  const frames = history[at] as readonly EntryFrame[]
  const entry = random.whole(frames.length)
  switch (forgery) {
    case 'edited':
      return history.with(at, frames.with(entry, edited(frames[entry] as EntryFrame, random)))
    case 'deleted':
      return frames.length === 1 ? history.toSpliced(at, 1) : history.with(at, frames.toSpliced(entry, 1))
    case 'reordered':
      return reordered(history, at)
    case 'cut short':
    case 'put back':
      return history.slice(0, at)
  }
}

function edited(frame: EntryFrame, random: Random): EntryFrame {
  const body = frame.body.slice()
  const index = random.whole(body.length)
  body[index] = (body[index] as number) ^ (1 << random.whole(8))
  return random.chance(0.2) ? { ...frame, verdict: frame.verdict ^ 1 } : { ...frame, body }
}

/** Two commits that follow each other change places. */
function reordered(history: History, at: number): History {
  const first = Math.max(0, at - 1)
  const [one, other] = [history[first] as readonly EntryFrame[], history[first + 1] as readonly EntryFrame[]]
  return history.toSpliced(first, 2, other, one)
}

/** How many of each were tried. Throws at the first that is not found, and when an honest journal is called forged. */
export async function tamper(seed: number, rounds: number): Promise<Readonly<Record<string, number>>> {
  const tried: Record<string, number> = {}
  for (let round = 0; round < rounds; round++) {
    const random = seededRandom(seed + round)
    const where = `seed ${seed}, round ${round}`
    const history = someHistory(random)
    const honest = await written(history)
    const last = 1 + random.whole(history.length - 1)
    const keptHead = honest.heads[last] as KeptHead
    const clean = await verifyJournal(FOLDER, { files: honest.files, keptHead })
    if (clean.kind !== 'whole') throw new Error(`${where}: an honest journal is refused: ${JSON.stringify(clean)}`)
    const forgery = (['edited', 'deleted', 'reordered', 'cut short', 'put back'] as const)[round % 5] as Forgery
    const draft = forged(history, forgery, last, random)
    // Put back and gone on differently; cut short and nothing else.
    const more = forgery === 'put back' ? someHistory(random).slice(0, history.length - draft.length) : []
    const forgedJournal = await written([...draft, ...more])
    const alone = await verifyJournal(FOLDER, { files: forgedJournal.files })
    if (draft.length > 0 && alone.kind !== 'whole')
      throw new Error(`${where}: forged badly (${forgery}): ${JSON.stringify(alone)}`)
    const verdict = await verifyJournal(FOLDER, { files: forgedJournal.files, keptHead })
    if (verdict.kind === 'whole') throw new Error(`${where}: ${forgery}, and not found`)
    tried[forgery] = (tried[forgery] ?? 0) + 1
  }
  return tried
}
