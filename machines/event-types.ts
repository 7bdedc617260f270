// The canonical events: who owns each, which actor it moves, which schema versions it has had (domain §3).
import type { z } from 'zod'
import * as desk from './events/desk-events.ts'
import * as order from './events/order-events.ts'
import { eitherFields, type PersonalFields, personalFields } from './events/personal.ts'
import { type Reading, schemaReading } from './events/reading.ts'
import * as returns from './events/return-events.ts'
import * as shipment from './events/shipment-events.ts'
import type { EntityKind } from './ids.ts'
import type { OwnerRule } from './owners.ts'

type SchemaMaker = (zone: string) => z.ZodType

interface EventTypeEntry {
  readonly entity: EntityKind | 'any'
  readonly owners: readonly OwnerRule[]
  /** Oldest first; version N is `versions[N - 1]`. */
  readonly versions: readonly SchemaMaker[]
  /** `upcasts[N - 1]` turns parsed data of version N into version N + 1. */
  readonly upcasts?: readonly ((data: never) => unknown)[]
}

const entry = <const Entity extends EntityKind | 'any', const Versions extends readonly SchemaMaker[]>(
  entity: Entity,
  owners: readonly OwnerRule[],
  versions: Versions,
  upcasts: readonly ((data: never) => unknown)[] = [],
) => ({ entity, owners, versions, upcasts })

const signedByToProof = ({
  signedBy,
  ...data
}: z.output<ReturnType<typeof shipment.deliveryCompletedV1>>): z.output<
  ReturnType<typeof shipment.deliveryCompletedV2>
> => ({
  ...data,
  ...(signedBy === undefined ? {} : { proof: { signedBy } }),
})

/** Every canonical event. `owners` are alternatives: any one of them may report it. */
export const EVENT_TYPES = {
  'order.captured': entry('order', ['channel'], [order.orderCaptured]),
  'order.validated': entry('order', ['erp'], [order.orderValidated]),
  'order.validation_failed': entry('order', ['erp'], [order.orderValidationFailed]),
  'order.accepted': entry('order', ['erp'], [order.orderAccepted]),
  'order.rejected': entry('order', ['erp'], [order.orderRejected]),
  'order.amended': entry('order', ['channel', 'erp'], [order.orderAmended]),
  'order.change_requested': entry('order', ['channel'], [order.orderChangeRequested]),
  'order.cancel_requested': entry('order', ['channel'], [order.orderCancelRequested]),
  'order.request_rejected': entry('order', ['erp'], [order.orderRequestRejected]),
  'order.cancelled': entry('order', ['erp'], [order.orderCancelled]),
  'credit.approved': entry('order', ['erp'], [order.creditApproved]),
  'credit.held': entry('order', ['erp'], [order.creditHeld]),
  'credit.released': entry('order', ['erp'], [order.creditReleased]),
  'order.allocated': entry('order', ['erp'], [order.orderAllocated]),
  'backorder.created': entry('order', ['erp'], [order.backorderCreated]),
  'order.released': entry('order', ['erp'], [order.orderReleased]),
  'order.closed': entry('order', ['erp'], [order.orderClosed]),
  'invoice.posted': entry('order', ['erp'], [order.invoicePosted]),
  'invoice.credited': entry('order', ['erp'], [order.invoiceCredited]),
  'invoice.disputed': entry('order', ['erp', 'channel'], [order.invoiceDisputed]),
  'invoice.dispute_resolved': entry('order', ['erp'], [order.invoiceDisputeResolved]),
  'payment.received': entry('order', ['erp'], [order.paymentReceived]),

  'shipment.acknowledged': entry('shipment', ['node'], [shipment.shipmentAcknowledged]),
  'shipment.split': entry('shipment', ['node'], [shipment.shipmentSplit]),
  'shipment.amended': entry('shipment', ['node', 'transport'], [shipment.shipmentAmended]),
  'pick.released': entry('shipment', ['node'], [shipment.pickReleased]),
  'pick.started': entry('shipment', ['node'], [shipment.pickStarted]),
  'pick.completed': entry('shipment', ['node'], [shipment.pickCompleted]),
  'pick.short': entry('shipment', ['node'], [shipment.pickShort]),
  'item.substituted': entry('shipment', ['node'], [shipment.itemSubstituted]),
  'pack.completed': entry('shipment', ['node'], [shipment.packCompleted]),
  'shipment.booked': entry('shipment', ['transport'], [shipment.shipmentBooked]),
  'shipment.confirmed': entry('shipment', ['node'], [shipment.shipmentConfirmed]),
  'shipment.in_transit': entry('shipment', ['transport'], [shipment.shipmentInTransit]),
  'shipment.out_for_delivery': entry('shipment', ['transport'], [shipment.shipmentOutForDelivery]),
  'shipment.delayed': entry('shipment', ['transport', 'node'], [shipment.shipmentDelayed]),
  'shipment.damaged': entry('shipment', ['transport', 'node'], [shipment.shipmentDamaged]),
  'shipment.damage_cleared': entry('shipment', ['operator'], [shipment.shipmentDamageCleared]),
  'delivery.attempted': entry('shipment', ['transport', 'node'], [shipment.deliveryAttempted]),
  'delivery.completed': entry(
    'shipment',
    ['transport'],
    [shipment.deliveryCompletedV1, shipment.deliveryCompletedV2],
    [signedByToProof],
  ),
  'delivery.refused': entry('shipment', ['transport', 'node'], [shipment.deliveryRefused]),
  'shipment.lost': entry('shipment', ['transport', 'node'], [shipment.shipmentLost]),
  'shipment.returned_to_sender': entry('shipment', ['transport', 'node'], [shipment.shipmentReturnedToSender]),
  'shipment.cancelled': entry('shipment', ['node', 'erp'], [shipment.shipmentCancelled]),

  'return.initiated': entry('return', ['channel'], [returns.returnInitiated]),
  'return.authorized': entry('return', ['erp'], [returns.returnAuthorized]),
  'return.rejected': entry('return', ['erp'], [returns.returnRejected]),
  'return.in_transit': entry('return', ['transport'], [returns.returnInTransit]),
  'return.received': entry('return', ['node'], [returns.returnReceived]),
  'return.inspected': entry('return', ['node'], [returns.returnInspected]),
  'return.dispositioned': entry('return', ['node'], [returns.returnDispositioned]),
  'return.credited': entry('return', ['erp'], [returns.returnCredited]),
  'return.closed': entry('return', ['erp'], [returns.returnClosed]),

  'correction.reported': entry('any', ['any'], [order.correctionReported]),
  'claim.reported': entry('any', ['any'], [order.claimReported]),

  'exception.assigned': entry('any', ['operator'], [desk.exceptionAssigned]),
  'exception.noted': entry('any', ['operator'], [desk.exceptionNoted]),
  'exception.retried': entry('any', ['operator'], [desk.exceptionRetried]),
  'exception.discarded': entry('any', ['operator'], [desk.exceptionDiscarded]),
  'reference.linked': entry('any', ['operator'], [desk.referenceLinked]),
} satisfies Record<string, EventTypeEntry>

export type EventType = keyof typeof EVENT_TYPES

type Last<List extends readonly unknown[]> = List extends readonly [...unknown[], infer Final] ? Final : never

type OutputOf<Maker> = Maker extends (zone: string) => infer Schema
  ? Schema extends z.ZodType
    ? z.output<Schema>
    : never
  : never

/** The data of an event in its newest schema version, as parsed: times in epoch ms, defaults filled in. */
export type DataOf<Type extends EventType> = OutputOf<Last<(typeof EVENT_TYPES)[Type]['versions']>>

export const eventTypeNames = Object.keys(EVENT_TYPES) as EventType[]
const TYPES = new Map<string, EventType>(eventTypeNames.map(name => [name, name]))
export const isEventType = (name: string): name is EventType => TYPES.has(name)
/** The event type of that name as one text for all events: comparing it, and finding by it, then compares no letters. */
export const eventTypeOf = (name: string): EventType | undefined => TYPES.get(name)
export const eventTypeEntry = (type: EventType): EventTypeEntry => EVENT_TYPES[type]

/** What people do about exceptions: they move no actor, and stand in history as their own entries. */
export const DESK_EVENTS = [
  'exception.assigned',
  'exception.noted',
  'exception.retried',
  'exception.discarded',
  'reference.linked',
] as const satisfies readonly EventType[]
export type DeskEventType = (typeof DESK_EVENTS)[number]
const OF_THE_DESK: ReadonlySet<string> = new Set(DESK_EVENTS)
export const isDeskEventType = (type: string): type is DeskEventType => OF_THE_DESK.has(type)

/** A schema, and how usual data of it is read as it comes from outside, and as it was kept (events/reading.ts). */
export interface DataSchema {
  readonly schema: z.ZodType
  readonly read: Reading
  readonly readKept: Reading
}

const schemasByZone = new Map<string, Map<EventType, readonly DataSchema[]>>()

/** The schema of `type` in `version` for local times in `zone`; undefined when there is no such version. Kept once made. */
export function schemaOf(type: EventType, version: number, zone: string): DataSchema | undefined {
  const known = schemasByZone.get(zone)?.get(type)
  if (known !== undefined) return known[version - 1]
  const types = schemasByZone.get(zone) ?? new Map<EventType, readonly DataSchema[]>()
  schemasByZone.set(zone, types)
  const schemas = eventTypeEntry(type)
    .versions.map(make => make(zone))
    .map(schema => ({ schema, read: schemaReading(schema, false), readKept: schemaReading(schema, true) }))
  types.set(type, schemas)
  return schemas[version - 1]
}

const personalByType = new Map<EventType, PersonalFields | undefined>()

/** Where data of `type`, in any of its versions, says something of people; undefined where it cannot. */
export function personalFieldsOf(type: EventType): PersonalFields | undefined {
  if (personalByType.has(type)) return personalByType.get(type)
  const fields = type === 'correction.reported' ? correctedFields() : fieldsIn([type])
  personalByType.set(type, fields)
  return fields
}

// Which zone local times are read in moves no field.
const fieldsIn = (types: readonly EventType[]): PersonalFields | undefined =>
  types
    .flatMap(type => eventTypeEntry(type).versions.map(make => personalFields(make('UTC'))))
    .reduce((one, other) => (one && other ? eitherFields(one, other) : (one ?? other)), undefined)

/** A correction does not say of which type the event is that it corrects: its data may be any event's. */
function correctedFields(): PersonalFields | undefined {
  const own = fieldsIn(['correction.reported'])
  const others = fieldsIn(eventTypeNames.filter(type => type !== 'correction.reported'))
  return own && others && { ...own, within: [['data', others]] }
}

/** `data` of version `version` brought to the newest version. */
export function upcast(type: EventType, version: number, data: unknown): unknown {
  const steps = eventTypeEntry(type).upcasts ?? []
  if (steps.length < version) return data
  return steps.slice(version - 1).reduce<unknown>((older, step) => step(older as never), data)
}
