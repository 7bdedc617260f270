// What nodes and transport say about a shipment (domain §3).
import { z } from 'zod'
import {
  address,
  carton,
  lineQuantities,
  lineQuantity,
  minorPositive,
  moment,
  personalText,
  quantity,
  remark,
  scanPlace,
  text,
  trackings,
} from './fields.ts'

// 5,000: more than any truck holds; a larger load comes in several messages.
const CARTONS_MAX = 5_000

export const shipmentAcknowledged = () => z.object({ nodeReference: text.optional() })
export const shipmentSplit = () => z.object({ shipment: text, consignment: text.optional(), lines: lineQuantities })
export const shipmentAmended = (zone: string) =>
  z.object({ shipTo: address.optional(), service: text.optional(), promisedAt: moment(zone).optional() })

export const pickReleased = () => z.object({ wave: text.optional(), task: text.optional() })
export const pickStarted = () => z.object({ wave: text.optional(), task: text.optional() })
/** All that is still open to pick when no lines are given. */
export const pickCompleted = () => z.object({ task: text.optional(), lines: lineQuantities })
export const pickShort = () => z.object({ task: text.optional(), reason: remark.optional(), lines: lineQuantities })
export const itemSubstituted = () =>
  z.object({
    task: text.optional(),
    line: text,
    item: text,
    quantity,
    unit: text.optional(),
    reason: remark.optional(),
  })
export const packCompleted = () =>
  z.object({ cartons: z.array(carton).max(CARTONS_MAX).optional(), task: text.optional() })

export const shipmentBooked = (zone: string) =>
  z.object({
    carrier: text,
    service: text.optional(),
    tracking: trackings.optional(),
    expectedAt: moment(zone).optional(),
  })

const confirmedLine = lineQuantity.extend({ lot: text.optional(), serials: z.array(text).optional() })
/** Everything less the shorts when no lines are given. */
export const shipmentConfirmed = (zone: string) =>
  z.object({
    lines: z.array(confirmedLine).min(1).optional(),
    cartons: z.array(carton).max(CARTONS_MAX).optional(),
    carrier: text.optional(),
    tracking: trackings.optional(),
    freightMinor: minorPositive.optional(),
    expectedAt: moment(zone).optional(),
  })

export const shipmentInTransit = (zone: string) =>
  z.object({ tracking: text.optional(), place: scanPlace.optional(), expectedAt: moment(zone).optional() })
export const shipmentOutForDelivery = (zone: string) =>
  z.object({ tracking: text.optional(), place: scanPlace.optional(), expectedAt: moment(zone).optional() })
export const shipmentDelayed = (zone: string) =>
  z.object({ tracking: text.optional(), expectedAt: moment(zone), reason: remark.optional() })
export const shipmentDamaged = () =>
  z.object({ tracking: text.optional(), lines: lineQuantities.optional(), reason: remark.optional() })
/** A person has seen the goods: so much of what was told to be damaged is not, or is fit to be sold. */
export const shipmentDamageCleared = () => z.object({ lines: lineQuantities, reason: remark })
export const deliveryAttempted = (zone: string) =>
  z.object({
    tracking: text.optional(),
    reason: remark.optional(),
    place: scanPlace.optional(),
    expectedAt: moment(zone).optional(),
  })

/** Version 1 named only who signed; version 2 has room for the document. */
export const deliveryCompletedV1 = () =>
  z.object({
    tracking: text.optional(),
    signedBy: personalText.optional(),
    place: scanPlace.optional(),
    lines: lineQuantities.optional(),
  })
export const deliveryCompletedV2 = () =>
  z.object({
    tracking: text.optional(),
    proof: z.object({ signedBy: personalText.optional(), documentUrl: personalText.optional() }).optional(),
    place: scanPlace.optional(),
    lines: lineQuantities.optional(),
  })

export const deliveryRefused = () => z.object({ tracking: text.optional(), reason: remark.optional() })
export const shipmentLost = () => z.object({ tracking: text.optional(), reason: remark.optional() })
export const shipmentReturnedToSender = () => z.object({ tracking: text.optional(), reason: remark.optional() })
/** The whole shipment when no lines are given. */
export const shipmentCancelled = () =>
  z.object({ cancellation: text.optional(), reason: remark.optional(), lines: lineQuantities.optional() })
