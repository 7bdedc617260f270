// Condition: something that is wrong, or will be from a moment on if nothing more is said. It does not depend on the clock:
// the clock only tells whether that moment has come. So an exception opens at its due time, once, whenever it is computed.
import type { ActorKey, Place } from '../../machines/ids.ts'
import type { Policies } from '../deadlines/policies.ts'
import type { UsualDurations } from '../kpis/usual-durations.ts'
import {
  CATALOGUE,
  type ExceptionClass,
  type ExceptionKind,
  type RecommendedAction,
  type Severity,
  type Team,
} from './catalogue.ts'
import type { Facts } from './facts.ts'
import { assigneeOf, type Handling } from './handling.ts'

export interface Condition {
  readonly kind: ExceptionKind
  readonly actor: ActorKey
  /** Tells several of one kind on one actor apart; '' where there can be only one. */
  readonly part: string
  /** From when on it holds, by `time`; may lie ahead. */
  readonly opensMs: number
  /** What is wrong, in words. */
  readonly detail: string
  /** Places of the events that caused it. */
  readonly evidence: readonly Place[]
  readonly lines: readonly string[]
  /** By when it should be settled, where that is not told by its severity. */
  readonly dueMs?: number
  readonly team?: Team
  readonly severity?: Severity
  readonly action?: RecommendedAction
  /** The same in several families: one cause, one row. */
  readonly cause?: string
  /** The event behind it, which a person may have judged again or let go of; undefined for facts of the business. */
  readonly event?: { readonly source: string; readonly id: string }
  /** What people did about it; undefined where nobody did anything. */
  readonly handling?: Handling
}

/** A condition whose moment has come. */
export interface OrderException extends Condition {
  /** Names it within its family: what opens again is the same exception. */
  readonly key: string
  readonly family: string
  readonly class: ExceptionClass
  readonly team: Team
  readonly severity: Severity
  readonly action: RecommendedAction
  readonly dueMs: number
  readonly cause: string
}

/** What the predicates may read beside the family. */
export interface Surroundings {
  readonly policies: Policies
  /** How long things usually take, where enough is known; nothing is foretold without it. */
  readonly usual?: UsualDurations
}

export type Predicate = (facts: Facts, around: Surroundings) => readonly Condition[]

export const NOTHING_WRONG: readonly Condition[] = []

/** What all of `predicates` tell. Most tell nothing of most families. */
export function allOf(predicates: readonly Predicate[], facts: Facts, around: Surroundings): readonly Condition[] {
  let found = NOTHING_WRONG
  for (const predicate of predicates) found = added(found, predicate(facts, around))
  return found
}

/** Both. Where one is empty, as nearly always, no list is made and none is gone through. */
export function added(found: readonly Condition[], more: readonly Condition[]): readonly Condition[] {
  if (more.length === 0) return found
  return found.length === 0 ? more : [...found, ...more]
}

type Said = Pick<Condition, 'actor' | 'opensMs' | 'detail'> & Partial<Condition>

const NO_PLACES: readonly Place[] = []
export const NO_LINES: readonly string[] = []

// Key by key, here and below: all have one shape then, and V8 copies objects by spreading several times slower.
export const condition = (kind: ExceptionKind, said: Said): Condition => ({
  kind,
  actor: said.actor,
  part: said.part ?? '',
  opensMs: said.opensMs,
  detail: said.detail,
  evidence: said.evidence ?? NO_PLACES,
  lines: said.lines ?? NO_LINES,
  dueMs: said.dueMs,
  team: said.team,
  severity: said.severity,
  action: said.action,
  cause: said.cause,
  event: said.event,
  handling: said.handling,
})

export const keyOf = ({ actor, kind, part }: Pick<Condition, 'actor' | 'kind' | 'part'>): string =>
  `${kind}|${actor}|${part}`

/** The cause of what has none beyond its own family. */
export const causeWithin = (family: string, key: string): string => `${family}|${key}`

/** Whether nothing else can have its cause. */
export const isOnlyOne = ({ cause, family, key }: Pick<OrderException, 'cause' | 'family' | 'key'>): boolean =>
  cause === causeWithin(family, key)

/** The exception that `it` is once its moment has come. */
export function exceptionOf(it: Condition, family: string, { settleWithinMs }: Policies): OrderException {
  const known = CATALOGUE[it.kind]
  const severity = it.severity ?? known.severity
  const key = keyOf(it)
  const team = assigneeOf(it.handling)?.team ?? it.team ?? known.team
  return {
    kind: it.kind,
    actor: it.actor,
    part: it.part,
    opensMs: it.opensMs,
    detail: it.detail,
    evidence: it.evidence,
    lines: it.lines,
    dueMs: it.dueMs ?? it.opensMs + settleWithinMs[severity],
    team,
    severity,
    action: it.action ?? known.action,
    cause: it.cause ?? causeWithin(family, key),
    event: it.event,
    handling: it.handling,
    key,
    family,
    class: known.class,
  }
}

/** Whether `exceptionOf` would make the same again of `it`, of the same family. Asked at each look: what differs most comes first. */
export function isExceptionOf(exception: OrderException, it: Condition, { settleWithinMs }: Policies): boolean {
  if (exception.kind !== it.kind || exception.opensMs !== it.opensMs || exception.detail !== it.detail) return false
  const known = CATALOGUE[it.kind]
  const severity = it.severity ?? known.severity
  return (
    exception.actor === it.actor &&
    exception.part === it.part &&
    exception.handling === it.handling &&
    exception.severity === severity &&
    exception.team === (assigneeOf(it.handling)?.team ?? it.team ?? known.team) &&
    isSameAction(exception.action, it.action ?? known.action) &&
    exception.dueMs === (it.dueMs ?? it.opensMs + settleWithinMs[severity]) &&
    exception.cause === (it.cause ?? causeWithin(exception.family, exception.key)) &&
    exception.event?.source === it.event?.source &&
    exception.event?.id === it.event?.id &&
    hasSameElements(exception.evidence, it.evidence) &&
    hasSameElements(exception.lines, it.lines)
  )
}

// Some are made at each look, and those of a checkpoint are others than the catalogue's.
export const isSameAction = (one: RecommendedAction, other: RecommendedAction): boolean =>
  one === other || (one.words === other.words && one.by === other.by && one.event === other.event)

export function hasSameElements(some: readonly unknown[], others: readonly unknown[]): boolean {
  if (some.length !== others.length) return false
  for (let index = 0; index < some.length; index++) if (some[index] !== others[index]) return false
  return true
}
