// What a shipment contributes to the quantities of its order (domain §4).
import type { Signal } from '../chart.ts'
import { type ActorKey, shipmentKey } from '../ids.ts'
import { MILESTONE_OF } from '../order/assigns.ts'
import type { Column, LineChange } from '../quantities.ts'
import {
  damagedOf,
  deliveredOf,
  endOf,
  isDelivered,
  leftOf,
  overToleranceOf,
  ownOf,
  type ShipmentContext,
  stepRank,
} from './context.ts'

const CONTRIBUTED = ['released', 'picked', 'shipped', 'delivered', 'damaged'] as const satisfies readonly Column[]
const RELEASED = 0
const PICKED = 1
const SHIPPED = 2
const DELIVERED = 3
const DAMAGED = 4

type Phase = 'held' | 'left' | 'ended' | 'delivered'

function phaseOf(context: ShipmentContext): Phase {
  if (isDelivered(context)) return 'delivered'
  if (endOf(context) !== undefined) return 'ended'
  return stepRank(context.step) >= stepRank('shipped') ? 'left' : 'held'
}

/**
 * What one line of a shipment counts for in its order, into `counted` (by CONTRIBUTED): what it was given; what left, once
 * it left; at its end what was delivered.
 */
function contribute(context: ShipmentContext, phase: Phase, index: number, counted: number[]): void {
  const own = ownOf(context, index)
  const picked = Math.min(context.picked[index] ?? 0, own + overToleranceOf(context, index))
  if (phase === 'held') {
    counted[RELEASED] = Math.max(0, own - (context.short[index] ?? 0))
    counted[PICKED] = Math.min(picked, own)
    counted[SHIPPED] = counted[DELIVERED] = counted[DAMAGED] = 0
    return
  }
  const delivered = deliveredOf(context, index)
  counted[DELIVERED] = delivered
  if (phase === 'left') {
    const left = leftOf(context, index)
    counted[RELEASED] = counted[SHIPPED] = left
    counted[PICKED] = Math.max(picked, left)
    counted[DAMAGED] = Math.min(damagedOf(context, index), left)
    return
  }
  counted[RELEASED] = counted[SHIPPED] = delivered
  counted[PICKED] = phase === 'delivered' ? Math.max(picked, delivered) : delivered
  counted[DAMAGED] = 0
}

// What contributions are read from. A change of anything else leaves them as they were.
const COUNTED_KEYS = [
  'lines',
  'given',
  'split',
  'cancelled',
  'wholeCancelPlace',
  'short',
  'picked',
  'damaged',
  'isWhollyDamaged',
  'confirmed',
  'deliveries',
  'ends',
  'trackings',
  'cartons',
  'step',
] as const satisfies readonly (keyof ShipmentContext)[]

function countsTheSame(before: ShipmentContext, after: ShipmentContext): boolean {
  for (const key of COUNTED_KEYS) if (before[key] !== after[key]) return false
  return true
}

/** The signal a change of a shipment sends to its order; undefined when its quantities stayed. `before` is undefined for a new one. */
export function shipmentCounted(
  before: ShipmentContext | undefined,
  after: ShipmentContext,
  cause: Signal['cause'],
): Signal | undefined {
  const changes = before !== undefined && countsTheSame(before, after) ? [] : lineChanges(before, after)
  // What is a milestone of the order is told even where an earlier scan has already moved the quantities.
  if (changes.length === 0 && !(cause.type in MILESTONE_OF)) return undefined
  return { type: 'shipment.counted', actor: keyOf(after), changes, creditedMinor: 0, cause }
}

function lineChanges(before: ShipmentContext | undefined, after: ShipmentContext): readonly LineChange[] {
  const changes: LineChange[] = []
  const now: number[] = []
  const then: number[] = [0, 0, 0, 0, 0]
  const phase = phaseOf(after)
  const phaseBefore = before === undefined ? 'held' : phaseOf(before)
  for (let index = 0; index < after.lines.length; index++) {
    contribute(after, phase, index, now)
    if (before !== undefined) contribute(before, phaseBefore, index, then)
    let by: Partial<Record<Column, number>> | undefined
    for (let column = 0; column < CONTRIBUTED.length; column++) {
      const difference = (now[column] ?? 0) - (then[column] ?? 0)
      if (difference === 0) continue
      by ??= {}
      by[CONTRIBUTED[column] as Column] = difference
    }
    if (by !== undefined) changes.push({ line: after.lines[index] as string, by })
  }
  return changes
}

const keyOf = (context: ShipmentContext): ActorKey => shipmentKey(context.node, context.number)
