// At rest: whether nothing more is expected of an order, of anybody. Pure.
import type { Surroundings } from '../exceptions/condition.ts'
import { conditionsOf } from '../exceptions/exceptions.ts'
import { type Facts, isOver } from '../exceptions/facts.ts'

/**
 * Closed, cancelled or rejected; nothing parked, every shipment ended, every return closed; and nothing wrong with it, now or
 * by a deadline ahead: neither an exception that somebody is to handle nor one that would open by itself.
 */
export function isAtRest(facts: Facts, around: Surroundings): boolean {
  const { family, order, returns, shipments } = facts
  if (order === undefined || !isOver(order) || family.parked.length > 0) return false
  if (!shipments.every(({ hasEnded }) => hasEnded)) return false
  if (!returns.every(({ context }) => context.closedPlace !== undefined)) return false
  return conditionsOf(facts, around).length === 0
}
