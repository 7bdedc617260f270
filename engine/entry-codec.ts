// Entry bytes: a journal entry as a positional msgpack array, and families as packed snapshots. Canonical: the same entry
// packs to the same bytes. Nothing but this file knows the order of the fields.
import { Packr } from 'msgpackr'
import type { EventInput } from '../machines/event.ts'
import { type ActorKey, type Place, placeOf } from '../machines/ids.ts'
import { isEmpty } from '../machines/records.ts'
import type { ActorChange, JournalEntry, VerdictDetail } from './entry.ts'
import type { Actor, Family, ParkedEvent } from './family.ts'
import { VERDICTS, type Verdict } from './outcome.ts'

// Version log of the entry body.
//   1  0.1.0  the first: event, verdict, changes; a place is kept as its time and the event's own sequence, source and id
const ENTRY_FORMAT = 1
// Version log of the family snapshot.
//   1  0.1.0  the first
const FAMILY_FORMAT = 1

/** Kinds of entry, as the frame shows them. */
export const EVENT_ENTRY = 1
export const SETTINGS_ENTRY = 2

// No shared structures: a fresh process could not read what was packed with them (architecture.md, Storage 2).
// Undefined members come back as undefined: contexts tell absent from null.
const packr = new Packr({ useRecords: false, variableMapSize: true })

export const verdictNumber = (verdict: Verdict): number => VERDICTS.indexOf(verdict) + 1
export const verdictOf = (number: number): Verdict | undefined => VERDICTS[number - 1]

/** Entries carry what their event carried; positions, stamp, family chain and verdict stand in the frame. */
export function packEntry(entry: JournalEntry): Uint8Array {
  const { event, detail } = entry
  const fields: unknown[] = [
    ENTRY_FORMAT,
    entry.family,
    packEvent(event),
    timeOf(entry.place),
    entry.actors,
    entry.changes.map(packChange),
    emptyAsNil(entry.learned),
    isEmpty(entry.documents) ? null : entry.documents,
    hasNothing({ ...detail })
      ? null
      : withoutTail([detail.code, detail.reason, detail.owner, detail.waitsFor, detail.locked]),
    entry.parks === undefined ? null : packParks(entry.parks),
    emptyAsNil(entry.frees),
    entry.removes?.map(({ key, was }) => [key, was]),
    entry.cause,
    entry.spread,
  ]
  if (!isToldByChanges(entry)) fields.push(entry.from, entry.to)
  return packr.pack(withoutTail(fields))
}

/** From and to are those of the change of the first actor it counts for, in all but the rarest entries: left out then. */
function isToldByChanges({
  actors,
  changes,
  from,
  to,
}: Pick<JournalEntry, 'actors' | 'changes' | 'from' | 'to'>): boolean {
  const change = changes.find(each => each.key === actors[0])
  return change?.was === from && change?.state === to
}

/** Absent fields as nil, those at the end left out. Takes the caller's own list and shortens that. */
function withoutTail(fields: unknown[]): readonly unknown[] {
  let end = fields.length
  while (end > 0 && (fields[end - 1] === undefined || fields[end - 1] === null)) end--
  fields.length = end
  for (let index = 0; index < end; index++) if (fields[index] === undefined) fields[index] = null
  return fields
}

type PackedEntry = readonly [
  format: number,
  family: string,
  event: PackedEvent,
  timeMs: number,
  actors: readonly ActorKey[],
  changes: readonly PackedChange[],
  learned: readonly string[] | null,
  documents: Readonly<Record<string, string>> | null,
  detail: readonly [code: string | null, reason: string | null, owner: never, waitsFor: never, locked: never] | null,
  parks: PackedParks | null,
  frees: readonly number[] | null,
  removes: readonly (readonly [key: ActorKey, was: string])[] | null,
  cause: number | null,
  spread: number | null,
  from: string | null,
  to: string | null,
]

/** The entry a frame holds. Throws when the body is of a format this version does not know. */
export function unpackEntry(frame: {
  position: number
  recordedMs: number
  previous: number
  verdict: number
  body: Uint8Array
}): JournalEntry {
  const packed = packr.unpack(frame.body) as PackedEntry
  if (packed[0] !== ENTRY_FORMAT) throw new Error(`entry ${frame.position}: format ${packed[0]} is not known`)
  const [
    ,
    family,
    packedEvent,
    timeMs,
    actors,
    changes,
    learned,
    documents,
    detail,
    parks,
    frees,
    removes,
    cause,
    spread,
    from,
    to,
  ] = packed
  const event = unpackEvent(packedEvent)
  const unpacked = changes.map(unpackChange)
  return {
    position: frame.position,
    recordedMs: frame.recordedMs,
    family,
    previous: frame.previous,
    verdict: verdictOf(frame.verdict) as Verdict,
    event,
    place: placeOfEvent(event, timeMs),
    actors,
    changes: unpacked,
    learned: learned ?? [],
    documents: documents ?? {},
    detail: !detail ? {} : unpackDetail(detail),
    parks: !parks ? undefined : unpackParks(parks),
    frees: frees ?? [],
    removes: removes?.map(([key, was]) => ({ key, was })),
    cause: cause ?? undefined,
    spread: spread ?? undefined,
    ...toldStates(unpacked, actors, { from, to }),
  }
}

function toldStates(
  changes: readonly ActorChange[],
  actors: readonly ActorKey[],
  told: { from: string | null; to: string | null },
) {
  if (told.from || told.to) return { from: told.from ?? undefined, to: told.to ?? undefined }
  const change = changes.find(each => each.key === actors[0])
  return { from: change?.was, to: change?.state }
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

type PackedChange = readonly [
  key: ActorKey,
  chart: number,
  version: number,
  was: string | null,
  state: string,
  set: readonly unknown[],
  isWhole: boolean,
  merge?: readonly unknown[] | null,
  numbers?: readonly unknown[] | null,
]

const packChange = ({
  key,
  chart,
  version,
  was,
  state,
  set,
  merge,
  numbers,
  isWhole,
}: ActorChange): readonly unknown[] =>
  withoutTail([
    key,
    chart,
    version,
    was,
    state,
    packKeys(set),
    isWhole,
    merge && packKeys(merge),
    numbers && packKeys(numbers),
  ])

function unpackChange([key, chart, version, was, state, set, isWhole, merge, numbers]: PackedChange): ActorChange {
  return {
    key,
    chart,
    version,
    was: was ?? undefined,
    state,
    set: unpackKeys(set),
    merge: merge ? (unpackKeys(merge) as ActorChange['merge']) : undefined,
    numbers: numbers ? (unpackKeys(numbers) as ActorChange['numbers']) : undefined,
    isWhole,
  }
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

function unpackDetail([code, reason, owner, waitsFor, locked]: NonNullable<PackedEntry[8]>): VerdictDetail {
  return {
    code: code ?? undefined,
    reason: reason ?? undefined,
    owner: owner ?? undefined,
    waitsFor: waitsFor ?? undefined,
    locked: locked ?? undefined,
  }
}

const emptyAsNil = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list)

function hasNothing(record: Readonly<Record<string, unknown>>): boolean {
  for (const name in record) if (record[name] !== undefined) return false
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
  const [, id, head, lastPlace, actors, parked, documents, unsettledPlace] = packed
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
