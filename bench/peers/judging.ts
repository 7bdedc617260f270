// Judging: what every peer checks of an event it has not heard before, by the functions the engine checks it by: whether its source owns
// it, for this order and this shipment; its quantities in base units; and by XState whether the actor's chart takes it, its guards
// included. Then what it means for the others: a release makes a shipment, a shipment tells its order what it counts for.
// It does not know how actors are kept (actors.ts), and covers what the load tells of: an order and its one shipment.
import { amountsOf, contentsOf, OF_OTHERS, overShared } from '../../engine/amounts.ts'
import { foreignRole, ownerObstacle } from '../../engine/ownership.ts'
import type { ChartEvent, Move, Signal } from '../../machines/chart.ts'
import { CHARTS } from '../../machines/charts.ts'
import { eventTypeEntry } from '../../machines/event-types.ts'
import { shipmentKey } from '../../machines/ids.ts'
import { capturedOrder } from '../../machines/order/assigns.ts'
import { type OrderContext, orderedOf } from '../../machines/order/context.ts'
import { summed } from '../../machines/quantities.ts'
import { releasedShipment } from '../../machines/shipment/assigns.ts'
import type { ShipmentContext } from '../../machines/shipment/context.ts'
import { shipmentCounted } from '../../machines/shipment/contribution.ts'
import type { Heard } from './hearing.ts'

export type ActorKind = 'order' | 'shipment'

/** The actors of one order, however they are kept. */
export interface OrderActors {
  /** Undefined while there is no such actor. */
  context(kind: ActorKind): object | undefined
  /** Makes and starts one, whose chart begins with `context`. */
  create(kind: ActorKind, context: object): void
  /** Has its chart take the event. False where that has no such move, or its guards refuse it; nothing has changed then. */
  send(kind: ActorKind, event: ChartEvent): boolean
}

/** Whether the event moved the actors of its order. */
export function judge(actors: OrderActors, heard: Heard): boolean {
  const { event, source } = heard
  if (foreignRole(event, source) !== undefined) return false
  return event.type === 'order.captured' ? isCaptured(actors, heard) : isMoved(actors, heard)
}

function isCaptured(actors: OrderActors, heard: Heard): boolean {
  const move = moveOf(heard, NOTHING) as Move<'order.captured'>
  if (actors.context('order') !== undefined || move.data.lines.some(line => orderedOf(line) === undefined)) return false
  actors.create('order', capturedOrder(move))
  return true
}

function isMoved(actors: OrderActors, heard: Heard): boolean {
  const { event, source } = heard
  const kind = eventTypeEntry(event.type).entity === 'shipment' ? 'shipment' : 'order'
  const order = actors.context('order') as OrderContext | undefined
  const before = actors.context(kind)
  if (order === undefined || before === undefined) return false
  if (ownerObstacle(event, source, { ...actorOf(kind), context: before }, order) !== undefined) return false
  const amounts = overShared(event) === undefined ? amountsOf(event, order) : OF_OTHERS
  if ('obstacle' in amounts || amounts === OF_OTHERS) return false
  const move = moveOf(heard, amounts, order)
  if (!actors.send(kind, move)) return false
  if (move.type === 'order.released') release(actors, move)
  else if (kind === 'shipment') count(actors, before as ShipmentContext, move)
  return true
}

function release(actors: OrderActors, move: Move<'order.released'>): void {
  const context = releasedShipment(move, actors.context('order') as OrderContext)
  actors.create('shipment', context)
  count(actors, undefined, move)
}

/** Tells the order what its shipment counts for now. */
function count(actors: OrderActors, before: ShipmentContext | undefined, { place, timeMs, type }: Move): void {
  const after = actors.context('shipment') as ShipmentContext
  const key = shipmentKey(after.node, after.number)
  const signal: Signal | undefined = shipmentCounted(key, before, after, { type, timeMs, place })
  if (signal !== undefined && !actors.send('order', signal)) throw new Error(`bench: the order takes no ${signal.type}`)
}

const NOTHING = { named: [], parts: [] }

function moveOf({ event, source }: Heard, { named, parts }: Pick<Move, 'named' | 'parts'>, order?: OrderContext): Move {
  const contents = order === undefined ? [] : contentsOf(event, order)
  return {
    ...event,
    named,
    parts,
    amounts: summed(parts),
    contents,
    origin: source,
    tracking: trackingOf(event),
  } as Move
}

/** Carriers name the number in their data; a confirmation and a booking tell it, and are about the whole. */
function trackingOf({ data, type }: Heard['event']): string | undefined {
  return 'tracking' in data && type !== 'shipment.confirmed' && type !== 'shipment.booked' ? data.tracking : undefined
}

/** What ownership asks of an actor is its kind and its context. */
const actorOf = (kind: ActorKind) => ({ key: kind, kind, chart: CHARTS[kind].version, version: 0, state: '' })
