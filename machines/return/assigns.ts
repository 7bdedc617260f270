// What each fact does to a return's context (C3), and what the return contributes to its order.
import type { Move, Signal } from '../chart.ts'
import { earlierPlace, type Place, returnKey } from '../ids.ts'
import { type Amount, COLUMN, type LineChange } from '../quantities.ts'
import type { Disposition, GoodsStep, ReturnContext } from './context.ts'

type Changed = Partial<ReturnContext>
type Listed = 'requested' | 'received' | 'dispositioned' | 'credited'

const RANK: Record<GoodsStep, number> = { expected: 0, in_transit: 1, received: 2, inspected: 3 }
const forward = (context: ReturnContext, step: GoodsStep): GoodsStep =>
  RANK[step] > RANK[context.step] ? step : context.step

export const isNewer = (known: Place | undefined, place: Place): boolean => known === undefined || place > known

/** `amounts` added to one list; lines nobody has named before get a place in every list. */
function added(context: ReturnContext, list: Listed, amounts: readonly Amount[]): Changed {
  const distinct = [...new Set([...context.lines, ...amounts.map(amount => amount.line)])].sort()
  const grown = (values: readonly number[]) => distinct.map(line => values[context.lines.indexOf(line)] ?? 0)
  const lists: Record<Listed, number[]> = {
    requested: grown(context.requested),
    received: grown(context.received),
    dispositioned: grown(context.dispositioned),
    credited: grown(context.credited),
  }
  for (const { line, quantity } of amounts) {
    const index = distinct.indexOf(line)
    lists[list][index] = (lists[list][index] ?? 0) + quantity
  }
  return { lines: distinct, ...lists }
}

function milestone(context: ReturnContext, { timeMs, type }: Move): Changed {
  const known = context.milestones[type]
  if (known !== undefined && known.atMs <= timeMs) return {}
  return { milestones: { ...context.milestones, [type]: { event: type, atMs: timeMs } } }
}

const union = (known: readonly string[], ...more: readonly (string | undefined)[]): readonly string[] =>
  [...new Set([...known, ...more.filter(each => each !== undefined)])].sort()

function authorization(context: ReturnContext, place: Place, state: 'initiated' | 'authorized' | 'rejected'): Changed {
  return isNewer(context.authorizationPlace, place) ? { authorization: state, authorizationPlace: place } : {}
}

/** Once per return (its number is a document, C5): what it asks for is what it says. */
function initiate(context: ReturnContext, move: Move<'return.initiated'>): Changed {
  return {
    ...added(context, 'requested', move.amounts),
    ...authorization(context, move.place, 'initiated'),
    ...milestone(context, move),
    reason: move.data.reason,
  }
}

function authorize(context: ReturnContext, move: Move<'return.authorized'>): Changed {
  const { company, receipt, rma } = move.data
  const names = isNewer(context.places.rma, move.place)
  return {
    ...authorization(context, move.place, 'authorized'),
    ...milestone(context, move),
    ...(names ? { rma, company: company ?? context.company, places: { ...context.places, rma: move.place } } : {}),
    rmas: union(context.rmas, rma),
    receipts: union(context.receipts, receipt),
  }
}

const reject = (context: ReturnContext, move: Move<'return.rejected'>): Changed => ({
  ...authorization(context, move.place, 'rejected'),
  ...milestone(context, move),
})

const transport = (context: ReturnContext, move: Move<'return.in_transit'>): Changed => ({
  step: forward(context, 'in_transit'),
  ...milestone(context, move),
  carriers: union(context.carriers, move.data.carrier),
  trackings: union(context.trackings, move.data.tracking),
})

/** The node it names, where the source speaks for it; else the source's own. */
function receivingNode({ data, origin }: Move<'return.received'>): string | undefined {
  const isTheirs = data.node !== undefined && (origin.nodes?.includes(data.node) ?? true)
  return isTheirs ? data.node : origin.nodes?.[0]
}

function receive(context: ReturnContext, move: Move<'return.received'>): Changed {
  const told = move.named.filter(
    ({ condition, line }) => condition !== undefined && isNewer(context.places[`condition.${line}`], move.place),
  )
  return {
    ...added(context, 'received', move.amounts),
    ...milestone(context, move),
    step: forward(context, 'received'),
    nodes: union(context.nodes, receivingNode(move)),
    receipts: union(context.receipts, move.data.receipt),
    conditions: {
      ...context.conditions,
      ...Object.fromEntries(told.map(each => [each.line, each.condition as string])),
    },
    places: { ...context.places, ...Object.fromEntries(told.map(each => [`condition.${each.line}`, move.place])) },
  }
}

const inspect = (context: ReturnContext, move: Move<'return.inspected'>): Changed => ({
  step: forward(context, 'inspected'),
  ...milestone(context, move),
})

function dispose(context: ReturnContext, move: Move<'return.dispositioned'>): Changed {
  const dispositions: Partial<Record<Disposition, number>> = { ...context.dispositions }
  move.named.forEach(({ disposition }, index) => {
    if (disposition !== undefined)
      dispositions[disposition] = (dispositions[disposition] ?? 0) + (move.parts[index]?.quantity ?? 0)
  })
  return {
    ...added(context, 'dispositioned', move.amounts),
    ...milestone(context, move),
    step: forward(context, 'inspected'),
    dispositions,
  }
}

const credit = (context: ReturnContext, move: Move<'return.credited'>): Changed => ({
  ...added(context, 'credited', move.amounts),
  ...milestone(context, move),
  creditedMinor: context.creditedMinor + move.data.amountMinor,
})

const close = (context: ReturnContext, move: Move<'return.closed'>): Changed => ({
  ...milestone(context, move),
  closedPlace: earlierPlace(context.closedPlace, move.place),
})

function claim(context: ReturnContext, { data, place, source }: Move<'claim.reported'>): Changed {
  if (!isNewer(context.claims[source]?.place, place)) return {}
  return { claims: { ...context.claims, [source]: { place, state: data.state } } }
}

export const assigners = { initiate, authorize, reject, transport, receive, inspect, dispose, credit, close, claim }

const CONTRIBUTED = ['returned', 'returning', 'credited'] as const

function contribution(context: ReturnContext, index: number): Record<(typeof CONTRIBUTED)[number], number> {
  const received = context.received[index] ?? 0
  // What was asked for and has not come holds its room only as long as it may still come.
  const isOver = context.authorization === 'rejected' || context.closedPlace !== undefined
  const asked = isOver ? 0 : (context.requested[index] ?? 0)
  return { returned: received, returning: Math.max(asked, received), credited: context.credited[index] ?? 0 }
}

/** The signal a change of a return sends to its order; undefined when it changes nothing there. */
export function returnCounted(before: ReturnContext, after: ReturnContext, cause: Signal['cause']): Signal | undefined {
  const changes = after.lines.flatMap((line, index): LineChange[] => {
    const now = contribution(after, index)
    const known = before.lines.indexOf(line)
    const then = known < 0 ? undefined : contribution(before, known)
    const by = CONTRIBUTED.flatMap(column => {
      const difference = now[column] - (then?.[column] ?? 0)
      return difference === 0 ? [] : [COLUMN[column], difference]
    })
    return by.length === 0 ? [] : [{ line, by }]
  })
  const creditedMinor = after.creditedMinor - before.creditedMinor
  if (changes.length === 0 && creditedMinor === 0) return undefined
  return { type: 'return.counted', actor: returnKey(after.number), changes, creditedMinor, cause }
}
