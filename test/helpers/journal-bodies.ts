// What stands in entries, as bytes, and where: the journal keeps them in a prefix code, in which no text is found.
import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { journalFolder } from '../../cli/store.ts'
import { EVENT_ENTRY, plainBody } from '../../engine/entry-codec.ts'
import type { Journal } from '../../engine/journal/journal.ts'
import { openSegmentJournal } from '../../engine/journal/segment-journal.ts'

export interface StoredBody {
  /** As the journal's files have it. */
  readonly stored: Buffer
  /** With its texts letter by letter. */
  readonly plain: Buffer
}

/** Bodies of all entries, the oldest first. */
export async function bodiesIn(journal: Journal): Promise<readonly StoredBody[]> {
  const bodies: StoredBody[] = []
  for await (const frames of journal.scan(0))
    for (const { body, kind } of frames)
      bodies.push({ stored: Buffer.from(body), plain: Buffer.from(kind === EVENT_ENTRY ? plainBody(body) : body) })
  return bodies
}

/** Bodies of all entries of the closed store in `data`. */
export async function bodiesOf(data: string): Promise<readonly StoredBody[]> {
  const journal = await openSegmentJournal({ directory: journalFolder(data), randomBytes })
  const bodies = await bodiesIn(journal)
  await journal.close()
  return bodies
}

/** The first entry of the closed store in `data` that says `text`, as its journal has it. */
export async function entrySaying(data: string, text: string): Promise<Buffer> {
  const found = (await bodiesOf(data)).find(({ plain }) => plain.includes(text))
  if (found === undefined) throw new Error(`no entry says ${text}`)
  return found.stored
}

/** The first segment of the store, or backup, in `data`. */
export async function firstSegment(data: string): Promise<string> {
  const name = (await readdir(journalFolder(data))).find(each => each.endsWith('.segment')) as string
  return join(journalFolder(data), name)
}

/** Flips a bit of `body` in the first segment of the store, or backup, in `data`. */
export async function flipBitOf(data: string, body: Buffer): Promise<void> {
  const file = await firstSegment(data)
  const bytes = await readFile(file)
  const at = bytes.indexOf(body)
  if (at < 0) throw new Error('the first segment does not hold it')
  bytes[at] = (bytes[at] as number) ^ 1
  await writeFile(file, bytes)
}
