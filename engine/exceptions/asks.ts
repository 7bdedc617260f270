// Asks: which the ERP has answered. A rejection answers the ask it names; an amendment or cancellation the one it names, or,
// if it names none, all before it. Pure.
import type { Place } from '../../machines/ids.ts'
import type { OrderContext } from '../../machines/order/context.ts'

/** The earliest answer to an ask; undefined while it is open. */
export function answerPlace({ answers, asks }: OrderContext, ask: string): Place | undefined {
  const since = asks[ask]?.place ?? ''
  const fitting = answers
    .filter(each => each.ask === ask || (each.ask === undefined && each.kind !== 'rejected' && each.place > since))
    .map(({ place }) => place)
  return fitting.sort()[0]
}
