// CanonicalEvent: a claim that has the right shape. Parsing happens once, here; nothing inside checks shape again.
import type { z } from 'zod'
import { type DataOf, type EventType, eventTypeEntry, eventTypeOf, schemaOf, upcast } from './event-types.ts'
import { UNREAD } from './events/reading.ts'
import { type Place, placeOf } from './ids.ts'
import { dataFlaw, textFlaw } from './plain-data.ts'
import type { Source } from './sources.ts'
import { canonicalZone, instantMs } from './time.ts'

/** CloudEvents 1.0 attributes and data as a connector hands them over; nothing about it is trusted. */
export interface EventInput {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
  readonly time: string
  /**
   * Given for good: parts of it are kept as they came, not copied. Nobody changes it any more, and no other event shares a part of
   * it: what an event changed is told by identity.
   */
  readonly data: unknown
  readonly specversion?: string
  readonly dataschema?: string | number
  readonly expectedversion?: number | string
  readonly sequence?: number | string
  readonly correlationid?: string
  readonly causationid?: string
  readonly traceparent?: string
}

export const REFERENCE_KINDS = [
  'order',
  'po',
  'erp',
  'shipment',
  'consignment',
  'tracking',
  'return',
  'rma',
  'invoice',
] as const
export type ReferenceKind = (typeof REFERENCE_KINDS)[number]

/** What an event is about: an id of ours, or a business number of one kind or of any. */
export type Subject =
  | { readonly kind: 'order'; readonly number: string }
  | { readonly kind: 'shipment'; readonly number: string }
  | { readonly kind: 'return'; readonly number: string }
  | { readonly kind: 'reference'; readonly reference?: ReferenceKind; readonly number: string }

interface CanonicalEventOf<Type extends EventType> {
  readonly type: Type
  readonly id: string
  readonly source: string
  /** Subject as sent (part of the event's content, E7) and as understood. */
  readonly subjectText: string
  readonly subject: Subject
  /** Time as sent, and as epoch milliseconds UTC. */
  readonly timeText: string
  readonly timeMs: number
  readonly place: Place
  readonly schemaVersion: number
  /** Data as sent, kept for the journal; `data` is it in the newest version. */
  readonly rawData: unknown
  readonly data: DataOf<Type>
  readonly expectedVersion?: number
  readonly sequence?: number
  readonly correlationId?: string
  readonly causationId?: string
  readonly traceparent?: string
}

/** A well-formed event: shape, ids, time and zone settled. Discriminated by `type`. */
export type CanonicalEvent = { [Type in EventType]: CanonicalEventOf<Type> }[EventType]

export interface Flaw {
  /** Path into the event, for example `data.lines[0].quantity`. */
  readonly path: string
  readonly message: string
}
export type Parsed = { readonly event: CanonicalEvent } | { readonly flaws: readonly Flaw[] }

// 64 KiB of attributes and data are judged elsewhere (body limits); an id longer than this is a mistake.
const ATTRIBUTE_LENGTH_MAX = 256
/** A clock may run ahead of ours by this much; beyond it the time is a mistake (domain §5, `malformed`). */
export const AHEAD_MAX_MS = 24 * 3_600_000
const FLAWS_MAX = 20

/**
 * Parses one event of a known `source`. `nowMs` is the batch's stamp. Pure; never throws on bad input.
 * Raw attributes are checked here before any library sees them (reliability.md F13).
 */
export function parseEvent(input: unknown, source: Source, nowMs: number): Parsed {
  return parsedInput(input, source, { nowMs, isKept: false })
}

/** The same for an event that was taken before: its personal fields are sealed, which from outside nothing is (events/personal.ts). */
export function keptEvent(input: EventInput, source: Source): Parsed {
  return parsedInput(input, source, { nowMs: Number.POSITIVE_INFINITY, isKept: true })
}

function parsedInput(input: unknown, source: Source, { isKept, nowMs }: { isKept: boolean; nowMs: number }): Parsed {
  const flaws: Flaw[] = []
  if (!isMap(input)) return { flaws: [{ path: '', message: 'an event is a JSON object' }] }

  const id = attribute('id', input.id, flaws)
  const subjectText = attribute('subject', input.subject, flaws)
  // What is a time, or the name of a type, is a text that may be kept: its letters are not looked at twice.
  const timeMs = typeof input.time === 'string' ? instantMs(input.time) : undefined
  const timeText = timeMs === undefined ? attribute('time', input.time, flaws) : (input.time as string)
  const type = typeof input.type === 'string' ? eventTypeOf(input.type) : undefined
  const typeText = type ?? attribute('type', input.type, flaws)
  const specversion = input.specversion
  if (specversion !== undefined && specversion !== '1.0') note(flaws, 'specversion', 'must be 1.0')

  if (input.data_base64 !== undefined) note(flaws, 'data_base64', 'event data is JSON; put it into data')
  if (timeText !== undefined && timeMs === undefined)
    note(flaws, 'time', 'must be RFC 3339 with offset, such as 2026-11-21T10:00:00+01:00')
  if (timeMs !== undefined && timeMs > nowMs + AHEAD_MAX_MS) note(flaws, 'time', 'is more than 24 h ahead of our clock')
  const subject = subjectText === undefined ? undefined : parseSubject(subjectText)
  if (subjectText !== undefined && subject === undefined)
    note(flaws, 'subject', 'must be order/ID, shipment/NUMBER, return/NUMBER, ref/NUMBER or ref/KIND/NUMBER')
  const expectedVersion = counter('expectedversion', input.expectedversion, flaws)
  const sequence = counter('sequence', input.sequence, flaws)
  const schemaVersion = schemaVersionOf(input.dataschema)
  if (schemaVersion === undefined) note(flaws, 'dataschema', 'must be a version number, or a URI that ends in one')
  const correlationId = optionalAttribute('correlationid', input.correlationid, flaws)
  const causationId = optionalAttribute('causationid', input.causationid, flaws)
  const traceparent = optionalAttribute('traceparent', input.traceparent, flaws)

  if (typeText !== undefined && type === undefined) note(flaws, 'type', `is not a canonical event: ${typeText}`)
  if (type === undefined || schemaVersion === undefined) return { flaws }
  const rawData = input.data === undefined ? {} : input.data
  const known = schemaOf(type, schemaVersion, zoneOf(rawData, source))
  if (known === undefined) {
    note(flaws, 'dataschema', `${type} has versions 1 to ${eventTypeEntry(type).versions.length}`)
    return { flaws }
  }
  const usual = isKept ? known.readKept(rawData) : known.read(rawData)
  const data = usual === UNREAD ? dataRead(rawData, { isKept, schema: known.schema }, flaws) : usual
  if (flaws.length > 0 || timeMs === undefined || id === undefined || subject === undefined)
    return { flaws: flaws.slice(0, FLAWS_MAX) }

  const event = {
    type,
    id,
    source: source.id,
    subjectText: subjectText as string,
    subject,
    timeText: timeText as string,
    timeMs,
    place: placeOf({ timeMs, sequence, source: source.id, id }),
    schemaVersion,
    rawData,
    data: upcast(type, schemaVersion, data),
    expectedVersion,
    sequence,
    correlationId,
    causationId,
    traceparent,
  }
  // The schema that made `data` was looked up by `type`: the pair belongs together, which TypeScript cannot see.
  return { event: event as CanonicalEvent }
}

/** `order/104582`, `shipment/S-1`, `return/R-7`, `ref/1Z…`, `ref/tracking/1Z…`; undefined when it is none of these. */
export function parseSubject(text: string): Subject | undefined {
  const slash = text.indexOf('/')
  if (slash < 0 || slash === text.length - 1) return undefined
  const number = text.slice(slash + 1)
  if (isBefore(text, 'shipment', slash)) return { kind: 'shipment', number }
  if (isBefore(text, 'return', slash)) return { kind: 'return', number }
  // `ref:` begins the names of families that wait under a number (engine/family.ts).
  if (isBefore(text, 'order', slash)) return number.startsWith('ref:') ? undefined : { kind: 'order', number }
  return isBefore(text, 'ref', slash) ? parseReference(number) : undefined
}

function parseReference(text: string): Subject | undefined {
  const slash = text.indexOf('/')
  const reference = slash < 0 ? undefined : REFERENCE_KINDS.find(kind => isBefore(text, kind, slash))
  if (reference === undefined) return { kind: 'reference', number: text }
  const number = text.slice(slash + 1)
  return number === '' ? undefined : { kind: 'reference', reference, number }
}

/** Whether `word` is all that stands in `text` before its `slash`: nothing is cut to be compared. */
const isBefore = (text: string, word: string, slash: number): boolean => slash === word.length && text.startsWith(word)

/** What the schema makes of data that is not as usual; where that is nothing, and where it is not plain data, its flaws. */
function dataRead(
  data: unknown,
  { isKept, schema }: { readonly isKept: boolean; readonly schema: z.ZodType },
  flaws: Flaw[],
): unknown {
  const unkept = isKept ? undefined : dataFlaw(data)
  if (unkept !== undefined) flaws.push({ path: `data${unkept.path}`, message: unkept.message })
  const parsed = schema.safeParse(data)
  if (!parsed.success) flaws.push(...parsed.error.issues.map(flawOfIssue))
  return parsed.data
}

type RawMap = { readonly [key: string]: unknown }

const isMap = (value: unknown): value is RawMap => typeof value === 'object' && value !== null && !Array.isArray(value)

function note(flaws: Flaw[], path: string, message: string): void {
  flaws.push({ path, message })
}

function attribute(name: string, value: unknown, flaws: Flaw[]): string | undefined {
  if (value === undefined || value === null || value === '') {
    note(flaws, name, 'is required')
    return undefined
  }
  return checkedText(name, value, flaws)
}

function optionalAttribute(name: string, value: unknown, flaws: Flaw[]): string | undefined {
  return value === undefined || value === null ? undefined : checkedText(name, value, flaws)
}

function checkedText(name: string, value: unknown, flaws: Flaw[]): string | undefined {
  const message = typeof value === 'string' ? (attributeFlaw(value) ?? textFlaw(value)) : 'must be text'
  if (message === undefined) return value as string
  note(flaws, name, message)
  return undefined
}

const attributeFlaw = (value: string): string | undefined =>
  value.length > ATTRIBUTE_LENGTH_MAX ? `is longer than ${ATTRIBUTE_LENGTH_MAX} characters` : undefined

// CloudEvents carries integers as numbers in JSON and as text in headers.
function counter(name: string, value: unknown, flaws: Flaw[]): number | undefined {
  if (value === undefined || value === null) return undefined
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
  note(flaws, name, 'must be a whole number from 0')
  return undefined
}

function schemaVersionOf(dataschema: unknown): number | undefined {
  if (dataschema === undefined || dataschema === null) return 1
  if (dataschema === 1 || dataschema === 2) return dataschema
  const digits = /(?:^|[/:#v])(\d{1,4})$/.exec(String(dataschema))?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Local times take the zone of their place (scan, ship-to), else of their source (domain §4). */
function zoneOf(data: unknown, source: Source): string {
  if (!isMap(data)) return source.timeZone
  return zoneNamedBy(data.place) ?? zoneNamedBy(data.shipTo) ?? source.timeZone
}

function zoneNamedBy(place: unknown): string | undefined {
  const zone = isMap(place) ? place.timeZone : undefined
  return typeof zone === 'string' ? canonicalZone(zone) : undefined
}

function flawOfIssue(issue: z.core.$ZodIssue): Flaw {
  const path = issue.path.map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return { path: `data${path}`, message: issue.message }
}
