// What a shipment contributes to the quantities of its order (domain §4).
import type { Signal } from '../chart.ts'
import type { ActorKey } from '../ids.ts'
import { MILESTONE_OF } from '../order/assigns.ts'
import { COLUMN, type LineChange } from '../quantities.ts'
import { isEmpty } from '../records.ts'
import {
  damagedOf,
  deliveredOf,
  endOf,
  isDelivered,
  leftOf,
  overToleranceOf,
  ownOf,
  type Proofs,
  proofsOf,
  type ShipmentContext,
  stepRank,
} from './context.ts'

const CONTRIBUTED = [COLUMN.released, COLUMN.picked, COLUMN.shipped, COLUMN.delivered, COLUMN.damaged] as const
const RELEASED = 0
const PICKED = 1
const SHIPPED = 2
const DELIVERED = 3
const DAMAGED = 4

type Phase = 'held' | 'left' | 'ended' | 'delivered'

function phaseOf(context: ShipmentContext): Phase {
  if (isDelivered(context)) return 'delivered'
  if (endOf(context) !== undefined) return 'ended'
  return hasLeft(context) ? 'left' : 'held'
}

const hasLeft = ({ step }: ShipmentContext): boolean => stepRank(step) >= stepRank('shipped')

/** What holds for all lines of a shipment. */
interface Stand {
  readonly context: ShipmentContext
  readonly phase: Phase
  readonly proofs: Proofs
}

const standOf = (context: ShipmentContext): Stand => ({
  context,
  phase: phaseOf(context),
  proofs: proofsOf(context),
})

/**
 * What one line of a shipment counts for in its order, into `counted` (by CONTRIBUTED): what it was given; what left, once
 * it left; at its end what was delivered.
 */
function contribute({ context, phase, proofs }: Stand, index: number, counted: number[]): void {
  const own = ownOf(context, index)
  const picked = Math.min(context.picked[index] ?? 0, own + overToleranceOf(context, index))
  if (phase === 'held') {
    counted[RELEASED] = Math.max(0, own - (context.short[index] ?? 0))
    counted[PICKED] = Math.min(picked, own)
    counted[SHIPPED] = counted[DELIVERED] = counted[DAMAGED] = 0
    return
  }
  const delivered = deliveredOf(context, index, proofs)
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

// All that contributions are read from: of steps whether the goods have left, of cartons and their numbers what was proved or
// ended of them. A change of anything else leaves them as they were.
function countsTheSame(before: ShipmentContext, after: ShipmentContext): boolean {
  return (
    hasLeft(before) === hasLeft(after) &&
    before.lines === after.lines &&
    before.given === after.given &&
    before.split === after.split &&
    before.cancelled === after.cancelled &&
    before.wholeCancelPlace === after.wholeCancelPlace &&
    before.short === after.short &&
    before.picked === after.picked &&
    before.damaged === after.damaged &&
    before.isWhollyDamaged === after.isWhollyDamaged &&
    before.cleared === after.cleared &&
    before.confirmed === after.confirmed &&
    before.deliveries === after.deliveries &&
    before.ends === after.ends &&
    ((before.trackings === after.trackings && before.cartons === after.cartons) ||
      (isEmpty(after.deliveries) && isEmpty(after.ends)))
  )
}

/** The signal a change of `actor`, a shipment, sends to its order; undefined when its quantities stayed. `before` is undefined for a new one. */
export function shipmentCounted(
  actor: ActorKey,
  before: ShipmentContext | undefined,
  after: ShipmentContext,
  cause: Signal['cause'],
): Signal | undefined {
  const changes = before !== undefined && countsTheSame(before, after) ? NO_CHANGES : lineChanges(before, after)
  // What is a milestone of the order is told even where an earlier scan has already moved the quantities.
  if (changes.length === 0 && !(cause.type in MILESTONE_OF)) return undefined
  return { type: 'shipment.counted', actor, changes, creditedMinor: 0, cause }
}

const NO_CHANGES: readonly LineChange[] = []

function lineChanges(before: ShipmentContext | undefined, after: ShipmentContext): readonly LineChange[] {
  const changes: LineChange[] = []
  const now = [0, 0, 0, 0, 0]
  const then = [0, 0, 0, 0, 0]
  const stand = standOf(after)
  const standBefore = before && standOf(before)
  for (let index = 0; index < after.lines.length; index++) {
    contribute(stand, index, now)
    if (standBefore !== undefined) contribute(standBefore, index, then)
    let by: number[] | undefined
    for (let column = 0; column < CONTRIBUTED.length; column++) {
      const difference = (now[column] as number) - (then[column] as number)
      if (difference === 0) continue
      if (by === undefined) by = [CONTRIBUTED[column] as number, difference]
      else by.push(CONTRIBUTED[column] as number, difference)
    }
    if (by !== undefined) changes.push({ line: after.lines[index] as string, by })
  }
  return changes
}
