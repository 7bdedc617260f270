// The catalogue of exceptions (domain §6): whose they are, how bad, and the one thing to do about each. Data.
import type { EventType } from '../../machines/event-types.ts'
import { TEAMS, type Team } from '../../machines/events/desk-events.ts'
import type { OwnerRule } from '../../machines/owners.ts'

export { TEAMS, type Team }
/** Worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const
export type Severity = (typeof SEVERITIES)[number]
/** Business: somebody must decide. Integration: systems must be put right. */
export type ExceptionClass = 'business' | 'integration'

/** The one thing to do, who must do it, and the event that will say it was done. */
export interface RecommendedAction {
  readonly words: string
  readonly by: OwnerRule | 'operator'
  readonly event?: EventType
}

export interface CatalogueEntry {
  readonly class: ExceptionClass
  readonly team: Team
  readonly severity: Severity
  readonly action: RecommendedAction
}

const entry = (team: Team, severity: Severity, action: RecommendedAction): CatalogueEntry => ({
  class: team === 'integration' ? 'integration' : 'business',
  team,
  severity,
  action,
})
const by = (by: RecommendedAction['by'], words: string, event?: EventType): RecommendedAction => ({ words, by, event })

export const CATALOGUE = {
  credit_hold: entry(
    'finance',
    'high',
    by('erp', 'Release the credit hold, or cancel what it blocks', 'credit.released'),
  ),
  not_invoiced: entry('finance', 'medium', by('erp', 'Post the invoice: the proof is there', 'invoice.posted')),
  invoice_blocked: entry(
    'finance',
    'medium',
    by('node', 'Get the missing proof, or correct the invoice', 'shipment.confirmed'),
  ),
  overbilled: entry('finance', 'high', by('erp', 'Credit what was invoiced too much', 'invoice.credited')),
  invoice_disputed: entry(
    'finance',
    'medium',
    by('erp', 'Settle the dispute with the customer', 'invoice.dispute_resolved'),
  ),
  received_not_credited: entry('finance', 'medium', by('erp', 'Credit the return', 'return.credited')),

  late_acceptance: entry('customer_service', 'medium', by('erp', 'Accept or reject the order', 'order.accepted')),
  late_release: entry('customer_service', 'medium', by('erp', 'Release the order to a warehouse', 'order.released')),
  release_blocked: entry(
    'customer_service',
    'high',
    by('erp', 'Open what stands in the way of the release', 'order.released'),
  ),
  backordered: entry(
    'customer_service',
    'medium',
    by('erp', 'Tell the customer, or source it elsewhere', 'order.allocated'),
  ),
  short_pick: entry(
    'customer_service',
    'high',
    by('erp', 'Backorder, release elsewhere or cancel the short quantity', 'backorder.created'),
  ),
  short_shipment: entry(
    'customer_service',
    'high',
    by('erp', 'Backorder, release anew or cancel what is missing', 'backorder.created'),
  ),
  refused: entry(
    'customer_service',
    'high',
    by('erp', 'Ask the customer, then release anew or cancel', 'order.cancelled'),
  ),
  returned_to_sender: entry(
    'customer_service',
    'high',
    by('erp', 'Ask the customer, then release anew or cancel', 'order.cancelled'),
  ),
  cancel_pending: entry('customer_service', 'high', by('erp', 'Answer the request to cancel', 'order.cancelled')),
  change_pending: entry('customer_service', 'medium', by('erp', 'Answer the request to change', 'order.amended')),
  promise_at_risk: entry(
    'customer_service',
    'medium',
    by('erp', 'Hurry the order, or promise the customer another date', 'order.amended'),
  ),
  promise_missed: entry('customer_service', 'high', by('erp', 'Tell the customer a new date', 'order.amended')),
  unauthorized_receipt: entry(
    'customer_service',
    'medium',
    by('erp', 'Authorize or reject the return', 'return.authorized'),
  ),
  quantity_conflict: entry(
    'customer_service',
    'high',
    by('operator', 'Find out which quantity is right and have it corrected', 'correction.reported'),
  ),

  late_acknowledgement: entry('logistics', 'medium', by('node', 'Acknowledge the release', 'shipment.acknowledged')),
  late_shipment: entry('logistics', 'high', by('node', 'Ship, or say what keeps it', 'shipment.confirmed')),
  missing_milestone: entry('logistics', 'medium', by('transport', 'Trace the shipment', 'shipment.in_transit')),
  missing_proof_of_delivery: entry(
    'logistics',
    'medium',
    by('transport', 'Send the proof of delivery', 'delivery.completed'),
  ),
  delayed: entry(
    'logistics',
    'medium',
    by('transport', 'Confirm the new date, or find a faster way', 'shipment.in_transit'),
  ),
  attempt_failed: entry(
    'logistics',
    'medium',
    by('transport', 'Arrange the next delivery attempt', 'shipment.out_for_delivery'),
  ),
  damaged: entry('logistics', 'high', by('transport', 'Count the damage at delivery', 'delivery.completed')),
  lost: entry('logistics', 'critical', by('erp', 'Replace, cancel or credit what is lost', 'order.released')),
  stale_instruction: entry('logistics', 'high', by('node', 'Confirm the amended address or date', 'shipment.amended')),

  validation_failed: entry(
    'master_data',
    'medium',
    by('erp', 'Put the data right and validate again', 'order.validated'),
  ),

  source_disagreement: entry(
    'integration',
    'low',
    by('operator', 'Find out who is right, and bring the other up to date'),
  ),
  parked_too_long: entry('integration', 'medium', by('operator', 'Find out why what it waits for does not come')),
  unknown_subject: entry(
    'integration',
    'medium',
    by('operator', 'Link the number to an order, or have the order sent'),
  ),
  refused_event: entry('integration', 'medium', by('operator', 'Have the sender correct it')),
  poisoned: entry('integration', 'critical', by('operator', 'Restore the order from its journal')),
} as const satisfies Readonly<Record<string, CatalogueEntry>>

export type ExceptionKind = keyof typeof CATALOGUE
export const EXCEPTION_KINDS = Object.keys(CATALOGUE) as readonly ExceptionKind[]
