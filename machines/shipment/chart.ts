// The shipment statechart: execution (steps, with ends) and condition (four flags, derived).
import { and, setup } from 'xstate'
import { actionsOf, type Chart, guardsOf, type Move, type TransitionMeta, whetherIs } from '../chart.ts'
import { amendsSomething, assigners } from './assigns.ts'
import {
  copyOfShipment,
  damagedOf,
  type EndKind,
  endOf,
  isDelivered,
  ownOf,
  type ShipmentContext,
  STEPS,
  type Step,
  stepRank,
} from './context.ts'
import { gates, isNothingLeft } from './gates.ts'

function isAllPicked(context: ShipmentContext): boolean {
  const { lines, picked, short } = context
  for (let index = 0; index < lines.length; index++)
    if ((picked[index] ?? 0) + (short[index] ?? 0) < ownOf(context, index)) return false
  return true
}

function isDelayed(context: ShipmentContext): boolean {
  const promisedAt = context.promisedAt ?? context.instructions.promisedAt
  return (
    context.expectedAt !== undefined &&
    promisedAt !== undefined &&
    context.expectedAt > promisedAt &&
    !hasEnded(context)
  )
}

const hasEnded = (context: ShipmentContext): boolean =>
  isDelivered(context) || endOf(context) !== undefined || isNothingLeft(context)

const ends = whetherIs((context: ShipmentContext) => endOf(context)?.kind, {
  isRefused: 'refused',
  isLost: 'lost',
  isReturned: 'returned_to_sender',
} satisfies Record<string, EndKind>)

const hasFailedAttempt = (context: ShipmentContext): boolean =>
  context.attemptPlace !== undefined &&
  !(context.runPlace !== undefined && context.runPlace > context.attemptPlace) &&
  !hasEnded(context)

function isShort({ short }: ShipmentContext): boolean {
  for (let index = 0; index < short.length; index++) if ((short[index] as number) > 0) return true
  return false
}

function isDamaged(context: ShipmentContext): boolean {
  for (let index = 0; index < context.lines.length; index++) if (damagedOf(context, index) > 0) return true
  return false
}

/** Whether this proof is the last one missing: of the whole, or of the last tracking number. */
function completesDelivery(context: ShipmentContext, { tracking }: Move): boolean {
  if (tracking === undefined) return true
  return context.trackings.every(each => each === tracking || each in context.deliveries)
}

/** Whether this end leaves nothing on its way. */
function completesEnd(context: ShipmentContext, { tracking }: Move): boolean {
  const { deliveries, ends, trackings } = context
  if (tracking === undefined) return true
  return trackings.every(each => each === tracking || each in deliveries || each in ends)
}

const conditions = {
  nothingLeft: isNothingLeft,
  allPicked: isAllPicked,
  allDelivered: isDelivered,
  awaitsOnTheRun: (context: ShipmentContext) => !hasEnded(context) && context.step === 'out_for_delivery',
  awaitsInTransit: (context: ShipmentContext) => !hasEnded(context) && context.step !== 'out_for_delivery',
  completesDelivery,
  completesEnd,
  ...ends.conditions,
  isShort,
  isNotShort: (context: ShipmentContext) => !isShort(context),
  isDamaged,
  isNotDamaged: (context: ShipmentContext) => !isDamaged(context),
  isDelayed,
  isNotDelayed: (context: ShipmentContext) => !isDelayed(context),
  hasFailedAttempt,
  hasNoFailedAttempt: (context: ShipmentContext) => !hasFailedAttempt(context),
  amendsSomething: (context: ShipmentContext, move: Move<'shipment.amended'>) => amendsSomething(context, move),
}

/** All four flags of the condition, a bit each. Every step asks for them, one by one where it is not known that they are one question. */
const flagsOf = (context: ShipmentContext): number =>
  Number(isShort(context)) |
  (Number(isDamaged(context)) << 1) |
  (Number(isDelayed(context)) << 2) |
  (Number(hasFailedAttempt(context)) << 3)

const flags = {
  isShort: flagsOf,
  isNotShort: flagsOf,
  isDamaged: flagsOf,
  isNotDamaged: flagsOf,
  isDelayed: flagsOf,
  isNotDelayed: flagsOf,
  hasFailedAttempt: flagsOf,
  hasNoFailedAttempt: flagsOf,
} satisfies Partial<Record<keyof typeof conditions, unknown>>

const choices = { ...ends.choices, ...flags }
const parts = { gates, conditions, choices, assigners, copy: copyOfShipment }

const node: TransitionMeta = { owner: 'node' }
const transport: TransitionMeta = { owner: 'transport' }

const allOf = (...names: readonly string[]) => and([...names])

interface StepMove {
  readonly event: string
  /** The step it reaches. From a later state it is a late fact. */
  readonly step: Step
  readonly guard: ReturnType<typeof allOf>
  readonly actions: string
  readonly meta: TransitionMeta
  /** More of the same step is no late fact: picks and cartons add up. An attempt is news from any later step too. */
  readonly repeats?: 'here' | 'after'
}

const atNode = ['notCancelled', 'notReturned']
const STEP_MOVES: readonly StepMove[] = [
  { event: 'shipment.acknowledged', step: 'acknowledged', guard: allOf(...atNode), actions: 'acknowledge', meta: node },
  {
    event: 'shipment.split',
    step: 'acknowledged',
    guard: allOf('notCancelled', 'notShipped', 'withinOwn'),
    actions: 'splitOff',
    meta: node,
    repeats: 'after',
  },
  {
    event: 'pick.released',
    step: 'acknowledged',
    guard: allOf(...atNode),
    actions: 'acknowledge',
    meta: node,
    repeats: 'here',
  },
  {
    event: 'pick.started',
    step: 'picking',
    guard: allOf(...atNode),
    actions: 'startPicking',
    meta: node,
    repeats: 'here',
  },
  {
    event: 'pick.completed',
    step: 'picking',
    guard: allOf(...atNode, 'withinPicked'),
    actions: 'pick',
    meta: node,
    repeats: 'here',
  },
  {
    event: 'item.substituted',
    step: 'picking',
    guard: allOf(...atNode, 'withinPicked'),
    actions: 'pick',
    meta: node,
    repeats: 'here',
  },
  {
    event: 'pick.short',
    step: 'picking',
    guard: allOf(...atNode, 'withinShort'),
    actions: 'fallShort',
    meta: node,
    repeats: 'here',
  },
  { event: 'pack.completed', step: 'packed', guard: allOf(...atNode), actions: 'pack', meta: node, repeats: 'here' },
  {
    event: 'shipment.confirmed',
    step: 'shipped',
    guard: allOf(...atNode, 'withinShipped'),
    actions: 'confirm',
    meta: node,
  },
  {
    event: 'shipment.in_transit',
    step: 'in_transit',
    guard: allOf(...atNode),
    actions: 'move',
    meta: transport,
    repeats: 'here',
  },
  {
    event: 'delivery.attempted',
    step: 'in_transit',
    guard: allOf(...atNode),
    actions: 'attempt',
    meta: transport,
    repeats: 'after',
  },
  {
    event: 'shipment.out_for_delivery',
    step: 'out_for_delivery',
    guard: allOf(...atNode),
    actions: 'move',
    meta: transport,
    repeats: 'here',
  },
]

const late = (meta: TransitionMeta): TransitionMeta => ({ ...meta, late: true })

/** The ends rank after every step: there all steps are late facts. */
const END_RANK = STEPS.length

/** What a state at `rank` does with each step: forward, more of the same, or a late fact. */
function stepMoves(rank: number) {
  return Object.fromEntries(
    STEP_MOVES.map(({ event, step, guard, actions, meta, repeats }) => {
      const to = stepRank(step)
      if (to > rank) return [event, { guard, actions, meta, target: step }]
      // Picking more in `picked` is not late: a late pick may come before packing.
      const isHere = to === rank || (step === 'picking' && rank === stepRank('picked'))
      const isOn = repeats === 'after' ? rank < END_RANK : repeats === 'here' && isHere
      return [event, { guard, actions, meta: isOn ? meta : late(meta) }]
    }),
  )
}

const endableParts = ['notCancelled', 'notReturned', 'notDelivered']
const endable = allOf(...endableParts)

/** The ends, from any state that has not ended for good. A partial proof of delivery implies that the goods are on their way. */
function endMovesFrom(rank: number) {
  const onTheWay = rank < stepRank('in_transit') ? { target: 'in_transit' } : {}
  return {
    'delivery.completed': [
      { guard: allOf(...deliverable, 'completesDelivery'), actions: 'deliver', target: 'delivered', meta: transport },
      { guard: allOf(...deliverable), actions: 'deliver', ...onTheWay, meta: transport },
    ],
    ...endMove('delivery.refused', 'refused'),
    ...endMove('shipment.lost', 'lost'),
    ...endMove('shipment.returned_to_sender', 'returned_to_sender'),
  }

  function endMove(event: string, target: EndKind) {
    return {
      [event]: [
        { guard: allOf(...endableParts, 'completesEnd'), actions: 'end', target, meta: transport },
        { guard: endable, actions: 'end', ...onTheWay, meta: transport },
      ],
    }
  }
}
const deliverable = ['notCancelled', 'notReturned', 'withinLeft']
const lateEndMoves = {
  'delivery.completed': { guard: allOf(...deliverable), actions: 'deliver', meta: late(transport) },
  'delivery.refused': { guard: endable, actions: 'end', meta: late(transport) },
  'shipment.lost': { guard: endable, actions: 'end', meta: late(transport) },
  'shipment.returned_to_sender': { guard: endable, actions: 'end', meta: late(transport) },
}

/** Wherever the goods are, the ends they come to follow from what is known: proof of all cartons, the latest end. */
const ending = [
  { guard: 'allDelivered', target: 'delivered' },
  { guard: 'isReturned', target: 'returned_to_sender' },
  { guard: 'isRefused', target: 'refused' },
  { guard: 'isLost', target: 'lost' },
]
/** Later knowledge (one more tracking number, say) may show that an end is not reached yet. */
const resuming = [
  { guard: 'awaitsOnTheRun', target: 'out_for_delivery' },
  { guard: 'awaitsInTransit', target: 'in_transit' },
]
const endingBut = (state: string) => ending.filter(each => each.target !== state)

function stepState(step: Step) {
  const rank = stepRank(step)
  const always = [
    ...(rank < stepRank('shipped') ? [{ guard: 'nothingLeft', target: 'cancelled' }] : []),
    ...(step === 'picking' ? [{ guard: 'allPicked', target: 'picked' }] : []),
    ...ending,
  ]
  return { always, on: { ...stepMoves(rank), ...endMovesFrom(rank) } }
}

const endState = (state: EndKind) => ({
  always: [...resuming, ...endingBut(state)],
  on: { ...stepMoves(END_RANK), ...endMovesFrom(END_RANK) },
})

const flag = (on: string, off: string) => ({
  initial: 'off',
  states: { off: { always: { guard: on, target: 'on' } }, on: { always: { guard: off, target: 'off' } } },
})

const machine = setup({
  types: { context: {} as ShipmentContext, input: {} as ShipmentContext },
  guards: guardsOf(parts),
  actions: actionsOf(parts),
}).createMachine({
  id: 'shipment',
  type: 'parallel',
  context: ({ input }) => input,
  on: {
    'claim.reported': { actions: 'claim', meta: { owner: 'any' } },
  },
  states: {
    execution: {
      initial: 'released',
      on: {
        'shipment.cancelled': {
          guard: and(['notCancelled', 'notShipped', 'withinOwn']),
          actions: 'cancel',
          meta: node,
        },
        'shipment.booked': { guard: and(['notCancelled', 'notReturned']), actions: 'book', meta: transport },
        'shipment.amended': [
          {
            guard: and(['notCancelled', 'mayAmend', 'mayAmendBefore', 'amendsSomething']),
            actions: 'amend',
            meta: node,
          },
          { guard: and(['notCancelled', 'mayAmend', 'mayAmendBefore']), actions: 'amend', meta: late(node) },
        ],
      },
      states: {
        ...Object.fromEntries(STEPS.map(step => [step, stepState(step)])),
        delivered: {
          always: [...resuming, ...endingBut('delivered')],
          on: { ...stepMoves(END_RANK), ...lateEndMoves },
        },
        refused: endState('refused'),
        lost: endState('lost'),
        returned_to_sender: {
          always: [...resuming, ...endingBut('returned_to_sender')],
          on: { ...stepMoves(END_RANK), ...lateEndMoves },
        },
        cancelled: { on: { ...stepMoves(END_RANK), ...lateEndMoves } },
      },
    },
    condition: {
      type: 'parallel',
      on: {
        'shipment.delayed': { guard: and(['notCancelled', 'notReturned']), actions: 'delay', meta: transport },
        'shipment.damaged': { guard: and(['notCancelled', 'withinDamaged']), actions: 'damage', meta: transport },
        'shipment.damage_cleared': {
          guard: and(['notCancelled', 'withinDamage']),
          actions: 'clearDamage',
          meta: { owner: 'operator' },
        },
      },
      states: {
        short: flag('isShort', 'isNotShort'),
        damaged: flag('isDamaged', 'isNotDamaged'),
        delayed: flag('isDelayed', 'isNotDelayed'),
        attempt_failed: flag('hasFailedAttempt', 'hasNoFailedAttempt'),
      },
    },
  },
})

export const shipmentChart: Chart = {
  kind: 'shipment',
  version: 1,
  machine,
  regions: ['execution', 'condition.short', 'condition.damaged', 'condition.delayed', 'condition.attempt_failed'],
  creation: [
    { event: 'order.released', owner: 'erp' },
    { event: 'shipment.split', owner: 'node' },
  ],
  ...parts,
}
