// Contexts: what an actor remembers, by the keys its chart gives it.
import type { EntityKind } from '../../machines/ids.ts'
import { isEmpty } from '../../machines/records.ts'
import type { Form } from './forms.ts'
import type { Reader } from './reader.ts'
import { letterHash, TextNumbers } from './texts.ts'
import type { Writer } from './writer.ts'

// The keys of each kind's contexts in the charts' order, as literals that ask for their values in order (forms.ts). They are part of
// the format: a chart with other keys packs as a record until it has a list here, under an entry format of its own.
const CONTEXTS: Readonly<Record<EntityKind, Form>> = {
  order: v => ({
    id: v(),
    customer: v(),
    channel: v(),
    channelName: v(),
    currency: v(),
    poNumber: v(),
    erpNumber: v(),
    company: v(),
    serviceLevel: v(),
    shipTo: v(),
    requestedAt: v(),
    promisedAt: v(),
    validation: v(),
    creditPlace: v(),
    wholeCancelPlace: v(),
    invoicePolicy: v(),
    overTolerancePercent: v(),
    underTolerancePercent: v(),
    capturedPlace: v(),
    step: v(),
    lines: v(),
    quantities: v(),
    places: v(),
    credit: v(),
    allocations: v(),
    releases: v(),
    cancels: v(),
    invoices: v(),
    disputes: v(),
    invoicedMinor: v(),
    creditedMinor: v(),
    paidMinor: v(),
    asks: v(),
    answers: v(),
    milestones: v(),
    claims: v(),
    fulfilment: v(),
    billing: v(),
  }),
  shipment: v => ({
    number: v(),
    node: v(),
    order: v(),
    consignment: v(),
    releasedPlace: v(),
    lines: v(),
    overTolerancePercent: v(),
    given: v(),
    split: v(),
    cancelled: v(),
    wholeCancelPlace: v(),
    short: v(),
    picked: v(),
    damaged: v(),
    isWhollyDamaged: v(),
    step: v(),
    confirmed: v(),
    deliveries: v(),
    ends: v(),
    carriers: v(),
    trackings: v(),
    cartons: v(),
    instructions: v(),
    shipTo: v(),
    service: v(),
    promisedAt: v(),
    expectedAt: v(),
    freightMinor: v(),
    places: v(),
    attemptPlace: v(),
    runPlace: v(),
    milestones: v(),
    remarks: v(),
    claims: v(),
  }),
  return: v => ({
    number: v(),
    order: v(),
    rma: v(),
    company: v(),
    lines: v(),
    requested: v(),
    received: v(),
    dispositioned: v(),
    credited: v(),
    dispositions: v(),
    conditions: v(),
    authorization: v(),
    authorizationPlace: v(),
    step: v(),
    nodes: v(),
    rmas: v(),
    carriers: v(),
    trackings: v(),
    receipts: v(),
    creditedMinor: v(),
    closedPlace: v(),
    reason: v(),
    milestones: v(),
    places: v(),
    claims: v(),
  }),
}
const keysOf = (context: Form): readonly string[] => Object.keys(context(() => undefined))
const KEYS_OF: Readonly<Record<EntityKind, readonly string[]>> = {
  order: keysOf(CONTEXTS.order),
  shipment: keysOf(CONTEXTS.shipment),
  return: keysOf(CONTEXTS.return),
}

// 256 slots for at most 40 keys.
const NUMBERS_OF: Readonly<Record<EntityKind, TextNumbers>> = {
  order: new TextNumbers(KEYS_OF.order, 8),
  shipment: new TextNumbers(KEYS_OF.shipment, 8),
  return: new TextNumbers(KEYS_OF.return, 8),
}
const UNLISTED_KEY = 255

// What a key of a whole context holds, two bits each: most hold nothing yet.
const BLANK = { no: 0, undefined: 1, record: 2, list: 3 } as const
const BLANKS_A_BYTE = 4

/** A whole context by the keys its chart gives it, where it has just these; else as a record. */
export function writeContext(writer: Writer, kind: EntityKind, context: Readonly<Record<string, unknown>>): void {
  const keys = KEYS_OF[kind]
  const values = valuesByKeys(context, keys)
  writer.byte(values === undefined ? 0 : 1)
  if (values === undefined) {
    writer.record(context)
    return
  }
  for (let from = 0; from < keys.length; from += BLANKS_A_BYTE) {
    let blanks = 0
    for (let at = 0; at < BLANKS_A_BYTE && from + at < keys.length; at++)
      blanks |= blankOf(values[from + at]) << (2 * at)
    writer.byte(blanks)
  }
  for (let index = 0; index < keys.length; index++) {
    const value = values[index]
    if (blankOf(value) === BLANK.no) writer.value(value)
  }
}

export function readContext(reader: Reader, kind: EntityKind): Readonly<Record<string, unknown>> {
  if (reader.byte() === 0) return reader.record()
  const blanks = new Uint8Array(Math.ceil(KEYS_OF[kind].length / BLANKS_A_BYTE))
  for (let index = 0; index < blanks.length; index++) blanks[index] = reader.byte()
  let index = 0
  return CONTEXTS[kind](() => {
    const blank = ((blanks[index >> 2] as number) >> (2 * (index & 3))) & 3
    index++
    return blank === BLANK.no
      ? reader.value()
      : blank === BLANK.undefined
        ? undefined
        : blank === BLANK.record
          ? {}
          : []
  })
}

/** Some of a context's keys, each by its number and with its value. */
export function writeSet(writer: Writer, kind: EntityKind, set: Readonly<Record<string, unknown>>): void {
  const numbers = NUMBERS_OF[kind]
  const keys = Object.keys(set)
  writer.count(keys.length)
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] as string
    writeNumber(writer, numbers, key)
    writer.value(set[key])
  }
}

export function readSet(reader: Reader, kind: EntityKind): Readonly<Record<string, unknown>> {
  const set: Record<string, unknown> = {}
  for (let count = reader.count(); count > 0; count--) {
    const key = readKey(reader, kind)
    set[key] = reader.value()
  }
  return set
}

/** A key by its number in the chart's order; one that is not in it by its name. */
export function writeKey(writer: Writer, kind: EntityKind, key: string): void {
  writeNumber(writer, NUMBERS_OF[kind], key)
}

function writeNumber(writer: Writer, numbers: TextNumbers, key: string): void {
  const number = key === '' ? -1 : numbers.of(key, letterHash(key))
  writer.byte(number < 0 ? UNLISTED_KEY : number)
  if (number < 0) writer.text(key)
}

export function readKey(reader: Reader, kind: EntityKind): string {
  const number = reader.byte()
  return number === UNLISTED_KEY ? reader.text() : (KEYS_OF[kind][number] as string)
}

function blankOf(value: unknown): number {
  if (value === undefined) return BLANK.undefined
  if (typeof value !== 'object' || value === null) return BLANK.no
  if (Array.isArray(value)) return value.length === 0 ? BLANK.list : BLANK.no
  return isEmpty(value) ? BLANK.record : BLANK.no
}

/** The values of a context that has just these keys, in this order; undefined where it has others. */
function valuesByKeys(context: Readonly<Record<string, unknown>>, keys: readonly string[]): unknown[] | undefined {
  let index = 0
  for (const key in context) if (keys[index++] !== key) return undefined
  return index === keys.length ? Object.values(context) : undefined
}
