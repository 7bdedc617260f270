// References: which actor holds which business number, in which scope, and what a source's subject means (domain §2). Pure.
// A number means something only in its scope, and a source looks up only in the scopes it speaks for.
import type { CanonicalEvent, ReferenceKind } from '../machines/event.ts'
import { type ActorKey, ORDER_KEY, type Place, placeMs, returnKey } from '../machines/ids.ts'
import type { OrderContext } from '../machines/order/context.ts'
import type { ReturnContext } from '../machines/return/context.ts'
import { isDelivered, type ShipmentContext } from '../machines/shipment/context.ts'
import { isNothingLeft } from '../machines/shipment/gates.ts'
import type { Source } from '../machines/sources.ts'
import type { Actor, Family } from './family.ts'

export interface Reference {
  readonly kind: ReferenceKind
  readonly number: string
  /** Customer, company, nodes or carriers the number belongs to; empty where that is not known yet. */
  readonly scope: readonly string[]
}

/** Numbers that several orders may share: an event that names one is judged in every family that holds it. */
const SHARED: readonly ReferenceKind[] = ['consignment', 'tracking', 'rma', 'invoice']
export const isShared = (kind: ReferenceKind): boolean => SHARED.includes(kind)

/** Tracking numbers are reused: an event is for holders alive within this time of it (domain §2). */
const REUSE_MS = 60 * 24 * 3_600_000

const scopeOf = (name: string | undefined): readonly string[] => (name === undefined ? [] : [name])

/** Every number `actor` holds. */
export function referencesOf(actor: Actor): readonly Reference[] {
  if (actor.kind === 'order') return orderReferences(actor.context as OrderContext)
  return actor.kind === 'shipment'
    ? shipmentReferences(actor.context as ShipmentContext)
    : returnReferences(actor.context as ReturnContext)
}

function orderReferences(order: OrderContext): readonly Reference[] {
  const references: Reference[] = [{ kind: 'order', number: order.id, scope: [] }]
  if (order.poNumber !== undefined) references.push({ kind: 'po', number: order.poNumber, scope: [order.customer] })
  if (order.erpNumber !== undefined)
    references.push({ kind: 'erp', number: order.erpNumber, scope: scopeOf(order.company) })
  for (const [number, invoice] of Object.entries(order.invoices))
    references.push({ kind: 'invoice', number, scope: scopeOf(invoice.company ?? order.company) })
  return references
}

/** A cancelled shipment holds a shared number no more. */
function shipmentReferences(shipment: ShipmentContext): readonly Reference[] {
  const references: Reference[] = [{ kind: 'shipment', number: shipment.number, scope: [shipment.node] }]
  if (isNothingLeft(shipment)) return references
  if (shipment.consignment !== undefined)
    references.push({ kind: 'consignment', number: shipment.consignment, scope: [shipment.node] })
  for (const number of shipment.trackings) references.push({ kind: 'tracking', number, scope: shipment.carriers })
  return references
}

function returnReferences(back: ReturnContext): readonly Reference[] {
  const references: Reference[] = [{ kind: 'return', number: back.number, scope: [] }]
  if (back.rma !== undefined) references.push({ kind: 'rma', number: back.rma, scope: scopeOf(back.company) })
  for (const number of back.trackings) references.push({ kind: 'tracking', number, scope: back.carriers })
  return references
}

/** Numbers `family` holds that it did not hold before. */
export function learnedNumbers(before: Family, after: Family, moved: readonly ActorKey[]): readonly string[] {
  const known = new Set<string>()
  const now = new Set<string>()
  for (const key of moved) {
    const then = before.actors[key]
    const actor = after.actors[key]
    if (then !== undefined) for (const reference of referencesOf(then)) known.add(reference.number)
    if (actor !== undefined) for (const reference of referencesOf(actor)) now.add(reference.number)
  }
  return [...now].filter(number => !known.has(number))
}

/** Whether `source` speaks for the scope a number belongs to. A scope not known yet excludes nobody. */
function speaksFor(source: Source, { kind, scope }: Reference): boolean {
  const lists: Partial<Record<ReferenceKind, readonly string[] | undefined>> = {
    po: source.customers,
    erp: source.companies,
    invoice: source.companies,
    rma: source.companies,
    shipment: source.nodes,
    consignment: source.nodes,
    tracking: source.carriers,
  }
  const list = lists[kind]
  return list === undefined || scope.length === 0 || scope.some(name => list.includes(name))
}

function wasAlive(actor: Actor, timeMs: number): boolean {
  if (actor.kind !== 'shipment') return true
  const shipment = actor.context as ShipmentContext
  const ended = endPlace(shipment)
  if (ended !== undefined && timeMs > placeMs(ended) + REUSE_MS) return false
  return timeMs >= placeMs(shipment.releasedPlace) - REUSE_MS
}

function endPlace(shipment: ShipmentContext): Place | undefined {
  if (!isDelivered(shipment)) return shipment.end?.place
  return Object.values(shipment.deliveries).reduce<Place | undefined>(
    (latest, { place }) => (latest === undefined || place > latest ? place : latest),
    undefined,
  )
}

export interface Holder {
  readonly family: string
  readonly actor: ActorKey
  readonly reference: Reference
}

/** Actors of `family` that hold `number` as far as `source` may see, for an event at `timeMs` (undefined: at any time). */
export function holdersIn(
  family: Family,
  wanted: {
    readonly number: string
    readonly kind?: ReferenceKind
    readonly source?: Source
    readonly timeMs?: number
  },
): readonly Holder[] {
  return Object.entries(family.actors).flatMap(([key, actor]) =>
    referencesOf(actor)
      .filter(
        reference =>
          reference.number === wanted.number &&
          (wanted.kind === undefined || reference.kind === wanted.kind) &&
          (wanted.source === undefined || speaksFor(wanted.source, reference)) &&
          (wanted.timeMs === undefined || reference.kind !== 'tracking' || wasAlive(actor, wanted.timeMs)),
      )
      .map(reference => ({ family: family.id, actor: key, reference })),
  )
}

/** The actor within `family` an event is about once its subject led there by `holders`; undefined where that is not clear (it waits). */
export function actorsOf(
  event: CanonicalEvent,
  entity: string,
  family: Family,
  holders: readonly Holder[],
  source: Source,
): readonly ActorKey[] {
  const held = [...new Set(holders.map(holder => holder.actor))]
  if (entity === 'any') return held
  if (entity === 'order')
    return family.actors[ORDER_KEY] === undefined && event.type !== 'order.captured' ? [] : [ORDER_KEY]
  const direct = held.filter(key => family.actors[key]?.kind === entity)
  if (direct.length > 0) return direct
  return entity === 'shipment' ? openShipment(family, source) : returnOf(event, family)
}

/** A shipment event that names just the order means its one open shipment at the source's node. */
function openShipment(family: Family, source: Source): readonly ActorKey[] {
  const open = Object.entries(family.actors).filter(([, actor]) => {
    if (actor.kind !== 'shipment') return false
    const shipment = actor.context as ShipmentContext
    const isHere = source.nodes === undefined || source.nodes.includes(shipment.node)
    return isHere && !isDelivered(shipment) && shipment.end?.kind !== 'returned_to_sender' && !isNothingLeft(shipment)
  })
  return open.length === 1 ? [(open[0] as [ActorKey, Actor])[0]] : []
}

/** The return an event names by number, RMA or receipt; else a new one where the event makes returns; else the order's one open return. */
function returnOf(event: CanonicalEvent, family: Family): readonly ActorKey[] {
  const data = event.data as { return?: string; rma?: string; receipt?: string }
  const returns = Object.entries(family.actors).filter(([, actor]) => actor.kind === 'return')
  const named = returns.find(([, actor]) => {
    const back = actor.context as ReturnContext
    if (data.return !== undefined) return back.number === data.return
    return (
      (data.rma !== undefined && back.rma === data.rma) ||
      (data.receipt !== undefined && back.receipts.includes(data.receipt))
    )
  })
  if (named !== undefined) return [named[0]]
  const makes =
    event.type === 'return.initiated' || event.type === 'return.authorized' || event.type === 'return.received'
  if (makes) return [returnKey(data.return ?? data.receipt ?? data.rma ?? `${event.source}:${event.id}`)]
  if (data.return !== undefined) return []
  const open = returns.filter(([, actor]) => (actor.context as ReturnContext).closedPlace === undefined)
  return open.length === 1 ? [(open[0] as [ActorKey, Actor])[0]] : []
}
