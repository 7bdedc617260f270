// What CRM, channel and ERP say about an order (domain §3). Each schema takes the zone its local times are read in.
import { z } from 'zod'
import {
  address,
  charge,
  currency,
  lineAmendment,
  lineQuantities,
  minor,
  minorPositive,
  moment,
  orderLines,
  quantityOrZero,
  remark,
  text,
} from './fields.ts'

export const invoicePolicy = z.enum(['shipment', 'delivery', 'prepaid'])
export type InvoicePolicy = z.output<typeof invoicePolicy>

const terms = z.object({
  invoicePolicy: invoicePolicy.default('shipment'),
  overTolerancePercent: z.number().min(0).max(100).default(0),
  underTolerancePercent: z.number().min(0).max(100).default(0),
})

export const orderCaptured = (zone: string) =>
  z.object({
    customer: text,
    channel: text.optional(),
    company: text.optional(),
    poNumber: text.optional(),
    currency,
    serviceLevel: text.optional(),
    shipTo: address.optional(),
    requestedAt: moment(zone).optional(),
    promisedAt: moment(zone).optional(),
    terms: terms.optional(),
    lines: orderLines(zone),
  })

export const orderValidated = () => z.object({ remark: remark.optional() })

export const validationReason = z.enum([
  'invalid_ship_to',
  'discontinued_item',
  'price_mismatch',
  'carrier_restriction',
  'master_data',
])
export const orderValidationFailed = () =>
  z.object({ reasons: z.array(validationReason).min(1), remark: remark.optional() })

export const orderAccepted = () => z.object({ erpNumber: text.optional(), company: text.optional() })
export const orderRejected = () => z.object({ reason: remark })

/** Changed fields only. `customer` and `currency` are accepted by the schema so that the refusal can name them as locked. */
export const orderAmended = (zone: string) =>
  z.object({
    ask: text.optional(),
    customer: text.optional(),
    currency: currency.optional(),
    shipTo: address.optional(),
    requestedAt: moment(zone).optional(),
    promisedAt: moment(zone).optional(),
    lines: z.array(lineAmendment(zone)).max(50_000).optional(),
  })

export const orderChangeRequested = (zone: string) =>
  z.object({
    ask: text,
    remark: remark.optional(),
    shipTo: address.optional(),
    requestedAt: moment(zone).optional(),
    lines: z.array(z.object({ line: text, quantity: quantityOrZero.optional(), item: text.optional() })).optional(),
  })
export const orderCancelRequested = () =>
  z.object({ ask: text, reason: remark.optional(), lines: lineQuantities.optional() })
export const orderRequestRejected = () => z.object({ ask: text, reason: remark })

/** The whole order when no lines are given. */
export const orderCancelled = () =>
  z.object({
    cancellation: text.optional(),
    ask: text.optional(),
    reason: remark.optional(),
    lines: lineQuantities.optional(),
  })

export const creditApproved = () => z.object({ limitMinor: minorPositive.optional(), remark: remark.optional() })
export const creditHeld = () => z.object({ reason: remark.optional() })
export const creditReleased = () => z.object({ reason: remark.optional() })

/** All there is to say about the lines it names: reserved per node, without stock, expected when. */
const allocationLine = (zone: string) =>
  z.object({
    line: text,
    unit: text.optional(),
    allocated: quantityOrZero.optional(),
    backordered: quantityOrZero.optional(),
    node: text.optional(),
    expectedAt: moment(zone).optional(),
  })
export const orderAllocated = (zone: string) => z.object({ lines: z.array(allocationLine(zone)).min(1) })
export const backorderCreated = (zone: string) => z.object({ lines: z.array(allocationLine(zone)).min(1) })

export const orderReleased = (zone: string) =>
  z.object({
    shipment: text,
    node: text,
    consignment: text.optional(),
    service: text.optional(),
    carrier: text.optional(),
    shipTo: address.optional(),
    promisedAt: moment(zone).optional(),
    lines: lineQuantities,
  })

export const orderClosed = () => z.object({ remark: remark.optional() })

export const invoicePosted = () =>
  z.object({
    invoice: text,
    company: text.optional(),
    lines: lineQuantities.optional(),
    charges: z.array(charge).optional(),
    amountMinor: minor,
    currency: currency.optional(),
  })
export const invoiceCredited = () =>
  z.object({
    memo: text,
    invoice: text.optional(),
    lines: lineQuantities.optional(),
    amountMinor: minorPositive,
    reason: remark.optional(),
  })
export const invoiceDisputed = () => z.object({ invoice: text, reason: remark.optional() })
export const invoiceDisputeResolved = () => z.object({ invoice: text, resolution: remark.optional() })
/** `orders` shares one payment out where it covers several; without it the whole amount counts for each order it names. */
export const paymentReceived = () =>
  z.object({
    payment: text,
    invoice: text.optional(),
    amountMinor: minorPositive,
    orders: z.array(z.object({ order: text, amountMinor: minorPositive })).optional(),
  })

export const claimReported = () => z.object({ state: text, remark: remark.optional() })

/** `event` is the id of an earlier event of the same source; `data` what it should have said. */
export const correctionReported = () =>
  z.object({ event: text, data: z.record(z.string(), z.unknown()), reason: remark.optional() })
