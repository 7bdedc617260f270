// What is wrong with an order: its steps, its credit, its stock, what the customer asks. Pure.
import { ORDER_KEY, type Place, placeMs } from '../../machines/ids.ts'
import { lineIndex, type OrderContext, underTolerance } from '../../machines/order/context.ts'
import { quantityOf, wantedOf } from '../../machines/quantities.ts'
import { isEmpty } from '../../machines/records.ts'
import { ownOf, type ShipmentContext } from '../../machines/shipment/context.ts'
import { type DeadlineName, withinMs } from '../deadlines/policies.ts'
import { answerPlace } from './asks.ts'
import { added, type Condition, condition, NOTHING_WRONG, type Predicate, type Surroundings } from './condition.ts'
import { acceptedMs, amendedPlace, type Facts, isOver, lastOf, msOf } from './facts.ts'
import { isOfAny, LINE, linesWith, uncovered } from './line-sums.ts'
import { quantityConflict } from './quantity-conflict.ts'

/** Asked where it may hold (`orderConditions`). */
type OrderPredicate = (order: OrderContext, facts: Facts, around: Surroundings) => readonly Condition[]

const due = (deadline: DeadlineName, order: OrderContext, { policies }: Surroundings): number | undefined =>
  withinMs(policies, deadline, { source: order.channel, serviceLevel: order.serviceLevel })

const creditHold: OrderPredicate = (order, { shipments }) => {
  if (order.creditPlace === undefined) return NOTHING_WRONG
  const inside = shipments.filter(({ states }) => AT_NODE.has(states[0] ?? '')).map(({ context }) => context.number)
  const still = inside.length === 0 ? 'nothing is with a warehouse' : `still in the building: ${inside.join(', ')}`
  return [
    condition('credit_hold', {
      actor: ORDER_KEY,
      opensMs: placeMs(order.creditPlace),
      detail: `credit is on hold; ${still}`,
      evidence: [order.creditPlace],
    }),
  ]
}
const AT_NODE: ReadonlySet<string> = new Set(['released', 'acknowledged', 'picking', 'picked', 'packed'])

const lateAcceptance: OrderPredicate = (order, _, around) => {
  const within = due('late_acceptance', order, around)
  if (within === undefined) return NOTHING_WRONG
  const detail = 'the ERP has neither accepted nor rejected the order'
  const opensMs = placeMs(order.capturedPlace) + within
  return [condition('late_acceptance', { actor: ORDER_KEY, opensMs, detail, evidence: [order.capturedPlace] })]
}

const lateRelease: OrderPredicate = (order, facts, around) => {
  const within = due('late_release', order, around)
  if (within === undefined) return NOTHING_WRONG
  const { freedMs, lines } = neverReleased(order, facts)
  if (lines.length === 0) return NOTHING_WRONG
  const creditPlace = facts.marks.creditOpenPlace() ?? order.creditPlace
  const readyMs = Math.max(acceptedMs(facts), msOf(creditPlace ?? ''), freedMs)
  const evidence = [facts.marks.acceptedPlace, creditPlace].filter(place => place !== undefined)
  const detail = `accepted and approved, but not released: line ${lines.join(', ')}`
  return [condition('late_release', { actor: ORDER_KEY, opensMs: readyMs + within, detail, evidence, lines })]
}

/**
 * Lines of which more is wanted than shipments were given and without stock, and when the first of them could be released: what
 * was cancelled at a node, or asked for since, not before that. What came short of a shipment is told by its own exception.
 */
function neverReleased(order: OrderContext, { shipments }: Facts): { lines: readonly string[]; freedMs: number } {
  const given = order.lines.map((_, index) => quantityOf(order.quantities, index, 'backordered'))
  const freed = order.lines.map(line => (line.place === '' ? amendedPlace(order, line.line) : ''))
  for (const { context } of shipments)
    context.lines.forEach((line, at) => {
      const index = lineIndex(order, line)
      given[index] = (given[index] ?? 0) + ownOf(context, at)
      freed[index] = lastOf([freed[index], amendedPlace(order, line), givenBackPlace(context, at)])
    })
  const late = order.lines.flatMap(({ line }, index) => {
    const isGiven = wantedOf(order.quantities, index) - (given[index] ?? 0) <= underTolerance(order, index)
    return uncovered(order, index) > 0 && !isGiven ? [{ line, freedMs: msOf(freed[index] ?? '') }] : []
  })
  return { lines: late.map(({ line }) => line), freedMs: Math.min(...late.map(({ freedMs }) => freedMs)) }
}

/** When a node gave a line back. Of a part of a shipment nobody notes the moment: it came after the release. */
function givenBackPlace(shipment: ShipmentContext, at: number): Place | undefined {
  return shipment.wholeCancelPlace ?? ((shipment.cancelled[at] ?? 0) > 0 ? shipment.releasedPlace : undefined)
}

const backordered: OrderPredicate = order => {
  const lines = linesWith(order, LINE.backordered)
  const evidence = lines.flatMap(line => order.allocations[lineIndex(order, line)]?.place ?? []).sort()
  const expected = lines.flatMap(line => order.allocations[lineIndex(order, line)]?.expectedAt ?? [])
  const when =
    expected.length === 0
      ? 'nobody knows until when'
      : `expected ${new Date(Math.max(...expected)).toISOString().slice(0, 10)}`
  const detail = `without stock: line ${lines.join(', ')}; ${when}`
  return [condition('backordered', { actor: ORDER_KEY, opensMs: msOf(evidence[0] ?? ''), detail, evidence, lines })]
}

const asks: OrderPredicate = (order, _, around) =>
  Object.entries(order.asks).flatMap(([name, ask]) => {
    if (answerPlace(order, name) !== undefined) return NOTHING_WRONG
    const kind = ask.kind === 'cancel' ? 'cancel_pending' : 'change_pending'
    const within = due(kind, order, around)
    return [
      condition(kind, {
        actor: ORDER_KEY,
        part: name,
        opensMs: ask.atMs,
        dueMs: within === undefined ? undefined : ask.atMs + within,
        detail: `the customer asks to ${ask.kind} (${name})${ask.remark === undefined ? '' : `: ${ask.remark}`}`,
        evidence: [ask.place],
      }),
    ]
  })

const CUSTOMER_REASONS: ReadonlySet<string> = new Set(['price_mismatch', 'invalid_ship_to'])

/** Acceptance settles what failed before it, not what fails later. */
const validationFailed: OrderPredicate = ({ step, validation }, { marks }) => {
  if (validation === undefined || validation.reasons.length === 0) return NOTHING_WRONG
  if (step === 'accepted' && (marks.acceptedPlace === undefined || marks.acceptedPlace > validation.place))
    return NOTHING_WRONG
  const isCustomers = validation.reasons.some(reason => CUSTOMER_REASONS.has(reason))
  return [
    condition('validation_failed', {
      actor: ORDER_KEY,
      opensMs: placeMs(validation.place),
      detail: `validation failed: ${validation.reasons.join(', ')}`,
      evidence: [validation.place],
      team: isCustomers ? 'customer_service' : 'master_data',
    }),
  ]
}

/** Each predicate is asked only where it may hold: of most orders none is. */
export const orderConditions: Predicate = (facts, around) => {
  if (facts.order === undefined) return NOTHING_WRONG
  const { context: order, states, sums } = facts.order
  const broken = quantityConflict(facts.order, facts.shipments)
  if (isOver(facts.order)) return broken
  const [lifecycle] = states
  let found = NOTHING_WRONG
  if (order.credit === 'held' && isOfAny(sums, LINE.unshipped)) found = added(found, creditHold(order, facts, around))
  if (lifecycle === 'captured' || lifecycle === 'validated') found = added(found, lateAcceptance(order, facts, around))
  if (lifecycle === 'accepted' && order.credit === 'approved' && isOfAny(sums, LINE.uncovered))
    found = added(found, lateRelease(order, facts, around))
  if (isOfAny(sums, LINE.backordered)) found = added(found, backordered(order, facts, around))
  if (!isEmpty(order.asks)) found = added(found, asks(order, facts, around))
  if (order.validation !== undefined) found = added(found, validationFailed(order, facts, around))
  return added(found, broken)
}
