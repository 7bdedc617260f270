// Reasons: the words of verdicts that deciding itself gives; those of charts stand beside their gates. Pure.
import type { Obstacle } from '../machines/chart.ts'
import type { CanonicalEvent } from '../machines/event.ts'
import { type EventType, eventTypeEntry } from '../machines/event-types.ts'
import { ABSENT } from './attempt.ts'
import type { VerdictDetail } from './entry.ts'

export const detailOf = ({ code, locked, owner, reason, waitsFor }: Obstacle): VerdictDetail => ({
  code,
  reason,
  owner,
  waitsFor,
  locked,
})

export const numberInUse = (document: string): Obstacle => ({
  verdict: 'not_allowed_in_state',
  code: 'number_in_use',
  reason: `${document} came before under another event id, and said something else`,
})

export const unknownEvent = (id: string): Obstacle => ({
  verdict: 'waits',
  code: 'unknown_event',
  reason: `the event ${id} this corrects is not known yet`,
})

export const badCorrection = (id: string): Obstacle => ({
  verdict: 'not_allowed_in_state',
  code: 'correction_malformed',
  reason: `what ${id} should have said is not of its shape`,
})

export function unknownNumber(event: CanonicalEvent): VerdictDetail {
  const { entity } = eventTypeEntry(event.type)
  const teaches: EventType =
    event.subject.kind === 'order'
      ? event.type.startsWith('order.') || entity === 'order'
        ? 'order.captured'
        : 'order.released'
      : TEACHES[entity]
  const owner = teaches === 'order.captured' || teaches === 'return.initiated' ? 'channel' : 'erp'
  if (event.type === 'shipment.split' && event.subject.kind === 'reference') return splitOfMany(event)
  return {
    code: ABSENT,
    reason: `${event.subjectText} is not known yet`,
    waitsFor: { event: teaches, owner },
  }
}
const splitOfMany = (event: CanonicalEvent): VerdictDetail => ({
  code: 'ambiguous_reference',
  reason: `a split is of one shipment, which ${event.subjectText} does not tell`,
})
const TEACHES = {
  order: 'order.captured',
  shipment: 'order.released',
  return: 'return.initiated',
  any: 'order.captured',
} as const

export const ambiguous = (event: CanonicalEvent, things: readonly string[]): VerdictDetail => ({
  code: 'ambiguous_reference',
  reason: `${event.subjectText} means more than one thing: ${things.slice(0, 10).join(', ')}`,
})
