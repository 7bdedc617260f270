// The table of resolvers by type; fields that are not here are properties of what their parent resolved to.
import type { GraphContext, Resolvers } from '../graph-context.ts'
import type { ActorView } from '../views/actors.ts'
import { sourceView } from '../views/source.ts'
import { statechartView } from '../views/statechart.ts'
import * as actors from './actors.ts'
import * as acts from './acts.ts'
import { historyEntries, orderChange, orderChanged, ordersChanged } from './changes.ts'
import { clearDamage } from './damage.ts'
import { asOf, card, orderDesk, sourceDesk } from './desk.ts'
import { eraseOrder, orderErasure } from './erasure.ts'
import * as events from './events.ts'
import * as desk from './exceptions.ts'
import { findActor, findNode, findOrder, findShipments } from './finding.ts'
import { history, historyEvent } from './history.ts'
import { kpis, kpisFields } from './kpis.ts'
import { orderConnection, orderCounts, orders } from './order-board.ts'

const ref =
  (find: (ref: string, context: GraphContext) => unknown) =>
  (_: unknown, args: { ref: string }, context: GraphContext) =>
    find(args.ref, context)

/** What was read before a field of a mutation wrote is not shown after it. */
const writing = (fields: Resolvers): Resolvers =>
  Object.fromEntries(
    Object.entries(fields).map(([name, resolve]): [string, Resolvers[string]] => [
      name,
      async (parent, args, context, info) => {
        try {
          return await resolve(parent, args, context, info)
        } finally {
          context.forget()
        }
      },
    ]),
  )

export const RESOLVERS: Readonly<Record<string, Resolvers>> = {
  Query: {
    node: (_, { id }: { id: string }, context) => findNode(id, context),
    order: ref(findOrder),
    shipment: ref((text, context) => findActor('shipment', text, context)),
    shipments: ref(async (text, context) => context.counted(await findShipments(text, context))),
    return: ref((text, context) => findActor('return', text, context)),
    orders,
    orderCounts,
    history,
    statechart: (_, { kind }: { kind: ActorView['kind'] }, { graph, twin }) =>
      statechartView(graph.steppers[kind].chart, twin.stateCounts(kind)),
    sources: (_, __, { twin }) => twin.sources().map(sourceView),
    exceptions: desk.exceptions,
    exceptionCounts: desk.exceptionCounts,
    exceptionSelection: acts.exceptionSelection,
    linkPreview: acts.linkPreview,
    forcePreview: acts.forcePreview,
    asOf,
    kpis,
  },
  Mutation: writing({
    submitEvents: events.submitEvents,
    preview: events.preview,
    eraseOrder,
    clearDamage,
    assignException: acts.assignException,
    noteException: acts.noteException,
    retryException: acts.retryException,
    discardException: acts.discardException,
    assignExceptions: acts.assignExceptions,
    noteExceptions: acts.noteExceptions,
    retryExceptions: acts.retryExceptions,
    discardExceptions: acts.discardExceptions,
    linkReference: acts.linkReference,
    forceTransition: acts.forceTransition,
  }),
  Subscription: {
    orderChanged: payload => payload,
    ordersChanged: payload => payload,
    history: payload => payload,
    exceptionChanged: desk.changedException,
  },
  Order: { ...actors.order, ...orderDesk, ...orderErasure },
  OrderLine: actors.orderLine,
  Invoice: actors.invoice,
  Shipment: actors.shipment,
  Carton: actors.carton,
  Return: actors.back,
  OrderConnection: orderConnection,
  HistoryEvent: historyEvent,
  OrderChange: orderChange,
  Outcome: events.outcome,
  Exception: desk.exception,
  OrderCard: card,
  Source: sourceDesk,
  Kpis: kpisFields,
}

export const SUBSCRIPTIONS: Resolvers = {
  orderChanged,
  ordersChanged,
  history: historyEntries,
  exceptionChanged: desk.exceptionChanged,
}

const TYPES = { order: 'Order', shipment: 'Shipment', return: 'Return' } as const
export const typeOfNode = ({ kind }: ActorView): string => TYPES[kind]
