// The return statechart: authorization (a setting), goods (steps), credit (due is derived).
import { and, setup } from 'xstate'
import { actionsOf, type Chart, guardsOf, type Move, type Obstacle, type TransitionMeta } from '../chart.ts'
import type { EventType } from '../event-types.ts'
import type { OwnerRule } from '../owners.ts'
import { assigners, isNewer } from './assigns.ts'
import { copyOfReturn, isAllDispositioned, isCredited, isDue, type ReturnContext, total } from './context.ts'

const waits = (code: string, reason: string, event: EventType, owner: OwnerRule): Obstacle => ({
  verdict: 'waits',
  code,
  reason,
  waitsFor: { event, owner },
})

function notClosed(context: ReturnContext): Obstacle | undefined {
  if (context.closedPlace === undefined) return undefined
  return { verdict: 'not_allowed_in_state', code: 'return_closed', reason: 'the return is closed' }
}

function received(context: ReturnContext): Obstacle | undefined {
  return total(context.received) > 0
    ? undefined
    : waits('not_received', 'nothing has been received yet', 'return.received', 'node')
}

function authorized(context: ReturnContext): Obstacle | undefined {
  if (context.authorization === 'authorized') return undefined
  return {
    ...waits('not_authorized', 'the ERP has not authorized the return', 'return.authorized', 'erp'),
    isPermission: true,
  }
}

/** In a return: credited ≤ dispositioned ≤ received (domain §4). */
const within =
  (used: 'dispositioned' | 'credited', limit: 'received' | 'dispositioned', event: EventType) =>
  (context: ReturnContext, move?: Move): Obstacle | undefined => {
    for (const { line, quantity } of move?.amounts ?? []) {
      const index = context.lines.indexOf(line)
      const free = (context[limit][index] ?? 0) - (context[used][index] ?? 0)
      if (quantity > free)
        return waits(`not_${limit}`, `line ${line}: ${free} of ${quantity} are ${limit}`, event, 'node')
    }
    return undefined
  }

/** A memo that names no lines needs something to be credited for. */
function somethingDue(context: ReturnContext, move?: Move): Obstacle | undefined {
  if ((move?.amounts.length ?? 0) > 0 || total(context.dispositioned) > 0) return undefined
  return waits('not_dispositioned', 'nothing is dispositioned yet', 'return.dispositioned', 'node')
}

/** Nothing received waits for disposition or credit. */
function settled(context: ReturnContext): Obstacle | undefined {
  const hasReceived = total(context.received) > 0
  if (hasReceived && !isAllDispositioned(context))
    return waits('not_dispositioned', 'received goods wait for disposition', 'return.dispositioned', 'node')
  if (isDue(context) && !(context.creditedMinor > 0 && total(context.credited) === 0))
    return waits('not_credited', 'dispositioned goods wait for their credit', 'return.credited', 'erp')
  return undefined
}

const gates = {
  notClosed,
  received,
  authorized,
  withinReceived: within('dispositioned', 'received', 'return.received'),
  withinDispositioned: within('credited', 'dispositioned', 'return.dispositioned'),
  somethingDue,
  settled,
}

const isClosed = (context: ReturnContext): boolean => context.closedPlace !== undefined
const conditions = {
  newestAuthorization: (context: ReturnContext, move: Move) => isNewer(context.authorizationPlace, move.place),
  allDispositioned: isAllDispositioned,
  notAllDispositioned: (context: ReturnContext) => !isAllDispositioned(context),
  isClosed,
  creditIsDue: (context: ReturnContext) =>
    !isClosed(context) && isDue(context) && !(context.creditedMinor > 0 && total(context.credited) === 0),
  creditIsPaid: (context: ReturnContext) => !isClosed(context) && isCredited(context) && !isDueByLines(context),
  creditIsNone: (context: ReturnContext) => !isClosed(context) && !isCredited(context) && !isDue(context),
}

/** A memo without lines credits the whole return. */
function isDueByLines(context: ReturnContext): boolean {
  return isDue(context) && !(context.creditedMinor > 0 && total(context.credited) === 0)
}

const parts = { gates, conditions, assigners, copy: copyOfReturn }
const erp: TransitionMeta = { owner: 'erp' }
const channel: TransitionMeta = { owner: 'channel' }
const node: TransitionMeta = { owner: 'node' }
const transport: TransitionMeta = { owner: 'transport' }
const late = (meta: TransitionMeta): TransitionMeta => ({ ...meta, late: true })

const received_ = { guard: 'notClosed', actions: 'receive' }
const inTransit = { guard: 'notClosed', actions: 'transport' }
const inspected = { guard: and(['notClosed', 'received']), actions: 'inspect' }
const dispositioned = { guard: and(['notClosed', 'received', 'withinReceived']), actions: 'dispose' }

const machine = setup({
  types: { context: {} as ReturnContext, input: {} as ReturnContext },
  guards: guardsOf(parts),
  actions: actionsOf(parts),
}).createMachine({
  id: 'return',
  type: 'parallel',
  context: ({ input }) => input,
  on: {
    'claim.reported': { actions: 'claim', meta: { owner: 'any' } },
  },
  states: {
    authorization: {
      initial: 'none',
      states: {
        none: { on: authorizing() },
        initiated: { on: authorizing() },
        authorized: { on: authorizing() },
        rejected: { on: authorizing() },
      },
    },
    goods: {
      initial: 'expected',
      states: {
        expected: {
          on: {
            'return.in_transit': { ...inTransit, target: 'in_transit', meta: transport },
            'return.received': { ...received_, target: 'received', meta: node },
            'return.inspected': { ...inspected, target: 'inspected', meta: node },
            'return.dispositioned': { ...dispositioned, target: 'inspected', meta: node },
          },
        },
        in_transit: {
          on: {
            'return.in_transit': { ...inTransit, meta: transport },
            'return.received': { ...received_, target: 'received', meta: node },
            'return.inspected': { ...inspected, target: 'inspected', meta: node },
            'return.dispositioned': { ...dispositioned, target: 'inspected', meta: node },
          },
        },
        received: {
          always: { guard: 'allDispositioned', target: 'dispositioned' },
          on: {
            'return.in_transit': { ...inTransit, meta: late(transport) },
            'return.received': { ...received_, meta: node },
            'return.inspected': { ...inspected, target: 'inspected', meta: node },
            'return.dispositioned': { ...dispositioned, target: 'inspected', meta: node },
          },
        },
        inspected: {
          always: { guard: 'allDispositioned', target: 'dispositioned' },
          on: afterInspection(),
        },
        dispositioned: {
          // More goods of the same return may turn up: they wait for their own disposition.
          always: { guard: 'notAllDispositioned', target: 'inspected' },
          on: afterInspection(),
        },
      },
    },
    credit: {
      initial: 'none',
      on: {
        'return.credited': {
          guard: and(['notClosed', 'authorized', 'somethingDue', 'withinDispositioned']),
          actions: 'credit',
          meta: erp,
        },
        'return.closed': { guard: and(['notClosed', 'settled']), actions: 'close', meta: erp },
      },
      states: {
        none: { always: creditStates('none') },
        due: { always: creditStates('due') },
        credited: { always: creditStates('credited') },
        closed: {},
      },
    },
  },
})

function authorizing() {
  const setting = (event: string, target: string, actions: string, meta: TransitionMeta) => ({
    [event]: [
      { guard: and(['notClosed', 'newestAuthorization']), target, actions, meta },
      { guard: 'notClosed', actions, meta: late(meta) },
    ],
  })
  return {
    ...setting('return.initiated', 'initiated', 'initiate', channel),
    ...setting('return.authorized', 'authorized', 'authorize', erp),
    ...setting('return.rejected', 'rejected', 'reject', erp),
  }
}

function afterInspection() {
  return {
    'return.in_transit': { ...inTransit, meta: late(transport) },
    'return.received': { ...received_, meta: node },
    'return.inspected': { ...inspected, meta: node },
    'return.dispositioned': { ...dispositioned, meta: node },
  }
}

function creditStates(state: string) {
  return [
    { guard: 'isClosed', target: 'closed' },
    { guard: 'creditIsDue', target: 'due' },
    { guard: 'creditIsPaid', target: 'credited' },
    { guard: 'creditIsNone', target: 'none' },
  ].filter(each => each.target !== state)
}

export const returnChart: Chart = {
  kind: 'return',
  version: 1,
  machine,
  regions: ['authorization', 'goods', 'credit'],
  creation: [
    { event: 'return.initiated', owner: 'channel' },
    { event: 'return.authorized', owner: 'erp' },
    { event: 'return.received', owner: 'node' },
  ],
  ...parts,
}
