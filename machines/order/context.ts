// What an order actor remembers. Settings carry the place they were last set at (C3: the latest place counts);
// quantities are sums; everything else is derived (derive.ts).
import type { Move } from '../chart.ts'
import type { CanonicalEvent } from '../event.ts'
import type { Address, OrderLineInput } from '../events/fields.ts'
import type { InvoicePolicy } from '../events/order-events.ts'
import type { Place } from '../ids.ts'
import { type Amount, baseQuantity, percentOf, placeInList, type Quantities, wantedOf } from '../quantities.ts'

/** The furthest lifecycle step reached; `cancelled` is derived from quantities. */
export type LifecycleStep = 'captured' | 'validated' | 'accepted' | 'closed' | 'rejected'
export type Fulfilment =
  | 'unallocated'
  | 'allocated'
  | 'backordered'
  | 'released'
  | 'partly_shipped'
  | 'shipped'
  | 'partly_delivered'
  | 'delivered'
export type Billing = 'unbilled' | 'billable' | 'partly_invoiced' | 'invoiced' | 'paid' | 'disputed'
export type Milestone =
  | 'received'
  | 'validated'
  | 'released'
  | 'allocated'
  | 'picked'
  | 'shipped'
  | 'invoiced'
  | 'closed'

/** First and last time of each that was reached. All are named, so that there is one shape: copied much faster than a dictionary. */
export type Milestones = { readonly [Name in Milestone]: readonly [firstMs: number, lastMs: number] | undefined }

/** A copy to change. */
export const copyOfMilestones = (known: Partial<Milestones>): { -readonly [Name in Milestone]: Milestones[Name] } => ({
  received: known.received,
  validated: known.validated,
  released: known.released,
  allocated: known.allocated,
  picked: known.picked,
  shipped: known.shipped,
  invoiced: known.invoiced,
  closed: known.closed,
})

export interface OrderLine {
  readonly line: string
  readonly item: string
  readonly description?: string
  readonly unit: string
  readonly precision: number
  readonly conversions?: Readonly<Record<string, number>>
  /** Base units. */
  readonly ordered: number
  readonly unitPrice?: { readonly amount: string; readonly per: number }
  readonly shipTo?: Address
  readonly requestedAt?: number
  readonly promisedAt?: number
  readonly overTolerancePercent?: number
  readonly underTolerancePercent?: number
  /** Place of the fields nobody has amended; empty for what an amendment added the line without. */
  readonly place: Place | ''
}

/** What the last report says of one line, base units; `all` is whatever is wanted. */
export interface Allocation {
  readonly place: Place
  readonly allocated: number | 'all'
  readonly backordered: number | 'all'
  /** Of the part named first. */
  readonly node?: string
  readonly expectedAt?: number
  /** As reported, where a line is reserved at several nodes. */
  readonly parts?: readonly AllocationPart[]
}

export const partsOf = (allocation: Allocation | undefined): readonly AllocationPart[] =>
  allocation === undefined ? [] : (allocation.parts ?? [allocation])

export interface AllocationPart {
  readonly node?: string
  readonly allocated: number | 'all'
  readonly backordered: number | 'all'
  readonly expectedAt?: number
}

export interface Release {
  readonly shipment: string
  readonly node: string
  readonly place: Place
  readonly amounts: readonly Amount[]
}

export interface Invoice {
  readonly amountMinor: number
  readonly company?: string
  readonly postedMs: number
  readonly amounts: readonly Amount[]
  readonly charges?: readonly { readonly kind: string; readonly amountMinor: number }[]
}

export interface Dispute {
  readonly place: Place
  readonly open: boolean
  readonly reason?: string
}

export interface Ask {
  readonly kind: 'change' | 'cancel'
  readonly place: Place
  readonly atMs: number
  readonly remark?: string
}

export interface Answer {
  readonly place: Place
  readonly kind: 'amended' | 'cancelled' | 'rejected'
  readonly ask?: string
}

export interface OrderContext {
  readonly id: string
  readonly customer: string
  /** The source that captured it: the only `channel` that owns it. */
  readonly channel: string
  readonly channelName?: string
  readonly currency: string
  readonly poNumber?: string
  readonly erpNumber?: string
  /** The company of the ERP that owns it; settled by capture or by acceptance. */
  readonly company?: string
  readonly serviceLevel?: string
  readonly invoicePolicy: InvoicePolicy
  readonly overTolerancePercent: number
  readonly underTolerancePercent: number
  readonly capturedPlace: Place
  readonly shipTo?: Address
  readonly requestedAt?: number
  readonly promisedAt?: number
  readonly step: LifecycleStep
  readonly validation?: { readonly place: Place; readonly reasons: readonly string[] }
  /** As captured, then those that amendments added, by line number. */
  readonly lines: readonly OrderLine[]
  readonly quantities: Quantities
  /** Setting → place of what set it last; settings not named here stand since capture. */
  readonly places: Readonly<Record<string, Place>>
  readonly credit: 'unchecked' | 'approved' | 'held'
  readonly creditPlace?: Place
  /** By the place of the line; empty before the first. */
  readonly allocations: readonly (Allocation | undefined)[]
  /** By place. */
  readonly releases: readonly Release[]
  /** Quantities cancelled line by line. A whole cancellation takes all that was not released. */
  readonly cancels: Readonly<Record<string, number>>
  readonly wholeCancelPlace?: Place
  readonly invoices: Readonly<Record<string, Invoice>>
  readonly disputes: Readonly<Record<string, Dispute>>
  /** Sums, minor units. */
  readonly invoicedMinor: number
  readonly creditedMinor: number
  readonly paidMinor: number
  readonly asks: Readonly<Record<string, Ask>>
  /** By place. */
  readonly answers: readonly Answer[]
  readonly milestones: Milestones
  readonly claims: Readonly<Record<string, { readonly place: Place; readonly state: string }>>
  /** Derived; the chart's fulfilment and billing regions follow them. */
  readonly fulfilment: Fulfilment
  readonly billing: Billing
}

/** The quantity of a captured line in base units; undefined when it is not exact. */
export const orderedOf = (
  line: Pick<OrderLineInput, 'quantity' | 'unit' | 'precision' | 'conversions'>,
): number | undefined => baseQuantity(line, line.quantity)

/** The line an `order.captured` brings, before any amendment. */
export function capturedLine(line: OrderLineInput, place: Place | ''): OrderLine {
  const { quantity: _, ...fields } = line
  return { ...fields, ordered: orderedOf(line) ?? 0, place }
}

export type LineAmendment = NonNullable<Move<'order.amended'>['data']['lines']>[number]

/** A line that an amendment adds: nothing about it stands since capture. The gates made sure it has an item. */
export const newLine = (change: LineAmendment): OrderLine =>
  capturedLine(
    {
      line: change.line,
      item: change.item ?? '',
      quantity: 0,
      unit: change.unit ?? 'EA',
      precision: change.precision ?? 0,
    },
    '',
  )

const UNITS: readonly string[] = ['unit', 'precision', 'conversions']
/** Settings that are read with other facts: a release takes promise and tolerance with it, quantities are told in units. */
const READ_WITH_RELEASES: readonly string[] = [...UNITS, 'promisedAt', 'overTolerancePercent']

/** Whether `event`, arriving after later facts, changes how those are read, or is read otherwise since. */
export function rereads(order: OrderContext | undefined, event: CanonicalEvent): boolean {
  if (order === undefined) return false
  if (event.type === 'order.accepted') return namesAnew(order, event.data.erpNumber)
  if (event.type === 'order.amended') {
    const named = [event.data, ...(event.data.lines ?? [])].flatMap(part => Object.keys(part))
    return named.some(name => READ_WITH_RELEASES.includes(name))
  }
  const read = event.type === 'order.released' ? READ_WITH_RELEASES : UNITS
  return Object.entries(order.places).some(
    ([setting, place]) => place > event.place && read.includes(setting.slice(setting.lastIndexOf('.') + 1)),
  )
}

/** Documents that several orders share may have told this order's part by an ERP number that was not known yet. */
const namesAnew = ({ erpNumber, invoices, paidMinor, releases }: OrderContext, told: string | undefined): boolean =>
  told !== undefined && told !== erpNumber && (releases.length > 0 || paidMinor > 0 || Object.keys(invoices).length > 0)

/** Whether `number` is the order's own: its id, its PO number or its ERP number (domain §2). */
export const isNumberOf = (
  { erpNumber, id, poNumber }: Pick<OrderContext, 'erpNumber' | 'id' | 'poNumber'>,
  number: string,
): boolean => number === id || number === poNumber || number === erpNumber

export const lineIndex = (context: Pick<OrderContext, 'lines'>, line: string): number =>
  placeInList(context.lines, line, each => each.line)

/** What was promised for a line: its own, or else the order's. */
export const promiseOf = (
  order: Pick<OrderContext, 'promisedAt'>,
  line: Pick<OrderLine, 'promisedAt'> | undefined,
): number | undefined => line?.promisedAt ?? order.promisedAt

/** Base units a line may fall short of what is wanted of it and still be met. */
export function underTolerance(
  { lines, quantities, underTolerancePercent }: Pick<OrderContext, 'lines' | 'quantities' | 'underTolerancePercent'>,
  index: number,
): number {
  const percent = lines[index]?.underTolerancePercent ?? underTolerancePercent
  return percent === 0 ? 0 : percentOf(wantedOf(quantities, index), percent)
}

/** A copy to change, key by key: V8 copies an object of so many keys this way several times faster than by spreading it. */
export const copyOfOrder = (context: OrderContext): Required<Record<keyof OrderContext, unknown>> => ({
  id: context.id,
  customer: context.customer,
  channel: context.channel,
  channelName: context.channelName,
  currency: context.currency,
  poNumber: context.poNumber,
  erpNumber: context.erpNumber,
  company: context.company,
  serviceLevel: context.serviceLevel,
  shipTo: context.shipTo,
  requestedAt: context.requestedAt,
  promisedAt: context.promisedAt,
  validation: context.validation,
  creditPlace: context.creditPlace,
  wholeCancelPlace: context.wholeCancelPlace,
  invoicePolicy: context.invoicePolicy,
  overTolerancePercent: context.overTolerancePercent,
  underTolerancePercent: context.underTolerancePercent,
  capturedPlace: context.capturedPlace,
  step: context.step,
  lines: context.lines,
  quantities: context.quantities,
  places: context.places,
  credit: context.credit,
  allocations: context.allocations,
  releases: context.releases,
  cancels: context.cancels,
  invoices: context.invoices,
  disputes: context.disputes,
  invoicedMinor: context.invoicedMinor,
  creditedMinor: context.creditedMinor,
  paidMinor: context.paidMinor,
  asks: context.asks,
  answers: context.answers,
  milestones: context.milestones,
  claims: context.claims,
  fulfilment: context.fulfilment,
  billing: context.billing,
})
