// Act events: what a person asks to be done about one row, as events. One act is about so many orders at most: a cause in more
// takes several. What was done when the same request came first is not done again, nor is anything else done in its place.
import { createHash } from 'node:crypto'
import { believedAt } from '../../engine/exceptions/as-of.ts'
import type { OrderException } from '../../engine/exceptions/condition.ts'
import { conditionsOf, openAt } from '../../engine/exceptions/exceptions.ts'
import { factsOf } from '../../engine/exceptions/facts.ts'
import { isWaitingFamily } from '../../engine/family.ts'
import type { EventInput } from '../../machines/event.ts'
import type { DeskEventType } from '../../machines/event-types.ts'
import { ABOUT_MAX } from '../../machines/events/desk-events.ts'
import { isoTime } from '../../machines/time.ts'
import { type GraphContext, unlessDamaged } from '../graph-context.ts'
import type { Act, Row } from './acts.ts'

/** Acts on the event behind an exception. */
export const NEEDS_EVENT: ReadonlySet<DeskEventType> = new Set(['exception.retried', 'exception.discarded'])

interface About {
  readonly family: string
  readonly exception: string
}

export interface Asked {
  readonly act: Act
  /** Its id, and `operator` who asks. */
  readonly request: string
  readonly operator: string
  /** Whether it cannot have come before. */
  readonly isNew: boolean
  /** About one row. One about several says in the id of each act what that is about: it may select others when it is repeated. */
  readonly isOne: boolean
}

interface Part {
  readonly id: string
  readonly subject: string
  readonly about: readonly About[]
}

export async function eventsOf(row: Row, asked: Asked, context: GraphContext): Promise<readonly EventInput[]> {
  const { act, operator } = asked
  const behind = NEEDS_EVENT.has(act.type) ? { event: row.exception.event } : {}
  const parts = await partsOf(row, asked, context)
  return parts.map(({ about, id, subject }) => ({
    id,
    source: operator,
    type: act.type,
    subject,
    time: isoTime(context.twin.clock.nowMs),
    data: { ...act.data, about, ...behind },
  }))
}

/** What each act is about. Of what the request did before one is asked for again: it answers what came of it. */
async function partsOf({ exception, members }: Row, asked: Asked, context: GraphContext): Promise<readonly Part[]> {
  const { isNew, isOne, request } = asked
  const all = [exception, ...members.filter(each => !isSame(each, exception))]
  const first = isNew ? undefined : await firstAct(all, asked, context)
  const rest = (first === undefined ? all : await undone(all, first, asked, context)).map(aboutOf)
  const parts: Part[] = first === undefined ? [] : [first]
  const subject = subjectOf(exception.family)
  while (rest.length > 0) {
    const about = rest.splice(0, ABOUT_MAX)
    parts.push({ id: isOne && parts.length === 0 ? request : partId(request, about), subject, about })
  }
  return parts
}

const isSame = (one: OrderException, other: OrderException): boolean =>
  one.family === other.family && one.key === other.key

const aboutOf = ({ family, key }: OrderException): About => ({ family, exception: key })

const isAbout = (about: readonly About[], { family, key }: OrderException): boolean =>
  about.some(each => each.family === family && each.exception === key)

interface FirstAct extends Part {
  readonly position: number
  readonly recordedMs: number
}

/**
 * What the request did when it came first: what it did may have closed some of it. About one row it is the act with the request's
 * own id; about several any of those that were about something of this row. Undefined where it did nothing of it.
 */
async function firstAct(
  all: readonly OrderException[],
  { isOne, operator, request }: Asked,
  context: GraphContext,
): Promise<FirstAct | undefined> {
  const found = isOne ? all[0] : all.find(each => partOf(each, request, operator) !== undefined)
  const id = isOne || found === undefined ? request : partOf(found, request, operator)
  if (found === undefined) return undefined
  // What cannot be read has no act of which more could be done.
  const entries = (await unlessDamaged(context.graph.desk.entries(found.family))) ?? []
  const entry = entries.find(({ event }) => event.id === id && event.source === operator)
  const { about = [] } = (entry?.event.data ?? {}) as { readonly about?: readonly About[] }
  if (entry === undefined || !isAbout(about, found)) return undefined
  const { position, recordedMs } = entry
  return { id: entry.event.id, subject: entry.event.subject, about, position, recordedMs }
}

/** What the request has not done yet. One about one row may have been cut off only where it takes several acts. */
async function undone(
  all: readonly OrderException[],
  first: FirstAct,
  { isOne, operator, request }: Asked,
  context: GraphContext,
): Promise<readonly OrderException[]> {
  if (isOne && first.about.length < ABOUT_MAX) return []
  const left = all.filter(each => !isAbout(first.about, each) && partOf(each, request, operator) === undefined)
  if (!isOne) return left
  const asked: OrderException[] = []
  for (const each of left) if (await wasOpenAt(first, each, context)) asked.push(each)
  return asked
}

/** Whether it was known to be open then: what has joined the cause since is nothing that the request was about. */
async function wasOpenAt(
  { position, recordedMs }: FirstAct,
  { family: id, key }: OrderException,
  { graph: { desk } }: GraphContext,
): Promise<boolean> {
  const entries = (await unlessDamaged(desk.entries(id))) ?? []
  const { family, ledger } = believedAt(id, entries, { position })
  const conditions = conditionsOf(factsOf(family, ledger), desk.watch.around)
  return openAt(conditions, { family: id, nowMs: recordedMs, policies: desk.policies }).some(each => each.key === key)
}

/** The act, one of several that the request came to, that was about this. */
const partOf = ({ handling }: OrderException, request: string, operator: string): string | undefined =>
  handling?.steps.find(
    ({ act, by }) =>
      by === operator && act.length === request.length + 1 + DIGEST_LENGTH && act.startsWith(`${request}/`),
  )?.act

const partId = (request: string, about: readonly About[]): string =>
  `${request}/${digestOf(about.map(({ exception, family }) => `${family} ${exception}`))}`

const subjectOf = (family: string): string =>
  isWaitingFamily(family) ? `ref/${family.slice('ref:'.length)}` : `order/${family}`

// 22 letters, 128 bits: told apart for sure among as many as can be selected.
const DIGEST_LENGTH = 22

export const digestOf = (ids: readonly string[]): string =>
  createHash('sha256')
    .update([...ids].sort().join('\n'))
    .digest('base64url')
    .slice(0, DIGEST_LENGTH)
