// Milestones of an order with the times they were first and last reached, and why the next ones keep waiting. Pure.
import type { Milestone } from '../../machines/order/context.ts'
import type { ExceptionKind } from '../exceptions/catalogue.ts'
import type { OrderException } from '../exceptions/condition.ts'
import type { Facts } from '../exceptions/facts.ts'

export interface CardMilestone {
  readonly name: Milestone
  readonly firstMs: number | undefined
  readonly lastMs: number | undefined
  /** What is wrong on the way to it, in words. */
  readonly reasons: readonly string[]
}

/** In the usual order (domain §9); each exception stands at the milestone it keeps from being reached. */
const BLOCKING: Readonly<Record<Milestone, readonly ExceptionKind[]>> = {
  received: [],
  validated: ['validation_failed', 'late_acceptance'],
  released: ['credit_hold', 'release_blocked', 'late_release', 'cancel_pending', 'change_pending'],
  allocated: ['backordered'],
  picked: ['short_pick', 'late_acknowledgement'],
  shipped: ['short_shipment', 'late_shipment', 'stale_instruction', 'damaged', 'lost', 'refused', 'returned_to_sender'],
  invoiced: ['invoice_blocked', 'not_invoiced', 'overbilled', 'invoice_disputed'],
  closed: ['missing_milestone', 'missing_proof_of_delivery', 'delayed', 'attempt_failed', 'quantity_conflict'],
}

export const milestonesOf = ({ order }: Facts, open: readonly OrderException[]): readonly CardMilestone[] =>
  (Object.keys(BLOCKING) as Milestone[]).map(name => {
    const times = order?.context.milestones[name]
    const reasons = open.filter(({ kind }) => BLOCKING[name].includes(kind)).map(({ detail }) => detail)
    return { name, firstMs: times?.[0], lastMs: times?.[1], reasons }
  })
