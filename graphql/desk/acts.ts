// Acts: what a person asks to be done about exceptions, as events of an operator; and the exceptions they name.
// Owns: who acts, and the ids of requests.   Does not own: what an act does (engine/acting.ts).
import { createHash, randomUUID } from 'node:crypto'
import { factOfTheBusiness } from '../../engine/answers.ts'
import type { OrderException } from '../../engine/exceptions/condition.ts'
import { exceptionHistory } from '../../engine/exceptions/history.ts'
import { isWaitingFamily } from '../../engine/family.ts'
import type { Outcome } from '../../engine/outcome.ts'
import type { DeskEventType } from '../../machines/event-types.ts'
import { isoTime } from '../../machines/time.ts'
import type { GraphContext } from '../graph-context.ts'
import { graphError } from '../operations/graph-errors.ts'
import { exceptionId, exceptionRefOf } from '../views/exceptions.ts'

/** What every act may say beside what it does. */
export interface Request {
  /** The operator who acts. */
  readonly by?: string | null
  /** The same request acts once; made up where there is none. */
  readonly requestId?: string | null
}

/** One row: the exception, and all that share its cause. */
export interface Row {
  readonly exception: OrderException
  readonly members: readonly OrderException[]
  readonly isOpen: boolean
}

/** Who acts: a configured source with the role of an operator, for whom the sender may speak. Without credentials it must be named. */
export function operatorOf({ by }: Request, { sender, twin }: GraphContext): string {
  const operators = twin
    .sources()
    .map(({ source }) => source)
    .filter(({ id, role }) => role === 'operator' && (sender.sources?.has(id) ?? true))
    .map(({ id }) => id)
  const [only] = operators
  const operator = by ?? (sender.sources !== undefined && operators.length === 1 ? only : undefined)
  if (operator !== undefined && operators.includes(operator)) return operator
  throw graphError(
    'NOT_AN_OPERATOR',
    `by must be one of: ${operators.slice(0, 20).join(', ') || '(none is configured)'}`,
  )
}

/** Ids of events are at most 256 characters: what a bulk act appends has room. */
export function requestIdOf({ requestId }: Request, { graph: { limits } }: GraphContext): string {
  if (requestId == null) return randomUUID()
  if (requestId.length > 0 && requestId.length <= limits.requestIdLengthMax) return requestId
  throw graphError('BAD_ARGUMENT', `requestId has 1 to ${limits.requestIdLengthMax} characters`)
}

/** The row an id names, open or closed. */
export async function findRow(id: string, { graph: { desk } }: GraphContext): Promise<Row> {
  const ref = exceptionRefOf(id)
  if (ref === undefined) throw graphError('UNKNOWN_EXCEPTION', id.slice(0, 40))
  await desk.upToDate()
  const open = [...desk.watch.openExceptions()]
  const found = open.find(({ family, key }) => family === ref.family && key === ref.key)
  if (found !== undefined)
    return { exception: found, members: open.filter(({ cause }) => cause === found.cause), isOpen: true }
  const periods = exceptionHistory(await desk.entries(ref.family), desk.watch.around, desk.nowMs())
  const closed = periods.findLast(({ exception }) => exception.key === ref.key)?.exception
  if (closed === undefined) throw graphError('UNKNOWN_EXCEPTION', id.slice(0, 40))
  return { exception: closed, members: [closed], isOpen: false }
}

export type Act = Request & { readonly type: DeskEventType; readonly data: object }

const NEEDS_EVENT: ReadonlySet<DeskEventType> = new Set(['exception.retried', 'exception.discarded'])

/** Does the same about several rows, one outcome each, in their order. Facts of the business cannot be retried or let go of. */
export async function actOn(rows: readonly Row[], act: Act, context: GraphContext): Promise<readonly Outcome[]> {
  const operator = operatorOf(act, context)
  const request = requestIdOf(act, context)
  const needsEvent = NEEDS_EVENT.has(act.type)
  const idOf = (row: Row) => (rows.length === 1 ? request : `${request}/${digestOf([exceptionId(row.exception)])}`)
  const able = rows.filter(({ exception }) => !needsEvent || exception.event !== undefined)
  const events = []
  for (const row of able)
    events.push({
      id: idOf(row),
      source: operator,
      type: act.type,
      subject: subjectOf(row.exception.family),
      time: isoTime(context.twin.clock.nowMs),
      data: {
        ...act.data,
        about: act.requestId == null ? membersOf(row) : await aboutOf(row, { operator, id: idOf(row) }, context),
        ...(needsEvent ? { event: row.exception.event } : {}),
      },
    })
  const outcomes = events.length === 0 ? [] : await context.twin.submit(events, context.sender)
  return rows.map(row => outcomes[able.indexOf(row)] ?? factOfTheBusiness(idOf(row), row.exception.kind))
}

interface About {
  readonly family: string
  readonly exception: string
}

const membersOf = ({ members }: Row): readonly About[] => members.map(({ family, key }) => ({ family, exception: key }))

/** What the request was about when it came first: what it did may have closed some of it. */
async function aboutOf(
  row: Row,
  { id, operator }: { id: string; operator: string },
  { graph: { desk } }: GraphContext,
): Promise<readonly About[]> {
  const { exception } = row
  // Of a family that was set aside the entries may not be readable; nothing is written there anyway.
  const entries = exception.kind === 'poisoned' ? [] : await desk.entries(exception.family)
  const known = entries.find(({ event }) => event.id === id && event.source === operator)
  return (known?.event.data as { about?: readonly About[] } | undefined)?.about ?? membersOf(row)
}

const subjectOf = (family: string): string =>
  isWaitingFamily(family) ? `ref/${family.slice('ref:'.length)}` : `order/${family}`

/** Told apart for sure among as many as can be selected. */
export const digestOf = (ids: readonly string[]): string =>
  createHash('sha256')
    .update([...ids].sort().join('\n'))
    .digest('base64url')
    .slice(0, 22)

/** Throws where an act did not happen: refused, or not for now. */
export function done(outcome: Outcome): void {
  if (outcome.outcome === 'accepted' || (outcome.outcome === 'duplicate' && outcome.first === 'accepted')) return
  throw graphError('ACT_REFUSED', outcome.reason ?? outcome.code ?? outcome.outcome, { extensions: { outcome } })
}

/** What came of it: of the event it had judged again, else of the act. */
export const cameOf = (outcome: Outcome): Outcome => outcome.led?.[0] ?? outcome
