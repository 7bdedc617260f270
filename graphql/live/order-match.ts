// Whether an order passes a filter, by the same conditions as the order board. Pure.

import type { Family } from '../../engine/family.ts'
import type { BoardFilter } from '../../engine/projections/order-board.ts'
import type { OrderContext } from '../../machines/order/context.ts'

type Regions = Readonly<Record<string, string>>

export interface OrderSeen {
  readonly family: Family
  /** The order's state. */
  readonly regions: Regions
  /** When its newest entry was recorded. */
  readonly updatedMs: number
}

const STATES = ['lifecycle', 'credit', 'fulfilment', 'billing'] as const
const NAMES = ['customer', 'channel', 'company'] as const

export function isMatch(filter: BoardFilter, { family, regions, updatedMs }: OrderSeen): boolean {
  const order = family.actors.order?.context as OrderContext | undefined
  if (order === undefined) return false
  return (
    isStateMatch(filter, regions) &&
    NAMES.every(name => has(filter[name], order[name])) &&
    (filter.hasParked === undefined || filter.hasParked === family.parked.length > 0) &&
    isWithin(order.milestones.received?.[0], filter.capturedFromMs, filter.capturedToMs) &&
    isWithin(order.promisedAt, filter.promisedFromMs, filter.promisedToMs) &&
    isWithin(updatedMs, filter.updatedFromMs, filter.updatedToMs)
  )
}

/** The same of the conditions about its state alone. */
export const isStateMatch = (filter: BoardFilter, regions: Regions): boolean =>
  STATES.every(state => has(filter[state], regions[state]))

const has = (wanted: readonly string[] | undefined, value: string | undefined): boolean =>
  wanted === undefined || (value !== undefined && wanted.includes(value))

/** An order without such a time is in no span of it. */
function isWithin(ms: number | undefined, from: number | undefined, to: number | undefined): boolean {
  if (from === undefined && to === undefined) return true
  return ms !== undefined && ms >= (from ?? Number.NEGATIVE_INFINITY) && ms <= (to ?? Number.POSITIVE_INFINITY)
}
