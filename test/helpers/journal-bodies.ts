// What stands in entries, as bytes: the journal keeps them in a prefix code, in which no text is found.
import { EVENT_ENTRY, plainBody } from '../../engine/entry-codec.ts'
import type { Journal } from '../../engine/journal/journal.ts'

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
