// Hearing: what every peer does with an event before it keeps it: parse the text, validate by the same schemas.
import { type CanonicalEvent, type EventInput, parseEvent } from '../../machines/event.ts'
import { sourceBook } from '../../machines/sources.ts'
import { SOURCES } from '../load/sources.ts'
import { benchClock } from '../store.ts'

const sources = sourceBook(SOURCES).byId

/** The event in `text`. The load has no malformed ones. */
export function heard(text: string): CanonicalEvent {
  const input = JSON.parse(text) as EventInput
  const source = sources.get(input.source)
  const parsed = source === undefined ? undefined : parseEvent(input, source, benchClock.nowMs)
  if (parsed === undefined || 'flaws' in parsed) throw new Error(`bench: ${input.type} ${input.id} is malformed`)
  return parsed.event
}
