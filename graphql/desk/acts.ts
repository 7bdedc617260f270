// Acts: what a person asks to be done about exceptions, as events of an operator; and the exceptions they name.
// Owns: who acts, and the ids of requests.   Does not own: what an act does (engine/acting.ts).
import { randomUUID } from 'node:crypto'
import { factOfTheBusiness } from '../../engine/answers.ts'
import { isOnlyOne, type OrderException } from '../../engine/exceptions/condition.ts'
import { exceptionHistory } from '../../engine/exceptions/history.ts'
import { wholeOf } from '../../engine/exceptions/open-list.ts'
import type { Watch } from '../../engine/exceptions/watch.ts'
import type { Outcome } from '../../engine/outcome.ts'
import type { EventInput } from '../../machines/event.ts'
import type { DeskEventType } from '../../machines/event-types.ts'
import type { GraphContext } from '../graph-context.ts'
import { graphError } from '../operations/graph-errors.ts'
import { exceptionRefOf } from '../views/exceptions.ts'
import { eventsOf, NEEDS_EVENT } from './act-events.ts'
import { sharingCauses } from './open-causes.ts'

/** What every act may say beside what it does. */
export interface Request {
  /** The operator who acts. */
  readonly by?: string | null
  /** The same request acts once; made up where there is none. */
  readonly requestId?: string | null
}

/** One row: the exception, and all that share its cause; of a filter's, those that it selects. */
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
  const found = desk.watch.openIn(ref.family).find(({ key }) => key === ref.key)
  if (found !== undefined) return { exception: found, members: await sharing(found, desk.watch), isOpen: true }
  const periods = exceptionHistory(await desk.entries(ref.family), desk.watch.around, desk.nowMs())
  const closed = periods.findLast(({ exception }) => exception.key === ref.key)?.exception
  if (closed === undefined) throw graphError('UNKNOWN_EXCEPTION', id.slice(0, 40))
  return { exception: closed, members: [closed], isOpen: false }
}

/** All open exceptions with the cause of this one; the most have one of their own. */
async function sharing(exception: OrderException, watch: Watch): Promise<readonly OrderException[]> {
  if (isOnlyOne(exception)) return [exception]
  const found = await sharingCauses([exception], watch.openExceptions())
  return (found.get(exception.cause) ?? []).map(wholeOf)
}

export type Act = Request & { readonly type: DeskEventType; readonly data: object }

interface Acting {
  readonly rows: readonly Row[]
  readonly act: Act
  /** About the one row that an id names, not about all that a filter selects. */
  readonly isOne: boolean
}

/**
 * Does the same about several rows, one outcome each, in their order. Facts of the business cannot be retried or let go of. A
 * cause in more orders than one act may be about takes several; where one of these is refused, so is the row.
 */
export async function actOn({ act, isOne, rows }: Acting, context: GraphContext): Promise<readonly Outcome[]> {
  const asked = { act, request: requestIdOf(act, context), operator: operatorOf(act, context), isOne }
  const events: EventInput[] = []
  const counts: number[] = []
  for (const row of rows) {
    const isNew = act.requestId == null
    const own = isFactOfTheBusiness(row, act) ? [] : await eventsOf(row, { ...asked, isNew }, context)
    events.push(...own)
    counts.push(own.length)
  }
  const outcomes = events.length === 0 ? [] : [...(await context.twin.submit(events, context.sender))]
  return rows.map((row, index) => {
    const own = outcomes.splice(0, counts[index])
    return own.find(notDone) ?? own[0] ?? factOfTheBusiness(asked.request, row.exception.kind)
  })
}

const isFactOfTheBusiness = ({ exception }: Row, { type }: Act): boolean =>
  NEEDS_EVENT.has(type) && exception.event === undefined

/** Throws where an act did not happen: refused, or not for now. */
export function done(outcome: Outcome): void {
  if (notDone(outcome))
    throw graphError('ACT_REFUSED', outcome.reason ?? outcome.code ?? outcome.outcome, { extensions: { outcome } })
}

/** Neither now nor when the same request came first. */
export const notDone = ({ first, outcome }: Outcome): boolean =>
  outcome !== 'accepted' && !(outcome === 'duplicate' && first === 'accepted')

/** What came of it: of the event it had judged again, else of the act. */
export const cameOf = (outcome: Outcome): Outcome => outcome.led?.[0] ?? outcome
