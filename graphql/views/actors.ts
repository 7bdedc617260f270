// Actors of a family as readers meet them: an order, a shipment or a return, with the family it stands in. Pure.
import type { Actor } from '../../engine/actors.ts'
import type { Family } from '../../engine/family.ts'
import type { ActorKey, EntityKind } from '../../machines/ids.ts'
import { kindOf, ORDER_KEY } from '../../machines/ids.ts'
import type { OrderContext } from '../../machines/order/context.ts'
import type { ReturnContext } from '../../machines/return/context.ts'
import type { ShipmentContext } from '../../machines/shipment/context.ts'

/** One actor as of one state of its family; `Context` is the context of its kind. */
export interface ActorView<Context extends object = object> {
  readonly kind: EntityKind
  readonly key: ActorKey
  readonly family: Family
  readonly actor: Actor
  readonly context: Context
  readonly order: OrderContext
}
export type OrderView = ActorView<OrderContext>
export type ShipmentView = ActorView<ShipmentContext>
export type ReturnView = ActorView<ReturnContext>

/** The actor `key` names; undefined where the family has none, or no order yet. */
export function actorView(family: Family, key: ActorKey): ActorView | undefined {
  const actor = family.actors.get(key)
  const order = family.actors.order
  if (actor === undefined || order === undefined) return undefined
  return { kind: kindOf(key), key, family, actor, context: actor.context, order: order.context as OrderContext }
}

export const orderView = (family: Family): OrderView | undefined =>
  actorView(family, ORDER_KEY) as OrderView | undefined

/** All actors of `kind`, in the order they came to be. */
export const actorViews = (family: Family, kind: EntityKind): readonly ActorView[] =>
  family.actors.keys.filter(key => kindOf(key) === kind).flatMap(key => actorView(family, key) ?? [])
