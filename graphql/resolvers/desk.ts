// The order desk's fields of an order: its card, exceptions, claims, freshness; and the order as it was believed to be.
import { entityText, parsePosition } from '../../engine/answers.ts'
import { cardOf } from '../../engine/card/card.ts'
import { cardText } from '../../engine/card/card-text.ts'
import { isSilent, valuesOf } from '../../engine/card/freshness.ts'
import { silentAfterMs } from '../../engine/deadlines/policies.ts'
import { believedAt } from '../../engine/exceptions/as-of.ts'
import { disagreementsOf } from '../../engine/exceptions/disagreements.ts'
import { placeMs } from '../../machines/ids.ts'
import type { Source } from '../../machines/sources.ts'
import { countedLists, type GraphContext, type Resolve, type Resolvers } from '../graph-context.ts'
import { graphError } from '../operations/graph-errors.ts'
import { type OrderView, orderView } from '../views/actors.ts'
import { type CardView, cardView } from '../views/card.ts'
import { eventsAt, openExceptions, ordersSharing, pastExceptions } from './exceptions.ts'
import { findOrder } from './finding.ts'

/** The card, at the clock of now or of the belief. Throws where the family has no order: who asks has one. */
export async function drawCard({ family }: OrderView, context: GraphContext) {
  const { desk, steppers } = context.graph
  const facts = await context.facts(family)
  const card = cardOf(facts, { ...desk.watch.around, nowMs: desk.nowMs(family), steppers, heard: desk.heard(family) })
  if (card === undefined) throw new RangeError(`family ${family.id} has no order`)
  return card
}

export const orderDesk: Resolvers = {
  card: async (view: OrderView, _, context) => {
    const card = await drawCard(view, context)
    const ordersOf = ordersSharing(card.exceptions, view.family, context)
    return cardView(view, card, { ordersOf, positionText: position => context.twin.positionText(position) })
  },
  exceptions: async (view: OrderView, _, context) => context.counted(await openExceptions(view, context)),
  exceptionHistory: async (view: OrderView, _, context) => context.counted(await pastExceptions(view, context)),
  claims: async ({ family }: OrderView, _, context) => {
    const { ledger } = await context.facts(family)
    return context.counted(ledger.lastClaims()).map(({ actor, place, position, recordedMs, ...claim }) => ({
      ...claim,
      entity: entityText(actor, family.id),
      at: placeMs(place),
      recordedAt: recordedMs,
      position: context.twin.positionText(position),
    }))
  },
  disagreements: async ({ family }: OrderView, _, context) => {
    const { desk } = context.graph
    const found = disagreementsOf(await context.facts(family))
    return found.map(({ claim, sinceMs, verdict }) => ({
      entity: entityText(claim.actor, family.id),
      source: claim.source,
      believes: claim.state,
      verdict,
      since: sinceMs,
      ageMs: Math.max(0, desk.nowMs(family) - sinceMs),
    }))
  },
  freshness: async ({ family }: OrderView, _, context) => {
    const { desk } = context.graph
    const options = { nowMs: desk.nowMs(family), policies: desk.policies, heard: desk.heard(family) }
    return valuesOf(await context.facts(family), options).map(({ actor, position, verifiedMs, ...value }) => ({
      ...value,
      entity: entityText(actor, family.id),
      position: position === undefined ? undefined : context.twin.positionText(position),
      verifiedAt: verifiedMs,
    }))
  },
}

const listIn = (name: string) => (view: CardView) => view[name] as readonly unknown[]

export const card: Resolvers = {
  ...countedLists<CardView>({
    lines: listIn('lines'),
    shipments: listIn('shipments'),
    returns: listIn('returns'),
    exceptions: listIn('exceptions'),
    nextSteps: listIn('nextSteps'),
    waiting: listIn('waiting'),
  }),
  text: ({ card }: CardView) => cardText(card).join('\n'),
  evidence: async ({ card, view }: CardView, _, context) =>
    context.counted(await eventsAt(view.family, card.evidence, context)),
}

interface AsOfArguments {
  readonly ref: string
  readonly position?: string | null
  readonly time?: number | null
}

/** What we believed then. Both a position and a moment: whichever ends first. */
export const asOf: Resolve<unknown, AsOfArguments> = async (_, { ref, position, time }, context) => {
  const { desk } = context.graph
  const at = position == null ? undefined : parsePosition(position)
  if (position != null && at === undefined) throw graphError('BAD_ARGUMENT', 'position is none of our positions')
  if (at === undefined && time == null) throw graphError('BAD_ARGUMENT', 'asOf takes a position or a time')
  const order = await findOrder(ref, context)
  if (order === undefined) return undefined
  const { id } = order.family
  // Of what lies ahead nothing is believed yet.
  const timeMs = time == null ? undefined : Math.min(time, desk.nowMs())
  const belief = believedAt(id, await context.entries(id), { position: at, timeMs })
  desk.remember(belief)
  return orderView(belief.family)
}

interface SourceView extends Source {
  readonly lastEventAt?: number
}

export const sourceDesk: Resolvers = {
  staleAfterMs: (source: SourceView, _, { graph: { desk } }) => silentAfterMs(desk.policies, source),
  isStale: (source: SourceView, _, { graph: { desk } }) =>
    isSilent(source.id, source.lastEventAt ?? 0, { nowMs: desk.nowMs(), policies: desk.policies, heard: desk.heard() }),
}
