// What is wrong with an order: its steps, its credit, its stock, what the customer asks. Pure.
import { ORDER_KEY, placeMs } from '../../machines/ids.ts'
import { lineIndex, type OrderContext } from '../../machines/order/context.ts'
import { COLUMN, quantityAt, wantedOf } from '../../machines/quantities.ts'
import { isEmpty } from '../../machines/records.ts'
import { type DeadlineName, withinMs } from '../deadlines/policies.ts'
import { answerPlace } from './asks.ts'
import { added, type Condition, condition, NOTHING_WRONG, type Predicate, type Surroundings } from './condition.ts'
import { acceptedMs, type Facts, isOver, lastOf, linesWhere, msOf, uncovered } from './facts.ts'

/** Predicates of a family that has an order. */
type OrderPredicate = (order: OrderContext, facts: Facts, around: Surroundings) => readonly Condition[]

const due = (deadline: DeadlineName, order: OrderContext, { policies }: Surroundings): number | undefined =>
  withinMs(policies, deadline, { source: order.channel, serviceLevel: order.serviceLevel })

const creditHold: OrderPredicate = (order, { shipments }) => {
  if (order.credit !== 'held' || order.creditPlace === undefined) return NOTHING_WRONG
  if (linesWhere(order, isUnshipped).length === 0) return NOTHING_WRONG
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
const isUnshipped = ({ quantities }: OrderContext, index: number): boolean =>
  wantedOf(quantities, index) > quantityAt(quantities, index, COLUMN.shipped)
const AT_NODE: ReadonlySet<string> = new Set(['released', 'acknowledged', 'picking', 'picked', 'packed'])

const lateAcceptance: OrderPredicate = (order, { order: actor }, around) => {
  if (!BEFORE_ACCEPTANCE.has(actor?.states[0] ?? '')) return NOTHING_WRONG
  const within = due('late_acceptance', order, around)
  if (within === undefined) return NOTHING_WRONG
  const detail = 'the ERP has neither accepted nor rejected the order'
  const opensMs = placeMs(order.capturedPlace) + within
  return [condition('late_acceptance', { actor: ORDER_KEY, opensMs, detail, evidence: [order.capturedPlace] })]
}

const BEFORE_ACCEPTANCE: ReadonlySet<string> = new Set(['captured', 'validated'])

const lateRelease: OrderPredicate = (order, facts, around) => {
  if (facts.order?.states[0] !== 'accepted' || order.credit !== 'approved') return NOTHING_WRONG
  const lines = linesWhere(order, isUncovered)
  if (lines.length === 0) return NOTHING_WRONG
  const within = due('late_release', order, around)
  if (within === undefined) return NOTHING_WRONG
  const creditPlace = facts.marks.creditOpenPlace() ?? order.creditPlace
  const readyMs = Math.max(acceptedMs(facts), msOf(creditPlace ?? ''))
  // What came short of a release is told by its own exception; only what was never released is late here.
  const isReleased = lines.every(line => order.releases.some(({ amounts }) => amounts.some(each => each.line === line)))
  if (isReleased) return NOTHING_WRONG
  const evidence = [facts.marks.acceptedPlace, creditPlace].filter(place => place !== undefined)
  const detail = `accepted and approved, but not released: line ${lines.join(', ')}`
  return [condition('late_release', { actor: ORDER_KEY, opensMs: readyMs + within, detail, evidence, lines })]
}

const isUncovered = (order: OrderContext, index: number): boolean => uncovered(order, index) > 0

const backordered: OrderPredicate = order => {
  const lines = linesWhere(order, isBackordered)
  if (lines.length === 0) return NOTHING_WRONG
  const evidence = lines.flatMap(line => order.allocations[lineIndex(order, line)]?.place ?? []).sort()
  const expected = lines.flatMap(line => order.allocations[lineIndex(order, line)]?.expectedAt ?? [])
  const when =
    expected.length === 0
      ? 'nobody knows until when'
      : `expected ${new Date(Math.max(...expected)).toISOString().slice(0, 10)}`
  const detail = `without stock: line ${lines.join(', ')}; ${when}`
  return [condition('backordered', { actor: ORDER_KEY, opensMs: msOf(evidence[0] ?? ''), detail, evidence, lines })]
}

const isBackordered = ({ quantities }: OrderContext, index: number): boolean =>
  quantityAt(quantities, index, COLUMN.backordered) > 0

const asks: OrderPredicate = (order, _, around) => {
  if (isEmpty(order.asks)) return NOTHING_WRONG
  return Object.entries(order.asks).flatMap(([name, ask]) => {
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
}

const CUSTOMER_REASONS: ReadonlySet<string> = new Set(['price_mismatch', 'invalid_ship_to'])

const validationFailed: OrderPredicate = (order, { order: actor }) => {
  const { validation } = order
  if (validation === undefined || validation.reasons.length === 0 || actor?.states[0] !== 'captured')
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

/** A later fact broke a limit (domain §4): what stands is not possible. */
const quantityConflict: OrderPredicate = (order, { shipments }) => {
  const lines = linesWhere(order, isBroken)
  if (lines.length === 0) return NOTHING_WRONG
  const words = order.lines.flatMap(({ line }, index) => {
    const limit = brokenLimit(order, index)
    return limit === undefined ? [] : [`line ${line}: ${limit}`]
  })
  const places = [
    ...Object.values(order.places),
    ...order.releases.map(({ place }) => place),
    ...shipments.flatMap(({ context }) =>
      [...Object.values(context.deliveries), ...Object.values(context.ends)].map(told => told.place),
    ),
  ]
  const last = lastOf([order.capturedPlace, order.wholeCancelPlace, ...places])
  return [
    condition('quantity_conflict', {
      actor: ORDER_KEY,
      opensMs: msOf(last),
      detail: words.join('; '),
      evidence: last === '' ? [] : [last],
      lines,
    }),
  ]
}

const isBroken = (order: OrderContext, index: number): boolean => brokenLimit(order, index) !== undefined

/** The limit that a line's quantities break, in words. */
function brokenLimit({ quantities }: OrderContext, index: number): string | undefined {
  const wanted = wantedOf(quantities, index)
  const cancelled = quantityAt(quantities, index, COLUMN.cancelled)
  if (wanted < 0) return `cancelled ${cancelled} of ${quantityAt(quantities, index, COLUMN.ordered)}`
  const released = quantityAt(quantities, index, COLUMN.released)
  const shipped = quantityAt(quantities, index, COLUMN.shipped)
  if (released > Math.max(wanted, shipped)) return `released ${released} of ${wanted}`
  const delivered = quantityAt(quantities, index, COLUMN.delivered)
  const returned = quantityAt(quantities, index, COLUMN.returned)
  if (returned > delivered) return `returned ${returned} of ${delivered} delivered`
  const invoiced = quantityAt(quantities, index, COLUMN.invoiced)
  const credited = quantityAt(quantities, index, COLUMN.credited)
  return credited > invoiced ? `credited ${credited} of ${invoiced} invoiced` : undefined
}

const ALWAYS: readonly OrderPredicate[] = [quantityConflict]
const GOING_ON: readonly OrderPredicate[] = [
  creditHold,
  lateAcceptance,
  lateRelease,
  backordered,
  asks,
  validationFailed,
  quantityConflict,
]

export const orderConditions: Predicate = (facts, around) => {
  const { order } = facts
  if (order === undefined) return NOTHING_WRONG
  let found = NOTHING_WRONG
  for (const predicate of isOver(order) ? ALWAYS : GOING_ON)
    found = added(found, predicate(order.context, facts, around))
  return found
}
