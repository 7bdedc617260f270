// Exceptions: predicates over a family that close themselves (domain §6). Pure: the same family, marks and policies give the
// same conditions, and the clock only tells which of them have come. Nothing about opening and closing is stored.
//   X1  An exception is open while its condition holds and its moment has come; it closes by itself when it stops holding.
//   X2  It opens at the time of what caused it, or at its due time: a restart, or looking later, changes nothing.
//   X3  The order of arrival changes no exception.
import type { Policies } from '../deadlines/policies.ts'
import { billingConditions } from './billing-conditions.ts'
import { SEVERITIES } from './catalogue.ts'
import {
  allOf,
  type Condition,
  exceptionOf,
  hasSameElements,
  isExceptionOf,
  keyOf,
  type OrderException,
  type Predicate,
  type Surroundings,
} from './condition.ts'
import { disagreementConditions } from './disagreements.ts'
import type { Facts } from './facts.ts'
import { orderConditions } from './order-conditions.ts'
import { promiseConditions } from './promise-conditions.ts'
import { shipmentConditions } from './shipment-conditions.ts'
import { waitingConditions } from './waiting-conditions.ts'

const PREDICATES: readonly Predicate[] = [
  orderConditions,
  promiseConditions,
  shipmentConditions,
  billingConditions,
  waitingConditions,
  disagreementConditions,
]

/** Everything that is wrong with the family, or will be if nothing more is said. */
export function conditionsOf(facts: Facts, around: Surroundings): readonly Condition[] {
  const found = allOf(PREDICATES, facts, around)
  const { handlings } = facts.marks
  return handlings.isEmpty ? found : found.map(each => ({ ...each, handling: handlings.of(keyOf(each)) }))
}

export interface OpenAt {
  readonly family: string
  readonly nowMs: number
  readonly policies: Policies
  /** What was open before: what is the same stays the same object, in the same list, and leaves nothing for the collector. */
  readonly known?: readonly OrderException[]
}

/** The exceptions open at `nowMs`, worst first, then the earliest due. A promise that is missed is no more at risk. */
export function openAt(
  conditions: readonly Condition[],
  { family, known = NOTHING_OPEN, nowMs, policies }: OpenAt,
): readonly OrderException[] {
  if (conditions.length === 0) return NOTHING_OPEN
  let open: OrderException[] | undefined
  let isMissed = false
  // They come in the same order, nearly always: behind the last that was found is the next.
  let next = 0
  for (const { kind, opensMs } of conditions) if (kind === 'promise_missed' && opensMs <= nowMs) isMissed = true
  for (const each of conditions) {
    if (each.opensMs > nowMs || (isMissed && each.kind === 'promise_at_risk')) continue
    const place = placeIn(known, { condition: each, from: next, policies })
    if (place !== undefined) next = place + 1
    const exception = place === undefined ? exceptionOf(each, family, policies) : (known[place] as OrderException)
    if (open === undefined) open = [exception]
    else insert(open, exception)
  }
  if (open === undefined) return NOTHING_OPEN
  if (hasSameElements(open, known)) return known
  // As long as it needs to be: a list that something was put into keeps room for many more, and this one stays.
  return open.length > 1 ? open.slice() : open
}

// 32 are looked at, round about: of a family with thousands whose order has changed some are made anew, and no look takes long.
const LOOKED_AT_MAX = 32

/** Where in `known` the exception of a condition is; undefined where it was not found. */
function placeIn(
  known: readonly OrderException[],
  { condition, from, policies }: { condition: Condition; from: number; policies: Policies },
): number | undefined {
  const count = Math.min(known.length, LOOKED_AT_MAX)
  for (let step = 0; step < count; step++) {
    const place = (from + step) % known.length
    if (isExceptionOf(known[place] as OrderException, condition, policies)) return place
  }
  return undefined
}

export const NOTHING_OPEN: readonly OrderException[] = []

/** Puts it where it belongs. There are few: to sort them all makes lists of its own. */
function insert(open: OrderException[], exception: OrderException): void {
  let at = open.length
  while (at > 0 && compareExceptions(open[at - 1] as OrderException, exception) > 0) at--
  open.splice(at, 0, exception)
}

type Ranked = Pick<OrderException, 'dueMs' | 'key' | 'severity'>

export const compareExceptions = (a: Ranked, b: Ranked): number =>
  SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || a.dueMs - b.dueMs || (a.key < b.key ? -1 : 1)

/** When the next condition's moment comes; undefined where none lies ahead. */
export function nextDueMs(conditions: readonly Condition[], nowMs: number): number | undefined {
  let next: number | undefined
  for (const { opensMs } of conditions) if (opensMs > nowMs && (next === undefined || opensMs < next)) next = opensMs
  return next
}
