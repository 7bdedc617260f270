// RestingException: an exception in a family of which nothing more is expected, as bytes: some 60 where it is of a refused event, as most
// are, where an object takes a kilobyte. What lists are filtered, grouped and sorted by is read without the rest.
// Owns: what the bytes say.   Does not own: where they are (row-records.ts).
//   0 length   4 dueMs   12 kind   13 team   14 severity   15 what is unusual   16 source   18 length of id   19 id, and all else (packing)
import { type Place, placeOf } from '../../machines/ids.ts'
import { Reader } from '../packing/reader.ts'
import { Writer } from '../packing/writer.ts'
import {
  CATALOGUE,
  EXCEPTION_KINDS,
  type ExceptionClass,
  type ExceptionKind,
  SEVERITIES,
  type Severity,
  TEAMS,
  type Team,
} from './catalogue.ts'
import { causeWithin, isSameAction, keyOf, NO_LINES, type OrderException } from './condition.ts'
import type { Handling } from './handling.ts'
import type { Bytes, Span } from './row-records.ts'
import type { SharedTexts } from './shared-texts.ts'

const [DUE, KIND, TEAM, SEVERITY, UNUSUAL, SOURCE, ID_LENGTH, HEAD_BYTES] = [4, 12, 13, 14, 15, 16, 18, 19] as const

// What is otherwise than in most: a part that names no event, what does not follow from it, and what is not there otherwise.
const [OWN_PART, OWN_CAUSE, CAUSE_WITHIN, OWN_EVENT, OWN_EVIDENCE, LINES, OWN_ACTION, HANDLED] = [
  1, 2, 4, 8, 16, 32, 64, 128,
] as const

type Named = NonNullable<OrderException['event']>

/** The event that a part names, SOURCE/ID: most that rest are of refused events, whose cause and evidence name them again. */
function namedIn(part: string): Named | undefined {
  const slash = part.indexOf('/')
  return slash < 0 ? undefined : { source: part.slice(0, slash), id: part.slice(slash + 1) }
}

const causeOf = (kind: ExceptionKind, { id, source }: Named): string => `${kind}|${source}|${id}`

/** The place of an event whose source counts nothing, and since which it is wrong. */
const placeIn = (named: Named, opensMs: number): Place => placeOf({ timeMs: opensMs, ...named })

/** The end of an event's place (machines/ids.ts). */
const endIn = ({ id, source }: Named): string => `!${source}!${id}`

/** One in a list of its own has the end left out that `endIn` tells. */
type ShortPlace = Place | readonly [start: string]

const shortened = (place: Place, named: Named | undefined): ShortPlace =>
  named !== undefined && place.endsWith(endIn(named)) ? [place.slice(0, -endIn(named).length)] : place

const lengthened = (place: ShortPlace, named: Named | undefined): Place =>
  typeof place === 'string' ? place : ((place[0] + endIn(named as Named)) as Place)

const writer = new Writer()
const reader = new Reader()

/** What a RestingException reads, for who keeps it. */
export function restingBytes(it: OrderException, shared: SharedTexts): Uint8Array {
  const named = namedIn(it.part)
  const id = named?.id ?? ''
  const source = named !== undefined && areLetters(named) ? shared.sourceNumber(named.source) : 0
  const unusual = unusualIn(it, named) | (source === 0 ? OWN_PART : 0)
  writer.begin()
  if (unusual & OWN_PART) writer.text(it.part)
  writer.text(it.actor)
  writer.text(it.family)
  if (unusual & OWN_CAUSE) writer.text(it.cause)
  writer.number(it.opensMs)
  const detail = shared.detailNumber(it.detail)
  writer.count(detail)
  if (detail === 0) writer.text(it.detail)
  if (unusual & OWN_EVENT) writer.value(it.event)
  if (unusual & OWN_EVIDENCE) writer.list(it.evidence.map(place => shortened(place, named)))
  if (unusual & LINES) writer.list(it.lines)
  if (unusual & OWN_ACTION) writer.record(it.action)
  if (unusual & HANDLED) writer.value(it.handling)
  const packed = writer.end()
  const idLength = unusual & OWN_PART ? 0 : id.length
  const bytes = Buffer.alloc(HEAD_BYTES + idLength + packed.length)
  bytes.writeUInt32LE(bytes.length)
  bytes.writeDoubleLE(it.dueMs, DUE)
  bytes[KIND] = EXCEPTION_KINDS.indexOf(it.kind)
  bytes[TEAM] = TEAMS.indexOf(it.team)
  bytes[SEVERITY] = SEVERITIES.indexOf(it.severity)
  bytes[UNUSUAL] = unusual
  bytes.writeUInt16LE(source, SOURCE)
  bytes[ID_LENGTH] = idLength
  bytes.write(id, HEAD_BYTES, idLength, 'latin1')
  bytes.set(packed, HEAD_BYTES + idLength)
  writer.drop()
  return bytes
}

// 255 letters: as many as a byte tells, each in one of its own.
const LETTERS = /^[ -~]{0,255}$/
const areLetters = ({ id, source }: Named): boolean => LETTERS.test(id) && LETTERS.test(source)

function unusualIn(it: OrderException, named: Named | undefined): number {
  const { action, cause, event, evidence, family, handling, key, kind, lines, opensMs } = it
  let unusual = 0
  if (named === undefined || cause !== causeOf(kind, named))
    unusual |= cause === causeWithin(family, key) ? CAUSE_WITHIN : OWN_CAUSE
  if (event?.source !== named?.source || event?.id !== named?.id) unusual |= OWN_EVENT
  const isUsual = named !== undefined && evidence.length === 1 && evidence[0] === placeIn(named, opensMs)
  if (!isUsual) unusual |= OWN_EVIDENCE
  if (lines.length > 0) unusual |= LINES
  if (!isSameAction(action, CATALOGUE[kind].action)) unusual |= OWN_ACTION
  if (handling !== undefined) unusual |= HANDLED
  return unusual
}

/** The letters of a cause: the first so many are those of this kind and source, an id's are behind them. */
const usual = { kind: '', source: '', length: 0, letters: Buffer.alloc(1_024) }

/** Where each begins of those that lie one behind the other, as those of a family do. */
export function eachPlace({ bytes, from, to }: Span, visit: (at: number) => void): void {
  for (let at = from; at < to; at += bytes.view.getUint32(at, true)) visit(at)
}

/** Made when it is asked for, and good for as long as somebody has it: its bytes never change. */
export class RestingException {
  private readonly bytes: Buffer
  private readonly view: DataView
  private readonly at: number
  private readonly shared: SharedTexts

  constructor({ bytes, view }: Bytes, at: number, shared: SharedTexts) {
    this.bytes = bytes
    this.view = view
    this.at = at
    this.shared = shared
  }

  get kind(): ExceptionKind {
    return EXCEPTION_KINDS[this.bytes[this.at + KIND] as number] as ExceptionKind
  }

  get class(): ExceptionClass {
    return CATALOGUE[this.kind].class
  }

  get team(): Team {
    return TEAMS[this.bytes[this.at + TEAM] as number] as Team
  }

  get severity(): Severity {
    return SEVERITIES[this.bytes[this.at + SEVERITY] as number] as Severity
  }

  get dueMs(): number {
    return this.view.getFloat64(this.at + DUE, true)
  }

  get cause(): string {
    const { kind, unusual } = this
    // Asked of all that are open, one after the other: no more is read than it takes.
    if ((unusual & (OWN_PART | OWN_CAUSE | CAUSE_WITHIN)) === 0) return this.usualCause()
    const { named, part } = this.readPart()
    const actor = reader.text()
    const family = reader.text()
    if (unusual & OWN_CAUSE) return reader.text()
    return unusual & CAUSE_WITHIN ? causeWithin(family, keyOf({ kind, actor, part })) : causeOf(kind, named as Named)
  }

  get key(): string {
    const { kind } = this
    const { part } = this.readPart()
    return keyOf({ kind, actor: reader.text(), part })
  }

  get family(): string {
    this.readPart()
    reader.text()
    return reader.text()
  }

  get handling(): Handling | undefined {
    return this.unusual & HANDLED ? this.whole().handling : undefined
  }

  /** Another object each time: two are told apart by family and key. */
  whole(): OrderException {
    const { dueMs, kind, severity, shared, team, unusual } = this
    const { named, part } = this.readPart()
    const actor = reader.text()
    const family = reader.text()
    const key = keyOf({ kind, actor, part })
    const cause = unusual & OWN_CAUSE ? reader.text() : undefined
    const opensMs = reader.value() as number
    const detail = shared.detail(reader.count()) || reader.text()
    const event = unusual & OWN_EVENT ? (reader.value() as Named | undefined) : named
    const evidence = unusual & OWN_EVIDENCE ? (reader.list() as readonly ShortPlace[]) : undefined
    // Key by key, and in their order: one shape with those that were just opened (condition.ts).
    return {
      kind,
      actor,
      part,
      opensMs,
      detail,
      evidence: evidence?.map(place => lengthened(place, named)) ?? [placeIn(named as Named, opensMs)],
      lines: unusual & LINES ? (reader.list() as readonly string[]) : NO_LINES,
      dueMs,
      team,
      severity,
      action: unusual & OWN_ACTION ? (reader.value() as OrderException['action']) : CATALOGUE[kind].action,
      cause: cause ?? (unusual & CAUSE_WITHIN ? causeWithin(family, key) : causeOf(kind, named as Named)),
      event,
      handling: unusual & HANDLED ? (reader.value() as Handling) : undefined,
      key,
      family,
      class: CATALOGUE[kind].class,
    }
  }

  private get unusual(): number {
    return this.bytes[this.at + UNUSUAL] as number
  }

  private get source(): string {
    return this.shared.source(this.view.getUint16(this.at + SOURCE, true))
  }

  private get idEnd(): number {
    return this.at + HEAD_BYTES + (this.bytes[this.at + ID_LENGTH] as number)
  }

  /** As `causeOf` has it, put together as bytes: V8 puts texts together only when they are looked up, and keeps their parts beside them. */
  private usualCause(): string {
    const { bytes, idEnd, kind, source } = this
    const { letters } = usual
    if (usual.kind !== kind || usual.source !== source) {
      usual.kind = kind
      usual.source = source
      usual.length = letters.write(causeOf(kind, { source, id: '' }), 'latin1')
    }
    let end = usual.length
    for (let at = this.at + HEAD_BYTES; at < idEnd; at++) letters[end++] = bytes[at] as number
    return letters.toString('latin1', 0, end)
  }

  /** Its part, and the event that names; the reader is behind it then. */
  private readPart(): { readonly named: Named | undefined; readonly part: string } {
    const { idEnd, source } = this
    reader.begin(this.bytes, idEnd)
    if (this.unusual & OWN_PART) {
      const part = reader.text()
      return { named: namedIn(part), part }
    }
    const id = this.bytes.toString('latin1', this.at + HEAD_BYTES, idEnd)
    return { named: { source, id }, part: `${source}/${id}` }
  }
}
