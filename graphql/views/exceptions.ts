// Exceptions as readers see them: one row for each cause, however many orders it touches. Pure.
import { entityText } from '../../engine/answers.ts'
import { SEVERITIES } from '../../engine/exceptions/catalogue.ts'
import type { OrderException } from '../../engine/exceptions/condition.ts'
import { assigneeOf } from '../../engine/exceptions/handling.ts'
import type { ExceptionPeriod } from '../../engine/exceptions/history.ts'
import type { OpenException } from '../../engine/exceptions/open-list.ts'
import { type Family, isWaitingFamily } from '../../engine/family.ts'
import type { ExceptionFilterInput } from '../resolvers/exceptions.ts'
import { decoded, listIn } from './ids.ts'

export interface ExceptionRow<Exception extends OpenException = OrderException> {
  readonly exception: Exception
  /** A function where who shares the cause is looked for only if somebody asks. */
  readonly orders: readonly string[] | (() => Promise<readonly string[]>)
  readonly state: 'opened' | 'changed' | 'closed'
  /** The family it is told of, where that is at hand: as it is, or as it was believed to be. */
  readonly family?: Family
  /** The time it was open that it tells of, where it tells of one. */
  readonly period?: ExceptionPeriod
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

export const exceptionView = ({ exception, family, orders, period, state }: ExceptionRow, nowMs: number) => ({
  exception,
  family,
  period,
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

/** Its own order first, then every other that shares the cause. */
export const ordersOfCause = (exception: OpenException, members: readonly OpenException[]): readonly string[] => {
  const orders = [exception, ...members].map(({ family }) => family).filter(id => !isWaitingFamily(id))
  return [...new Set(orders)]
}

/** The row of what is told of a cause. */
export const rowOfCause = <Exception extends OpenException>(
  exception: Exception,
  members: readonly OpenException[],
): ExceptionRow<Exception> => ({ exception, orders: ordersOfCause(exception, members), state: 'opened' })

export function isWantedException(where: ExceptionFilterInput | null | undefined, nowMs: number) {
  // Only what is asked for is looked up: of what rests it is read from bytes.
  const has = (wanted: readonly string[] | null | undefined, value: () => string) =>
    wanted == null || wanted.includes(value())
  return (exception: OpenException): boolean =>
    has(where?.kind, () => exception.kind) &&
    has(where?.class, () => exception.class) &&
    has(where?.team, () => exception.team) &&
    has(where?.severity, () => exception.severity) &&
    has(where?.order, () => exception.family) &&
    (where?.person == null || where.person.includes(assigneeOf(exception.handling)?.person ?? '')) &&
    (where?.isAssigned == null || (assigneeOf(exception.handling) !== undefined) === where.isAssigned) &&
    (where?.isOverdue == null || exception.dueMs < nowMs === where.isOverdue)
}

/** Where a row stands in the list: it stays, whatever becomes of the rows around it. */
export interface RowPlace {
  readonly severity: number
  readonly dueMs: number
  /** Tells apart what is as bad and due at the same time. */
  readonly name: string
}

type Listed = Pick<OpenException, 'dueMs' | 'family' | 'key' | 'severity'>

const rankOf = ({ severity }: Listed): number => SEVERITIES.indexOf(severity)
const dueOf = ({ dueMs }: Listed): number => Math.max(0, dueMs)
// Spelled only where it decides: of what rests a key is put together.
const nameOf = ({ family, key }: Listed): string => `${key} ${family}`

/** Worst first, then what is due first. Two that are open differ. */
export const compareInList = (a: Listed, b: Listed): number =>
  rankOf(a) - rankOf(b) || dueOf(a) - dueOf(b) || compareTexts(nameOf(a), nameOf(b))

export const isBehind = (exception: Listed, { dueMs, name, severity }: RowPlace): boolean =>
  (rankOf(exception) - severity || dueOf(exception) - dueMs || compareTexts(nameOf(exception), name)) > 0

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const cursorOf = ({ exception }: Pick<ExceptionRow<OpenException>, 'exception'>): string => {
  const due = String(dueOf(exception)).padStart(16, '0')
  return Buffer.from(`${rankOf(exception)} ${due} ${nameOf(exception)}`).toString('base64url')
}

/** Undefined where it is no cursor of ours. */
export function placeAfter(cursor: string): RowPlace | undefined {
  const [, severity, dueMs, name] = /^(\d) (\d{16}) (.*)$/s.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  return name === undefined ? undefined : { severity: Number(severity), dueMs: Number(dueMs), name }
}
