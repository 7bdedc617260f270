// Exceptions as readers see them: one row for each cause, however many orders it touches. Pure.
import { entityText } from '../../engine/answers.ts'
import { SEVERITIES } from '../../engine/exceptions/catalogue.ts'
import type { OrderException } from '../../engine/exceptions/condition.ts'
import { compareExceptions } from '../../engine/exceptions/exceptions.ts'
import { assigneeOf } from '../../engine/exceptions/handling.ts'
import type { OpenException } from '../../engine/exceptions/open-exceptions.ts'
import { isWaitingFamily } from '../../engine/family.ts'
import type { ExceptionFilterInput } from '../resolvers/exceptions.ts'
import { decoded, listIn } from './ids.ts'

export interface ExceptionRow<Exception extends OpenException = OrderException> {
  readonly exception: Exception
  readonly orders: readonly string[]
  readonly state: 'opened' | 'changed' | 'closed'
}

export const exceptionId = ({ family, key }: OpenException): string =>
  Buffer.from(JSON.stringify(['exception', family, key])).toString('base64url')

/** What such an id names; undefined when it is none of ours. */
export function exceptionRefOf(id: string): { readonly family: string; readonly key: string } | undefined {
  const parts = listIn(decoded(id))
  if (parts?.length !== 3 || !parts.every(part => typeof part === 'string')) return undefined
  const [what, family, key] = parts as [string, string, string]
  return what === 'exception' ? { family, key } : undefined
}

export const exceptionView = ({ exception, orders, state }: ExceptionRow, nowMs: number) => ({
  exception,
  id: exceptionId(exception),
  kind: exception.kind,
  class: exception.class,
  team: exception.team,
  severity: exception.severity,
  state,
  detail: exception.detail,
  orders,
  entity: entityText(exception.actor, exception.family),
  lines: exception.lines,
  openedAt: exception.opensMs,
  dueAt: exception.dueMs,
  isOverdue: state !== 'closed' && exception.dueMs < nowMs,
  behind: exception.event === undefined ? undefined : { source: exception.event.source, eventId: exception.event.id },
  action: { words: exception.action.words, turn: exception.action.by, event: exception.action.event },
})
export type ExceptionView = ReturnType<typeof exceptionView>

/** A row that stands alone. */
export const rowOf = (exception: OrderException, state: ExceptionRow['state'] = 'opened'): ExceptionRow => ({
  exception,
  orders: isWaitingFamily(exception.family) ? [] : [exception.family],
  state,
})

/** One row a cause, worst first. */
export function rowsOf(exceptions: Iterable<OpenException>): readonly ExceptionRow<OpenException>[] {
  const causes = new Map<string, OpenException[]>()
  for (const exception of exceptions) {
    const known = causes.get(exception.cause)
    if (known === undefined) causes.set(exception.cause, [exception])
    else known.push(exception)
  }
  return [...causes.values()]
    .map(members => {
      const [first, ...others] = members.sort(compareInCause)
      const orders = [first, ...others].map(each => (each as OpenException).family).filter(id => !isWaitingFamily(id))
      return { exception: first as OpenException, orders: [...new Set(orders)], state: 'opened' as const }
    })
    .sort((a, b) => compareExceptions(a.exception, b.exception) || (a.exception.family < b.exception.family ? -1 : 1))
}

const compareInCause = (a: OpenException, b: OpenException): number =>
  compareExceptions(a, b) || (a.family < b.family ? -1 : 1)

export function isWantedException(where: ExceptionFilterInput | null | undefined, nowMs: number) {
  const has = (wanted: readonly string[] | null | undefined, value: string) => wanted == null || wanted.includes(value)
  return (exception: OpenException): boolean =>
    has(where?.kind, exception.kind) &&
    has(where?.class, exception.class) &&
    has(where?.team, exception.team) &&
    has(where?.severity, exception.severity) &&
    has(where?.order, exception.family) &&
    (where?.person == null || where.person.includes(assigneeOf(exception.handling)?.person ?? '')) &&
    (where?.isAssigned == null || (assigneeOf(exception.handling) !== undefined) === where.isAssigned) &&
    (where?.isOverdue == null || exception.dueMs < nowMs === where.isOverdue)
}

/** Where a row stands in the list: it stays, whatever becomes of the rows around it. */
export const cursorOf = ({ exception }: ExceptionRow<OpenException>): string =>
  Buffer.from(placeIn(exception)).toString('base64url')
export const placeAfter = (cursor: string): string => Buffer.from(cursor, 'base64url').toString()
export const isBehind = ({ exception }: ExceptionRow<OpenException>, place: string): boolean =>
  placeIn(exception) > place

const placeIn = ({ dueMs, family, key, severity }: OpenException): string =>
  `${SEVERITIES.indexOf(severity)} ${String(Math.max(0, dueMs)).padStart(16, '0')} ${key} ${family}`
