// Outcome: what one event came to (domain §5). A closed union of codes, in order of precedence: the first that applies
// is the answer everywhere. Sent only when it is durable.
import type { Flaw } from '../machines/event.ts'
import type { OwnerRule } from '../machines/owners.ts'

/** In the order they are tested. */
export const OUTCOMES = [
  'overloaded',
  'journal_unavailable',
  'unauthorized_source',
  'malformed',
  'duplicate',
  'id_reused',
  'not_owner',
  'version_conflict',
  'not_allowed_in_state',
  'quantity_exceeded',
  'parked',
  'superseded',
  'accepted',
] as const
export type OutcomeCode = (typeof OUTCOMES)[number]

/** The outcomes that stand in the journal and on the order's timeline; the others are counted only (E7). */
export const VERDICTS = [
  'id_reused',
  'not_owner',
  'version_conflict',
  'not_allowed_in_state',
  'quantity_exceeded',
  'parked',
  'superseded',
  'accepted',
] as const satisfies readonly OutcomeCode[]
export type Verdict = (typeof VERDICTS)[number]

/** Whether sending the same event again, unchanged, may come out differently. */
export const isTransient = (code: OutcomeCode): boolean => code === 'overloaded' || code === 'journal_unavailable'

/** Whether the event counts: its data stands in the twin. */
export const counts = (code: OutcomeCode): boolean => code === 'accepted' || code === 'superseded'

export const HTTP_STATUS: Readonly<Record<OutcomeCode, number>> = {
  overloaded: 429,
  journal_unavailable: 503,
  unauthorized_source: 403,
  malformed: 422,
  duplicate: 200,
  id_reused: 409,
  not_owner: 409,
  version_conflict: 409,
  not_allowed_in_state: 409,
  quantity_exceeded: 409,
  parked: 202,
  superseded: 200,
  accepted: 200,
}

/** A move the chart offers: the event and who may report it. */
export interface AllowedMove {
  readonly event: string
  readonly owner: OwnerRule
}

/** What a parked event waits for, and from whom. */
export interface WaitsFor {
  readonly event: string
  readonly owner: OwnerRule
}

export interface Outcome {
  /** The event's id as sent; undefined where it had none that could be read. */
  readonly id: string | undefined
  readonly outcome: OutcomeCode
  /** Where it stands in the journal (opaque; comparable within one order). */
  readonly position?: string
  /** The actor it was about, such as `order/104582` or `shipment/S-1`. */
  readonly entity?: string
  /** The actor's version after it; on `version_conflict` the current one. */
  readonly version?: number
  readonly from?: string
  readonly to?: string
  /** A stable code that tells two answers of the same outcome apart, such as `number_in_use` or `credit_not_approved`. */
  readonly code?: string
  /** The same in words. */
  readonly reason?: string
  /** Who owns the move, and (on `not_owner`) who tried. */
  readonly owner?: OwnerRule
  readonly attemptedBy?: string
  readonly allowedNow?: readonly AllowedMove[]
  readonly waitsFor?: WaitsFor
  /** `malformed`: what is wrong and where. */
  readonly flaws?: readonly Flaw[]
  /** `not_allowed_in_state` of an amendment: every field that is locked. */
  readonly locked?: readonly string[]
  /** `duplicate`: what the first sending came to, and what has become of it since where that differs. */
  readonly first?: OutcomeCode
  readonly now?: OutcomeCode
  /** Where one event was judged in several families: each family's outcome. */
  readonly families?: readonly Outcome[]
  /** What a person did about exceptions: what each event came to that was judged again because of it. */
  readonly led?: readonly Outcome[]
  /** Orders this outcome is about; one, but for consignments. */
  readonly order?: string
}

/** The first of `outcomes` (at least one) in the table's order. */
export function foremost(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce((first, next) =>
    OUTCOMES.indexOf(next.outcome) < OUTCOMES.indexOf(first.outcome) ? next : first,
  )
}
