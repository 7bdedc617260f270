// Said: an event as understood, beside what was sent. Stored events are parsed again whenever they matter again. Pure.
import { type CanonicalEvent, type EventInput, keptEvent } from '../machines/event.ts'
import { isDeskEventType } from '../machines/event-types.ts'
import type { Source, SourceBook } from '../machines/sources.ts'
import { canonicalText } from './documents.ts'
import { isSame } from './packing/same.ts'
import { comparable, type Seals } from './sealing/seals.ts'

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
  const parsed = keptEvent(input, source)
  if ('flaws' in parsed) return undefined
  const said = { event: parsed.event, input, source }
  parsedInputs.set(input, said)
  return said
}

/**
 * Whether an event says the same as the one kept under its id: type, subject as sent, time and data (E7).
 * What people of the desk do has the time at which we were asked.
 */
export function sameContent(kept: EventInput, said: Said, seals: Seals): boolean {
  const { input } = said
  if (kept.type !== input.type || kept.subject !== input.subject) return false
  if (kept.time !== input.time && !isDeskEventType(kept.type)) return false
  const [one, other] = comparable(kept, said, seals)
  // Nearly all that is sent again has its members in the order they had: to compare them costs a tenth of writing both down.
  return isSame(one, other) || canonicalText(one ?? {}) === canonicalText(other ?? {})
}

/** Tells events apart: an id means something only with its source. */
export const eventKey = (event: Pick<EventInput, 'id' | 'source'>): string => `${event.source}\0${event.id}`
