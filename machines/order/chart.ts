// The order statechart: lifecycle (steps), credit (a setting), fulfilment and billing (derived).
import { and, setup } from 'xstate'
import { actionsOf, type Chart, guardsOf, type Move, type TransitionMeta, whetherIs } from '../chart.ts'
import { wantedOf } from '../quantities.ts'
import { allocatesSomething, amendsSomething, assigners, disputeIsNewer, isNewer } from './assigns.ts'
import { type Billing, copyOfOrder, type Fulfilment, type OrderContext } from './context.ts'
import { gates } from './gates.ts'

const FULFILMENT: readonly Fulfilment[] = [
  'unallocated',
  'allocated',
  'backordered',
  'released',
  'partly_shipped',
  'shipped',
  'partly_delivered',
  'delivered',
]
const BILLING: readonly Billing[] = ['unbilled', 'billable', 'partly_invoiced', 'invoiced', 'paid', 'disputed']

const nothingWanted = (context: OrderContext) =>
  context.step !== 'closed' && context.step !== 'rejected' && !isAnyWanted(context)

function isAnyWanted({ lines, quantities }: OrderContext): boolean {
  // Below nothing where two facts, each legal as of its place, cancel more than was ordered.
  for (let index = 0; index < lines.length; index++) if (wantedOf(quantities, index) > 0) return true
  return false
}

/** `fulfilmentIs:x` and `billingIs:x` for every derived state. */
const named = (condition: string, states: readonly string[]) =>
  Object.fromEntries(states.map(state => [`${condition}:${state}`, state]))
const fulfilment = whetherIs((context: OrderContext) => context.fulfilment, named('fulfilmentIs', FULFILMENT))
const billing = whetherIs((context: OrderContext) => context.billing, named('billingIs', BILLING))

const conditions = {
  ...fulfilment.conditions,
  ...billing.conditions,
  nothingWanted,
  wantedAsCaptured: (context: OrderContext) => !nothingWanted(context) && context.step === 'captured',
  wantedAsValidated: (context: OrderContext) => !nothingWanted(context) && context.step === 'validated',
  wantedAsAccepted: (context: OrderContext) => !nothingWanted(context) && context.step === 'accepted',
  newestCredit: (context: OrderContext, move: Move) => isNewer(context.creditPlace, move.place),
  newestValidation: (context: OrderContext, move: Move) => isNewer(context.validation?.place, move.place),
  amendsSomething,
  allocatesSomething,
  newestDispute: disputeIsNewer,
}

const choices = { ...fulfilment.choices, ...billing.choices }
const parts = { gates, conditions, choices, assigners, copy: copyOfOrder }

const erp: TransitionMeta = { owner: 'erp' }
const channel: TransitionMeta = { owner: 'channel' }
const late = (meta: TransitionMeta): TransitionMeta => ({ ...meta, late: true })

const validated = { guard: 'notRejected', actions: 'validate' }
const accepted = { guard: 'notRejected', actions: 'accept' }
const rejected = { guard: 'notAccepted', actions: 'reject' }
const closed = { guard: and(['notRejected', 'accepted', 'complete']), actions: 'close' }

/** Steps already past count as late facts; they move nothing. */
const pastValidated = { 'order.validated': { ...validated, meta: late(erp) } }
const pastAccepted = { ...pastValidated, 'order.accepted': { ...accepted, meta: late(erp) } }
/** After acceptance a rejection is only a late fact, and only where it happened before (domain C2). */
const lateRejection = { 'order.rejected': { ...rejected, meta: late(erp) } }
const closing = { 'order.closed': { ...closed, target: 'closed', meta: erp } }

const machine = setup({
  types: { context: {} as OrderContext, input: {} as OrderContext },
  guards: guardsOf(parts),
  actions: actionsOf(parts),
}).createMachine({
  id: 'order',
  type: 'parallel',
  context: ({ input }) => input,
  on: {
    'claim.reported': { actions: 'claim', meta: { owner: 'any' } },
  },
  states: {
    lifecycle: {
      initial: 'captured',
      on: {
        'order.validation_failed': [
          { guard: and(['notRejected', 'newestValidation']), actions: 'failValidation', meta: erp },
          { guard: 'notRejected', actions: 'failValidation', meta: late(erp) },
        ],
        'order.amended': [
          {
            guard: and([
              'open',
              'notCancelledWhole',
              'mayAmend',
              'unlocked',
              'amendedLinesKnown',
              'withinAmended',
              'amendsSomething',
            ]),
            actions: 'amend',
            meta: channel,
          },
          {
            guard: and(['open', 'notCancelledWhole', 'mayAmend', 'unlocked', 'amendedLinesKnown', 'withinAmended']),
            actions: 'amend',
            meta: late(channel),
          },
        ],
        'order.change_requested': { guard: 'open', actions: 'ask', meta: channel },
        'order.cancel_requested': { guard: 'open', actions: 'ask', meta: channel },
        'order.request_rejected': { guard: and(['open', 'askKnown']), actions: 'rejectAsk', meta: erp },
      },
      states: {
        captured: {
          always: { guard: 'nothingWanted', target: 'cancelled' },
          on: {
            'order.validated': { ...validated, target: 'validated', meta: erp },
            'order.accepted': { ...accepted, target: 'accepted', meta: erp },
            'order.rejected': { ...rejected, target: 'rejected', meta: erp },
            ...closing,
          },
        },
        validated: {
          always: { guard: 'nothingWanted', target: 'cancelled' },
          on: {
            ...pastValidated,
            'order.accepted': { ...accepted, target: 'accepted', meta: erp },
            'order.rejected': { ...rejected, target: 'rejected', meta: erp },
            ...closing,
          },
        },
        accepted: {
          always: { guard: 'nothingWanted', target: 'cancelled' },
          on: { ...pastAccepted, ...lateRejection, ...closing },
        },
        cancelled: {
          // An amendment may want something again: the lifecycle is where its furthest step says.
          always: [
            { guard: 'wantedAsCaptured', target: 'captured' },
            { guard: 'wantedAsValidated', target: 'validated' },
            { guard: 'wantedAsAccepted', target: 'accepted' },
          ],
          on: {
            ...pastAccepted,
            'order.rejected': { ...rejected, target: 'rejected', meta: erp },
            ...closing,
          },
        },
        closed: { on: { ...pastAccepted, ...lateRejection, 'order.closed': { ...closed, meta: late(erp) } } },
        rejected: { on: { ...pastAccepted, ...lateRejection, 'order.closed': { ...closed, meta: late(erp) } } },
      },
    },
    credit: {
      initial: 'unchecked',
      states: { unchecked: { on: creditMoves() }, approved: { on: creditMoves() }, held: { on: creditMoves() } },
    },
    fulfilment: {
      initial: 'unallocated',
      on: {
        'order.allocated': allocation(),
        'backorder.created': allocation(),
        'order.released': {
          guard: and(['open', 'notCancelledWhole', 'accepted', 'creditApproved', 'withinOrdered']),
          actions: 'release',
          meta: erp,
        },
        'order.cancelled': { guard: and(['open', 'withinCancellable']), actions: 'cancel', meta: erp },
        'shipment.counted': { actions: 'count', meta: { owner: 'twin' } },
        'return.counted': { guard: 'returnWithinLimits', actions: 'count', meta: { owner: 'twin' } },
      },
      states: settledBy('fulfilmentIs', FULFILMENT),
    },
    billing: {
      initial: 'unbilled',
      on: {
        'invoice.posted': { guard: and(['open', 'proved']), actions: 'invoice', meta: erp },
        'invoice.credited': {
          guard: and(['notRejected', 'invoiceKnown', 'withinInvoiced']),
          actions: 'credit',
          meta: erp,
        },
        'invoice.disputed': disputing(),
        'invoice.dispute_resolved': disputing(),
        'payment.received': { guard: 'notRejected', actions: 'pay', meta: erp },
      },
      states: settledBy('billingIs', BILLING),
    },
  },
})

function creditMoves() {
  const setting = (event: string, target: string) => ({
    [event]: [
      { guard: 'newestCredit', target, actions: 'setCredit', meta: erp },
      { actions: 'setCredit', meta: late(erp) },
    ],
  })
  return {
    ...setting('credit.approved', 'approved'),
    ...setting('credit.held', 'held'),
    ...setting('credit.released', 'approved'),
  }
}

function allocation() {
  return [
    { guard: and(['open', 'allocatesSomething']), actions: 'allocate', meta: erp },
    { guard: 'open', actions: 'allocate', meta: late(erp) },
  ]
}

function disputing() {
  return [
    { guard: and(['invoiceKnown', 'newestDispute']), actions: 'dispute', meta: erp },
    { guard: 'invoiceKnown', actions: 'dispute', meta: late(erp) },
  ]
}

/** States of a derived region: wherever it is, it goes to the state whose condition holds. */
function settledBy(condition: string, states: readonly string[]) {
  return Object.fromEntries(
    states.map(state => [
      state,
      { always: states.filter(other => other !== state).map(target => ({ guard: `${condition}:${target}`, target })) },
    ]),
  )
}

export const orderChart: Chart = {
  kind: 'order',
  version: 1,
  machine,
  regions: ['lifecycle', 'credit', 'fulfilment', 'billing'],
  creation: [{ event: 'order.captured', owner: 'channel' }],
  ...parts,
}
