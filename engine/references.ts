// References: which actor holds which business number, and in which scope (domain §2). Pure.
// A number means something only in its scope, and a source looks up only in the scopes it speaks for.
import type { CanonicalEvent, ReferenceKind } from '../machines/event.ts'
import { eventTypeEntry } from '../machines/event-types.ts'
import { type ActorKey, type EntityKind, kindOf, ORDER_KEY, type Place, placeMs } from '../machines/ids.ts'
import type { OrderContext } from '../machines/order/context.ts'
import type { ReturnContext } from '../machines/return/context.ts'
import { endOf, isDelivered, type ShipmentContext } from '../machines/shipment/context.ts'
import { isNothingLeft } from '../machines/shipment/gates.ts'
import type { Source } from '../machines/sources.ts'
import type { Actor } from './actors.ts'
import type { Family } from './family.ts'
import { isSame } from './packing/same.ts'

export interface Reference {
  readonly kind: ReferenceKind
  readonly number: string
  /** Customer, company, nodes or carriers the number belongs to; empty where that is not known yet. */
  readonly scope: readonly string[]
}

/** Numbers that several orders may share: an event that names one is judged in every family that holds it. */
const SHARED: readonly ReferenceKind[] = ['consignment', 'tracking', 'rma', 'invoice']
export const isShared = (kind: ReferenceKind): boolean => SHARED.includes(kind)
const isSharedReference = ({ kind }: Reference): boolean => isShared(kind)

/** The kinds of number that each kind of actor is given. */
const GIVEN: Readonly<Record<EntityKind, readonly ReferenceKind[]>> = {
  order: ['order', 'po', 'erp', 'invoice'],
  shipment: ['shipment', 'consignment', 'tracking'],
  return: ['return', 'rma', 'tracking'],
}

/** Tracking numbers are reused: an event is for holders alive within this time of it (domain §2). */
const REUSE_MS = 60 * 24 * 3_600_000

const ANYWHERE: readonly string[] = []
const scopeOf = (name: string | undefined): readonly string[] => (name === undefined ? ANYWHERE : [name])

/** Every number `actor` holds, or `only` that one. A cancelled shipment holds a shared number no more. */
export function referencesOf(actor: Actor, only?: string): readonly Reference[] {
  const carried = carriedReferences(actor, only)
  const holdsAll = !carried.some(isSharedReference) || !holdsLess(actor)
  return holdsAll ? carried : carried.filter(reference => !isSharedReference(reference))
}

/** Every number `actor` was ever given, or `only` that one: of each event one is looked for. */
export function carriedReferences(actor: Actor, only?: string): readonly Reference[] {
  const references: Reference[] = []
  const add = (kind: ReferenceKind, number: string | undefined, scope: readonly string[]) => {
    if (number !== undefined && (only === undefined || only === number)) references.push({ kind, number, scope })
  }
  if (actor.kind === 'order') addOrder(add, actor.context as OrderContext)
  else if (actor.kind === 'shipment') addShipment(add, actor.context as ShipmentContext)
  else addReturn(add, actor.context as ReturnContext)
  return references
}

type Add = (kind: ReferenceKind, number: string | undefined, scope: readonly string[]) => void

/** The actors of `family` that were ever given `number`. */
export const carriersOf = (family: Family, number: string): readonly ActorKey[] =>
  family.actors.all.filter(actor => carriedReferences(actor, number).length > 0).map(({ key }) => key)

function addOrder(add: Add, order: OrderContext): void {
  add('order', order.id, ANYWHERE)
  add('po', order.poNumber, [order.customer])
  add('erp', order.erpNumber, scopeOf(order.company))
  for (const number in order.invoices) add('invoice', number, scopeOf(order.invoices[number]?.company ?? order.company))
}

function addShipment(add: Add, { carriers, consignment, node, number, trackings }: ShipmentContext): void {
  add('shipment', number, [node])
  add('consignment', consignment, [node])
  for (const tracking of trackings) add('tracking', tracking, carriers)
}

function addReturn(add: Add, { carriers, company, number, rmas, trackings }: ReturnContext): void {
  add('return', number, ANYWHERE)
  for (const rma of rmas) add('rma', rma, scopeOf(company))
  for (const tracking of trackings) add('tracking', tracking, carriers)
}

/** Whether an actor holds the numbers it held, in the scopes they had. Contexts share what did not change: nothing is looked through. */
function isGivenTheSame({ context: then, kind }: Actor, { context: now }: Actor): boolean {
  if (kind === 'order') return isOrderGivenTheSame(then as OrderContext, now as OrderContext)
  if (kind === 'shipment') return isShipmentGivenTheSame(then as ShipmentContext, now as ShipmentContext)
  return isReturnGivenTheSame(then as ReturnContext, now as ReturnContext)
}

const isOrderGivenTheSame = (then: OrderContext, now: OrderContext): boolean =>
  then.id === now.id &&
  then.customer === now.customer &&
  then.poNumber === now.poNumber &&
  then.erpNumber === now.erpNumber &&
  then.company === now.company &&
  then.invoices === now.invoices

const isShipmentGivenTheSame = (then: ShipmentContext, now: ShipmentContext): boolean =>
  then.number === now.number &&
  then.node === now.node &&
  then.consignment === now.consignment &&
  then.trackings === now.trackings &&
  then.carriers === now.carriers &&
  isNothingLeft(then) === isNothingLeft(now)

const isReturnGivenTheSame = (then: ReturnContext, now: ReturnContext): boolean =>
  then.number === now.number &&
  then.company === now.company &&
  then.rmas === now.rmas &&
  then.trackings === now.trackings &&
  then.carriers === now.carriers

/**
 * Numbers an actor of `family` was not given before, not in that scope, or holds again: who waits under one may speak for
 * it now.
 */
export function learnedNumbers(
  before: Family['actors'],
  after: Family['actors'],
  moved: readonly ActorKey[],
): readonly string[] {
  let learned: string[] | undefined
  for (const key of moved) {
    const then = before.get(key)
    const actor = after.get(key)
    if (actor === undefined || (then !== undefined && isGivenTheSame(then, actor))) continue
    learned ??= []
    learnNew(learned, then === undefined ? NONE : carriedReferences(then), carriedReferences(actor))
    if (holdsLess(actor) || (then !== undefined && holdsLess(then)))
      learnNew(learned, then === undefined ? NONE : referencesOf(then), referencesOf(actor))
  }
  return learned ?? NO_NUMBERS
}

const NONE: readonly Reference[] = []
const NO_NUMBERS: readonly string[] = []

function learnNew(learned: string[], known: readonly Reference[], now: readonly Reference[]): void {
  for (const reference of now)
    if (!learned.includes(reference.number) && !known.some(other => isSameReference(other, reference)))
      learned.push(reference.number)
}

const isSameReference = (a: Reference, b: Reference): boolean =>
  a.number === b.number && a.kind === b.kind && isSame(a.scope, b.scope)

/** Whether the actor holds less than it was given. */
const holdsLess = (actor: Actor): boolean =>
  actor.kind === 'shipment' && isNothingLeft(actor.context as ShipmentContext)

/** Whether `source` speaks for the scope a number belongs to. A scope not known yet excludes nobody. */
function speaksFor(source: Source, { kind, scope }: Reference): boolean {
  const list = scopesOf(source, kind)
  return list === undefined || scope.length === 0 || scope.some(name => list.includes(name))
}

/** The scopes of `kind` a source speaks for; undefined for all of them. */
function scopesOf(source: Source, kind: ReferenceKind): readonly string[] | undefined {
  switch (kind) {
    case 'po':
      return source.customers
    case 'erp':
    case 'invoice':
    case 'rma':
      return source.companies
    case 'shipment':
    case 'consignment':
      return source.nodes
    case 'tracking':
      return source.carriers
    default:
      return undefined
  }
}

function wasAlive(actor: Actor, timeMs: number): boolean {
  if (actor.kind !== 'shipment') return true
  const shipment = actor.context as ShipmentContext
  const ended = endPlace(shipment)
  if (ended !== undefined && timeMs > placeMs(ended) + REUSE_MS) return false
  return timeMs >= placeMs(shipment.releasedPlace) - REUSE_MS
}

function endPlace(shipment: ShipmentContext): Place | undefined {
  if (!isDelivered(shipment)) return endOf(shipment)?.place
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
export function holdersIn(family: Family, wanted: Wanted): readonly Holder[] {
  const holders: Holder[] = []
  const { order, others } = family.actors
  if (order !== undefined) addHolding(holders, family.id, order, wanted)
  for (let index = 0; index < others.length; index++) addHolding(holders, family.id, others[index] as Actor, wanted)
  return holders.length > 1 ? holders.sort(byActor) : holders
}

function addHolding(holders: Holder[], family: string, actor: Actor, wanted: Wanted): void {
  if (!mayHold(actor, wanted)) return
  for (const reference of referencesOf(actor, wanted.number))
    if (isWanted(reference, actor, wanted)) holders.push({ family, actor: actor.key, reference })
}

// A family's actors stand in the order they came, or by key where it was packed since: an entry must not tell which (E6).
const byActor = (one: Holder, other: Holder): number => (one.actor < other.actor ? -1 : one.actor > other.actor ? 1 : 0)

interface Wanted {
  readonly number: string
  readonly kind?: ReferenceKind
  readonly source?: Source
  readonly timeMs?: number
}

const isWanted = (reference: Reference, actor: Actor, { kind, number, source, timeMs }: Wanted): boolean =>
  reference.number === number &&
  (kind === undefined || reference.kind === kind) &&
  (source === undefined || speaksFor(source, reference)) &&
  (timeMs === undefined || reference.kind !== 'tracking' || wasAlive(actor, timeMs))

/** Whether it is worth building the actor's references: most actors of a family hold other numbers, or of other kinds. */
function mayHold({ context, kind }: Actor, { kind: wanted, number }: Wanted): boolean {
  if (wanted !== undefined && !GIVEN[kind].includes(wanted)) return false
  if (kind === 'order') {
    const { erpNumber, id, invoices, poNumber } = context as OrderContext
    return number === id || number === poNumber || number === erpNumber || number in invoices
  }
  const trackings = (context as ShipmentContext | ReturnContext).trackings
  if (kind === 'shipment') {
    const { consignment, number: own } = context as ShipmentContext
    return number === own || number === consignment || trackings.includes(number)
  }
  const { number: own, rmas } = context as ReturnContext
  return number === own || rmas.includes(number) || trackings.includes(number)
}

/**
 * Whether holders of one kind of number are several things: their scopes are known, and have nothing in common. Scopes differ
 * little: a load of a thousand orders is of one node.
 */
export function areApart(holders: readonly Holder[]): boolean {
  let scopes: readonly Reference[] = []
  for (const { reference } of holders) {
    if (reference.scope.length === 0 || scopes.some(known => isSameScope(known, reference))) continue
    if (scopes.some(known => isApart(known, reference))) return true
    scopes = [...scopes, reference]
  }
  return false
}

const isSameScope = (a: Reference, b: Reference): boolean => a.kind === b.kind && isSame(a.scope, b.scope)
const isApart = (a: Reference, b: Reference): boolean =>
  a.kind === b.kind && !a.scope.some(name => b.scope.includes(name))

/** Whether `event` does not tell which of `holders` it is about. What a correction is about, the event it names tells. */
export function isAmbiguous({ type }: CanonicalEvent, holders: readonly Holder[]): boolean {
  if (holders.length < 2 || type === 'correction.reported') return false
  const { entity } = eventTypeEntry(type)
  const fitting = holders.filter(({ actor }) => kindOf(actor) === entity)
  return areApart(fitting.length > 0 ? fitting : holders)
}

/** Actors of `family` that hold the number an event is addressed by, as far as its source may see. */
export function holdersFor({ subject, timeMs }: CanonicalEvent, source: Source, family: Family): readonly Holder[] {
  const { number } = subject
  if (subject.kind === 'order') return number === family.id ? orderItself(family) : []
  if (subject.kind === 'return')
    return (['return', 'rma'] as const).flatMap(kind => holdersIn(family, { number, kind, source, timeMs }))
  const kind = subject.kind === 'reference' ? subject.reference : subject.kind
  return holdersIn(family, { number, kind, source, timeMs })
}

/** Whether what addresses the event is a number that others may take later. */
export const namesShared = (event: CanonicalEvent, source: Source, family: Family): boolean =>
  holdersFor(event, source, family).some(holder => isShared(holder.reference.kind))

/** Whether what addresses the event is such a number to all in `family` that were ever given it, those that hold it no more included. */
export function isSharedBy({ subject }: CanonicalEvent, { actors }: Family): boolean {
  const kind = subject.kind === 'reference' ? subject.reference : subject.kind
  const given = actors.all
    .flatMap(actor => carriedReferences(actor, subject.number))
    .filter(reference => kind === undefined || reference.kind === kind)
  return given.length > 0 && given.every(isSharedReference)
}

const orderItself = (family: Family): readonly Holder[] =>
  family.actors.order === undefined
    ? []
    : [{ family: family.id, actor: ORDER_KEY, reference: { kind: 'order', number: family.id, scope: [] } }]

/** Cancelled shipments of `family` that carried `number`: at an earlier place an event may be about them. */
export function formerHolders(family: Family, number: string): readonly ActorKey[] {
  const former: ActorKey[] = []
  const { others } = family.actors
  for (let index = 0; index < others.length; index++) {
    const actor = others[index] as Actor
    if (!holdsLess(actor)) continue
    const { consignment, trackings } = actor.context as ShipmentContext
    if (consignment === number || trackings.includes(number)) former.push(actor.key)
  }
  return former.sort()
}

/** Shared numbers that those of `moved` carry who hold them no more. */
export const lostNumbers = ({ actors }: Family, moved: readonly ActorKey[]): readonly string[] => [
  ...new Set(
    moved.flatMap(key => {
      const actor = actors.get(key)
      if (actor === undefined || !holdsLess(actor)) return []
      const { consignment, trackings } = actor.context as ShipmentContext
      return consignment === undefined ? trackings : [consignment, ...trackings]
    }),
  ),
]

/** Whether the same was cancelled of a shipment, and as a whole at the same place. */
export function isCancelledAlike(one: Actor | undefined, other: Actor | undefined): boolean {
  if (one?.kind !== 'shipment' || other?.kind !== 'shipment') return one?.kind === other?.kind
  const [a, b] = [one.context as ShipmentContext, other.context as ShipmentContext]
  return a.wholeCancelPlace === b.wholeCancelPlace && isSame(a.cancelled, b.cancelled)
}

export const hasLost = (family: Family, number: string): boolean => formerHolders(family, number).length > 0
