// Orders named within a document, by any of their numbers: whose lines and shares these are, and what comes of none.
import { describe, expect, test } from 'vitest'
import type { EventInput } from '../../../machines/event.ts'
import { event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { MemoryWorld, quantitiesOf, statesOf } from '../../helpers/memory-world.ts'

/** Submits all, expecting each to be accepted. */
function worldOf(events: readonly EventInput[]): MemoryWorld {
  const world = new MemoryWorld({ sources: SOURCES })
  for (const each of events) expect(world.submit(each)).toMatchObject({ outcome: 'accepted' })
  return world
}
const linesOf = (order: string, quantity = 10) => ({ lines: [{ line: '1', quantity, order }] })
const issue = (subject: string, data: object) => event('wms', 'shipment.confirmed', subject, '02:00', data)
const payment = (subject: string, orders: readonly string[]) =>
  event('erp', 'payment.received', subject, '04:00', {
    payment: 'P-1',
    amountMinor: 1000,
    orders: orders.map(order => ({ order, amountMinor: 1000 })),
  })
const ready = readyOrder('O-1', { poNumber: 'PO-7', terms: { invoicePolicy: 'prepaid' } })
const atNode = [...ready, released('O-1', 'S-1', '01:00', 10, { consignment: 'LOAD-1' })]
const invoiced = [
  ...ready,
  event('erp', 'invoice.posted', 'order/O-1', '01:00', {
    invoice: 'I-1',
    amountMinor: 1000,
    lines: [{ line: '1', quantity: 10 }],
  }),
]

describe('§2 orders named in a document', () => {
  test.each(['O-1', 'PO-7', 'ERP-O-1'])('[C4] lines of order %s are its own, and so are its shares', number => {
    const sent = worldOf([...atNode, issue('shipment/S-1', linesOf(number))])
    expect(quantitiesOf(sent.family('O-1'))).toMatchObject({ shipped: 10 })
    const paid = worldOf([...invoiced, payment('ref/invoice/I-1', [number])])
    expect(statesOf(paid.family('O-1')).order).toMatch(/paid$/)
  })

  const mistyped: readonly (readonly [string, readonly EventInput[], EventInput])[] = [
    ['a release', ready, released('O-1', 'S-1', '01:00', 10, linesOf('O-l'))],
    ['a goods issue', atNode, issue('shipment/S-1', linesOf('O-l'))],
    ['a payment', invoiced, payment('order/O-1', ['O-l'])],
  ]
  test.each(mistyped)(
    '[C4] %s of nothing but an order that is not known waits, and moves nothing',
    (_, before, said) => {
      const world = worldOf(before)
      const states = statesOf(world.family('O-1'))
      const answer = world.submit(said)
      expect(answer).toMatchObject({
        outcome: 'parked',
        code: 'unknown_subject',
        reason: 'order O-l is not known as a number of order O-1',
      })
      expect(answer.verdicts.map(entry => entry.family)).toEqual(['O-1'])
      expect(statesOf(world.family('O-1'))).toEqual(states)
    },
  )

  test('[W1] what names an ERP number that is not known yet waits for it', () => {
    const [captured, validated, approved, accepted] = ready as readonly [EventInput, EventInput, EventInput, EventInput]
    const unnumbered = event('erp', 'order.accepted', 'order/O-1', '00:40')
    const world = worldOf([captured, validated, approved, unnumbered, released('O-1', 'S-1', '01:00')])
    expect(world.submit(issue('shipment/S-1', linesOf('ERP-O-1'))).detail).toMatchObject({
      code: 'unknown_subject',
      waitsFor: { event: 'order.accepted', owner: 'erp' },
    })
    expect(world.submit({ ...accepted, id: 'late' }).outcome).toBe('superseded')
    expect(quantitiesOf(world.family('O-1'))).toMatchObject({ shipped: 10 })
    expect(world.family('O-1').parked).toEqual([])
  })

  test('[C2] a share told by an ERP number that arrives later counts from then on', () => {
    const accepted = ready.at(-1) as EventInput
    const world = worldOf([...invoiced.filter(each => each !== accepted), payment('ref/invoice/I-1', ['ERP-O-1'])])
    expect(statesOf(world.family('O-1')).order).toMatch(/invoiced$/)
    expect(world.submit(accepted).outcome).toBe('accepted')
    expect(statesOf(world.family('O-1')).order).toMatch(/paid$/)
  })

  test('[C4] a document of a load tells an order of which it names no line nothing', () => {
    const world = worldOf([
      ...atNode,
      ...readyOrder('O-2'),
      released('O-2', 'S-2', '01:00', 10, { consignment: 'LOAD-1' }),
      issue('ref/LOAD-1', linesOf('O-2')),
    ])
    expect(quantitiesOf(world.family('O-1')).shipped).toBeUndefined()
    expect(quantitiesOf(world.family('O-2'))).toMatchObject({ shipped: 10 })
  })

  test('[C3] a payment that names an order for each of its invoices counts every share', () => {
    const world = worldOf(invoiced)
    const orders = [
      { order: 'O-1', amountMinor: 400 },
      { order: 'PO-7', amountMinor: 600 },
    ]
    world.submit(event('erp', 'payment.received', 'order/O-1', '04:00', { payment: 'P-1', amountMinor: 1000, orders }))
    expect(statesOf(world.family('O-1')).order).toMatch(/paid$/)
  })

  test('[C4] a payment whose shares come to more than it is refused, whoever says so; the same number may be told rightly', () => {
    const shares = (...amounts: readonly number[]) => ({
      payment: 'P-1',
      amountMinor: 1000,
      orders: amounts.map(amountMinor => ({ order: 'O-1', amountMinor })),
    })
    const paidBy = (source: string, data: object) => event(source, 'payment.received', 'order/O-1', '04:00', data)
    const world = worldOf(invoiced)
    expect(world.submit(paidBy('erp', shares(600, 401)))).toMatchObject({
      outcome: 'not_allowed_in_state',
      code: 'over_shared',
      reason: 'the shares come to 1001 minor units, the payment to 1000',
    })
    expect(world.submit(paidBy('shop', shares(600, 401)))).toMatchObject({ outcome: 'not_owner' })
    const forced = world.submit(paidBy('ann', shares(600, 401)), 'the bank says so')
    expect(forced).toMatchObject({ code: 'over_shared' })
    expect(statesOf(world.family('O-1')).order).toMatch(/invoiced$/)
    const paid = paidBy('erp', shares(600, 400))
    expect(world.submit(paid).outcome).toBe('accepted')
    const correction = event('erp', 'correction.reported', 'order/O-1', '05:00', {
      event: paid.id,
      data: shares(600, 401),
    })
    expect(world.submit(correction)).toMatchObject({ code: 'over_shared' })
    expect(world.family('O-1').actors.order?.context).toMatchObject({ paidMinor: 1000 })
  })

  test('[C2] a share of a payment on account told by an ERP number that arrives later counts from then on', () => {
    const [capture, , , accepted] = ready as readonly EventInput[]
    const orders = [
      { order: 'O-1', amountMinor: 400 },
      { order: 'ERP-O-1', amountMinor: 600 },
    ]
    const paid = event('erp', 'payment.received', 'order/O-1', '00:50', { payment: 'P-1', amountMinor: 1000, orders })
    const world = worldOf([capture as EventInput, paid, accepted as EventInput])
    expect(world.family('O-1').actors.order?.context).toMatchObject({ paidMinor: 1000 })
  })

  test('[C3] of a return that comes with goods of other orders condition and disposition are those of its own lines', () => {
    const returned = (order: string, shipment: string) => [
      ...readyOrder(order),
      released(order, shipment, '01:00'),
      event('tms', 'delivery.completed', `shipment/${shipment}`, '03:00'),
      event('shop', 'return.initiated', `order/${order}`, '04:00', { return: `R-${order}`, ...linesOf(order, 5) }),
      event('erp', 'return.authorized', `return/R-${order}`, '04:10', { rma: 'RMA-9' }),
    ]
    const both = (one: object, other: object) => ({
      lines: [
        { line: '1', quantity: 2, order: 'O-1', ...one },
        { line: '1', quantity: 3, order: 'O-2', ...other },
      ],
    })
    const world = worldOf([
      ...returned('O-1', 'S-1'),
      ...returned('O-2', 'S-2'),
      event('wms', 'return.received', 'ref/rma/RMA-9', '05:00', both({ condition: 'as new' }, { condition: 'broken' })),
      event(
        'wms',
        'return.dispositioned',
        'ref/rma/RMA-9',
        '06:00',
        both({ disposition: 'restock' }, { disposition: 'scrap' }),
      ),
    ])
    const told = (order: string) => world.family(order).actors.get(`return/R-${order}`)?.context
    expect(told('O-1')).toMatchObject({ conditions: { 1: 'as new' }, dispositions: { restock: 2 } })
    expect(told('O-2')).toMatchObject({ conditions: { 1: 'broken' }, dispositions: { scrap: 3 } })
  })
})
