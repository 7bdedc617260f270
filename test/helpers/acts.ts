// What Ann of the order desk does about exceptions, as events.

import type { EventInput } from '../../machines/event.ts'
import type { DeskEventType } from '../../machines/event-types.ts'
import { event } from './distributor.ts'

const REASON = 'the carrier confirmed it by telephone'

export interface Behind {
  readonly source: string
  readonly id: string
}

/** An act about one exception of an order, or of a number (`ref:NUMBER`). */
export function act(
  type: DeskEventType,
  family: string,
  data: object,
  attributes: Partial<EventInput> = {},
): EventInput {
  const subject = family.startsWith('ref:') ? `ref/${family.slice('ref:'.length)}` : `order/${family}`
  const about = [{ family, exception: 'refused_event|order|x' }]
  return event('ann', type, subject, '12:00', { about, ...data }, attributes)
}

const behind = ({ id, source }: Behind) => ({ source, id })

export const retry = (family: string, event: Behind, attributes?: Partial<EventInput>): EventInput =>
  act('exception.retried', family, { event: behind(event), reason: REASON }, attributes)

export const discard = (family: string, event: Behind, attributes?: Partial<EventInput>): EventInput =>
  act('exception.discarded', family, { event: behind(event), reason: REASON }, attributes)

export const link = (number: string, family: string, actor: string, more: object = {}): EventInput =>
  event('ann', 'reference.linked', `order/${family}`, '12:00', { number, family, actor, reason: REASON, ...more })
