// Entry bytes: a journal entry as a positional msgpack array, and families as packed snapshots. Canonical: the same entry
// packs to the same bytes. Nothing but this file knows the order of the fields.
import { Packr } from 'msgpackr'
import type { EventInput } from '../machines/event.ts'
import { type ActorKey, type Place, placeMs, placeOf } from '../machines/ids.ts'
import { isEmpty } from '../machines/records.ts'
import { isIsoTime, isoTime } from '../machines/time.ts'
import type { ActorChange, JournalEntry, VerdictDetail } from './entry.ts'
import type { Actor, Family, ParkedEvent } from './family.ts'
import { VERDICTS, type Verdict } from './outcome.ts'
import { Reader } from './packing/reader.ts'
import { Writer } from './packing/writer.ts'

// Version log of the entry body.
//   1  0.1.0  the first: event, verdict, changes; a place is kept as its time and the event's own sequence, source and id;
//             the number of the key its personal values are sealed under
const ENTRY_FORMAT = 1
// Version log of the family snapshot.
//   1  0.1.0  the first
const FAMILY_FORMAT = 1

/** Kinds of entry, as the frame shows them. */
export const EVENT_ENTRY = 1
export const SETTINGS_ENTRY = 2
export const ERASURE_ENTRY = 3

// No shared structures: a fresh process could not read what was packed with them (architecture.md, Storage 2).
// Undefined members come back as undefined: contexts tell absent from null.
const packr = new Packr({ useRecords: false, variableMapSize: true })

export const verdictNumber = (verdict: Verdict): number => VERDICTS.indexOf(verdict) + 1
export const verdictOf = (number: number): Verdict | undefined => VERDICTS[number - 1]

const writer = new Writer()
const reader = new Reader()

/** Which parts an entry has: absent ones take no byte. */
const HAS = {
  timeText: 1,
  dataschema: 2,
  expectedversion: 4,
  sequence: 8,
  correlationid: 16,
  causationid: 32,
  traceparent: 64,
  data: 128,
  learned: 256,
  documents: 512,
  detail: 1024,
  parks: 2048,
  frees: 4096,
  removes: 8192,
  cause: 16384,
  spread: 32768,
  states: 65536,
  key: 131072,
} as const

/** Entries carry what their event carried; positions, stamp, family chain and verdict stand in the frame. */
export function packEntry(entry: JournalEntry): Uint8Array {
  const { event, family, place } = entry
  const timeMs = placeMs(place)
  const has = partsOf(entry)
  writer.begin()
  writer.byte(ENTRY_FORMAT)
  writer.count(has)
  writer.text(family)
  writer.text(event.source)
  writer.text(event.id)
  writer.count(timeMs)
  if (has & HAS.sequence) writer.value(event.sequence)
  writer.know(place)
  writer.text(event.type)
  writer.text(event.subject)
  if (has & HAS.timeText) writer.text(event.time)
  if (has & HAS.dataschema) writer.value(event.dataschema)
  if (has & HAS.expectedversion) writer.value(event.expectedversion)
  if (has & HAS.correlationid) writer.value(event.correlationid)
  if (has & HAS.causationid) writer.value(event.causationid)
  if (has & HAS.traceparent) writer.value(event.traceparent)
  if (has & HAS.data) writer.value(event.data)
  writer.list(entry.actors)
  writer.count(entry.changes.length)
  for (const change of entry.changes) writeChange(change)
  if (has & HAS.learned) writer.list(entry.learned)
  if (has & HAS.documents) writer.record(entry.documents)
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

function partsOf(entry: JournalEntry): number {
  const { event } = entry
  return (
    (isIsoTime(event.time) ? 0 : HAS.timeText) |
    (event.dataschema === undefined ? 0 : HAS.dataschema) |
    (event.expectedversion === undefined ? 0 : HAS.expectedversion) |
    (event.sequence === undefined ? 0 : HAS.sequence) |
    (event.correlationid === undefined ? 0 : HAS.correlationid) |
    (event.causationid === undefined ? 0 : HAS.causationid) |
    (event.traceparent === undefined ? 0 : HAS.traceparent) |
    (event.data === undefined ? 0 : HAS.data) |
    (entry.learned.length === 0 ? 0 : HAS.learned) |
    (isEmpty(entry.documents) ? 0 : HAS.documents) |
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
  reader.begin(frame.body)
  const format = reader.byte()
  if (format !== ENTRY_FORMAT) throw new Error(`entry ${frame.position}: format ${format} is not known`)
  const has = reader.count()
  const family = reader.text()
  const source = reader.text()
  const id = reader.text()
  const timeMs = reader.count()
  const sequence = has & HAS.sequence ? (reader.value() as EventInput['sequence']) : undefined
  const place = placeOf({ timeMs, sequence: sequence === undefined ? undefined : Number(sequence), source, id })
  reader.know(place)
  const event: { -readonly [Key in keyof EventInput]: EventInput[Key] } = {
    id,
    source,
    type: reader.text(),
    subject: reader.text(),
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
  const actors = reader.list() as readonly ActorKey[]
  const changes: ActorChange[] = []
  for (let count = reader.count(); count > 0; count--) changes.push(readChange())
  const learned = has & HAS.learned ? (reader.list() as readonly string[]) : NONE
  const documents = has & HAS.documents ? (reader.record() as JournalEntry['documents']) : NOTHING
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

const CHANGE = { isWhole: 1, was: 2, sameState: 4, merge: 8, numbers: 16 } as const

function writeChange({ chart, isWhole, key, merge, numbers, set, state, version, was }: ActorChange): void {
  const isSame = was === state
  writer.text(key)
  writer.byte(
    (isWhole ? CHANGE.isWhole : 0) |
      (was === undefined || isSame ? 0 : CHANGE.was) |
      (isSame ? CHANGE.sameState : 0) |
      (merge === undefined ? 0 : CHANGE.merge) |
      (numbers === undefined ? 0 : CHANGE.numbers),
  )
  writer.count(chart)
  writer.count(version)
  writeState(state)
  if (was !== undefined && !isSame) writeState(was)
  writer.record(set)
  if (merge !== undefined) writer.record(merge)
  if (numbers !== undefined) writer.record(numbers)
}

function readChange(): ActorChange {
  const key = reader.text()
  const has = reader.byte()
  const chart = reader.count()
  const version = reader.count()
  const state = readState()
  return {
    key,
    chart,
    version,
    was: has & CHANGE.sameState ? state : has & CHANGE.was ? readState() : undefined,
    state,
    set: reader.record(),
    merge: has & CHANGE.merge ? (reader.record() as ActorChange['merge']) : undefined,
    numbers: has & CHANGE.numbers ? (reader.record() as ActorChange['numbers']) : undefined,
    isWhole: (has & CHANGE.isWhole) !== 0,
  }
}

// State texts are few and come with every change: what one packs to is kept, both ways. 65,536: reachable states are hundreds.
const STATES_KEPT_MAX = 65_536
const packedStates = new Map<string, Uint8Array>()
const stateTexts = new Map<string, string>()

/** Its leaves as words, behind their length in bytes. */
function writeState(state: string): void {
  let packed = packedStates.get(state)
  if (packed === undefined) {
    const words = new Writer()
    words.begin()
    words.list(state.split('.'))
    packed = words.end()
    if (packedStates.size < STATES_KEPT_MAX) packedStates.set(state, packed)
  }
  writer.count(packed.length)
  writer.bytes(packed)
}

function readState(): string {
  const packed = reader.key(reader.count())
  const known = stateTexts.get(packed)
  if (known !== undefined) return known
  const words = new Reader()
  words.begin(Buffer.from(packed, 'latin1'))
  const state = words.list().join('.')
  if (stateTexts.size < STATES_KEPT_MAX) stateTexts.set(packed, state)
  return state
}

type PackedEvent = readonly unknown[]

function packEvent(event: EventInput): PackedEvent {
  return withoutTail([
    event.id,
    event.source,
    event.type,
    event.subject,
    event.time,
    event.data,
    event.dataschema,
    event.expectedversion,
    event.sequence,
    event.correlationid,
    event.causationid,
    event.traceparent,
  ])
}

/** Absent fields as nil, those at the end left out. Takes the caller's own list and shortens that. */
function withoutTail(fields: unknown[]): readonly unknown[] {
  let end = fields.length
  while (end > 0 && (fields[end - 1] === undefined || fields[end - 1] === null)) end--
  fields.length = end
  for (let index = 0; index < end; index++) if (fields[index] === undefined) fields[index] = null
  return fields
}

function unpackEvent(packed: PackedEvent): EventInput {
  const names = [
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
  ]
  const event: Record<string, unknown> = {}
  packed.forEach((value, index) => {
    if (value !== null) event[names[index] as string] = value
  })
  return event as unknown as EventInput
}

const timeOf = (place: Place): number => Number.parseInt(place.slice(0, 9), 36)

function placeOfEvent(event: EventInput, timeMs: number): Place {
  const sequence = event.sequence === undefined ? undefined : Number(event.sequence)
  return placeOf({ timeMs, sequence, source: event.source, id: event.id })
}

// Keys of contexts as small numbers: their place in this list. It only grows, at its end; a key that is not in it is packed by name.
const CONTEXT_KEYS = [
  'id',
  'customer',
  'channel',
  'channelName',
  'currency',
  'poNumber',
  'erpNumber',
  'company',
  'serviceLevel',
  'invoicePolicy',
  'overTolerancePercent',
  'underTolerancePercent',
  'capturedPlace',
  'shipTo',
  'requestedAt',
  'promisedAt',
  'step',
  'validation',
  'lines',
  'quantities',
  'places',
  'credit',
  'creditPlace',
  'allocations',
  'releases',
  'cancels',
  'wholeCancelPlace',
  'invoices',
  'disputes',
  'invoicedMinor',
  'creditedMinor',
  'paidMinor',
  'asks',
  'answers',
  'milestones',
  'claims',
  'fulfilment',
  'billing',
  'number',
  'node',
  'order',
  'consignment',
  'releasedPlace',
  'given',
  'split',
  'cancelled',
  'short',
  'picked',
  'damaged',
  'isWhollyDamaged',
  'confirmed',
  'deliveries',
  'end',
  'ends',
  'carriers',
  'trackings',
  'cartons',
  'instructions',
  'service',
  'expectedAt',
  'freightMinor',
  'attemptPlace',
  'runPlace',
  'remarks',
  'rma',
  'requested',
  'received',
  'dispositioned',
  'credited',
  'dispositions',
  'conditions',
  'authorization',
  'authorizationPlace',
  'nodes',
  'receipts',
  'closedPlace',
  'reason',
]
const KEY_NUMBERS = new Map(CONTEXT_KEYS.map((key, number) => [key, number]))

/** A record as key, value, key, value, … */
function packKeys(record: Readonly<Record<string, unknown>>): readonly unknown[] {
  const packed: unknown[] = []
  for (const key in record) packed.push(KEY_NUMBERS.get(key) ?? key, record[key])
  return packed
}

function unpackKeys(packed: readonly unknown[]): Record<string, unknown> {
  const record: Record<string, unknown> = {}
  for (let at = 0; at < packed.length; at += 2) {
    const key = packed[at]
    record[typeof key === 'number' ? (CONTEXT_KEYS[key] as string) : (key as string)] = packed[at + 1]
  }
  return record
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

function hasNothing(detail: VerdictDetail): boolean {
  for (const name in detail) if (detail[name as keyof VerdictDetail] !== undefined) return false
  return true
}

/** A family as stored bytes. Canonical because families come from `applied` alone, which gives members the same order live and replayed. */
export function packFamily(family: Family): Uint8Array {
  return packr.pack([
    FAMILY_FORMAT,
    family.id,
    family.head,
    family.lastPlace,
    Object.keys(family.actors)
      .sort()
      .map(key => packActor(key, family.actors[key] as Actor)),
    family.parked.map(({ position, place, event, ...parks }) => [
      position,
      timeOf(place),
      packEvent(event),
      packParks(parks),
    ]),
    family.documents,
    family.unsettledPlace,
    isEmpty(family.links) ? null : family.links,
    family.key ?? null,
  ])
}

type PackedActor = readonly [
  key: ActorKey,
  kind: Actor['kind'],
  chart: number,
  version: number,
  state: string,
  context: readonly unknown[],
]
type PackedFamily = readonly [
  format: number,
  id: string,
  head: number,
  lastPlace: string,
  actors: readonly PackedActor[],
  parked: readonly (readonly [position: number, timeMs: number, event: PackedEvent, parks: PackedParks])[],
  documents: Readonly<Record<string, string>>,
  unsettledPlace: string,
  links: Family['links'] | null,
  key: number | null,
]

const packActor = (key: ActorKey, { kind, chart, version, state, context }: Actor): PackedActor => [
  key,
  kind,
  chart,
  version,
  state,
  packKeys(context as Readonly<Record<string, unknown>>),
]

/** The family that was packed; undefined where the bytes are of a format this version does not know: it is rebuilt then. */
export function unpackFamily(bytes: Uint8Array): Family | undefined {
  const packed = packr.unpack(bytes) as PackedFamily
  if (packed[0] !== FAMILY_FORMAT) return undefined
  const [, id, head, lastPlace, actors, parked, documents, unsettledPlace, links, key] = packed
  return {
    id,
    head,
    lastPlace: lastPlace as Place | '',
    unsettledPlace: unsettledPlace as Place | '',
    actors: unpackActors(actors),
    parked: parked.map(([position, timeMs, packedEvent, parks]) => {
      const event = unpackEvent(packedEvent)
      return {
        position,
        event,
        place: placeOfEvent(event, timeMs),
        ...(unpackParks(parks) as NonNullable<JournalEntry['parks']>),
      }
    }),
    documents,
    links: links ?? NOTHING,
    key: key ?? undefined,
  }
}

function unpackActors(packed: readonly PackedActor[]): Family['actors'] {
  const actors: Record<ActorKey, Actor> = Object.create(null)
  for (const [key, kind, chart, version, state, context] of packed)
    actors[key] = { kind, chart, version, state, context: unpackKeys(context) }
  return actors
}

/** Settings in force from here on: charts, sources, limits; so that the journal explains itself. */
export const packSettings = (settings: object): Uint8Array => packr.pack([ENTRY_FORMAT, settings])
export const unpackSettings = (body: Uint8Array): unknown => (packr.unpack(body) as readonly unknown[])[1]
