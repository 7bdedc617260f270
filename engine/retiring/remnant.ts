// Remnant: what is left of an entry whose order was retired: where it stood, what it came to (its frame says both), which event it
// was of, and a digest of what that said. Enough to know the event for ever (E7) and to count what its source sent; no more.
import type { EventInput } from '../../machines/event.ts'
import { eventTypeOf, isDeskEventType, personalFieldsOf } from '../../machines/event-types.ts'
import { withPersonal } from '../../machines/events/personal.ts'
import { placeMs } from '../../machines/ids.ts'
import { canonicalText } from '../documents.ts'
import type { JournalEntry } from '../entry.ts'
import { REMNANT_ENTRY, verdictOf } from '../entry-codec.ts'
import { hexOf, sha256 } from '../journal/codec.ts'
import type { EntryFrame, StoredFrame } from '../journal/journal.ts'
import type { Verdict } from '../outcome.ts'
import { Reader } from '../packing/reader.ts'
import { Writer } from '../packing/writer.ts'
import { settlesId } from '../projections/event-ids.ts'
import { ERASED_TEXT } from '../sealing/token.ts'

// Version log of the body.
//   1  0.1.0  the first
const REMNANT_FORMAT = 1
const HAS = { sequence: 1, cause: 2, digest: 4 } as const

export interface Remnant {
  readonly position: number
  readonly recordedMs: number
  readonly verdict: Verdict
  readonly event: Pick<EventInput, 'id' | 'source' | 'sequence'>
  /** The event's own time. */
  readonly timeMs: number
  /** What its facts had judged again was told to nobody. */
  readonly isWoken: boolean
  /** Of its content, where the entry settled its id; else undefined. */
  readonly digest?: string
  /** The order it was of. */
  readonly order?: string
}

export const isRemnant = (seen: JournalEntry | Remnant): seen is Remnant => !('family' in seen)

const writer = new Writer()
const reader = new Reader()

/** The frame of `entry`, which stood in `frame`, with the remnant as its body. */
export function remnantFrame(frame: StoredFrame, entry: JournalEntry): EntryFrame {
  const { event } = entry
  const isSettled = settlesId(entry)
  writer.begin()
  writer.byte(REMNANT_FORMAT)
  writer.byte(
    (event.sequence === undefined ? 0 : HAS.sequence) |
      (entry.cause === undefined ? 0 : HAS.cause) |
      (isSettled ? HAS.digest : 0),
  )
  writer.text(event.source)
  writer.number(entry.recordedMs - placeMs(entry.place))
  if (event.sequence !== undefined) writer.value(event.sequence)
  if (isSettled) {
    writer.text(event.id)
    for (const word of wordsOf(digestOf(event))) writer.word32(word)
  }
  return { ...frame, kind: REMNANT_ENTRY, body: writer.end() }
}

/** Throws when the body is of a format this version does not know. `order` is the one its frame names. */
export function unpackRemnant(frame: StoredFrame, order?: string): Remnant {
  reader.begin(frame.body)
  if (reader.byte() !== REMNANT_FORMAT) throw new Error(`entry ${frame.position}: its format is not known`)
  const has = reader.byte()
  const source = reader.text()
  const timeMs = frame.recordedMs - (reader.value() as number)
  const sequence = has & HAS.sequence ? (reader.value() as EventInput['sequence']) : undefined
  const id = has & HAS.digest ? reader.text() : ''
  const digest = has & HAS.digest ? textOf([reader.word32(), reader.word32()]) : undefined
  return {
    position: frame.position,
    recordedMs: frame.recordedMs,
    verdict: verdictOf(frame.verdict) as Verdict,
    event: { id, source, sequence },
    timeMs,
    isWoken: (has & HAS.cause) !== 0,
    digest,
    order,
  }
}

/** Whether an event says the same as the one of which only `digest` is left. What was personal nobody can compare any more. */
export const isSameContent = ({ digest }: Remnant, input: EventInput): boolean => digest === digestOf(input)

/** Of what an event says: type, subject, time and data but for what is personal (said.ts compares the same). */
function digestOf({ data, subject, time, type }: EventInput): string {
  const known = eventTypeOf(type)
  const fields = known && personalFieldsOf(known)
  const kept = fields === undefined ? data : withPersonal(data, fields, () => ERASED_TEXT)
  const text = canonicalText([type, subject, isDeskEventType(type) ? '' : time, kept ?? {}])
  // 64 bits: it tells what a source sends under an id it used before from what it sent then, and nothing else.
  return hexOf(sha256(text)).slice(0, 16)
}

const wordsOf = (digest: string): readonly number[] => [0, 8].map(at => Number.parseInt(digest.slice(at, at + 8), 16))
const textOf = (words: readonly number[]): string => words.map(word => word.toString(16).padStart(8, '0')).join('')
