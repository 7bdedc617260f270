// Ownership: whether a source may report a move of this actor, resolved from data (domain §1). Pure.

import type { Obstacle } from '../machines/chart.ts'
import type { CanonicalEvent } from '../machines/event.ts'
import { eventTypeEntry } from '../machines/event-types.ts'
import type { OrderContext } from '../machines/order/context.ts'
import { mayEverOwn, type OwnerRule, rolesOf } from '../machines/owners.ts'
import type { ReturnContext } from '../machines/return/context.ts'
import type { ShipmentContext } from '../machines/shipment/context.ts'
import type { Source } from '../machines/sources.ts'
import type { Actor } from './actors.ts'

/** Refused for good where the role can never own the move: no fact still to come makes that right (C4). */
export function foreignRole(event: CanonicalEvent, source: Source, override?: string): Obstacle | undefined {
  const { owners } = eventTypeEntry(event.type)
  if (override !== undefined && source.role !== 'operator')
    return {
      ...notOwner('operator', source),
      code: 'operators_only',
      reason: `${source.id} is no operator: people force, with a reason`,
    }
  if (override !== undefined || mayEverOwn(owners, source.role)) return undefined
  return { ...notOwner(owners[0] ?? 'any', source), code: 'foreign_role' }
}

/** Undefined when one of the event's owner rules lets `source` report it of `actor`; else the kindest obstacle: waiting before refusal. */
export function ownerObstacle(
  event: CanonicalEvent,
  source: Source,
  actor: Actor,
  order: OrderContext | undefined,
): Obstacle | undefined {
  let kindest: Obstacle | undefined
  for (const rule of eventTypeEntry(event.type).owners) {
    const obstacle = byRule(rule, event, source, actor, order)
    if (obstacle === undefined) return undefined
    if (kindest === undefined || (kindest.verdict !== 'waits' && obstacle.verdict === 'waits')) kindest = obstacle
  }
  return kindest
}

function byRule(
  rule: OwnerRule,
  event: CanonicalEvent,
  source: Source,
  actor: Actor,
  order: OrderContext | undefined,
): Obstacle | undefined {
  if (!rolesOf(rule).includes(source.role)) return notOwner(rule, source)
  switch (rule) {
    case 'channel':
      return source.role === 'crm' || order === undefined || order.channel === source.id
        ? undefined
        : notOwner(rule, source)
    case 'erp':
      return includes(source.companies, order?.company) ? undefined : notOwner(rule, source)
    case 'node':
      return actor.kind === 'return'
        ? returnNode(event, source, actor.context as ReturnContext)
        : shipmentNode(source, actor.context as ShipmentContext)
    case 'transport':
      return actor.kind === 'return'
        ? bringingBack(source, actor.context as ReturnContext)
        : carrying(source, actor.context as ShipmentContext)
    case 'any':
    case 'operator':
      return undefined
    case 'twin':
      return notOwner(rule, source)
  }
}

const includes = (list: readonly string[] | undefined, name: string | undefined): boolean =>
  list === undefined || name === undefined || list.includes(name)

const shipmentNode = (source: Source, shipment: ShipmentContext): Obstacle | undefined =>
  includes(source.nodes, shipment.node) ? undefined : notOwner('node', source)

/** A return's node is the one where the goods turn up: until they do at this source's, what it says of them waits. */
function returnNode(event: CanonicalEvent, source: Source, back: ReturnContext): Obstacle | undefined {
  if (event.type === 'return.received') return undefined
  if (source.nodes === undefined || back.nodes.length === 0 || back.nodes.some(node => source.nodes?.includes(node)))
    return undefined
  return {
    verdict: 'waits',
    code: 'owner_not_known',
    reason: `nothing of this return has turned up at ${source.nodes.join(', ')}`,
    owner: 'node',
    waitsFor: { event: 'return.received', owner: 'node' },
  }
}

/** A TMS; any carrier named so far; the node's operator where it also carries. A carrier not named yet waits to be. */
function carrying(source: Source, shipment: ShipmentContext): Obstacle | undefined {
  if (source.role === 'tms') return undefined
  // A carrier without a list speaks for all: an aggregator.
  const isAggregator = source.role === 'carrier' && source.carriers === undefined
  const isNamed = isAggregator || shipment.carriers.some(carrier => source.carriers?.includes(carrier))
  if (isNamed) return undefined
  const isOperator = source.role !== 'carrier'
  if (isOperator && !includes(source.nodes, shipment.node)) return notOwner('transport', source)
  if (isOperator && shipment.carriers.length === 0) return undefined
  return {
    verdict: 'waits',
    code: 'owner_not_known',
    reason: `${source.id} is not named as a carrier of shipment ${shipment.number}`,
    owner: 'transport',
    waitsFor: { event: 'shipment.booked', owner: 'transport' },
  }
}

/** Of a return any carrier may report until one is named; a node's operator and a TMS always. */
function bringingBack(source: Source, back: ReturnContext): Obstacle | undefined {
  const isNamed = back.carriers.some(carrier => source.carriers?.includes(carrier))
  if (source.role !== 'carrier' || isNamed || back.carriers.length === 0) return undefined
  return {
    verdict: 'waits',
    code: 'owner_not_known',
    reason: `${source.id} is not named as a carrier of return ${back.number}`,
    owner: 'transport',
    waitsFor: { event: 'return.in_transit', owner: 'transport' },
  }
}

const notOwner = (owner: OwnerRule, source: Source): Obstacle => ({
  verdict: 'not_owner',
  code: 'not_owner',
  reason: `${source.id} (${source.role}) does not own this move; ${owner} does`,
  owner,
})
