// What may stand in a shipment's way (domain §3–5). A shipment never grows: what exceeds it is refused for good.

import type { Move, Obstacle } from '../chart.ts'
import { placeInList, sumOfLine } from '../quantities.ts'
import type { Source } from '../sources.ts'
import {
  endOf,
  isDelivered,
  leftOf,
  overToleranceOf,
  ownOf,
  type ShipmentContext,
  stepRank,
  toldDamaged,
} from './context.ts'

const refused = (code: string, reason: string): Obstacle => ({ verdict: 'not_allowed_in_state', code, reason })
const exceeded = (reason: string): Obstacle => ({ verdict: 'quantity_exceeded', code: 'quantity_exceeded', reason })

export function isNothingLeft(context: ShipmentContext): boolean {
  for (let index = 0; index < context.lines.length; index++) if (ownOf(context, index) > 0) return false
  return true
}

function notCancelled(context: ShipmentContext): Obstacle | undefined {
  return isNothingLeft(context)
    ? refused('shipment_cancelled', 'nothing of this shipment is left: it was cancelled or split off')
    : undefined
}

/** Nothing follows a return to the sender: of the whole, or of the carton the event is about. */
function notReturned(context: ShipmentContext, move?: Move): Obstacle | undefined {
  const carton = move?.tracking === undefined ? undefined : context.ends[move.tracking]
  const end = carton ?? (move?.tracking === undefined ? endOf(context) : context.ends['*'])
  if (end?.kind !== 'returned_to_sender') return undefined
  return refused('shipment_returned', 'the shipment was returned to its sender')
}

function notDelivered(context: ShipmentContext, move?: Move): Obstacle | undefined {
  const { tracking } = move ?? {}
  const isProved =
    tracking === undefined ? isDelivered(context) : tracking in context.deliveries || '*' in context.deliveries
  return isProved ? refused('shipment_delivered', 'the shipment was delivered') : undefined
}

/** Split and cancellation come before goods issue. */
function notShipped(context: ShipmentContext): Obstacle | undefined {
  if (stepRank(context.step) < stepRank('shipped')) return undefined
  return refused('shipment_shipped', 'the goods have left')
}

/** The node up to goods issue, transport after it. */
function mayAmend(context: ShipmentContext, move?: Move): Obstacle | undefined {
  if (move === undefined || notShipped(context) === undefined || carries(context, move.origin)) return undefined
  return {
    verdict: 'not_owner',
    code: 'shipment_shipped',
    reason: 'the goods have left: transport confirms changes now',
    owner: 'transport',
    isPermission: true,
  }
}

/** A node carries while no carrier is named (own fleet, counter pickup), and where it is one that is. */
const carries = ({ carriers }: ShipmentContext, { carriers: own, role }: Source): boolean =>
  role === 'tms' || role === 'carrier' || carriers.length === 0 || carriers.some(carrier => own?.includes(carrier))

function mayAmendBefore(context: ShipmentContext, move?: Move): Obstacle | undefined {
  const isNode = move?.origin.role === 'wms' || move?.origin.role === '3pl'
  if (move === undefined || isNode || notShipped(context) !== undefined) return undefined
  return {
    verdict: 'waits',
    code: 'shipment_not_shipped',
    reason: 'the goods are still at the node, which confirms changes until they leave',
    waitsFor: { event: 'shipment.confirmed', owner: 'node' },
    isPermission: true,
  }
}

type Counted = (context: ShipmentContext, index: number) => number

/** `used` plus what the event brings stays within the shipment's own quantity (and its tolerance where that applies). */
const within =
  (used: (context: ShipmentContext, index: number, move: Move) => number, limit: Counted, words: string) =>
  (context: ShipmentContext, move?: Move): Obstacle | undefined => {
    for (const { line, quantity } of move?.amounts ?? []) {
      const index = placeInList(context.lines, line, each => each)
      if (index < 0) return exceeded(`line ${line} is not part of this shipment`)
      const most = limit(context, index)
      const sum = used(context, index, move as Move) + quantity
      if (sum > most) return exceeded(`line ${line}: ${sum} ${words}, at most ${most}`)
    }
    return undefined
  }

const none: Counted = () => 0
const withTolerance: Counted = (context, index) => ownOf(context, index) + overToleranceOf(context, index)

const withinPicked = within((context, index) => context.picked[index] ?? 0, withTolerance, 'picked')
const withinShort = within((context, index) => context.short[index] ?? 0, ownOf, 'short')
const withinShipped = within(none, withTolerance, 'shipped')
const withinOwn = within(none, ownOf, 'taken off')
/** Until goods issue is confirmed, what left is known only as "all but the shorts": the limit is the shipment's own quantity. */
const withinLeft = within(
  countedElsewhere,
  (context, index) =>
    context.confirmed?.amounts === undefined ? withTolerance(context, index) : leftOf(context, index),
  'delivered',
)
/** Counted at the delivery of other cartons. A count of the whole stands alone. */
function countedElsewhere(context: ShipmentContext, index: number, { tracking }: Move): number {
  if (tracking === undefined) return 0
  const others = Object.entries(context.deliveries).filter(([key]) => key !== tracking && key !== '*')
  return others.reduce((sum, [, { amounts }]) => sum + sumOfLine(amounts ?? [], context.lines[index] ?? ''), 0)
}
const withinDamaged = within(none, withTolerance, 'damaged')

/** No more is cleared than was told to be damaged: what is told later makes room. */
function withinDamage(context: ShipmentContext, move?: Move): Obstacle | undefined {
  for (const { line, quantity } of move?.amounts ?? []) {
    const index = placeInList(context.lines, line, each => each)
    if (index < 0) return exceeded(`line ${line} is not part of this shipment`)
    const sum = (context.cleared?.[index] ?? 0) + quantity
    const told = toldDamaged(context, index)
    if (sum <= told) continue
    return {
      verdict: 'waits',
      code: 'not_damaged',
      reason: `line ${line}: ${sum} cleared, and ${told} told to be damaged`,
      waitsFor: { event: 'shipment.damaged', owner: 'transport' },
    }
  }
  return undefined
}

export const gates = {
  notCancelled,
  notReturned,
  notDelivered,
  notShipped,
  mayAmend,
  mayAmendBefore,
  withinPicked,
  withinShort,
  withinShipped,
  withinOwn,
  withinLeft,
  withinDamaged,
  withinDamage,
}
