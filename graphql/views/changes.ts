// What an entry changed, by comparing its family before and after: quantities, and everything else in words. Pure.
import { entityText } from '../../engine/answers.ts'
import type { JournalEntry } from '../../engine/entry.ts'
import type { Family } from '../../engine/family.ts'
import type { ActorKey, EntityKind } from '../../machines/ids.ts'
import { kindOf } from '../../machines/ids.ts'
import { lineIndex, type OrderContext, type OrderLine, partsOf } from '../../machines/order/context.ts'
import type { ReturnContext } from '../../machines/return/context.ts'
import { damagedOf, deliveredOf, leftOf, ownOf, type ShipmentContext } from '../../machines/shipment/context.ts'
import { isoTime } from '../../machines/time.ts'
import { baseQuantitiesOf, decimalText, orderLineOf } from './quantities.ts'
import { hasLeft } from './shipment.ts'

export interface QuantityChange {
  readonly line: string
  readonly quantity: string
  readonly unit: string
  readonly from: string
  readonly to: string
}

export interface Span {
  readonly before: Family
  readonly after: Family
}

/** One element per actor the entry moved, the order first. `span` is asked once, and only where somebody wants to know what a context changed. */
export function changesOf({ changes, family }: JournalEntry, span: () => Promise<Span>) {
  let asked: Promise<Span> | undefined
  return changes
    .map(change => {
      let known: Promise<ContextChange> | undefined
      const found = () => {
        asked ??= span()
        known ??= asked.then(each => contextChange(change.key, each))
        return known
      }
      return {
        entity: entityText(change.key, family),
        kind: kindOf(change.key),
        version: change.version,
        from: change.was,
        to: change.state,
        quantities: async () => (await found()).quantities,
        words: async () => (await found()).words,
      }
    })
    .sort((a, b) => Number(b.kind === 'order') - Number(a.kind === 'order'))
}

interface ContextChange {
  readonly quantities: readonly QuantityChange[]
  readonly words: readonly string[]
}

function contextChange(key: ActorKey, { before, after }: Span): ContextChange {
  const order = after.actors.order?.context as OrderContext | undefined
  const kind = kindOf(key)
  const then = before.actors.get(key)?.context
  const now = after.actors.get(key)?.context
  if (order === undefined || now === undefined) return { quantities: [], words: [] }
  const known = before.actors.order?.context as OrderContext | undefined
  const quantities = quantityChanges({ order, known }, then && tableOf(kind, then), tableOf(kind, now))
  const lines = kind === 'order' && known !== undefined ? lineWords(known, order) : []
  const settings = settingWords(SETTINGS[kind], then ?? {}, now)
  return { quantities, words: [...quantities.map(quantityWords), ...settings, ...lines] }
}

/** Line → quantity → base units. */
type Table = Readonly<Record<string, Readonly<Record<string, number>>>>

function tableOf(kind: EntityKind, context: object): Table {
  if (kind === 'order') return orderTable(context as OrderContext)
  return kind === 'shipment' ? shipmentTable(context as ShipmentContext) : returnTable(context as ReturnContext)
}

const orderTable = (order: OrderContext): Table =>
  Object.fromEntries(order.lines.map(({ line }, index) => [line, baseQuantitiesOf(order, index)]))

const shipmentTable = (shipment: ShipmentContext): Table =>
  Object.fromEntries(
    shipment.lines.map((line, index) => [
      line,
      {
        own: ownOf(shipment, index),
        short: shipment.short[index] ?? 0,
        picked: shipment.picked[index] ?? 0,
        shipped: hasLeft(shipment) ? leftOf(shipment, index) : 0,
        delivered: deliveredOf(shipment, index),
        damaged: damagedOf(shipment, index),
      },
    ]),
  )

const returnTable = ({ lines, requested, received, dispositioned, credited }: ReturnContext): Table =>
  Object.fromEntries(
    lines.map((line, index) => [
      line,
      {
        requested: requested[index] ?? 0,
        received: received[index] ?? 0,
        dispositioned: dispositioned[index] ?? 0,
        credited: credited[index] ?? 0,
      },
    ]),
  )

const quantityChanges = (
  { known, order }: { order: OrderContext; known: OrderContext | undefined },
  then: Table | undefined,
  now: Table,
): readonly QuantityChange[] =>
  Object.entries(now).flatMap(([line, quantities]) =>
    Object.entries(quantities).flatMap(([quantity, to]) => {
      const from = then?.[line]?.[quantity] ?? 0
      if (from === to) return []
      const { precision = 0, unit = 'EA' } = orderLineOf(order, line) ?? {}
      const before = known && orderLineOf(known, line)
      const was = decimalText(from, before?.precision ?? precision)
      return [{ line, quantity, unit, from: was, to: decimalText(to, precision) }]
    }),
  )

const quantityWords = ({ line, quantity, unit, from, to }: QuantityChange): string =>
  `line ${line}: ${quantity} ${from} → ${to} ${unit}`

type Setting = readonly [name: string, words: string]

/** Context keys worth telling. Quantities, places and what the twin derives are told elsewhere or not at all. */
const SETTINGS: Readonly<Record<EntityKind, readonly Setting[]>> = {
  order: [
    ['customer', 'customer'],
    ['poNumber', 'PO number'],
    ['erpNumber', 'ERP number'],
    ['company', 'company'],
    ['requestedAt', 'requested for'],
    ['promisedAt', 'promised for'],
    ['shipTo', 'ship-to'],
    ['validation', 'validation failed'],
    ['asks', 'asks'],
    ['answers', 'answers'],
    ['invoices', 'invoices'],
    ['disputes', 'disputes'],
    ['invoicedMinor', 'invoiced, minor units'],
    ['creditedMinor', 'credited, minor units'],
    ['paidMinor', 'paid, minor units'],
  ],
  shipment: [
    ['consignment', 'consignment'],
    ['carriers', 'carriers'],
    ['trackings', 'tracking numbers'],
    ['cartons', 'cartons'],
    ['shipTo', 'ship-to'],
    ['service', 'service'],
    ['promisedAt', 'promised for'],
    ['expectedAt', 'expected'],
    ['freightMinor', 'freight, minor units'],
    ['deliveries', 'proofs of delivery'],
  ],
  return: [
    ['rma', 'RMA number'],
    ['reason', 'reason'],
    ['nodes', 'received at'],
    ['carriers', 'carriers'],
    ['trackings', 'tracking numbers'],
    ['receipts', 'receipts'],
    ['conditions', 'condition of lines'],
    ['dispositions', 'dispositions'],
    ['creditedMinor', 'credited, minor units'],
  ],
}

const LINE_SETTINGS: readonly Setting[] = [
  ['item', 'item'],
  ['unit', 'unit'],
  ['conversions', 'conversions'],
  ['unitPrice', 'unit price'],
  ['shipTo', 'ship-to'],
  ['requestedAt', 'requested for'],
  ['promisedAt', 'promised for'],
  ['overTolerancePercent', 'over-tolerance, percent'],
  ['underTolerancePercent', 'under-tolerance, percent'],
  ['nodes', 'allocated at'],
  ['expectedAt', 'expected'],
]

/** Of lines that were there before: what is new tells of itself by its quantities. */
const lineWords = (before: OrderContext, after: OrderContext): readonly string[] =>
  before.lines === after.lines && before.allocations === after.allocations
    ? []
    : after.lines.flatMap(({ line }, index) => {
        const known = lineIndex(before, line)
        if (known < 0) return []
        const words = settingWords(LINE_SETTINGS, lineSettings(before, known), lineSettings(after, index))
        return words.map(each => `line ${line}: ${each}`)
      })

function lineSettings({ allocations, lines }: OrderContext, index: number): object {
  const parts = partsOf(allocations[index])
  const expected = parts.flatMap(({ expectedAt }) => expectedAt ?? [])
  return {
    ...lines[index],
    nodes: [...new Set(parts.flatMap(({ node }) => node ?? []))],
    expectedAt: expected.length === 0 ? undefined : Math.min(...expected),
  }
}

function settingWords(settings: readonly Setting[], before: object, after: object): readonly string[] {
  const then = before as Readonly<Record<string, unknown>>
  const now = after as Readonly<Record<string, unknown>>
  return settings.flatMap(([name, words]) => {
    const [from, to] = [told(name, then[name]), told(name, now[name])]
    if (from === to) return []
    return [from === '' ? `${words}: ${to}` : `${words}: ${from} → ${to === '' ? 'none' : to}`]
  })
}

/** A setting in words; empty for none. Lists and tables tell their names, unless what they say is more than that. */
function told(name: string, value: unknown): string {
  if (value === undefined || value === 0) return ''
  if (typeof value === 'number') return name.endsWith('At') ? isoTime(value) : String(value)
  if (typeof value === 'string') return value
  const own = OWN_WORDS[name]
  if (own !== undefined) return own(value as never)
  if (Array.isArray(value)) return value.map(each => (typeof each === 'string' ? each : named(each))).join(', ')
  return Object.keys(value as object).join(', ')
}

const pairs = (table: object): string =>
  Object.entries(table)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')

const OWN_WORDS: Readonly<Record<string, (value: never) => string>> = {
  shipTo: (address: object) => Object.values(address).join(', '),
  validation: ({ reasons }: NonNullable<OrderContext['validation']>) => reasons.join(', '),
  // What answers no ask by name says itself what it did.
  answers: (answers: OrderContext['answers']) =>
    answers.flatMap(({ ask, kind }) => (ask === undefined ? [] : `${ask} ${kind}`)).join(', '),
  unitPrice: ({ amount, per }: NonNullable<OrderLine['unitPrice']>) => `${amount} per ${per}`,
  conversions: pairs,
  conditions: pairs,
  dispositions: pairs,
}

const named = (value: { carton?: string; tracking?: string }): string => value.carton ?? value.tracking ?? 'unnamed'
