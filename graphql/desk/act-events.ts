// Act events: what a person asks to be done about one row, as events. One act is about so many orders at most: a cause in more
// takes several. What was done when the same request came first is not done again, nor is anything else done in its place.
import { createHash } from 'node:crypto'
import type { OrderException } from '../../engine/exceptions/condition.ts'
import { isWaitingFamily } from '../../engine/family.ts'
import type { EventInput } from '../../machines/event.ts'
import type { DeskEventType } from '../../machines/event-types.ts'
import { ABOUT_MAX } from '../../machines/events/desk-events.ts'
import { isoTime } from '../../machines/time.ts'
import type { GraphContext } from '../graph-context.ts'
import type { Act, Row } from './acts.ts'

/** Acts on the event behind an exception. */
export const NEEDS_EVENT: ReadonlySet<DeskEventType> = new Set(['exception.retried', 'exception.discarded'])

interface About {
  readonly family: string
  readonly exception: string
}

export interface Asked {
  readonly act: Act
  /** The id of the first act; of the others it is a part. */
  readonly id: string
  readonly operator: string
  /** Whether it cannot have come before. */
  readonly isNew: boolean
}

export async function eventsOf(row: Row, asked: Asked, context: GraphContext): Promise<readonly EventInput[]> {
  const { act, id, operator } = asked
  const { event, family } = row.exception
  const behind = NEEDS_EVENT.has(act.type) ? { event } : {}
  const parts = partsOf(row, asked, asked.isNew ? undefined : await firstAbout(row, asked, context))
  return parts.map((about, index) => ({
    id: index === 0 ? id : `${id}/${digestOf(about.map(each => `${each.family} ${each.exception}`))}`,
    source: operator,
    type: act.type,
    subject: subjectOf(family),
    time: isoTime(context.twin.clock.nowMs),
    data: { ...act.data, about, ...behind },
  }))
}

/** What each act is about; `first`: what the first was when the request came first. */
function partsOf({ exception, members }: Row, { id, operator }: Asked, first: readonly About[] | undefined) {
  const isDone = ({ family, handling, key }: OrderException) =>
    first?.some(each => each.family === family && each.exception === key) ||
    handling?.steps.some(({ act, by }) => by === operator && act.startsWith(`${id}/`))
  const isOwn = ({ family, key }: OrderException) => family === exception.family && key === exception.key
  const rest = members.filter(each => !isOwn(each) && !(first !== undefined && isDone(each))).map(aboutOf)
  const parts = [first ?? [aboutOf(exception), ...rest.splice(0, ABOUT_MAX - 1)]]
  while (rest.length > 0) parts.push(rest.splice(0, ABOUT_MAX))
  return parts
}

const aboutOf = ({ family, key }: OrderException): About => ({ family, exception: key })

/** What the request was about when it came first: what it did may have closed some of it. Undefined where it is new. */
async function firstAbout(
  { exception }: Row,
  { id, operator }: Asked,
  { graph: { desk } }: GraphContext,
): Promise<readonly About[] | undefined> {
  // Of a family that was set aside the entries may not be readable; nothing is written there anyway.
  const entries = exception.kind === 'poisoned' ? [] : await desk.entries(exception.family)
  const known = entries.find(({ event }) => event.id === id && event.source === operator)
  return (known?.event.data as { about?: readonly About[] } | undefined)?.about
}

const subjectOf = (family: string): string =>
  isWaitingFamily(family) ? `ref/${family.slice('ref:'.length)}` : `order/${family}`

/** Told apart for sure among as many as can be selected. */
export const digestOf = (ids: readonly string[]): string =>
  createHash('sha256')
    .update([...ids].sort().join('\n'))
    .digest('base64url')
    .slice(0, 22)
