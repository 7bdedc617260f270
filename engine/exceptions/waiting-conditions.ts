// What is wrong with what was said: events that wait too long, that nobody can place, that were refused. Pure.
import { ORDER_KEY, placeMs } from '../../machines/ids.ts'
import { withinMs } from '../deadlines/policies.ts'
import { isWaitingFamily, type ParkedEvent, waitedNumber } from '../family.ts'
import { UNKNOWN_ORDER_CODE } from '../named-orders.ts'
import { allOf, type Condition, condition, NOTHING_WRONG, type Predicate } from './condition.ts'
import type { RefusedEvent } from './refusals.ts'

const partOf = ({ event }: ParkedEvent): string => `${event.source}/${event.id}`
const eventOf = ({ event: { id, source } }: ParkedEvent) => ({ source, id })
const causeOf = (kind: string, { event }: ParkedEvent): string => `${kind}|${event.source}|${event.id}`

const parkedTooLong: Predicate = ({ family }) =>
  family.parked.map(parked =>
    condition('parked_too_long', {
      actor: ORDER_KEY,
      part: partOf(parked),
      event: eventOf(parked),
      opensMs: parked.untilMs,
      detail: `${parked.event.type} of ${parked.event.source} waits: ${parked.reason}`,
      evidence: [parked.place],
      cause: causeOf('parked_too_long', parked),
      action:
        parked.waitsFor === undefined
          ? undefined
          : { words: `Find out why ${parked.waitsFor.event} does not come`, by: parked.waitsFor.owner },
    }),
  )

const unknownSubject: Predicate = ({ family }, { policies }) => {
  if (!isWaitingFamily(family.id)) return NOTHING_WRONG
  return family.parked.flatMap(parked => {
    const within = withinMs(policies, 'unknown_subject', { source: parked.event.source })
    if (within === undefined) return NOTHING_WRONG
    return [
      condition('unknown_subject', {
        actor: ORDER_KEY,
        part: partOf(parked),
        event: eventOf(parked),
        opensMs: parked.sinceMs + within,
        detail: `${parked.event.source} says ${parked.event.type} of ${unknownOf(family.id, parked)}, which nobody knows`,
        evidence: [parked.place],
        cause: causeOf('unknown_subject', parked),
        action: parked.code === UNKNOWN_ORDER_CODE ? HAVE_IT_CORRECTED : undefined,
      }),
    ]
  })
}

/** What nobody knows: what an event is addressed by, or an order that it names beside. */
const unknownOf = (family: string, { code, event }: ParkedEvent): string =>
  code === UNKNOWN_ORDER_CODE ? `${event.subject} that names order ${waitedNumber(family)}` : event.subject

const HAVE_IT_CORRECTED = {
  words: 'Have the sender correct the number, or have the order sent',
  by: 'operator',
} as const

/** Gates that are shut on purpose: no system will overtake another here, somebody has to act. */
const SHUT_ON_PURPOSE: ReadonlySet<string> = new Set(['credit_held', 'over_release'])

/** A release waits at a gate or limit, or a node works already without one. */
const releaseBlocked: Predicate = ({ family, order }, { policies }) => {
  const within = withinMs(policies, 'release_blocked', { source: order?.context.channel })
  if (order === undefined || within === undefined) return NOTHING_WRONG
  return family.parked.flatMap(parked => {
    const isRelease = parked.event.type === 'order.released'
    if (!isRelease && parked.waitsFor?.event !== 'order.released') return NOTHING_WRONG
    const words = isRelease ? 'a release waits' : `${parked.event.source} works without a release`
    const { code, place, reason, waitsFor } = parked
    return [
      condition('release_blocked', {
        actor: ORDER_KEY,
        part: partOf(parked),
        event: eventOf(parked),
        opensMs: placeMs(place) + (SHUT_ON_PURPOSE.has(code) ? 0 : within),
        detail: `${words}: ${reason}`,
        evidence: [place],
        action:
          waitsFor === undefined
            ? undefined
            : { words: `Report ${waitsFor.event}, or withdraw the release`, by: waitsFor.owner },
      }),
    ]
  })
}

const refusedEvents: Predicate = ({ marks }) => {
  const refused = marks.standingRefusals()
  return refused.length === 0 ? NOTHING_WRONG : refused.map(refusedCondition)
}

const MILD: ReadonlySet<string> = new Set(['version_conflict', 'id_reused'])

const refusedCondition = ({ actor, code, event, eventId, place, reason, source, verdict }: RefusedEvent): Condition =>
  condition('refused_event', {
    actor: actor ?? ORDER_KEY,
    part: `${source}/${eventId}`,
    event: { source, id: eventId },
    opensMs: placeMs(place),
    detail: `${event} of ${source} was refused (${code ?? verdict}): ${reason}`,
    evidence: [place],
    // An over-shipment is goods on the move: logistics looks first.
    team: verdict === 'quantity_exceeded' ? 'logistics' : undefined,
    severity: MILD.has(verdict) ? 'low' : verdict === 'quantity_exceeded' ? 'high' : undefined,
    cause: `refused_event|${source}|${eventId}`,
  })

const ALL = [parkedTooLong, unknownSubject, releaseBlocked, refusedEvents]

export const waitingConditions: Predicate = (facts, around) =>
  facts.family.parked.length === 0 ? refusedEvents(facts, around) : allOf(ALL, facts, around)
