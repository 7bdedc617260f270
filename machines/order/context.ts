// What an order actor remembers. Settings carry the place they were last set at (C3: the latest place counts);
// quantities are sums; everything else is derived (derive.ts).
import type { Move } from '../chart.ts'
import type { Address, OrderLineInput } from '../events/fields.ts'
import type { InvoicePolicy } from '../events/order-events.ts'
import type { Place } from '../ids.ts'
import { type Amount, baseQuantity, type Quantities } from '../quantities.ts'

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

export interface Allocation {
  readonly place: Place
  readonly allocated: number
  readonly backordered: number
  readonly node?: string
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
  readonly lines: readonly OrderLine[]
  readonly quantities: Quantities
  /** Setting → place of what set it last; settings not named here stand since capture. */
  readonly places: Readonly<Record<string, Place>>
  readonly credit: 'unchecked' | 'approved' | 'held'
  readonly creditPlace?: Place
  readonly allocations: Readonly<Record<string, Allocation>>
  readonly releases: readonly Release[]
  /** Quantities cancelled line by line; superseded by a whole cancellation. */
  readonly cancels: Readonly<Record<string, number>>
  readonly wholeCancelPlace?: Place
  readonly invoices: Readonly<Record<string, Invoice>>
  readonly disputes: Readonly<Record<string, Dispute>>
  /** Sums, minor units. */
  readonly invoicedMinor: number
  readonly creditedMinor: number
  readonly paidMinor: number
  readonly asks: Readonly<Record<string, Ask>>
  readonly answers: readonly Answer[]
  readonly milestones: Readonly<Partial<Record<Milestone, readonly [firstMs: number, lastMs: number]>>>
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

export const lineIndex = (context: Pick<OrderContext, 'lines'>, line: string): number =>
  context.lines.findIndex(each => each.line === line)

/** Base units a line may be exceeded by. */
export const overTolerance = (context: OrderContext, index: number): number =>
  toleranceOf(context, index, context.lines[index]?.overTolerancePercent ?? context.overTolerancePercent)

/** Base units a line may fall short and still be met. */
export const underTolerance = (context: OrderContext, index: number): number =>
  toleranceOf(context, index, context.lines[index]?.underTolerancePercent ?? context.underTolerancePercent)

function toleranceOf(context: OrderContext, index: number, percent: number): number {
  return Math.floor(((context.lines[index]?.ordered ?? 0) * percent) / 100)
}

export type CapturedMove = Move<'order.captured'>
