// Family bytes: a family as a packed snapshot, so that it is read without its entries. Nothing but this file knows the order of the
// fields; values, contexts and states are packed as those of entries are (packing, entry-codec.ts).
import type { EventInput } from '../machines/event.ts'
import { kindOf, type Place, placeMs, placeOf } from '../machines/ids.ts'
import { type Actor, Actors } from './actors.ts'
import type { JournalEntry } from './entry.ts'
import type { Family, ParkedEvent } from './family.ts'
import { readContext, writeContext } from './packing/contexts.ts'
import { readDocuments, writeDocuments } from './packing/documents.ts'
import { Reader } from './packing/reader.ts'
import { readState, writeState } from './packing/states.ts'
import { Writer } from './packing/writer.ts'

// Version log of the family snapshot. Whatever is of another format is rebuilt from the journal.
//   1  before 0.1.0  packed by msgpackr
//   2  before 0.1.0  packed as entries are
//   3  0.1.0  that it was retired, and how it ended
//   4  0.1.0  contexts as entries of format 3 have them
const FAMILY_FORMAT = 4

const writer = new Writer()
const reader = new Reader()

/**
 * A family as stored bytes. Canonical because families come from `applied` alone, which gives members the same order live and
 * replayed.
 */
export function packFamily(family: Family): Uint8Array {
  writer.begin()
  writer.byte(FAMILY_FORMAT)
  writer.named(family.id)
  writer.count(family.head)
  writer.text(family.lastPlace)
  writer.text(family.unsettledPlace)
  const actors = family.actors.byKey
  writer.count(actors.length)
  for (const actor of actors) writeActor(actor)
  writer.count(family.parked.length)
  for (const { position, place, event, ...parks } of family.parked) {
    writer.count(position)
    writer.count(placeMs(place))
    writer.list(packEvent(event))
    writer.list(packParks(parks))
  }
  writeDocuments(writer, family.documents)
  writer.record(family.links)
  writer.value(family.key)
  writer.value(family.retired)
  return writer.end()
}

function writeActor({ chart, context, key, kind, state, version }: Actor): void {
  writer.text(key)
  writer.count(chart)
  writer.count(version)
  writeState(writer, state)
  writeContext(writer, kind, context as Readonly<Record<string, unknown>>)
}

/** The family that was packed; undefined where the bytes are of a format this version does not know: it is rebuilt then. */
export function unpackFamily(bytes: Uint8Array): Family | undefined {
  reader.begin(bytes)
  if (reader.byte() !== FAMILY_FORMAT) return undefined
  const id = reader.named()
  const head = reader.count()
  const lastPlace = reader.text() as Place | ''
  const unsettledPlace = reader.text() as Place | ''
  const all: Actor[] = []
  for (let count = reader.count(); count > 0; count--) all.push(readActor())
  const actors = Actors.of(all)
  const parked: ParkedEvent[] = []
  for (let count = reader.count(); count > 0; count--) parked.push(readParked())
  const documents = readDocuments(reader)
  const links = reader.record() as Family['links']
  const sealKey = reader.value() as Family['key']
  const retired = reader.value() as Family['retired']
  return { id, head, actors, parked, documents, links, lastPlace, unsettledPlace, key: sealKey, retired }
}

function readActor(): Actor {
  const key = reader.text()
  const kind = kindOf(key)
  const chart = reader.count()
  const version = reader.count()
  const state = readState(reader)
  return { key, kind, chart, version, state, context: readContext(reader, kind) }
}

function readParked(): ParkedEvent {
  const position = reader.count()
  const timeMs = reader.count()
  const event = unpackEvent(reader.list())
  const parks = unpackParks(reader.list() as PackedParks) as NonNullable<JournalEntry['parks']>
  return { position, event, place: placeOfEvent(event, timeMs), ...parks }
}

/** What is kept of an event that waits, in this order; absent ones as nil, those at the end not at all. */
const EVENT_FIELDS = [
  'id',
  'source',
  'type',
  'subject',
  'time',
  'data',
  'dataschema',
  'expectedversion',
  'sequence',
  'correlationid',
  'causationid',
  'traceparent',
] as const satisfies readonly (keyof EventInput)[]

function packEvent(event: EventInput): readonly unknown[] {
  const fields = EVENT_FIELDS.map(name => event[name] ?? null)
  while (fields.at(-1) === null) fields.pop()
  return fields
}

function unpackEvent(packed: readonly unknown[]): EventInput {
  const event: { -readonly [Name in keyof EventInput]?: unknown } = {}
  for (const [index, name] of EVENT_FIELDS.entries()) {
    const value = packed[index] ?? null
    if (value !== null) event[name] = value
  }
  return event as EventInput
}

function placeOfEvent(event: EventInput, timeMs: number): Place {
  const sequence = event.sequence === undefined ? undefined : Number(event.sequence)
  return placeOf({ timeMs, sequence, source: event.source, id: event.id })
}

type PackedParks = readonly [
  sinceMs: number,
  untilMs: number,
  code: string,
  reason: string,
  waitsFor: ParkedEvent['waitsFor'] | null,
]

const packParks = ({ sinceMs, untilMs, code, reason, waitsFor }: NonNullable<JournalEntry['parks']>): PackedParks => [
  sinceMs,
  untilMs,
  code,
  reason,
  waitsFor ?? null,
]
const unpackParks = ([sinceMs, untilMs, code, reason, waitsFor]: PackedParks): JournalEntry['parks'] => ({
  sinceMs,
  untilMs,
  code,
  reason,
  waitsFor: waitsFor ?? undefined,
})
