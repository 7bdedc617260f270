// Quantities of one family, checked by rules written a second time from domain §4, not by the code that made them.
import type { Family } from '../../engine/family.ts'
import type { OrderContext } from '../../machines/order/context.ts'
import { COLUMNS, quantityOf } from '../../machines/quantities.ts'
import { must } from './violation.ts'

/** `isLegal`: nothing was said that contradicts the rest. Else two facts, each legal as of its place, may exceed a limit together. */
export function checkQuantities(family: Family, isLegal: boolean): void {
  const order = family.actors.order
  if (order === undefined) return
  const context = order.context as OrderContext
  context.lines.forEach(({ line }, index) => {
    const of = (column: (typeof COLUMNS)[number]) => quantityOf(context.quantities, index, column)
    const where = () => `${family.id} line ${line}: ${COLUMNS.map(column => `${column} ${of(column)}`).join(', ')}`
    for (const column of COLUMNS)
      must(Number.isSafeInteger(of(column)) && of(column) >= 0, 'quantities', () => `${column} is no count; ${where()}`)
    if (!isLegal) return
    must(of('cancelled') <= of('ordered'), 'quantities', () => `cancelled more than ordered; ${where()}`)
    must(of('delivered') <= of('shipped'), 'quantities', () => `delivered more than shipped; ${where()}`)
    must(of('shipped') <= of('released'), 'quantities', () => `shipped more than released; ${where()}`)
  })
  checkHeader(family.id, order.state, context)
}

/** The header's lifecycle and fulfilment say what the lines say (domain §2). */
function checkHeader(id: string, state: string, context: OrderContext): void {
  const [lifecycle = '', , fulfilment] = state.split('.')
  const sum = (column: (typeof COLUMNS)[number]) =>
    context.lines.reduce((total, _, index) => total + quantityOf(context.quantities, index, column), 0)
  const wanted = sum('ordered') - sum('cancelled')
  const where = () =>
    `${id} is ${lifecycle}, ${fulfilment}: wanted ${wanted}, shipped ${sum('shipped')}, delivered ${sum('delivered')}`
  // Two facts, each legal as of its place, may cancel more than was ordered: then nothing is wanted either.
  const isWanted = context.lines.some(
    (_, index) => quantityOf(context.quantities, index, 'ordered') > quantityOf(context.quantities, index, 'cancelled'),
  )
  if (lifecycle !== 'closed' && lifecycle !== 'rejected')
    must(isWanted === (lifecycle !== 'cancelled'), 'header', where)
  if (!isWanted) {
    must(fulfilment === 'unallocated', 'header', where)
    return
  }
  if (fulfilment === 'partly_delivered') must(sum('delivered') > 0, 'header', where)
  if (fulfilment === 'partly_shipped') must(sum('shipped') > 0, 'header', where)
  if (fulfilment === 'released') must(sum('released') > 0 && sum('shipped') === 0, 'header', where)
  if (fulfilment === 'unallocated' || fulfilment === 'allocated') must(sum('shipped') === 0, 'header', where)
}
