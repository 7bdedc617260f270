// The order card (domain §9): where it is, since when, whose turn it is, the one thing to do, by when, why it is blocked, what
// waits, what proves it, how fresh each source is. Pure: chart, quantities, exceptions and deadlines at one clock time.
//   K1  The same facts, policies and clock give the same card, whatever order the facts came in.
//   K2  One action: what the worst open exception asks for; without one the next step of the usual way.
import { type ActorKey, type Place, placeMs } from '../../machines/ids.ts'
import { fulfilmentOf } from '../../machines/order/derive.ts'
import type { OwnerRule } from '../../machines/owners.ts'
import { type Column, quantityOf } from '../../machines/quantities.ts'
import { reachedMilestones } from '../../machines/shipment/context.ts'
import { entityText } from '../answers.ts'
import type { Policies } from '../deadlines/policies.ts'
import type { RecommendedAction } from '../exceptions/catalogue.ts'
import type { OrderException, Surroundings } from '../exceptions/condition.ts'
import { conditionsOf, openAt } from '../exceptions/exceptions.ts'
import type { Facts, FactsWithLedger, ShipmentFacts } from '../exceptions/facts.ts'
import { orderSince, returnSince, shipmentSince } from '../exceptions/since.ts'
import type { ParkedEvent } from '../family.ts'
import type { Steppers } from '../judge.ts'
import { type HeardSource, type SourceFreshness, sourcesOf } from './freshness.ts'
import { type CardMilestone, milestonesOf } from './milestones.ts'
import { type NextStep, nextSteps } from './next-steps.ts'
import { ownersOf } from './owners.ts'

export interface CardLine {
  readonly index: number
  readonly line: string
  readonly item: string
  readonly unit: string
  /** Decimals of the unit; the quantities are whole numbers of its smallest part. */
  readonly precision: number
  readonly state: string
  readonly ordered: number
  readonly shipped: number
  readonly delivered: number
  /** Shipments that carry it. */
  readonly shipments: readonly string[]
  readonly promisedMs: number | undefined
}

export interface CardPart {
  readonly entity: string
  readonly key: ActorKey
  readonly number: string
  /** Where it is: a node, a carrier, a place where it was scanned. */
  readonly where: string
  readonly state: string
  readonly sinceMs: number
  readonly trackings: readonly string[]
  readonly expectedMs: number | undefined
  readonly promisedMs: number | undefined
}

export interface CardAction {
  readonly words: string
  /** Whose turn it is. */
  readonly owner: OwnerRule | 'operator'
  readonly sources: readonly string[]
  readonly event: string | undefined
  readonly entity: string
  readonly dueMs: number | undefined
  /** The exception that asks for it; undefined for the next step of the usual way. */
  readonly exception: OrderException | undefined
}

export interface OrderCard {
  readonly order: string
  readonly customer: string
  /** The clock it was drawn at. */
  readonly atMs: number
  readonly states: readonly string[]
  /** Region of the order → since when, by `time`. */
  readonly sinceMs: Readonly<Record<string, number | undefined>>
  readonly lines: readonly CardLine[]
  readonly shipments: readonly CardPart[]
  readonly returns: readonly CardPart[]
  /** Undefined where nothing is left to do. */
  readonly action: CardAction | undefined
  /** Why it does not go on. */
  readonly blockedBy: readonly string[]
  readonly exceptions: readonly OrderException[]
  readonly nextSteps: readonly NextStep[]
  readonly waiting: readonly ParkedEvent[]
  /** Places of the events that prove it. */
  readonly evidence: readonly Place[]
  readonly freshness: readonly SourceFreshness[]
  readonly milestones: readonly CardMilestone[]
}

export interface CardOptions extends Surroundings {
  readonly nowMs: number
  readonly policies: Policies
  readonly steppers: Steppers
  readonly heard: readonly HeardSource[]
}

/** Undefined where the family has no order. */
export function cardOf(facts: FactsWithLedger, options: CardOptions): OrderCard | undefined {
  const { family, order } = facts
  if (order === undefined) return undefined
  const conditions = conditionsOf(facts, options)
  const exceptions = openAt(conditions, { family: family.id, nowMs: options.nowMs, policies: options.policies })
  const sources = options.heard.map(({ source }) => source)
  const steps = nextSteps(facts, { steppers: options.steppers, sources, conditions })
  return {
    order: family.id,
    customer: order.context.customer,
    atMs: options.nowMs,
    states: order.states,
    sinceMs: orderSince(facts),
    lines: linesOf(facts),
    shipments: facts.shipments.map(shipment => shipmentPart(facts, shipment)),
    returns: returnParts(facts),
    action: actionOf(facts, exceptions, steps, options),
    blockedBy: blockers(exceptions, steps, family.parked),
    exceptions,
    nextSteps: steps,
    waiting: family.parked,
    evidence: evidenceOf(facts, exceptions),
    freshness: sourcesOf(facts, options),
    milestones: milestonesOf(facts, exceptions),
  }
}

function linesOf({ order, shipments }: Facts): readonly CardLine[] {
  const context = order?.context
  if (context === undefined) return []
  return context.lines.map(({ item, line, precision, promisedAt, unit }, index) => {
    const of = (column: Column) => quantityOf(context.quantities, index, column)
    return {
      index,
      line,
      item,
      unit,
      precision,
      state: fulfilmentOf(context, index),
      ordered: of('ordered'),
      shipped: of('shipped'),
      delivered: of('delivered'),
      shipments: shipments.filter(each => each.context.lines.includes(line)).map(each => each.context.number),
      promisedMs: promisedAt ?? context.promisedAt,
    }
  })
}

function shipmentPart({ family }: Facts, shipment: ShipmentFacts): CardPart {
  const { context, key, states } = shipment
  const state = states[0] ?? ''
  const scans = [...reachedMilestones(context)].sort((a, b) => (a.place < b.place ? 1 : -1))
  const hasGone = ['in_transit', 'out_for_delivery', 'delivered', 'refused', 'lost', 'returned_to_sender'].includes(
    state,
  )
  const underway = scans.find(({ where }) => where !== undefined)?.where ?? context.carriers.join(', ')
  return {
    entity: entityText(key, family.id),
    key,
    number: context.number,
    where: hasGone && underway !== '' ? underway : context.node,
    state,
    sinceMs: shipmentSince(shipment, state),
    trackings: context.trackings,
    expectedMs: context.expectedAt,
    promisedMs: context.promisedAt ?? context.instructions.promisedAt,
  }
}

const returnParts = (facts: Facts): readonly CardPart[] =>
  facts.returns.map(back => ({
    entity: entityText(back.key, facts.family.id),
    key: back.key,
    number: back.context.number,
    where: back.context.nodes.join(', '),
    state: back.states.join(', '),
    sinceMs: returnSince(back),
    trackings: back.context.trackings,
    expectedMs: undefined,
    promisedMs: undefined,
  }))

function actionOf(
  facts: Facts,
  exceptions: readonly OrderException[],
  steps: readonly NextStep[],
  { heard }: CardOptions,
): CardAction | undefined {
  const [worst] = exceptions
  const [step] = steps
  if (worst !== undefined) {
    const { actor, action, dueMs } = worst
    const sources = sourcesFor(action, actor, facts, heard)
    const entity = entityText(actor, facts.family.id)
    return { words: action.words, owner: action.by, sources, event: action.event, entity, dueMs, exception: worst }
  }
  if (step === undefined) return undefined
  const { dueMs, event, owner, sources, words } = step
  const entity = entityText(step.actor, facts.family.id)
  return { words: sentence(words), owner, sources, event, entity, dueMs, exception: undefined }
}

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)

/** Connected systems whose turn it is: those that may report what would put it right. */
function sourcesFor(
  { by }: RecommendedAction,
  actor: ActorKey,
  facts: Facts,
  heard: readonly HeardSource[],
): readonly string[] {
  const sources = heard.map(({ source }) => source)
  if (by === 'operator') return sources.filter(({ role }) => role === 'operator').map(({ id }) => id)
  return ownersOf(by, actor, facts, sources)
}

function blockers(
  exceptions: readonly OrderException[],
  steps: readonly NextStep[],
  parked: readonly ParkedEvent[],
): readonly string[] {
  const found = [
    ...exceptions.map(({ detail }) => detail),
    ...steps.flatMap(({ blockedBy }) => blockedBy.map(({ reason }) => reason)),
    ...parked.map(({ event, reason }) => `${event.type} waits: ${reason}`),
  ]
  return [...new Set(found)]
}

/** What proves where it is: the events of the open exceptions, and the last thing each source said. */
const evidenceOf = ({ ledger }: FactsWithLedger, exceptions: readonly OrderException[]): readonly Place[] =>
  [
    ...new Set([...exceptions.flatMap(({ evidence }) => evidence), ...ledger.lastClaims().map(({ place }) => place)]),
  ].sort((a, b) => placeMs(a) - placeMs(b) || (a < b ? -1 : 1))
