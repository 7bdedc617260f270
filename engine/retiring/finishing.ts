// Finishing: what remains to be done of retirements whose entries are durable. Each step may be done again: a crash anywhere
// leaves the folder's mark (UNFINISHED_NAME) where it is, and the next opening does all of it once more.

import { retirementIn } from '../entry.ts'
import { EVENT_ENTRY, unpackEntry } from '../entry-codec.ts'
import { hashText } from '../hash.ts'
import type { Files } from '../journal/files.ts'
import type { EntryFrame, StoredFrame } from '../journal/journal.ts'
import { isNoSpace } from '../journal/opening.ts'
import { type Rewriting, UNFINISHED_NAME } from '../journal/rewriting.ts'
import type { SegmentJournal } from '../journal/segment-journal.ts'
import { StoreRefused } from '../journal/store-refused.ts'
import type { KeyFiles } from '../sealing/key-files.ts'
import { remnantFrame } from './remnant.ts'

export interface Finishing {
  readonly files: Files
  /** The journal's folder. */
  readonly directory: string
  readonly journal: SegmentJournal
  readonly keys: KeyFiles
  readonly nowMs: number
  /** Removes all that was derived from the journal as it was, durably: checkpoint and snapshots. */
  readonly forgetDerived: () => Promise<void>
}

export interface Finished {
  /** The segments that were written anew. */
  readonly rewritings: readonly Rewriting[]
}

/** What was begun and not finished; false where nothing was. Before anything reads the journal (Z2). */
export async function finishBegun(store: Finishing): Promise<boolean> {
  if (!(await store.files.list(store.directory)).includes(UNFINISHED_NAME)) return false
  await finish(store)
  return true
}

/** Rejects where a write fails, with StoreRefused where there is no room; it is finished by doing it again. */
export async function finish(store: Finishing): Promise<Finished> {
  try {
    return await finished(store)
  } catch (error) {
    if (!isNoSpace(error) && !isNoSpace((error as Error).cause)) throw error
    const message = 'no room on the disk to finish a retirement: make some, and open the store'
    throw new StoreRefused('store_no_space', store.directory, message, error)
  }
}

async function finished(store: Finishing): Promise<Finished> {
  const { directory, files, forgetDerived, journal, keys, nowMs } = store
  const retired = new RetiredFamilies()
  for await (const frames of journal.scan(0)) for (const frame of frames) retired.note(frame)
  if (!(await keys.destroy(retired.keys)))
    throw new Error('keys of retired orders cannot be destroyed', { cause: keys.failure() })
  await forgetDerived()
  const segments = await segmentsToRewrite(journal, retired)
  const open = (journal.sealed.at(-1)?.number ?? 0) + 1
  if (segments.has(open)) {
    const failure = await journal.beginSegment()
    if (failure !== undefined) throw unwritten(failure)
  }
  const rewritings: Rewriting[] = []
  for (const number of segments) {
    const stampMs = Math.max(nowMs, journal.head().recordedMs)
    const done = await journal.rewrite(number, stampMs, frame => retired.leftOf(frame))
    if ('failure' in done) throw unwritten(done.failure)
    rewritings.push(done.rewriting)
  }
  await files.remove(`${directory}/${UNFINISHED_NAME}`)
  await files.syncDirectory(directory)
  return { rewritings }
}

/** Which families are retired, and since which position. */
class RetiredFamilies {
  readonly keys: number[] = []
  private readonly families = new Map<string, { readonly id: string; readonly position: number }>()

  note(frame: StoredFrame): void {
    // Only what the store itself writes answers no event.
    if (frame.kind !== EVENT_ENTRY || frame.eventId.high !== 0 || frame.eventId.low !== 0) return
    const entry = unpackEntry(frame)
    const retirement = retirementIn(entry)
    if (retirement === undefined) return
    this.families.set(hashText(frame.family), { id: entry.family, position: frame.position })
    for (const key of retirement.keys) this.keys.push(key)
  }

  /** Whether there is something to be left out of it. */
  has(frame: StoredFrame): boolean {
    const { position = 0 } = this.families.get(hashText(frame.family)) ?? {}
    return frame.kind === EVENT_ENTRY && frame.position < position
  }

  /** What is left of it: the frame itself where its family stays. */
  leftOf(frame: StoredFrame): EntryFrame {
    if (!this.has(frame)) return frame
    const entry = unpackEntry(frame)
    return entry.family === this.families.get(hashText(frame.family))?.id ? remnantFrame(frame, entry) : frame
  }
}

/** Numbers of the segments in which something is to be left out, the open one counted. */
async function segmentsToRewrite(journal: SegmentJournal, retired: RetiredFamilies): Promise<ReadonlySet<number>> {
  const numbers = new Set<number>()
  let at = 0
  for await (const frames of journal.scan(0))
    for (const frame of frames) {
      while ((journal.sealed[at]?.last ?? Number.POSITIVE_INFINITY) < frame.position) at++
      if (retired.has(frame)) numbers.add(at + 1)
    }
  return numbers
}

const unwritten = (failure: { readonly code: string }): Error =>
  new Error(`the journal takes no entries (${failure.code})`, { cause: failure })
