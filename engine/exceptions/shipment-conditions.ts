// What is wrong with a shipment: late, short, damaged, lost, going to the wrong place. Pure.
import { type Place, placeMs } from '../../machines/ids.ts'
import { lineIndex, type OrderContext } from '../../machines/order/context.ts'
import { quantityOf } from '../../machines/quantities.ts'
import { isEmpty } from '../../machines/records.ts'
import {
  damagedOf,
  deliveredOf,
  type End,
  leftOf,
  ownOf,
  proofsOf,
  type ShipmentContext,
} from '../../machines/shipment/context.ts'
import { type DeadlineName, type DeadlineScope, withinMs } from '../deadlines/policies.ts'
import { added, type Condition, condition, NOTHING_WRONG, type Surroundings } from './condition.ts'
import {
  AMENDABLE,
  amendedSince,
  earlier,
  type Facts,
  indexesOf,
  lastOf,
  msOf,
  type ReturnFacts,
  type ShipmentFacts,
} from './facts.ts'
import { isOfAny, LINE, uncovered } from './line-sums.ts'

interface Seen {
  readonly shipment: ShipmentContext
  readonly key: string
  readonly order: OrderContext
  readonly returns: readonly ReturnFacts[]
  readonly lastScan: Place | undefined
  /** When acceptance and credit opened the gates of a release. */
  readonly opened: Place | ''
  readonly around: Surroundings
  readonly scope: DeadlineScope
  readonly isUnderway: boolean
  /** The first sign that it has left; undefined before. */
  readonly left: Place | undefined
  readonly end: End | undefined
  readonly isDamaged: boolean
}

const due = (deadline: DeadlineName, { around, scope }: Seen): number | undefined =>
  withinMs(around.policies, deadline, scope)

/** One load, one row: the parts of a consignment in other orders have the same cause. */
const causeOf = (kind: string, { consignment, node }: ShipmentContext): string | undefined =>
  consignment === undefined ? undefined : `${kind}|${node}|${consignment}`

/** When the node could begin: a release that waited for acceptance or credit is one from then on. */
const startPlace = ({ opened, shipment }: Seen): Place => lastOf([shipment.releasedPlace, opened]) as Place

/** The first sign that the node works on it. */
function acknowledgedPlace({ milestones }: ShipmentContext): Place | undefined {
  let first = milestones['shipment.acknowledged']?.place
  first = earlier(first, milestones['pick.released'])
  first = earlier(first, milestones['pick.started'])
  first = earlier(first, milestones['pick.completed'])
  first = earlier(first, milestones['pick.short'])
  return earlier(first, milestones['pack.completed'])
}

function lateAcknowledgement(seen: Seen): readonly Condition[] {
  const { key, shipment } = seen
  const within = due('late_acknowledgement', seen)
  if (within === undefined) return NOTHING_WRONG
  return [
    condition('late_acknowledgement', {
      actor: key,
      opensMs: placeMs(startPlace(seen)) + within,
      detail: `${shipment.node} has not acknowledged shipment ${shipment.number}`,
      evidence: [shipment.releasedPlace],
      lines: shipment.lines,
    }),
  ]
}

function lateShipment(seen: Seen): readonly Condition[] {
  const { key, shipment } = seen
  const within = due('late_shipment', seen)
  if (within === undefined) return NOTHING_WRONG
  const since = acknowledgedPlace(shipment) ?? startPlace(seen)
  return [
    condition('late_shipment', {
      actor: key,
      opensMs: placeMs(since) + within,
      detail: `shipment ${shipment.number} has not left ${shipment.node} (${shipment.step})`,
      evidence: [since],
      lines: shipment.lines,
    }),
  ]
}

function missingMilestone(seen: Seen): readonly Condition[] {
  const { key, lastScan, left, shipment } = seen
  if (left === undefined) return NOTHING_WRONG
  const within = due('missing_milestone', seen)
  if (within === undefined) return NOTHING_WRONG
  const last = lastOf([left, lastScan, shipment.runPlace, shipment.attemptPlace]) as Place
  return [
    condition('missing_milestone', {
      actor: key,
      opensMs: placeMs(last) + within,
      detail: `nothing was heard of shipment ${shipment.number} since`,
      evidence: [last],
      lines: shipment.lines,
      cause: causeOf('missing_milestone', shipment),
    }),
  ]
}

const promisedAt = ({ order, shipment }: Seen): number | undefined =>
  shipment.promisedAt ?? shipment.instructions.promisedAt ?? order.promisedAt

function missingProof(seen: Seen): readonly Condition[] {
  const { key, left, shipment } = seen
  const promised = promisedAt(seen)
  if (promised === undefined) return NOTHING_WRONG
  const within = due('missing_proof_of_delivery', seen)
  if (within === undefined) return NOTHING_WRONG
  return [
    condition('missing_proof_of_delivery', {
      actor: key,
      // Promised before it left: silence counts from when it left.
      opensMs: Math.max(promised, msOf(left ?? '')) + within,
      detail: `shipment ${shipment.number} was to be delivered and nobody says that it was`,
      evidence: [left ?? shipment.releasedPlace],
      lines: shipment.lines,
      cause: causeOf('missing_proof_of_delivery', shipment),
    }),
  ]
}

function delayed(seen: Seen): readonly Condition[] {
  const { key, shipment } = seen
  const promised = shipment.promisedAt ?? shipment.instructions.promisedAt
  const { expectedAt, places } = shipment
  if (expectedAt === undefined || promised === undefined || expectedAt <= promised) return NOTHING_WRONG
  const place = places.expectedAt
  const why = shipment.remarks.findLast(({ event }) => event === 'shipment.delayed')?.reason
  return [
    condition('delayed', {
      actor: key,
      opensMs: place === undefined ? placeMs(shipment.releasedPlace) : placeMs(place),
      detail: `shipment ${shipment.number} is expected ${isoDay(expectedAt)}, promised ${isoDay(promised)}${why === undefined ? '' : `: ${why}`}`,
      evidence: place === undefined ? [] : [place],
      lines: shipment.lines,
      cause: causeOf('delayed', shipment),
    }),
  ]
}

const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')

function attemptFailed({ key, shipment }: Seen): readonly Condition[] {
  const { attemptPlace, runPlace } = shipment
  if (attemptPlace === undefined) return NOTHING_WRONG
  if (runPlace !== undefined && runPlace > attemptPlace) return NOTHING_WRONG
  const why = shipment.remarks.findLast(({ event }) => event === 'delivery.attempted')?.reason
  return [
    condition('attempt_failed', {
      actor: key,
      opensMs: placeMs(attemptPlace),
      detail: `delivery of ${shipment.number} was tried in vain${why === undefined ? '' : `: ${why}`}`,
      evidence: [attemptPlace],
      lines: shipment.lines,
      cause: causeOf('attempt_failed', shipment),
    }),
  ]
}

/** What of a line is credited for goods that did not come back: of what did, a credit settles nothing else. */
function creditedAlone({ order, returns }: Pick<Seen, 'order' | 'returns'>, index: number): number {
  const line = order.lines[index]?.line ?? ''
  let credited = quantityOf(order.quantities, index, 'credited')
  for (const { context } of returns) credited -= context.credited[context.lines.indexOf(line)] ?? 0
  return credited
}

/** Damaged goods until they are counted at delivery, cancelled or credited. */
function damaged(seen: Seen): readonly Condition[] {
  const { isUnderway, key, order, shipment } = seen
  const lines = shipment.lines.filter((line, at) => {
    const open = ownOf(shipment, at) > 0 && damagedOf(shipment, at) > 0
    return open && damagedOf(shipment, at) > creditedAlone(seen, lineIndex(order, line))
  })
  if (lines.length === 0) return NOTHING_WRONG
  const remarks = shipment.remarks.filter(({ event }) => event === 'shipment.damaged')
  const first = remarks[0]?.place ?? shipment.releasedPlace
  const why = remarks.findLast(({ reason }) => reason !== undefined)?.reason
  return [
    condition('damaged', {
      actor: key,
      opensMs: placeMs(first),
      detail: `goods of ${shipment.number} are damaged: line ${lines.join(', ')}${why === undefined ? '' : `: ${why}`}`,
      evidence: remarks.length === 0 ? [first] : remarks.map(({ place }) => place),
      lines,
      action: isUnderway
        ? undefined
        : { words: 'Replace the damaged goods, or ship without them', by: 'node', event: 'shipment.confirmed' },
    }),
  ]
}

/** What came short, until all of it is backordered, released anew, cancelled or delivered after all: the end of the rest ends nothing. */
function short(facts: ShipmentFacts, order: OrderContext): readonly Condition[] {
  const { context: shipment, hasLeft, key } = facts
  const { lines: all } = shipment
  const missing = missingFrom(facts)
  const lines = all.filter(
    (line, at) => missing(at) > 0 && indexesOf(order, [line]).some(index => uncovered(order, index) > 0),
  )
  if (lines.length === 0) return NOTHING_WRONG
  const remarks = shipment.remarks.filter(({ event }) => event === 'pick.short')
  const place = shortPlace(facts, lines, remarks[0]?.place)
  const words = lines.map(line => `line ${line}: ${missing(all.indexOf(line))} short`).join('; ')
  const why = remarks.findLast(({ reason }) => reason !== undefined)?.reason
  return [
    condition(hasLeft ? 'short_shipment' : 'short_pick', {
      actor: key,
      opensMs: placeMs(place),
      detail: `${shipment.number}: ${words}${why === undefined ? '' : ` (${why})`}`,
      evidence: [...new Set([...remarks.map(remark => remark.place), place])],
      lines,
    }),
  ]
}

/** What of a line is missing: told to be short while it is inside, of what left once it has left, of what arrived at delivery. */
function missingFrom({ context: shipment, delivered, hasLeft }: ShipmentFacts): (at: number) => number {
  const { short } = shipment
  if (!hasLeft) return at => Math.min(short[at] ?? 0, ownOf(shipment, at))
  if (delivered === undefined) return at => ownOf(shipment, at) - leftOf(shipment, at)
  const proofs = proofsOf(shipment)
  return at => ownOf(shipment, at) - deliveredOf(shipment, at, proofs)
}

/** When `lines` came short: at goods issue, or at delivery where all of them had left. */
function shortPlace(
  { context: shipment, delivered, hasLeft, left }: ShipmentFacts,
  lines: readonly string[],
  told: Place | undefined,
): Place {
  const hasLeftWhole = lines.every(line => {
    const at = shipment.lines.indexOf(line)
    return leftOf(shipment, at) >= ownOf(shipment, at)
  })
  const said = !hasLeft ? told : hasLeftWhole ? delivered : shipment.confirmed?.place
  return said ?? left ?? shipment.releasedPlace
}

/** Refused, lost or sent back: as a whole until what it held is taken care of; a carton until the rest has ended too. */
function ended(seen: Seen): readonly Condition[] {
  const { end, key, order, shipment } = seen
  if (end !== undefined) {
    const open = (index: number) => uncovered(order, index) > (end.kind === 'lost' ? creditedAlone(seen, index) : 0)
    const lines = shipment.lines.filter(line => indexesOf(order, [line]).some(open))
    return lines.length === 0 ? NOTHING_WRONG : [endCondition({ end, lines, part: '', key, shipment })]
  }
  return Object.entries(shipment.ends).flatMap(([tracking, told]) =>
    tracking in shipment.deliveries || '*' in shipment.deliveries
      ? NOTHING_WRONG
      : [endCondition({ end: told, lines: shipment.lines, part: tracking, key, shipment })],
  )
}

interface Ended extends Pick<Seen, 'key' | 'shipment'> {
  readonly end: End
  readonly lines: readonly string[]
  readonly part: string
}

const ENDED = { refused: 'was refused', lost: 'is lost', returned_to_sender: 'came back to its sender' } as const

function endCondition({ end, key, lines, part, shipment }: Ended): Condition {
  const what = part === '' ? `shipment ${shipment.number}` : `carton ${part} of ${shipment.number}`
  return condition(end.kind, {
    actor: key,
    part,
    opensMs: placeMs(end.place),
    detail: `${what} ${ENDED[end.kind]}${end.reason === undefined ? '' : `: ${end.reason}`}`,
    evidence: [end.place],
    lines,
    cause: causeOf(end.kind, shipment),
  })
}

/** A live shipment goes by an address or a date that was amended since. */
function staleInstruction({ isUnderway, key, order, shipment }: Seen): readonly Condition[] {
  const amended = AMENDABLE.flatMap(setting => {
    const place = amendedSince(order, shipment, setting)
    return place === '' ? [] : [{ setting, place }]
  })
  const [first] = amended.map(({ place }) => place).sort()
  if (first === undefined) return NOTHING_WRONG
  const words = amended.map(({ setting }) => (setting === 'shipTo' ? 'address' : 'date')).join(' and ')
  return [
    condition('stale_instruction', {
      actor: key,
      opensMs: placeMs(first),
      detail: `shipment ${shipment.number} goes by an ${words} that was amended since`.replace('an date', 'a date'),
      evidence: amended.map(({ place }) => place),
      lines: shipment.lines,
      action: isUnderway
        ? { words: 'Confirm the amended address or date with the carrier', by: 'transport', event: 'shipment.amended' }
        : undefined,
    }),
  ]
}

/** Whether an address or a date of the order, or of a line, is another than at capture. */
function isAmended({ places }: OrderContext): boolean {
  for (const setting in places) if (setting.endsWith('shipTo') || setting.endsWith('promisedAt')) return true
  return false
}

export function shipmentConditions(facts: Facts, around: Surroundings): readonly Condition[] {
  if (facts.order === undefined || facts.shipments.length === 0) return NOTHING_WRONG
  const { context: order, sums } = facts.order
  const isUncovered = isOfAny(sums, LINE.uncovered)
  let found = NOTHING_WRONG
  for (const shipment of facts.shipments) {
    const hasEnds = shipment.hasLeft && !isEmpty(shipment.context.ends)
    if (isUncovered && (shipment.hasLeft || shipment.isShort)) found = added(found, short(shipment, order))
    // Most have ended by delivery: nothing is expected of them.
    if (shipment.hasEnded && !hasEnds) continue
    const seen = seenOf(shipment, { facts, order, around })
    if (!shipment.hasEnded) found = added(found, goingOn(seen))
    if (hasEnds) found = added(found, ended(seen))
  }
  return found
}

/** Of a shipment that has not ended. Each predicate is asked only where it may hold: of most shipments one or two are. */
function goingOn(seen: Seen): readonly Condition[] {
  const { isUnderway, order, shipment } = seen
  let found = NOTHING_WRONG
  if (isUnderway) found = added(missingMilestone(seen), missingProof(seen))
  else found = added(shipment.step === 'released' ? lateAcknowledgement(seen) : NOTHING_WRONG, lateShipment(seen))
  if (shipment.expectedAt !== undefined) found = added(found, delayed(seen))
  if (shipment.attemptPlace !== undefined) found = added(found, attemptFailed(seen))
  if (seen.isDamaged) found = added(found, damaged(seen))
  return isAmended(order) ? added(found, staleInstruction(seen)) : found
}

function seenOf(
  { context, end, hasLeft, isDamaged, key, left }: ShipmentFacts,
  { around, facts: { marks, returns }, order }: { around: Surroundings; facts: Facts; order: OrderContext },
): Seen {
  return {
    shipment: context,
    key,
    order,
    returns,
    lastScan: marks.lastScan(key),
    opened: lastOf([marks.acceptedPlace, marks.creditOpenPlace() ?? order.creditPlace]),
    around,
    scope: {
      node: context.node,
      serviceLevel: context.service ?? context.instructions.service ?? order.serviceLevel,
      carrier: context.carriers[0],
      source: order.channel,
    },
    isUnderway: hasLeft,
    left,
    end,
    isDamaged,
  }
}
