// Retiring: from the orders that a policy chose to a store that holds little of them. Offline: nobody reads or writes meanwhile.
// First the entries: from then on the orders are retired, whatever happens. Then their keys, then the bodies of their entries
// (finishing.ts), which what stands in the folder meanwhile says is still to be done.
//   Z1  A family is retired whole or not at all: one entry does it.
//   Z2  What was begun is finished before anything is served.

import { namesOf } from '../derived.ts'
import type { JournalEntry } from '../entry.ts'
import { EVENT_ENTRY, packEntry, verdictNumber } from '../entry-codec.ts'
import { type Files, replaceFile } from '../journal/files.ts'
import type { EntryFrame } from '../journal/journal.ts'
import { UNFINISHED_NAME } from '../journal/rewriting.ts'
import type { SegmentJournal } from '../journal/segment-journal.ts'
import { type Finished, type Finishing, finish } from './finishing.ts'

// 16 KB: some thirty orders a sync, and it fits into the smallest segment.
const APPEND_BYTES = 16 * 1024

/** `drafts` retire families as they are at the journal's head. Rejects where a write fails: what is in the journal by then is finished later. */
export async function retire(drafts: readonly JournalEntry[], store: Finishing): Promise<Finished> {
  await begin(store.files, store.directory)
  const { journal, nowMs } = store
  let frames: EntryFrame[] = []
  let bytes = 0
  const write = async () => {
    if (frames.length > 0) await append(journal, nowMs, frames)
    frames = []
    bytes = 0
  }
  for (const draft of drafts) {
    const entry = { ...draft, position: journal.head().position + frames.length + 1, recordedMs: nowMs }
    const body = packEntry(entry)
    const { family } = namesOf(entry, journal.hashKey)
    frames.push({
      family,
      // No source sent it: it answers no event.
      eventId: { high: 0, low: 0 },
      previous: entry.previous,
      kind: EVENT_ENTRY,
      verdict: verdictNumber(entry.verdict),
      body,
    })
    bytes += body.length
    if (bytes >= APPEND_BYTES) await write()
  }
  await write()
  return finish(store)
}

const begin = (files: Files, directory: string): Promise<void> =>
  replaceFile(
    files,
    directory,
    UNFINISHED_NAME,
    Buffer.from('ordertwin finishes a retirement here when it opens this store\n'),
  )

async function append(journal: SegmentJournal, nowMs: number, frames: readonly EntryFrame[]): Promise<void> {
  const appended = await journal.append(nowMs, frames)
  if ('failure' in appended)
    throw new Error(`the journal takes no entries (${appended.failure.code})`, { cause: appended.failure })
}
