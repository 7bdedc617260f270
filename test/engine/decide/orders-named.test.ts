// Orders named within a document, by any of their numbers: whose lines and shares these are, and what comes of none.
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../connectors/simulated/random.ts'
import type { EventInput } from '../../../machines/event.ts'
import { event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { MemoryWorld, quantitiesOf, statesOf } from '../../helpers/memory-world.ts'
import { difference, endOf, heard, shuffled } from '../../helpers/orderings.ts'

/** Submits all, expecting each to be accepted. */
function worldOf(events: readonly EventInput[]): MemoryWorld {
  const world = new MemoryWorld({ sources: SOURCES })
  for (const each of events) expect(world.submit(each)).toMatchObject({ outcome: 'accepted' })
  return world
}
/** What comes of it, in each family. */
const verdictsOf = (world: MemoryWorld, said: EventInput): readonly string[] =>
  world.submit(said).verdicts.map(({ family, verdict }) => `${family} ${verdict}`)
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

  const loads = ['O-1', 'O-2'].flatMap(order => [
    ...readyOrder(order),
    released(order, `S-${order}`, '01:00', 10, { consignment: 'LOAD-1' }),
  ])
  const load = (...orders: readonly string[]) =>
    issue('ref/LOAD-1', { lines: orders.map(order => ({ line: '1', quantity: 10, order })) })
  const shippedIn = (world: MemoryWorld) => ['O-1', 'O-2'].map(order => quantitiesOf(world.family(order)).shipped)

  test('[W5] of a load that names an order nobody knows the rest counts, and that waits under its number', () => {
    const world = worldOf(loads)
    const said = load('O-1', 'O-2', 'O-3')
    const answer = world.submit(said)
    expect(answer).toMatchObject({ outcome: 'parked', code: 'unknown_order' })
    expect(answer.verdicts.map(({ family, verdict }) => `${family} ${verdict}`)).toEqual([
      'O-1 accepted',
      'ref:O-3 parked',
      'O-2 accepted',
    ])
    expect(shippedIn(world)).toEqual([10, 10])
    expect(world.submit(said)).toMatchObject({ outcome: 'duplicate', first: 'accepted' })
    expect(world.family('ref:O-3').parked).toHaveLength(1)
    for (const each of readyOrder('O-3')) world.submit(each)
    expect(world.family('ref:O-3').parked).toEqual([])
    world.submit(released('O-3', 'S-O-3', '01:00', 10, { consignment: 'LOAD-1' }))
    expect([...shippedIn(world), quantitiesOf(world.family('O-3')).shipped]).toEqual([10, 10, 10])
  })

  test('[W5] nothing waits of orders that are known, by whatever number, nor of a document that counts for nobody', () => {
    const world = worldOf(loads)
    expect(verdictsOf(world, load('O-1', 'ERP-O-2'))).toEqual(['O-1 accepted', 'O-2 accepted'])
    const tooMuch = ['O-3', 'O-4', 'O-9'].map(order => ({ line: '1', quantity: 11, order }))
    for (const order of ['O-3', 'O-4']) {
      for (const each of readyOrder(order)) world.submit(each)
      world.submit(released(order, `S-${order}`, '01:00', 10, { consignment: 'LOAD-2' }))
    }
    expect(verdictsOf(world, issue('ref/LOAD-2', { lines: tooMuch }))).toEqual([
      'O-3 quantity_exceeded',
      'O-4 quantity_exceeded',
    ])
    expect(world.family('ref:O-9').head).toBe(0)
  })

  test('[W5] it waits no more once its source corrects the number, and as long as a correction still has it', () => {
    const world = worldOf(loads)
    const said = load('O-1', 'O-l')
    world.submit(said)
    const corrected = (time: string, ...orders: readonly string[]) =>
      world.submit(
        event('wms', 'correction.reported', 'ref/LOAD-1', time, { event: said.id, data: load(...orders).data }),
      )
    expect(corrected('03:00', 'O-l').outcome).toBe('accepted')
    expect(world.family('ref:O-l').parked).toHaveLength(1)
    corrected('03:10', 'O-1', 'O-2')
    expect([shippedIn(world), world.family('ref:O-l').parked]).toEqual([[10, 10], []])
  })

  test('[W5] nor once a person lets go of it, which takes nothing back; tried again it waits on', () => {
    const world = worldOf(loads)
    const said = load('O-1', 'O-2', 'O-l')
    world.submit(said)
    const about = [{ family: 'ref:O-l', exception: `unknown_subject|order|wms/${said.id}` }]
    const act = (type: 'exception.retried' | 'exception.discarded', clock: string) =>
      world.submit(
        event('ann', type, 'ref/O-l', clock, { about, event: { source: 'wms', id: said.id }, reason: 'mistyped' }),
      )
    expect(act('exception.retried', '03:00')).toMatchObject({ outcome: 'accepted' })
    expect(world.family('ref:O-l').parked).toHaveLength(1)
    expect(act('exception.discarded', '03:10')).toMatchObject({ outcome: 'accepted' })
    expect([shippedIn(world), world.family('ref:O-l').parked]).toEqual([[10, 10], []])
    for (const each of readyOrder('O-3')) world.submit(each)
    world.submit(released('O-3', 'S-O-3', '01:00', 10, { consignment: 'LOAD-1' }))
    expect(world.family('ref:O-l').parked).toEqual([])
  })

  test('[W5] [A4] nor does a link settle it: what waits under the number for itself goes, and nothing counts twice', () => {
    const world = worldOf(loads)
    world.submit(load('O-1', 'O-l'))
    world.submit(event('erp', 'credit.held', 'ref/O-l', '03:00'))
    const link = { number: 'O-l', family: 'O-1', actor: 'order', count: 1, reason: 'mistyped' }
    const answer = world.submit(event('ann', 'reference.linked', 'order/O-1', '04:00', link))
    expect([answer.outcome, answer.led?.map(({ event, verdict }) => `${event.type} ${verdict}`)]).toEqual([
      'accepted',
      ['credit.held accepted'],
    ])
    expect(shippedIn(world)).toEqual([10, undefined])
    expect(world.family('ref:O-l').parked.map(({ code }) => code)).toEqual(['unknown_order'])
  })

  test('[W5] [E8] where it is one too many under the number nothing of the document is kept', () => {
    const world = new MemoryWorld({ sources: SOURCES, limits: { parkedPerFamilyMax: 1 } })
    for (const each of loads) world.submit(each)
    world.submit(event('ups', 'shipment.in_transit', 'ref/O-9', '03:00'))
    expect(world.submit(load('O-1', 'O-9')).outcome).toBe('overloaded')
    expect(shippedIn(world)).toEqual([undefined, undefined])
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    '[W5] [C2] comes to the same in whatever order a load and its orders arrive (seed %i)',
    seed => {
      const orders = ['O-3', 'O-4'].flatMap(order => [
        ...readyOrder(order),
        released(order, `S-${order}`, '01:00', 10, { consignment: 'LOAD-1' }),
      ])
      const events = [...loads, ...orders, load('O-1', 'ERP-O-2', 'O-3', 'ERP-O-4')]
      const end = endOf(heard(events))
      expect(end.filter(line => line.includes('waits'))).toEqual([])
      expect(difference(end, endOf(heard(shuffled(events, seededRandom(seed)), false)))).toEqual([])
    },
  )

  test('[C2] a share told by an ERP number that arrives later counts from then on', () => {
    const accepted = ready.at(-1) as EventInput
    const world = worldOf(invoiced.filter(each => each !== accepted))
    expect(verdictsOf(world, payment('ref/invoice/I-1', ['ERP-O-1']))).toEqual(['O-1 accepted', 'ref:ERP-O-1 parked'])
    expect(statesOf(world.family('O-1')).order).toMatch(/invoiced$/)
    expect(world.submit(accepted).outcome).toBe('accepted')
    expect(statesOf(world.family('O-1')).order).toMatch(/paid$/)
    expect(world.family('ref:ERP-O-1').parked).toEqual([])
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
    const world = worldOf([capture as EventInput])
    expect(verdictsOf(world, paid)).toEqual(['O-1 accepted', 'ref:ERP-O-1 parked'])
    expect(world.submit(accepted as EventInput).outcome).toBe('accepted')
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
