// Frames to append and the way to compare them: the journal does not look into bodies, so neither do these.
import type { EntryFrame, StoredFrame } from '../../engine/journal/journal.ts'

/** A frame that says its number in every field. */
export function makeFrame(number: number, bodyBytes = 20): EntryFrame {
  const body = new Uint8Array(bodyBytes).map((_, index) => (number * 31 + index) & 0xff)
  return {
    family: { high: number >>> 0, low: (number * 7919) >>> 0 },
    eventId: { high: (number ^ 0xffff_ffff) >>> 0, low: number },
    previous: number * 3,
    kind: number & 0xff,
    verdict: (number * 5) & 0xff,
    body,
  }
}

export function makeFrames(from: number, count: number, bodyBytes = 20): EntryFrame[] {
  return Array.from({ length: count }, (_, index) => makeFrame(from + index, bodyBytes))
}

/** What a frame carries, with its body as plain numbers, so that two can be compared. */
export function plain({ family, eventId, previous, kind, verdict, body }: EntryFrame) {
  return { family, eventId, previous, kind, verdict, body: [...body] }
}

export async function scanned(scan: AsyncIterable<readonly StoredFrame[]>): Promise<StoredFrame[]> {
  const frames: StoredFrame[] = []
  for await (const batch of scan) frames.push(...batch)
  return frames
}
