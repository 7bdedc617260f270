// How many events came to what, as a table for the terminal.
import { OUTCOMES, type OutcomeCode } from '../engine/outcome.ts'

export type OutcomeCounts = Readonly<Partial<Record<OutcomeCode, number>>>

const MEANING: Readonly<Record<OutcomeCode, string>> = {
  overloaded: 'not judged; send again',
  journal_unavailable: 'unknown; send again with the same id',
  unauthorized_source: 'these credentials do not speak for that source',
  malformed: 'not well-formed',
  duplicate: 'sent before, same content',
  id_reused: 'sent before with other content',
  not_owner: 'the move belongs to somebody else',
  version_conflict: 'the order has moved on',
  not_allowed_in_state: 'can never become legal',
  quantity_exceeded: 'more than its shipment can hold',
  parked: 'too early; applies by itself once it may',
  superseded: 'late fact, counted; no state goes back',
  accepted: 'applied',
}

/** One line per outcome that occurred, the good ones first; a line saying so when there is none. */
export function outcomeTable(counts: OutcomeCounts): string {
  const rows = OUTCOMES.toReversed().flatMap(code => {
    const count = counts[code] ?? 0
    return count === 0 ? [] : [`  ${count.toLocaleString('en').padStart(9)}  ${code.padEnd(20)}  ${MEANING[code]}\n`]
  })
  return rows.length === 0 ? '  no events\n' : rows.join('')
}
