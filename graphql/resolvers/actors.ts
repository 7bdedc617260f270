// Orders, shipments and returns: what must be looked up or derived; views/ has the rest.
import { believedAt } from '../../engine/exceptions/as-of.ts'
import type { Family } from '../../engine/family.ts'
import type { SourceStatus } from '../../engine/twin.ts'
import type { ActorKey } from '../../machines/ids.ts'
import { reachedMilestones } from '../../machines/shipment/context.ts'
import { countedLists, type GraphContext, type Resolve, type Resolvers } from '../graph-context.ts'
import { graphError } from '../operations/graph-errors.ts'
import {
  type ActorView,
  actorViews,
  type OrderView,
  orderView,
  type ReturnView,
  type ShipmentView,
} from '../views/actors.ts'
import { nodeId } from '../views/ids.ts'
import { familyActions, nextActionsOf } from '../views/next-actions.ts'
import * as orders from '../views/order.ts'
import { dispositionsOf, returnLines } from '../views/return.ts'
import * as shipments from '../views/shipment.ts'
import { type HistoryArguments, historyPage } from './history.ts'
import { pageSize } from './pages.ts'

type Read<View extends ActorView> = (view: View) => unknown
const table = <View extends ActorView>(fields: Readonly<Record<string, Read<View>>>): Resolvers =>
  Object.fromEntries(Object.entries(fields).map(([name, read]) => [name, (view: View) => read(view)]))

/** Fields that are keys of the context under their own name. */
const own = (...names: readonly string[]): Resolvers =>
  Object.fromEntries(names.map(name => [name, ({ context }: ActorView) => (context as Record<string, unknown>)[name]]))

const around = ({ graph, twin }: GraphContext) => ({
  steppers: graph.steppers,
  sources: twin.sources().map(({ source }: SourceStatus) => source),
})

const regionsOf = ({ kind, actor }: ActorView, { graph }: GraphContext) =>
  graph.steppers[kind].regionStates(actor.state)

const historyOf =
  (actorOf: (view: ActorView) => ActorKey | undefined): Resolve<ActorView, HistoryArguments> =>
  (view, args, context) =>
    historyPage({ family: view.family, actor: actorOf(view) }, args, context)

const common = table<ActorView>({
  id: ({ family, key }) => nodeId({ family: family.id, actor: key }),
  version: ({ actor }) => actor.version,
})
const ofOrder = table<ActorView>({ order: ({ family }) => orderView(family) })

export const order: Resolvers = {
  ...common,
  ...own('poNumber', 'erpNumber', 'customer', 'channel', 'channelName', 'company', 'currency', 'serviceLevel'),
  ...own('invoicePolicy', 'shipTo', 'requestedAt', 'promisedAt'),
  ...table<OrderView>({
    number: ({ family }) => family.id,
    capturedAt: orders.capturedAt,
    latestEventAt: orders.latestEventAt,
    milestones: orders.milestonesOf,
    validationFailures: ({ context }) => context.validation?.reasons,
    invoiced: ({ context }) => orders.money(context, context.invoicedMinor),
    credited: ({ context }) => orders.money(context, context.creditedMinor),
    paid: ({ context }) => orders.money(context, context.paidMinor),
  }),
  ...countedLists<OrderView>({ asks: orders.asksOf, invoices: orders.invoicesOf }),
  position: ({ family }: OrderView, _, { twin }) => twin.positionText(family.head),
  state: (view: OrderView, _, context) => regionsOf(view, context),
  lines: (
    { context: order }: OrderView,
    { first, after }: { first?: number | null; after?: string | null },
    context,
  ) => {
    const size = first == null ? undefined : pageSize({ first }, context.graph.limits.pageMax)
    const indexes = orders.lineIndexes(order, { first: size, after: after ?? undefined })
    if (indexes === undefined) throw graphError('BAD_CURSOR', after?.slice(0, 40))
    return context.counted(indexes).map(index => orders.lineView(order, index))
  },
  line: ({ context: order }: OrderView, { line }: { line: string }) => {
    const index = order.lines.findIndex(each => each.line === line)
    return index < 0 ? undefined : orders.lineView(order, index)
  },
  parked: (view: OrderView, _, context) =>
    context.counted(orders.parkedOf(view, position => context.twin.positionText(position))),
  shipments: ({ family }: OrderView, _, context) => context.counted(actorViews(family, 'shipment')),
  returns: ({ family }: OrderView, _, context) => context.counted(actorViews(family, 'return')),
  nextActions: (view: OrderView, _, context) => context.counted(familyActions(view, around(context))),
  history: historyOf(() => undefined),
}

type Line = ReturnType<typeof orders.lineView>
export const orderLine = countedLists<Line>({ conversions: ({ conversions }) => conversions })

type Invoice = ReturnType<typeof orders.invoicesOf>[number]
export const invoice = countedLists<Invoice>({ charges: ({ charges }) => charges, lines: ({ lines }) => lines })

type Carton = ReturnType<typeof shipments.cartonsOf>[number]
export const carton = countedLists<Carton>({ contents: ({ contents }) => contents })

export const shipment: Resolvers = {
  ...common,
  ...ofOrder,
  ...own('number', 'node', 'consignment', 'carriers', 'trackings', 'expectedAt', 'freightMinor'),
  ...table<ShipmentView>({
    shipTo: shipments.shipToOf,
    service: shipments.serviceOf,
    promisedAt: shipments.promisedAtOf,
    milestones: ({ context }) => shipments.byTime(reachedMilestones(context)),
    end: shipments.endView,
  }),
  ...countedLists<ShipmentView>({
    cartons: shipments.cartonsOf,
    remarks: ({ context }) => shipments.byTime(context.remarks),
    proofs: shipments.proofsOf,
  }),
  state: (view: ShipmentView, _, context) => {
    const regions = regionsOf(view, context)
    return { execution: regions.execution, condition: shipments.conditionOf(regions) }
  },
  lines: (view: ShipmentView, _, context) => context.counted(shipments.shipmentLines(view)),
  sameConsignment: async (view: ShipmentView, _, context) => context.counted(await sameConsignment(view, context)),
  nextActions: (view: ActorView, _, context) => context.counted(nextActionsOf(view, around(context))),
  history: historyOf(({ key }) => key),
}

/** A consignment number belongs to its node. Of a belief the others are as they were believed to be at its clock. */
async function sameConsignment({ context: { consignment, node }, family }: ShipmentView, context: GraphContext) {
  if (consignment === undefined) return []
  const { desk } = context.graph
  const found = await context.twin.find(`consignment/${consignment}`)
  const others = found.kind === 'found' ? found.holders.filter(holder => holder.family.id !== family.id) : []
  const timeMs = desk.isBelief(family) ? desk.nowMs(family) : undefined
  const shipments: ActorView[] = []
  for (const { actors, family: now } of others) {
    const held = timeMs === undefined ? now : await believed(now.id, timeMs, context)
    shipments.push(...actorViews(held, 'shipment').filter(({ key }) => actors.includes(key)))
  }
  return shipments.filter(({ context }) => (context as ShipmentView['context']).node === node)
}

async function believed(id: string, timeMs: number, context: GraphContext): Promise<Family> {
  const belief = believedAt(id, await context.entries(id), { timeMs })
  context.graph.desk.remember(belief)
  return belief.family
}

export const back: Resolvers = {
  ...common,
  ...ofOrder,
  ...own('number', 'rma', 'company', 'reason', 'nodes', 'carriers', 'trackings', 'receipts'),
  ...table<ReturnView>({
    dispositions: dispositionsOf,
    credited: ({ context, order }) => orders.money(order, context.creditedMinor),
    milestones: ({ context }) => shipments.byTime(Object.values(context.milestones)),
  }),
  state: (view: ReturnView, _, context) => regionsOf(view, context),
  lines: (view: ReturnView, _, context) => context.counted(returnLines(view)),
  nextActions: (view: ActorView, _, context) => context.counted(nextActionsOf(view, around(context))),
  history: historyOf(({ key }) => key),
}
