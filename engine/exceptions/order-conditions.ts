// What is wrong with an order: its steps, its credit, its stock, what the customer asks. Pure.
import { ORDER_KEY, placeMs } from '../../machines/ids.ts'
import type { OrderContext } from '../../machines/order/context.ts'
import { quantityOf, wantedOf } from '../../machines/quantities.ts'
import { type DeadlineName, withinMs } from '../deadlines/policies.ts'
import { answerPlace } from './asks.ts'
import { type Condition, condition, type Predicate, type Surroundings } from './condition.ts'
import { acceptedMs, type Facts, isOver, lastOf, msOf, uncovered } from './facts.ts'

/** Predicates of a family that has an order still going on. */
type OrderPredicate = (order: OrderContext, facts: Facts, around: Surroundings) => readonly Condition[]

const NONE: readonly Condition[] = []

const due = (deadline: DeadlineName, order: OrderContext, { policies }: Surroundings): number | undefined =>
  withinMs(policies, deadline, { source: order.channel, serviceLevel: order.serviceLevel })

const creditHold: OrderPredicate = (order, { shipments }) => {
  const isUnshipped = (index: number) =>
    wantedOf(order.quantities, index) > quantityOf(order.quantities, index, 'shipped')
  if (order.credit !== 'held' || order.creditPlace === undefined) return NONE
  if (!order.lines.some((_, index) => isUnshipped(index))) return NONE
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

const lateAcceptance: OrderPredicate = (order, { order: actor }, around) => {
  if (!['captured', 'validated'].includes(actor?.states[0] ?? '')) return NONE
  const within = due('late_acceptance', order, around)
  if (within === undefined) return NONE
  const detail = 'the ERP has neither accepted nor rejected the order'
  const opensMs = placeMs(order.capturedPlace) + within
  return [condition('late_acceptance', { actor: ORDER_KEY, opensMs, detail, evidence: [order.capturedPlace] })]
}

const lateRelease: OrderPredicate = (order, facts, around) => {
  if (facts.order?.states[0] !== 'accepted' || order.credit !== 'approved') return NONE
  const within = due('late_release', order, around)
  const lines = order.lines.filter((_, index) => uncovered(order, index) > 0).map(({ line }) => line)
  if (within === undefined || lines.length === 0) return NONE
  const creditPlace = facts.marks.creditOpenPlace() ?? order.creditPlace
  const readyMs = Math.max(acceptedMs(facts), msOf(creditPlace ?? ''))
  // What came short of a release is told by its own exception; only what was never released is late here.
  const isReleased = lines.every(line => order.releases.some(({ amounts }) => amounts.some(each => each.line === line)))
  if (isReleased) return NONE
  const evidence = [facts.marks.acceptedPlace, creditPlace].filter(place => place !== undefined)
  const detail = `accepted and approved, but not released: line ${lines.join(', ')}`
  return [condition('late_release', { actor: ORDER_KEY, opensMs: readyMs + within, detail, evidence, lines })]
}

const backordered: OrderPredicate = order => {
  const missing = order.lines.filter((_, index) => quantityOf(order.quantities, index, 'backordered') > 0)
  if (missing.length === 0) return NONE
  const lines = missing.map(({ line }) => line)
  const evidence = lines.flatMap(line => order.allocations[line]?.place ?? []).sort()
  const expected = lines.flatMap(line => order.allocations[line]?.expectedAt ?? [])
  const when =
    expected.length === 0
      ? 'nobody knows until when'
      : `expected ${new Date(Math.max(...expected)).toISOString().slice(0, 10)}`
  const detail = `without stock: line ${lines.join(', ')}; ${when}`
  return [condition('backordered', { actor: ORDER_KEY, opensMs: msOf(evidence[0] ?? ''), detail, evidence, lines })]
}

const asks: OrderPredicate = (order, _, around) =>
  Object.entries(order.asks).flatMap(([name, ask]) => {
    if (answerPlace(order, name) !== undefined) return NONE
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

const validationFailed: OrderPredicate = (order, { order: actor }) => {
  const { validation } = order
  if (validation === undefined || validation.reasons.length === 0 || actor?.states[0] !== 'captured') return NONE
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
  const broken = order.lines.flatMap(({ line }, index) => {
    const of = (column: Parameters<typeof quantityOf>[2]) => quantityOf(order.quantities, index, column)
    const wanted = wantedOf(order.quantities, index)
    if (wanted < 0) return [{ line, words: `cancelled ${of('cancelled')} of ${of('ordered')}` }]
    if (of('released') > Math.max(wanted, of('shipped')))
      return [{ line, words: `released ${of('released')} of ${wanted}` }]
    if (of('returned') > of('delivered'))
      return [{ line, words: `returned ${of('returned')} of ${of('delivered')} delivered` }]
    if (of('credited') > of('invoiced'))
      return [{ line, words: `credited ${of('credited')} of ${of('invoiced')} invoiced` }]
    return []
  })
  if (broken.length === 0) return NONE
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
      detail: broken.map(({ line, words }) => `line ${line}: ${words}`).join('; '),
      evidence: last === '' ? [] : [last],
      lines: broken.map(({ line }) => line),
    }),
  ]
}

const GOING_ON: readonly OrderPredicate[] = [
  creditHold,
  lateAcceptance,
  lateRelease,
  backordered,
  asks,
  validationFailed,
]

export const orderConditions: Predicate = (facts, around) => {
  const { order } = facts
  if (order === undefined) return NONE
  const told = quantityConflict(order.context, facts, around)
  if (isOver(order)) return told
  return [...GOING_ON.flatMap(predicate => predicate(order.context, facts, around)), ...told]
}
