// Contexts: what an actor remembers, by the keys its chart gives it.
import type { EntityKind } from '../../machines/ids.ts'
import { isEmpty } from '../../machines/records.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

// The keys of each kind's contexts in the charts' order. They are part of the format: a chart with other keys packs as a record
// until it has a list here, under an entry format of its own.
const KEYS_OF: Readonly<Record<EntityKind, readonly string[]>> = {
  order:
    `id customer channel channelName currency poNumber erpNumber company serviceLevel shipTo requestedAt promisedAt validation creditPlace wholeCancelPlace invoicePolicy overTolerancePercent underTolerancePercent capturedPlace step lines quantities places credit allocations releases cancels invoices disputes invoicedMinor creditedMinor paidMinor asks answers milestones claims fulfilment billing`.split(
      ' ',
    ),
  shipment:
    `number node order consignment releasedPlace lines overTolerancePercent given split cancelled wholeCancelPlace short picked damaged isWhollyDamaged step confirmed deliveries ends carriers trackings cartons instructions shipTo service promisedAt expectedAt freightMinor places attemptPlace runPlace milestones remarks claims`.split(
      ' ',
    ),
  return:
    `number order rma company lines requested received dispositioned credited dispositions conditions authorization authorizationPlace step nodes rmas carriers trackings receipts creditedMinor closedPlace reason milestones places claims`.split(
      ' ',
    ),
}

// What a key of a whole context holds, two bits each: most hold nothing yet.
const BLANK = { no: 0, undefined: 1, record: 2, list: 3 } as const
const BLANKS_A_BYTE = 4

/** A whole context by the keys its chart gives it, where it has just these; else as a record. */
export function writeContext(writer: Writer, kind: EntityKind, context: Readonly<Record<string, unknown>>): void {
  const keys = KEYS_OF[kind]
  const isByKeys = hasKeys(context, keys)
  writer.byte(isByKeys ? 1 : 0)
  if (!isByKeys) {
    writer.record(context)
    return
  }
  for (let from = 0; from < keys.length; from += BLANKS_A_BYTE) {
    let blanks = 0
    for (let at = 0; at < BLANKS_A_BYTE && from + at < keys.length; at++)
      blanks |= blankOf(context[keys[from + at] as string]) << (2 * at)
    writer.byte(blanks)
  }
  for (const key of keys) {
    const value = context[key]
    if (blankOf(value) === BLANK.no) writer.value(value)
  }
}

export function readContext(reader: Reader, kind: EntityKind): Readonly<Record<string, unknown>> {
  if (reader.byte() === 0) return reader.record()
  const keys = KEYS_OF[kind]
  const blanks: number[] = []
  for (let from = 0; from < keys.length; from += BLANKS_A_BYTE) blanks.push(reader.byte())
  const context: Record<string, unknown> = {}
  for (let index = 0; index < keys.length; index++) {
    const blank = ((blanks[index >> 2] as number) >> (2 * (index & 3))) & 3
    context[keys[index] as string] =
      blank === BLANK.no ? reader.value() : blank === BLANK.undefined ? undefined : blank === BLANK.record ? {} : []
  }
  return context
}

function blankOf(value: unknown): number {
  if (value === undefined) return BLANK.undefined
  if (typeof value !== 'object' || value === null) return BLANK.no
  if (Array.isArray(value)) return value.length === 0 ? BLANK.list : BLANK.no
  return isEmpty(value) ? BLANK.record : BLANK.no
}

function hasKeys(context: object, keys: readonly string[]): boolean {
  let index = 0
  for (const key in context) if (keys[index++] !== key) return false
  return index === keys.length
}
