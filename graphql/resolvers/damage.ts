// Mutation of the order desk: goods that were told to be damaged are found to be fit (decision 0017). It is a fact like any other,
// reported by a person: `shipment.damage_cleared`.
import type { OrderException } from '../../engine/exceptions/condition.ts'
import type { Family } from '../../engine/family.ts'
import type { EventInput } from '../../machines/event.ts'
import type { OrderContext } from '../../machines/order/context.ts'
import { damagedOf, type ShipmentContext } from '../../machines/shipment/context.ts'
import { isoTime } from '../../machines/time.ts'
import { done, findRow, operatorOf, type Request, requestIdOf } from '../desk/acts.ts'
import type { GraphContext, Resolve } from '../graph-context.ts'
import { graphError } from '../operations/graph-errors.ts'
import { exceptionView, rowOf } from '../views/exceptions.ts'
import { lineAmount } from '../views/quantities.ts'

interface Clearing extends Request {
  readonly id: string
  readonly reason: string
}

const CLEARED = 'shipment.damage_cleared'

/** Everything that is damaged of what the exception is about; nothing is sent that would not be taken now. */
export const clearDamage: Resolve<unknown, Clearing> = async (_, args, context) => {
  const { graph, sender, twin } = context
  const { exception } = await findRow(args.id, context)
  if (exception.kind !== 'damaged') throw graphError('BAD_ARGUMENT', `${exception.kind} is not damage`)
  const [source, id] = [operatorOf(args, context), requestIdOf(args, context)]
  const entries = await graph.desk.entries(exception.family)
  // Another act with this id is not this one again: it is for the twin to refuse.
  const known = entries.find(
    ({ actors, event }) =>
      event.source === source && event.id === id && event.type === CLEARED && actors.includes(exception.actor),
  )?.event
  const event = { ...(known ?? (await clearingOf(exception, context))), id, source }
  const { lines } = event.data as { readonly lines?: unknown }
  // What was said first is compared in clear: the reason as it is given now.
  const said = [{ ...event, data: { lines, reason: args.reason } }]
  const [foreseen] = await twin.preview(said, sender)
  if (foreseen !== undefined) done(foreseen)
  const [outcome] = await twin.submit(said, sender)
  if (outcome !== undefined) done(outcome)
  return afterwards(exception, args.id, context)
}

async function clearingOf(
  exception: OrderException,
  { twin }: GraphContext,
): Promise<Omit<EventInput, 'id' | 'source'>> {
  const [family] = await twin.families([exception.family])
  const shipment = family?.actors.get(exception.actor)?.context as ShipmentContext | undefined
  const lines = family === undefined || shipment === undefined ? [] : damagedLines(family, shipment)
  if (lines.length === 0) throw graphError('BAD_ARGUMENT', 'nothing of it is damaged any more')
  return {
    type: CLEARED,
    subject: `shipment/${shipment?.number}`,
    time: isoTime(twin.clock.nowMs),
    data: { lines },
  }
}

function damagedLines({ actors }: Family, shipment: ShipmentContext) {
  const amount = lineAmount(actors.order?.context as OrderContext)
  return shipment.lines.flatMap((line, index) => {
    const damaged = damagedOf(shipment, index)
    return damaged === 0 ? [] : [{ line, quantity: Number(amount({ line, quantity: damaged }).quantity) }]
  })
}

/** As it is by then: closed, unless something else of it is damaged. */
async function afterwards(exception: OrderException, id: string, context: GraphContext) {
  const { desk } = context.graph
  const { isOpen } = await findRow(id, context)
  const handling = await desk.handling(exception.family, exception.key)
  return exceptionView(rowOf({ ...exception, handling }, isOpen ? 'changed' : 'closed'), desk.nowMs())
}
