// Disagreements: a source says that an actor is in a state, and the twin's facts say another (domain §8). Pure.
// A source that is merely behind, because it spoke before the state changed, disagrees with nobody: it is out of date.
import type { ActorKey, Place } from '../../machines/ids.ts'
import { kindOf, placeMs } from '../../machines/ids.ts'
import type { OrderContext } from '../../machines/order/context.ts'
import { isEmpty } from '../../machines/records.ts'
import { withinMs } from '../deadlines/policies.ts'
import { type Condition, condition, NOTHING_WRONG, type Predicate } from './condition.ts'
import type { ActorFacts, Facts } from './facts.ts'
import { orderSince, returnSince, shipmentSince } from './since.ts'

/** Steps in order: a claim of a later one is a claim that something happened of which the twin was not told. */
const RANKED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  order: [
    ['captured', 'validated', 'accepted', 'closed'],
    [
      'unallocated',
      'allocated',
      'backordered',
      'released',
      'partly_shipped',
      'shipped',
      'partly_delivered',
      'delivered',
    ],
    ['unbilled', 'billable', 'partly_invoiced', 'invoiced', 'paid'],
    ['unchecked', 'approved', 'held'],
  ],
  shipment: [
    [
      'released',
      'acknowledged',
      'picking',
      'picked',
      'packed',
      'shipped',
      'in_transit',
      'out_for_delivery',
      'delivered',
    ],
  ],
  return: [
    ['expected', 'in_transit', 'received', 'inspected', 'dispositioned'],
    ['none', 'initiated', 'authorized'],
    ['none', 'due', 'credited', 'closed'],
  ],
}

/** States that go to and fro as something is told anew: none of them is ahead of another. */
const TO_AND_FRO: readonly (readonly string[])[] = [
  ['unallocated', 'allocated', 'backordered'],
  ['unchecked', 'approved', 'held'],
]

/** A state that a source claims an actor to be in, its latest by place. */
export interface StateClaim {
  readonly actor: ActorKey
  readonly source: string
  readonly state: string
  readonly place: Place
}

export interface Disagreement {
  readonly claim: StateClaim
  /** The twin's verdict: the state it holds for true. */
  readonly verdict: string
  /** Since when the two do not agree. */
  readonly sinceMs: number
}

/** Every claim that the twin's facts contradict, by actor and source. */
export function disagreementsOf(facts: Facts): readonly Disagreement[] {
  const claims = claimsOf(facts)
  if (claims.length === 0) return NONE
  return claims.flatMap(claim => {
    const states = facts.family.actors.get(claim.actor)?.state.split('.') ?? []
    const found = states.includes(claim.state) ? undefined : against(facts, claim, states)
    return found === undefined ? [] : [found]
  })
}

const NONE: readonly never[] = []

/** As the actors keep them: whatever an event turned out to be about, its claim is there. */
function claimsOf({ order, returns, shipments }: Facts): readonly StateClaim[] {
  const claims: StateClaim[] = []
  if (order !== undefined) noteClaims(order, claims)
  for (const each of shipments) noteClaims(each, claims)
  for (const each of returns) noteClaims(each, claims)
  return claims
}

function noteClaims({ context: { claims: told }, key: actor }: Claiming, claims: StateClaim[]): void {
  // Nobody claims anything of most: that costs no list of keys.
  if (isEmpty(told)) return
  for (const source of Object.keys(told).sort()) {
    const { place, state } = told[source] as { place: Place; state: string }
    claims.push({ actor, source, state, place })
  }
}
type Claiming = ActorFacts<Pick<OrderContext, 'claims'>>

function against(facts: Facts, claim: StateClaim, states: readonly string[]): Disagreement | undefined {
  const ranked = RANKED[kindOf(claim.actor)] ?? []
  const steps = ranked.find(each => each.includes(claim.state) && each.some(state => states.includes(state)))
  const verdict = (steps === undefined ? states[0] : states.find(state => steps.includes(state))) ?? ''
  const goToAndFro = TO_AND_FRO.some(each => each.includes(claim.state) && each.includes(verdict))
  const isAhead = steps !== undefined && !goToAndFro && steps.indexOf(claim.state) > steps.indexOf(verdict)
  const sinceMs = placeMs(claim.place)
  const isOutOfDate = !isAhead && sinceMs < stateSince(facts, claim.actor, verdict)
  return isOutOfDate ? undefined : { claim, verdict, sinceMs }
}

function stateSince(facts: Facts, actor: ActorKey, state: string): number {
  const shipment = facts.shipments.find(({ key }) => key === actor)
  if (shipment !== undefined) return shipmentSince(shipment, state)
  const back = facts.returns.find(({ key }) => key === actor)
  if (back !== undefined) return returnSince(back)
  const index = facts.order?.states.indexOf(state) ?? 0
  return orderSince(facts)[['lifecycle', 'credit', 'fulfilment', 'billing'][index] ?? 'lifecycle'] ?? 0
}

export const disagreementConditions: Predicate = (facts, { policies }) => {
  const found = disagreementsOf(facts)
  if (found.length === 0) return NOTHING_WRONG
  return found.flatMap(({ claim, sinceMs, verdict }): readonly Condition[] => {
    const within = withinMs(policies, 'source_disagreement', { source: claim.source })
    if (within === undefined) return []
    return [
      condition('source_disagreement', {
        actor: claim.actor,
        part: claim.source,
        // A state takes a while to reach everybody.
        opensMs: sinceMs + within,
        detail: `${claim.source} believes ${claim.state}, the twin's facts say ${verdict}`,
        evidence: [claim.place],
      }),
    ]
  })
}
