// What channel, ERP, transport and node say about a return (domain §3).
import { z } from 'zod'
import { lineQuantities, lineQuantity, minorPositive, quantity, remark, scanPlace, text } from './fields.ts'

export const returnInitiated = () => z.object({ return: text, reason: remark.optional(), lines: lineQuantities })
export const returnAuthorized = () =>
  z.object({
    return: text.optional(),
    rma: text,
    company: text.optional(),
    receipt: text.optional(),
    lines: lineQuantities.optional(),
  })
export const returnRejected = () => z.object({ return: text.optional(), reason: remark })
export const returnInTransit = () =>
  z.object({
    return: text.optional(),
    carrier: text.optional(),
    tracking: text.optional(),
    place: scanPlace.optional(),
  })
const receivedLine = lineQuantity.extend({ condition: text.optional() })
export const returnReceived = () =>
  z.object({
    return: text.optional(),
    receipt: text.optional(),
    node: text.optional(),
    lines: z.array(receivedLine).min(1),
  })
export const returnInspected = () => z.object({ return: text.optional(), result: remark.optional() })

export const disposition = z.enum(['restock', 'refurbish', 'scrap', 'send_back'])
export const returnDispositioned = () =>
  z.object({
    return: text.optional(),
    lines: z
      .array(z.object({ line: text, quantity, unit: text.optional(), order: text.optional(), disposition }))
      .min(1),
  })
export const returnCredited = () =>
  z.object({
    return: text.optional(),
    memo: text,
    amountMinor: minorPositive,
    lines: lineQuantities.optional(),
    reason: remark.optional(),
  })
export const returnClosed = () => z.object({ return: text.optional(), remark: remark.optional() })
