// Entry bytes: a journal entry field by field. Canonical: the same entry packs to the same bytes. Nothing but this file knows the
// order of the fields. Families as they are kept between entries: family-codec.ts.
import { Packr } from 'msgpackr'
import type { EventInput } from '../machines/event.ts'
import { type ActorKey, type EntityKind, kindOf, placeMs, placeOf } from '../machines/ids.ts'
import { isIsoTime, isoTime } from '../machines/time.ts'
import { NO_DOCUMENTS } from './document-list.ts'
import type { ActorChange, JournalEntry, VerdictDetail } from './entry.ts'
import { VERDICTS, type Verdict } from './outcome.ts'
import { readContext, readKey, readSet, writeContext, writeKey, writeSet } from './packing/contexts.ts'
import { readDocuments, writeDocuments } from './packing/documents.ts'
import { coded, decoded, isCoded } from './packing/prefix-code.ts'
import { Reader } from './packing/reader.ts'
import { readNextState, readState, writeNextState, writeState } from './packing/states.ts'
import { Writer } from './packing/writer.ts'

// Version log of the entry body.
//   1  before 0.1.0  event, verdict, changes; a place is kept as its time and the event's own sequence, source and id
//   2  0.1.0  whole contexts by the chart's keys, numbers by their distance, digests as bytes, time since it was recorded; texts,
//             records and lists that come again (packing/tags.ts); the number of the key personal values are sealed under;
//             what the family, the source and the changes say already is left out of the event; sealed values as bytes
//   3  0.1.0  allocations by the place of their line; milestones in the chart's order, reached or not
//   4  0.1.0  the same in a prefix code (packing/prefix-code.ts), wherever that is shorter: the lower half of the byte that says so. So
//             no other format's is 4. In both, what is put into long lists by itself: before, such lists were said whole
const ENTRY_FORMAT = 3
const CODED_FORMAT = 4

/** Kinds of entry, as the frame shows them. */
export const EVENT_ENTRY = 1
export const SETTINGS_ENTRY = 2
export const ERASURE_ENTRY = 3
/** What is left of an entry whose order was retired. 5 says that a segment was written anew (journal/rewriting.ts). */
export const REMNANT_ENTRY = 4

// No shared structures: a fresh process could not read what was packed with them (architecture.md, Storage 2).
// Undefined members come back as undefined: contexts tell absent from null.
const packr = new Packr({ useRecords: false, variableMapSize: true })

export const verdictNumber = (verdict: Verdict): number => VERDICTS.indexOf(verdict) + 1
export const verdictOf = (number: number): Verdict | undefined => VERDICTS[number - 1]

const writer = new Writer()
const reader = new Reader()

/** Which parts an entry has: absent ones take no byte. The seven most entries have come first: they fit into one. */
const HAS = {
  data: 1,
  learned: 2,
  documents: 4,
  /** The id begins with its source. */
  ownId: 8,
  /** The subject is the family's order. */
  ofOrder: 16,
  /** It happened at a whole second. */
  second: 32,
  key: 64,
  detail: 128,
  dataschema: 256,
  sequence: 512,
  timeText: 1024,
  expectedversion: 2048,
  correlationid: 4096,
  causationid: 8192,
  traceparent: 16384,
  parks: 32768,
  frees: 65536,
  removes: 131072,
  spread: 262144,
  states: 524288,
  cause: 1048576,
} as const

/** Entries carry what their event carried; positions, stamp, family chain and verdict stand in the frame. */
export function packEntry(entry: JournalEntry): Uint8Array {
  const plain = packPlain(entry)
  const body = coded(plain, CODED_FORMAT)
  if (body === undefined) return plain
  writer.drop()
  return body
}

/** The same as it is before it is coded. */
export function packPlain(entry: JournalEntry): Uint8Array {
  const { changes, event, family, place } = entry
  const { id, source, subject } = event
  const timeMs = placeMs(place)
  const has = partsOf(entry, timeMs)
  writer.begin()
  writer.byte(ENTRY_FORMAT)
  writer.count(has)
  writer.named(family)
  writer.text(source)
  writer.text(has & HAS.ownId ? id.slice(source.length) : id)
  writer.count(sinceOf(entry.recordedMs, timeMs))
  if (has & HAS.sequence) writer.value(event.sequence)
  writer.text(event.type)
  writer.know({ place, type: event.type, timeMs })
  if (!(has & HAS.ofOrder)) writer.text(subject)
  if (has & HAS.timeText) writer.text(event.time)
  if (has & HAS.dataschema) writer.value(event.dataschema)
  if (has & HAS.expectedversion) writer.value(event.expectedversion)
  if (has & HAS.correlationid) writer.value(event.correlationid)
  if (has & HAS.causationid) writer.value(event.causationid)
  if (has & HAS.traceparent) writer.value(event.traceparent)
  if (has & HAS.data) writer.value(event.data)
  writer.count(changes.length)
  for (let index = 0; index < changes.length; index++) writeChange(changes[index] as ActorChange)
  writeActors(entry)
  if (has & HAS.learned) writer.list(entry.learned)
  if (has & HAS.documents) writeDocuments(writer, entry.documents)
  if (has & HAS.detail) writer.record(entry.detail)
  if (has & HAS.parks && entry.parks) writer.record(entry.parks)
  if (has & HAS.frees) writer.list(entry.frees)
  if (has & HAS.removes) writer.list((entry.removes ?? []).flatMap(({ key, was }) => [key, was]))
  if (has & HAS.cause) writer.count(entry.cause ?? 0)
  if (has & HAS.spread) writer.count(entry.spread ?? 0)
  if (has & HAS.states) writer.list([entry.from, entry.to])
  if (has & HAS.key) writer.count(entry.key ?? 0)
  return writer.end()
}

/** A body as it was before it was coded; until the next call. */
export function plainBody(body: Uint8Array): Uint8Array {
  if (!isCoded(body, CODED_FORMAT)) return body
  const plain = decoded(body)
  plain[0] = ENTRY_FORMAT
  return plain
}

function partsOf(entry: JournalEntry, timeMs: number): number {
  const { event } = entry
  return (
    (event.id.startsWith(event.source) ? HAS.ownId : 0) |
    (isOfOrder(event.subject, entry.family) ? HAS.ofOrder : 0) |
    (isWholeSecond(timeMs) ? HAS.second : 0) |
    (isIsoTime(event.time) ? 0 : HAS.timeText) |
    (event.dataschema === undefined ? 0 : HAS.dataschema) |
    (event.expectedversion === undefined ? 0 : HAS.expectedversion) |
    (event.sequence === undefined ? 0 : HAS.sequence) |
    (event.correlationid === undefined ? 0 : HAS.correlationid) |
    (event.causationid === undefined ? 0 : HAS.causationid) |
    (event.traceparent === undefined ? 0 : HAS.traceparent) |
    (event.data === undefined ? 0 : HAS.data) |
    (entry.learned.length === 0 ? 0 : HAS.learned) |
    (entry.documents.length === 0 ? 0 : HAS.documents) |
    (hasNothing(entry.detail) ? 0 : HAS.detail) |
    (entry.parks === undefined ? 0 : HAS.parks) |
    (entry.frees.length === 0 ? 0 : HAS.frees) |
    (entry.removes === undefined ? 0 : HAS.removes) |
    (entry.cause === undefined ? 0 : HAS.cause) |
    (entry.spread === undefined ? 0 : HAS.spread) |
    (isToldByChanges(entry) ? 0 : HAS.states) |
    (entry.key === undefined ? 0 : HAS.key)
  )
}

const OF_ORDER = 'order/'
const isOfOrder = (subject: string, family: string): boolean =>
  subject.length === OF_ORDER.length + family.length && subject.startsWith(OF_ORDER) && subject.endsWith(family)

// Not by what is left of a division: of numbers past 32 bits V8 asks the C library for it.
const isWholeSecond = (ms: number): boolean => Math.floor(ms / 1000) * 1000 === ms

/**
 * Most events are told of soon after they happened: how long after, twice; of those ahead of our clock the odd numbers. In seconds
 * where it happened at a whole one.
 */
function sinceOf(recordedMs: number, timeMs: number): number {
  const since = isWholeSecond(timeMs) ? Math.floor(recordedMs / 1000) - timeMs / 1000 : recordedMs - timeMs
  return since >= 0 ? since * 2 : since * -2 - 1
}
function timeOfSince(recordedMs: number, counted: number, isSecond: boolean): number {
  const since = counted % 2 === 0 ? counted / 2 : (counted + 1) / -2
  return isSecond ? recordedMs - (recordedMs % 1000) - since * 1000 : recordedMs - since
}

/** Actors are most often the one that a change is about: its place among the changes, from 1; else a list behind 0. */
function writeActors({ actors, changes }: JournalEntry): void {
  let place = 0
  if (actors.length === 1)
    for (let index = changes.length; index > 0 && place === 0; index--)
      if (changes[index - 1]?.key === actors[0]) place = index
  writer.count(place)
  if (place === 0) writer.list(actors)
}

function readActors(changes: readonly ActorChange[]): readonly ActorKey[] {
  const place = reader.count()
  return place === 0 ? (reader.list() as readonly ActorKey[]) : [(changes[place - 1] as ActorChange).key]
}

/** From and to are those of the change of the first actor it counts for, in all but the rarest entries: left out then. */
function isToldByChanges({ actors, changes, from, to }: JournalEntry): boolean {
  const change = changeOfFirst(changes, actors)
  return change?.was === from && change?.state === to
}

function changeOfFirst(changes: readonly ActorChange[], actors: readonly ActorKey[]): ActorChange | undefined {
  for (const change of changes) if (change.key === actors[0]) return change
  return undefined
}

/** The entry a frame holds. Throws when the body is of a format this version does not know. */
export function unpackEntry(frame: {
  position: number
  recordedMs: number
  previous: number
  verdict: number
  body: Uint8Array
}): JournalEntry {
  reader.begin(plainBody(frame.body))
  const format = reader.byte()
  if (format !== ENTRY_FORMAT) throw new Error(`entry ${frame.position}: format ${format} is not known`)
  const has = reader.count()
  const family = reader.named()
  const source = reader.text()
  const id = has & HAS.ownId ? source + reader.text() : reader.text()
  const timeMs = timeOfSince(frame.recordedMs, reader.count(), (has & HAS.second) !== 0)
  const sequence = has & HAS.sequence ? (reader.value() as EventInput['sequence']) : undefined
  const place = placeOf({ timeMs, sequence: sequence === undefined ? undefined : Number(sequence), source, id })
  const type = reader.text()
  reader.know({ place, type, timeMs })
  const event: { -readonly [Key in keyof EventInput]: EventInput[Key] } = {
    id,
    source,
    type,
    subject: has & HAS.ofOrder ? OF_ORDER + family : reader.text(),
    time: has & HAS.timeText ? reader.text() : isoTime(timeMs),
    data: undefined,
  }
  if (has & HAS.dataschema) event.dataschema = reader.value() as string | number
  if (has & HAS.expectedversion) event.expectedversion = reader.value() as string | number
  if (sequence !== undefined) event.sequence = sequence
  if (has & HAS.correlationid) event.correlationid = reader.text()
  if (has & HAS.causationid) event.causationid = reader.text()
  if (has & HAS.traceparent) event.traceparent = reader.text()
  if (has & HAS.data) event.data = reader.value()
  else delete (event as { data?: unknown }).data
  const changes: ActorChange[] = []
  for (let count = reader.count(); count > 0; count--) changes.push(readChange())
  const actors = readActors(changes)
  const learned = has & HAS.learned ? (reader.list() as readonly string[]) : NONE
  const documents = has & HAS.documents ? readDocuments(reader) : NO_DOCUMENTS
  const detail = has & HAS.detail ? (reader.record() as VerdictDetail) : NOTHING
  const parks = has & HAS.parks ? (reader.record() as unknown as JournalEntry['parks']) : undefined
  const frees = has & HAS.frees ? (reader.list() as readonly number[]) : NONE
  const removes = has & HAS.removes ? pairsOf(reader.list() as readonly string[]) : undefined
  const cause = has & HAS.cause ? reader.count() : undefined
  const spread = has & HAS.spread ? reader.count() : undefined
  const first = changeOfFirst(changes, actors)
  const [from, to] = has & HAS.states ? (reader.list() as readonly string[]) : [first?.was, first?.state]
  const key = has & HAS.key ? reader.count() : undefined
  return {
    position: frame.position,
    recordedMs: frame.recordedMs,
    family,
    previous: frame.previous,
    verdict: verdictOf(frame.verdict) as Verdict,
    event,
    place,
    actors,
    from,
    to,
    detail,
    changes,
    learned,
    documents,
    parks,
    frees,
    removes,
    cause,
    spread,
    key,
  }
}

const NONE: readonly never[] = Object.freeze([])
const NOTHING: Readonly<Record<string, never>> = Object.freeze({})

const pairsOf = (flat: readonly string[]): JournalEntry['removes'] =>
  flat.flatMap((key, index) => (index % 2 === 0 ? [{ key, was: flat[index + 1] as string }] : []))

const CHANGE = { isWhole: 1, was: 2, sameState: 4, merge: 8, elements: 16, inserts: 32 } as const

function writeChange({ chart, elements, inserts, isWhole, key, merge, set, state, version, was }: ActorChange): void {
  const isSame = was === state
  const kind = kindOf(key)
  writer.text(key)
  writer.byte(
    (isWhole ? CHANGE.isWhole : 0) |
      (was === undefined || isSame ? 0 : CHANGE.was) |
      (isSame ? CHANGE.sameState : 0) |
      (merge === undefined ? 0 : CHANGE.merge) |
      (elements === undefined ? 0 : CHANGE.elements) |
      (inserts === undefined ? 0 : CHANGE.inserts),
  )
  writer.count(chart)
  writer.count(version)
  writeState(writer, was ?? state)
  if (was !== undefined && !isSame) writeNextState(writer, was, state)
  if (isWhole) writeContext(writer, kind, set)
  else writeSet(writer, kind, set)
  if (merge !== undefined) writeSet(writer, kind, merge)
  if (elements !== undefined) writeElements(kind, elements)
  if (inserts !== undefined) writeElements(kind, inserts)
}

function readChange(): ActorChange {
  const key = reader.text()
  const has = reader.byte()
  const chart = reader.count()
  const version = reader.count()
  const before = readState(reader)
  const isMoved = (has & CHANGE.was) !== 0
  return {
    key,
    chart,
    version,
    was: isMoved || has & CHANGE.sameState ? before : undefined,
    state: isMoved ? readNextState(reader, before) : before,
    set: has & CHANGE.isWhole ? readContext(reader, kindOf(key)) : readSet(reader, kindOf(key)),
    merge: has & CHANGE.merge ? (readSet(reader, kindOf(key)) as ActorChange['merge']) : undefined,
    elements: has & CHANGE.elements ? readElements(kindOf(key)) : undefined,
    inserts: has & CHANGE.inserts ? readElements(kindOf(key)) : undefined,
    isWhole: (has & CHANGE.isWhole) !== 0,
  }
}

/** Index, value, … by the distance of each index from the one before. */
function writeElements(kind: EntityKind, elements: NonNullable<ActorChange['elements']>): void {
  const names = Object.keys(elements)
  writer.count(names.length)
  for (const name of names) {
    const pairs = elements[name] ?? []
    writeKey(writer, kind, name)
    writer.count(pairs.length / 2)
    let before = 0
    for (let at = 0; at < pairs.length; at += 2) {
      const index = pairs[at] as number
      writer.count(index - before)
      writer.value(pairs[at + 1])
      before = index
    }
  }
}

function readElements(kind: EntityKind): NonNullable<ActorChange['elements']> {
  const elements: Record<string, readonly unknown[]> = {}
  for (let names = reader.count(); names > 0; names--) {
    const name = readKey(reader, kind)
    const pairs: unknown[] = []
    let index = 0
    for (let count = reader.count(); count > 0; count--) {
      index += reader.count()
      pairs.push(index, reader.value())
    }
    elements[name] = pairs
  }
  return elements
}

function hasNothing(detail: VerdictDetail): boolean {
  for (const name in detail) if (detail[name as keyof VerdictDetail] !== undefined) return false
  return true
}

/** Settings in force from here on: charts, sources, limits; so that the journal explains itself. */
export const packSettings = (settings: object): Uint8Array => packr.pack([ENTRY_FORMAT, settings])
export const unpackSettings = (body: Uint8Array): unknown => (packr.unpack(body) as readonly unknown[])[1]
