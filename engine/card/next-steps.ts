// Next steps: the event each part of an order waits for next, from whom, by when, and what stands in its way. The steps are
// those of the usual way from capture to cash; whether one may be reported now is for the chart to say. Pure.
import type { CanonicalEvent } from '../../machines/event.ts'
import type { EventType } from '../../machines/event-types.ts'
import { type ActorKey, kindOf } from '../../machines/ids.ts'
import { invoiceLimit, isMet } from '../../machines/order/derive.ts'
import { type OwnerRule, rolesOf } from '../../machines/owners.ts'
import { quantityOf } from '../../machines/quantities.ts'
import { isAllDispositioned, total } from '../../machines/return/context.ts'
import type { Source } from '../../machines/sources.ts'
import type { ExceptionKind } from '../exceptions/catalogue.ts'
import type { Condition } from '../exceptions/condition.ts'
import { type Facts, isOver, type ReturnFacts, type ShipmentFacts } from '../exceptions/facts.ts'
import { isOfAny, LINE } from '../exceptions/line-sums.ts'
import type { Steppers } from '../judge.ts'
import { ownerObstacle } from '../ownership.ts'

export interface NextStep {
  readonly actor: ActorKey
  readonly event: EventType
  readonly owner: OwnerRule
  /** Connected systems that may report it. */
  readonly sources: readonly string[]
  readonly words: string
  /** By when, where a deadline says so. */
  readonly dueMs: number | undefined
  readonly blockedBy: readonly { readonly code: string; readonly reason: string }[]
}

interface Expected {
  readonly actor: ActorKey
  readonly event: EventType
  readonly owner: OwnerRule
  readonly words: string
  /** Whose moment is the step's deadline. */
  readonly late?: ExceptionKind
}

export interface NextStepsOptions {
  readonly steppers: Steppers
  readonly sources: readonly Source[]
  /** Of the family: their moments are the deadlines. */
  readonly conditions: readonly Condition[]
}

/** In the order somebody should look at them: what holds the order up first. */
export const nextSteps = (facts: Facts, options: NextStepsOptions): readonly NextStep[] =>
  [
    ...orderSteps(facts),
    ...facts.shipments.flatMap(shipmentStep),
    ...billingSteps(facts),
    ...facts.returns.flatMap(returnStep),
  ].map(step => resolved(facts, step, options))

function orderSteps(facts: Facts): readonly Expected[] {
  const { order } = facts
  if (order === undefined || isOver(order)) return []
  const { context, key: actor, states, sums } = order
  const step = (event: EventType, words: string, late?: ExceptionKind): Expected => ({
    actor,
    event,
    owner: 'erp',
    words,
    late,
  })
  if (states[0] !== 'accepted') return [step('order.accepted', 'accept the order', 'late_acceptance')]
  const isUncovered = isOfAny(sums, LINE.uncovered)
  if (context.credit === 'held') return isUncovered ? [step('credit.released', 'release the credit hold')] : []
  if (context.credit === 'unchecked') return [step('credit.approved', 'check the credit')]
  return isUncovered ? [step('order.released', 'release the order to a warehouse', 'late_release')] : []
}

const NODE_WORDS: Readonly<Record<string, readonly [EventType, string, ExceptionKind]>> = {
  released: ['shipment.acknowledged', 'acknowledge the release', 'late_acknowledgement'],
  acknowledged: ['pick.started', 'pick', 'late_shipment'],
  picking: ['pick.completed', 'finish picking', 'late_shipment'],
  picked: ['pack.completed', 'pack', 'late_shipment'],
  packed: ['shipment.confirmed', 'ship', 'late_shipment'],
}

function shipmentStep({ context, hasEnded, hasLeft, key, states }: ShipmentFacts): readonly Expected[] {
  if (hasEnded) return []
  if (hasLeft) {
    const late: ExceptionKind = 'missing_milestone'
    return [{ actor: key, event: 'delivery.completed', owner: 'transport', words: `deliver ${context.number}`, late }]
  }
  const [event, words, late] = NODE_WORDS[states[0] ?? ''] ?? []
  if (event === undefined) return []
  return [{ actor: key, event, owner: 'node', words: `${words}: ${context.number} at ${context.node}`, late }]
}

function billingSteps({ order }: Facts): readonly Expected[] {
  if (order === undefined || order.context.step === 'rejected' || order.context.step === 'closed') return []
  const { context, key: actor } = order
  const open = context.lines.some(
    (_, index) => invoiceLimit(context, index) > quantityOf(context.quantities, index, 'invoiced'),
  )
  if (open) return [{ actor, event: 'invoice.posted', owner: 'erp', words: 'post the invoice', late: 'not_invoiced' }]
  const isDone = (column: 'delivered' | 'invoiced') => context.lines.every((_, index) => isMet(context, index, column))
  return isDone('delivered') && isDone('invoiced')
    ? [{ actor, event: 'order.closed', owner: 'erp', words: 'close the order' }]
    : []
}

function returnStep({ context, key: actor, states }: ReturnFacts): readonly Expected[] {
  const name = context.number
  const [, , credit] = states
  if (context.closedPlace !== undefined || context.authorization === 'rejected') return []
  if (context.authorization !== 'authorized')
    return [{ actor, event: 'return.authorized', owner: 'erp', words: `authorize return ${name}` }]
  if (total(context.received) === 0)
    return [{ actor, event: 'return.received', owner: 'node', words: `receive return ${name}` }]
  if (!isAllDispositioned(context))
    return [
      { actor, event: 'return.dispositioned', owner: 'node', words: `say what becomes of the goods of return ${name}` },
    ]
  if (credit === 'due')
    return [
      { actor, event: 'return.credited', owner: 'erp', words: `credit return ${name}`, late: 'received_not_credited' },
    ]
  return [{ actor, event: 'return.closed', owner: 'erp', words: `close return ${name}` }]
}

function resolved(facts: Facts, step: Expected, { conditions, sources, steppers }: NextStepsOptions): NextStep {
  const { actor: key, event, late, owner, words } = step
  const actor = facts.family.actors.get(key)
  const stepper = steppers[kindOf(key)]
  const candidate = stepper.moves(actor?.state ?? '').find(each => each.event === event)
  const obstacle =
    candidate === undefined || actor === undefined ? undefined : stepper.obstacle(candidate, actor.context)
  const reporting = (source: Source) =>
    rolesOf(owner).includes(source.role) &&
    actor !== undefined &&
    ownerObstacle({ type: event } as CanonicalEvent, source, actor, facts.order?.context) === undefined
  return {
    actor: key,
    event,
    owner,
    words,
    sources: sources.filter(reporting).map(({ id }) => id),
    dueMs: conditions.find(each => each.kind === late && each.actor === key)?.opensMs,
    blockedBy: obstacle === undefined ? [] : [{ code: obstacle.code, reason: obstacle.reason }],
  }
}
