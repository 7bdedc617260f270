// What each fact does to an order's context (C3). Applying facts in any order gives the same context: steps keep the
// furthest, settings the latest place, quantities add up, the rest is derived.
import type { Move, Signal } from '../chart.ts'
import type { EventType } from '../event-types.ts'
import { earlierPlace, type Place } from '../ids.ts'
import { baseQuantity, COLUMN, WIDTH } from '../quantities.ts'
import { copyOf, withMember } from '../records.ts'
import { amendedLines, reallocated, rearranged } from './amended-lines.ts'
import {
  type Allocation,
  type AllocationPart,
  capturedLine,
  copyOfMilestones,
  isNumberOf,
  type LifecycleStep,
  lineIndex,
  type Milestone,
  type OrderContext,
  type OrderLine,
} from './context.ts'
import { added, reached, settled, settling, settlingStates } from './derive.ts'

type Changed = Partial<OrderContext>

/** The order as its `order.captured` tells it. */
export function capturedOrder(move: Move<'order.captured'>): OrderContext {
  const { data, place, source, subject, timeMs } = move
  const { channel, lines, terms, ...header } = data
  // Every key is named, known yet or not: contexts of one shape are read and compared several times faster.
  return settled({
    id: subject.number,
    customer: header.customer,
    channel: source,
    channelName: channel,
    currency: header.currency,
    poNumber: header.poNumber,
    erpNumber: undefined,
    company: header.company,
    serviceLevel: header.serviceLevel,
    shipTo: header.shipTo,
    requestedAt: header.requestedAt,
    promisedAt: header.promisedAt,
    validation: undefined,
    creditPlace: undefined,
    wholeCancelPlace: undefined,
    invoicePolicy: terms?.invoicePolicy ?? 'shipment',
    overTolerancePercent: terms?.overTolerancePercent ?? 0,
    underTolerancePercent: terms?.underTolerancePercent ?? 0,
    capturedPlace: place,
    step: 'captured',
    lines: lines.map(line => capturedLine(line, place)),
    quantities: [],
    places: {},
    credit: 'unchecked',
    allocations: [],
    releases: [],
    cancels: {},
    invoices: {},
    disputes: {},
    invoicedMinor: 0,
    creditedMinor: 0,
    paidMinor: 0,
    asks: {},
    answers: [],
    milestones: copyOfMilestones({ received: [timeMs, timeMs] }),
    claims: {},
    fulfilment: 'unallocated',
    billing: 'unbilled',
  })
}

// rejected ranks with accepted: whichever of the two is known first stands, and a legal trace has only one.
const STEP_RANK: Record<LifecycleStep, number> = { captured: 0, validated: 1, accepted: 2, rejected: 2, closed: 3 }

const furthest = (context: OrderContext, step: LifecycleStep): LifecycleStep =>
  STEP_RANK[step] > STEP_RANK[context.step] ? step : context.step

function validate(context: OrderContext, { place, timeMs }: Move): Changed {
  return {
    step: furthest(context, 'validated'),
    milestones: reached(context.milestones, 'validated', timeMs),
    ...(isNewer(context.validation?.place, place) ? { validation: { place, reasons: [] } } : {}),
  }
}

function failValidation(context: OrderContext, { data, place }: Move<'order.validation_failed'>): Changed {
  return isNewer(context.validation?.place, place) ? { validation: { place, reasons: data.reasons } } : {}
}

/** Acceptance settles the company where capture named none: from then on it owns the order. */
function accept(context: OrderContext, { data, origin, place }: Move<'order.accepted'>): Changed {
  // A company is settled by an ERP that speaks for it.
  const told =
    data.company !== undefined && (origin.companies?.includes(data.company) ?? true) ? data.company : undefined
  const company = told ?? (origin.companies?.length === 1 ? origin.companies[0] : undefined)
  const isOpen = context.company === undefined || context.places.company !== undefined
  const places = copyOf(context.places)
  const settles = company !== undefined && isOpen && isNewer(places.company, place)
  const names = data.erpNumber !== undefined && isNewer(places.erpNumber, place)
  if (settles) places.company = place
  if (names) places.erpNumber = place
  return {
    step: furthest(context, 'accepted'),
    ...(settles ? { company } : {}),
    ...(names ? { erpNumber: data.erpNumber } : {}),
    ...(settles || names ? { places } : {}),
  }
}

const reject = (context: OrderContext): Changed => ({ step: furthest(context, 'rejected') })

const close = (context: OrderContext, { timeMs }: Move): Changed => ({
  step: furthest(context, 'closed'),
  milestones: reached(context.milestones, 'closed', timeMs),
})

function setCredit(context: OrderContext, { place, type }: Move): Changed {
  return isNewer(context.creditPlace, place)
    ? { creditPlace: place, credit: type === 'credit.held' ? 'held' : 'approved' }
    : {}
}

export const isNewer = (known: Place | '' | undefined, place: Place): boolean => known === undefined || place > known

/** `list` with `item` put where its place says. */
function withPlaced<Item extends { readonly place: Place }>(list: readonly Item[], item: Item): readonly Item[] {
  const index = list.findIndex(each => each.place > item.place)
  return list.toSpliced(index < 0 ? list.length : index, 0, item)
}

/** Applies the fields an amendment brings where nothing later has set them. */
function amend(context: OrderContext, move: Move<'order.amended'>): Changed {
  const { data, place } = move
  const places = copyOf(context.places)
  const sets = (setting: string, since: Place | ''): boolean => {
    if (!isNewer(places[setting] ?? since, place)) return false
    places[setting] = place
    return true
  }
  const header: { -readonly [Key in 'shipTo' | 'requestedAt' | 'promisedAt']?: OrderContext[Key] } = {}
  if (data.shipTo !== undefined && sets('shipTo', context.capturedPlace)) header.shipTo = data.shipTo
  if (data.requestedAt !== undefined && sets('requestedAt', context.capturedPlace))
    header.requestedAt = data.requestedAt
  if (data.promisedAt !== undefined && sets('promisedAt', context.capturedPlace)) header.promisedAt = data.promisedAt
  const lines = data.lines === undefined ? context.lines : amendedLines(context, data.lines, sets)
  const answers = withPlaced(context.answers, { place, kind: 'amended', ask: data.ask })
  return settling(context, {
    ...header,
    lines,
    places,
    answers,
    quantities: rearranged(context, lines),
    allocations: reallocated(context, lines),
  })
}

/** Whether an amendment sets anything that nothing later has set. */
export function amendsSomething(context: OrderContext, { data, place }: Move<'order.amended'>): boolean {
  const sets = (setting: string, since: Place | '') => isNewer(context.places[setting] ?? since, place)
  if (data.shipTo !== undefined && sets('shipTo', context.capturedPlace)) return true
  if (data.requestedAt !== undefined && sets('requestedAt', context.capturedPlace)) return true
  if (data.promisedAt !== undefined && sets('promisedAt', context.capturedPlace)) return true
  return (data.lines ?? []).some(({ line, ...fields }) => {
    const since = context.lines[lineIndex(context, line)]?.place ?? ''
    return Object.keys(fields).some(field => sets(`${line}.${field}`, since))
  })
}

function ask(context: OrderContext, move: Move<'order.change_requested' | 'order.cancel_requested'>): Changed {
  const { data, place, timeMs, type } = move
  const remark = 'remark' in data ? data.remark : 'reason' in data ? data.reason : undefined
  const kind = type === 'order.change_requested' ? ('change' as const) : ('cancel' as const)
  return { asks: withMember(context.asks, data.ask, { kind, place, atMs: timeMs, remark }) }
}

const rejectAsk = (context: OrderContext, { data, place }: Move<'order.request_rejected'>): Changed => ({
  answers: withPlaced(context.answers, { place, kind: 'rejected', ask: data.ask }),
})

function cancel(context: OrderContext, { amounts, data, place }: Move<'order.cancelled'>): Changed {
  const answers = withPlaced(context.answers, { place, kind: 'cancelled', ask: data.ask })
  if (data.lines === undefined)
    return settling(context, { wholeCancelPlace: earlierPlace(context.wholeCancelPlace, place), answers })
  const cancels = copyOf(context.cancels)
  for (const { line, quantity } of amounts) cancels[line] = (cancels[line] ?? 0) + quantity
  return settling(context, { cancels, answers })
}

/** An allocation tells all about the lines it names: what it leaves out is none. */
function allocate(context: OrderContext, move: Move<'order.allocated' | 'backorder.created'>): Changed {
  const reports = allocationsOf(context, move)
  let reserves = false
  for (const report of reports) reserves ||= report !== undefined && report.allocated !== 0
  const allocations = reports.map((report, index) => {
    const known = context.allocations[index]
    return report !== undefined && isNewer(known?.place, move.place) ? report : known
  })
  const milestones = reserves ? reached(context.milestones, 'allocated', move.timeMs) : context.milestones
  return settling(context, { allocations, milestones })
}

/** What the report says of each line, all its nodes together; undefined of those it does not name. */
function allocationsOf(context: OrderContext, move: Move<'order.allocated' | 'backorder.created'>) {
  const reports = new Array<Allocation | undefined>(context.lines.length).fill(undefined)
  for (const told of move.data.lines) {
    const index = lineIndex(context, told.line)
    const table = context.lines[index]
    if (table === undefined) continue
    const part = allocationPart(table, told, move.type)
    const known = reports[index]
    reports[index] = known === undefined ? allocationOf(move.place, part) : joined(known, part)
  }
  return reports
}

const allocationOf = (place: Place, part: AllocationPart): Allocation => ({
  place,
  allocated: part.allocated,
  backordered: part.backordered,
  node: part.node,
  expectedAt: part.expectedAt,
  parts: undefined,
})

const joined = (known: Allocation, part: AllocationPart): Allocation => ({
  place: known.place,
  allocated: together(known.allocated, part.allocated),
  backordered: together(known.backordered, part.backordered),
  node: known.node ?? part.node,
  expectedAt: known.expectedAt ?? part.expectedAt,
  parts: [...(known.parts ?? [partOf(known)]), part],
})

const partOf = ({ allocated, backordered, expectedAt, node }: Allocation): AllocationPart => ({
  node,
  allocated,
  backordered,
  expectedAt,
})

type AllocationTold = Move<'order.allocated'>['data']['lines'][number]

/** A bare `order.allocated` or `backorder.created` of a line means all of it. */
function allocationPart(table: OrderLine, told: AllocationTold, type: string): AllocationPart {
  const isBare = told.allocated === undefined && told.backordered === undefined
  const base = (quantity: number | undefined) => baseQuantity(table, quantity ?? 0, told.unit) ?? 0
  return {
    node: told.node,
    allocated: isBare && type === 'order.allocated' ? 'all' : base(told.allocated),
    backordered: isBare && type === 'backorder.created' ? 'all' : base(told.backordered),
    expectedAt: told.expectedAt,
  }
}

const together = (a: number | 'all', b: number | 'all'): number | 'all' => (a === 'all' || b === 'all' ? 'all' : a + b)

/** Whether an allocation says anything that no later one has said. */
export const allocatesSomething = (context: OrderContext, { data, place }: Move<'order.allocated'>): boolean =>
  data.lines.some(({ line }) => isNewer(context.allocations[lineIndex(context, line)]?.place, place))

/** Remembers the release; the shipment it creates counts the quantities. */
function release(context: OrderContext, { amounts, data, place, timeMs }: Move<'order.released'>): Changed {
  return settling(context, {
    releases: withPlaced(context.releases, { shipment: data.shipment, node: data.node, place, amounts }),
    milestones: reached(context.milestones, 'released', timeMs),
  })
}

function invoice(context: OrderContext, { amounts, data, timeMs }: Move<'invoice.posted'>): Changed {
  const { amountMinor, charges, company } = data
  return settlingStates(context, {
    invoices: withMember(context.invoices, data.invoice, { amountMinor, charges, company, postedMs: timeMs, amounts }),
    invoicedMinor: context.invoicedMinor + amountMinor,
    quantities: added(context, 'invoiced', amounts),
    milestones: reached(context.milestones, 'invoiced', timeMs),
  })
}

const credit = (context: OrderContext, { amounts, data }: Move<'invoice.credited'>): Changed =>
  settlingStates(context, {
    creditedMinor: context.creditedMinor + data.amountMinor,
    quantities: added(context, 'credited', amounts),
  })

function dispute(
  context: OrderContext,
  { data, place, type }: Move<'invoice.disputed' | 'invoice.dispute_resolved'>,
): Changed {
  if (!disputeIsNewer(context, { data, place })) return {}
  const reason = 'reason' in data ? data.reason : undefined
  const open = type === 'invoice.disputed'
  return settlingStates(context, { disputes: withMember(context.disputes, data.invoice, { place, open, reason }) })
}

export const disputeIsNewer = (
  context: OrderContext,
  { data, place }: { data: { invoice: string }; place: Place },
): boolean => isNewer(context.disputes[data.invoice]?.place, place)

/** A payment that covers several orders brings each order its shares: of several invoices it may have several. */
function pay(context: OrderContext, { data }: Move<'payment.received'>): Changed {
  const shares = data.orders?.filter(({ order }) => isNumberOf(context, order))
  const amountMinor = shares?.reduce((sum, share) => sum + share.amountMinor, 0) ?? data.amountMinor
  return settlingStates(context, { paidMinor: context.paidMinor + amountMinor })
}

/** Milestones of the order that its shipments reach: by what was reported, whether or not it still moved a quantity. */
export const MILESTONE_OF: Partial<Record<EventType, Milestone>> = {
  'pick.completed': 'picked',
  'item.substituted': 'picked',
  'shipment.confirmed': 'shipped',
}

/** A shipment or return of this order changed what it contributes. */
function count(context: OrderContext, { cause, changes, creditedMinor }: Signal): Changed {
  const quantities = context.quantities.slice()
  let isReleasedOtherwise = false
  for (const { line, by } of changes) {
    const first = lineIndex(context, line) * WIDTH
    for (let at = 0; at < by.length; at += 2) {
      const column = by[at] as number
      isReleasedOtherwise ||= column === COLUMN.released
      const index = first + column
      quantities[index] = (quantities[index] ?? 0) + (by[at + 1] as number)
    }
  }
  const milestone = MILESTONE_OF[cause.type]
  const milestones = milestone === undefined ? context.milestones : reached(context.milestones, milestone, cause.timeMs)
  const changed = { quantities, milestones, creditedMinor: context.creditedMinor + creditedMinor }
  return isReleasedOtherwise ? settling(context, changed) : settlingStates(context, changed)
}

function claim(context: OrderContext, { data, place, source }: Move<'claim.reported'>): Changed {
  if (!isNewer(context.claims[source]?.place, place)) return {}
  return { claims: { ...context.claims, [source]: { place, state: data.state } } }
}

export const assigners = {
  validate,
  failValidation,
  accept,
  reject,
  close,
  setCredit,
  amend,
  ask,
  rejectAsk,
  cancel,
  allocate,
  release,
  invoice,
  credit,
  dispute,
  pay,
  count,
  claim,
}
