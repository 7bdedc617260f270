// Said: an event as understood, beside what was sent. Stored events are parsed again whenever they matter again. Pure.
import { type CanonicalEvent, type EventInput, parseEvent } from '../machines/event.ts'
import { isDeskEventType } from '../machines/event-types.ts'
import type { Source, SourceBook } from '../machines/sources.ts'
import { canonicalText } from './documents.ts'

export interface Said {
  readonly event: CanonicalEvent
  readonly input: EventInput
  readonly source: Source
  /** Why a person forces it, where one does. Not kept with the event: the verdict says so (entry.ts). */
  readonly override?: string
}

// Each entry's event is parsed once, as long as the entry is in memory.
const parsedInputs = new WeakMap<EventInput, Said>()

/** An event that was judged before, parsed with today's schemas. Undefined when its source is not configured any more. */
export function parsedAgain(input: EventInput, sources: SourceBook): Said | undefined {
  const known = parsedInputs.get(input)
  if (known !== undefined && sources.byId.get(known.source.id) === known.source) return known
  const source = sources.byId.get(input.source)
  if (source === undefined) return undefined
  const parsed = parseEvent(input, source, Number.POSITIVE_INFINITY)
  if ('flaws' in parsed) return undefined
  const said = { event: parsed.event, input, source }
  parsedInputs.set(input, said)
  return said
}

/** Same content: type, subject as sent, time and data (E7). What people of the desk do has the time at which we were asked. */
export const sameContent = (a: EventInput, b: EventInput): boolean =>
  a.type === b.type &&
  a.subject === b.subject &&
  (a.time === b.time || isDeskEventType(a.type)) &&
  canonicalText(a.data ?? {}) === canonicalText(b.data ?? {})

/** Tells events apart: an id means something only with its source. */
export const eventKey = (event: Pick<EventInput, 'id' | 'source'>): string => `${event.source}\0${event.id}`
