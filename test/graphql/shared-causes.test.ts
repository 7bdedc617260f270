// One cause in several orders, as it is told of each of them.
import { expect, it } from 'vitest'
import { msAt } from '../helpers/desk.ts'
import { event, readyOrder, released } from '../helpers/distributor.ts'
import { world } from './graph-clients.ts'

const load = (order: string, time: string) => [
  ...readyOrder(order),
  released(order, `S-${order}`, time, 10, { consignment: 'C-9' }),
  event('wms', 'shipment.confirmed', `shipment/S-${order}`, '02:00', { carrier: 'UPS' }),
]

it('[Q32] an exception of one order, on its card too, names every order that an act on it is about', async () => {
  const { query, twin } = await world([
    ...['A1', 'A2', 'A3'].flatMap(order => load(order, '01:00')),
    event('ups', 'shipment.lost', 'ref/consignment/C-9', '03:00'),
  ])
  twin.clock.nowMs = msAt('03:00')
  const { data } = await query(
    '{ order(ref: "A2") { exceptions { id kind orders } card { exceptions { kind orders } action { exception { orders } } } } }',
  )
  const { card, exceptions } = data.order
  const lost = exceptions.find(({ kind }: { kind: string }) => kind === 'lost')
  expect(lost.orders).toEqual(['A2', 'A1', 'A3'])
  expect(card.exceptions).toContainEqual({ kind: 'lost', orders: ['A2', 'A1', 'A3'] })
  expect(card.action.exception.orders).toEqual(['A2', 'A1', 'A3'])
  const noted = await query('mutation($id: ID!) { noteException(id: $id, text: "traced", by: "ann") { orders } }', {
    id: lost.id,
  })
  expect(noted.data.noteException.orders).toEqual(['A2', 'A1', 'A3'])
})

it('[Q29] of what was believed only the order itself is told: what is open elsewhere was recorded later', async () => {
  const { query, twin } = await world(['A1', 'A2'].flatMap(order => load(order, '01:00')))
  await twin.submit([event('ups', 'shipment.lost', 'ref/consignment/C-9', '03:00')])
  twin.clock.nowMs = msAt('03:00')
  const { data } = await query(`{ asOf(ref: "A1", time: "2026-11-21T03:00:00Z") { exceptions { kind orders } } }`)
  expect(data.asOf.exceptions).toContainEqual({ kind: 'lost', orders: ['A1'] })
})

it('[Q29] a load that was believed to be holds what was known of it then, as it was', async () => {
  const { query, twin } = await world(load('A1', '01:00'))
  twin.clock.nowMs = msAt('02:00')
  await twin.submit(load('A2', '01:00').slice(0, -1))
  twin.clock.nowMs = msAt('03:00')
  await twin.submit([event('tms', 'shipment.lost', 'ref/consignment/C-9', '03:00')])
  const then = (time: string) =>
    query(
      `{ asOf(ref: "A1", time: "2026-11-21T${time}Z") { shipments { sameConsignment { number state { execution } } } } }`,
    )
  const of = async (time: string) => (await then(time)).data.asOf.shipments[0].sameConsignment
  expect(await of('01:30:00')).toEqual([])
  expect(await of('02:30:00')).toEqual([{ number: 'S-A2', state: { execution: 'released' } }])
  expect(await of('03:00:00')).toEqual([{ number: 'S-A2', state: { execution: 'lost' } }])
})

it('[Q34] what lets go of an event names every order it was let go of in', async () => {
  const loads = ['A1', 'A2'].flatMap(order => load(order, '01:00').slice(0, -1))
  const refused = event('wms', 'pick.completed', 'ref/consignment/C-9', '03:00', {
    lines: [{ line: '1', quantity: 11 }],
  })
  const { query, twin } = await world([...loads, refused])
  twin.clock.nowMs = msAt('04:00')
  const { data } = await query('{ exceptions(where: { kind: [refused_event] }) { nodes { id } } }')
  const discarded = await query(
    'mutation($id: ID!) { discardException(id: $id, reason: "typed twice", by: "ann") { state orders } }',
    { id: data.exceptions.nodes[0].id },
  )
  expect(discarded.data.discardException).toEqual({ state: 'closed', orders: ['A1', 'A2'] })
})

it('[Q34] an invoice that waits in several orders is one exception, and may be judged again and let go of in all of them', async () => {
  const loads = ['A1', 'A2'].flatMap(order => load(order, '01:00').slice(0, -1))
  const lines = ['A1', 'A2'].map(order => ({ line: '1', quantity: 10, order }))
  const invoice = event('erp', 'invoice.posted', 'ref/consignment/C-9', '02:00', {
    invoice: 'I-9',
    amountMinor: 1_000,
    lines,
  })
  const { query, twin } = await world([...loads, invoice])
  twin.clock.nowMs = msAt(2 * 1_440)
  const blocked = () =>
    query('{ exceptions(where: { kind: [invoice_blocked] }) { nodes { id orders behind { source eventId } } } }')
  const [found, ...others] = (await blocked()).data.exceptions.nodes
  expect([found, others]).toMatchObject([{ orders: ['A1', 'A2'], behind: { source: 'erp', eventId: invoice.id } }, []])
  const act = (name: string, answer: string) =>
    query(`mutation($id: ID!) { ${name}(id: $id, reason: "sent twice", by: "ann") { ${answer} } }`, { id: found.id })
  expect((await act('retryException', 'outcome code')).data.retryException).toEqual({
    outcome: 'parked',
    code: 'proof_of_shipment_missing',
  })
  expect((await act('discardException', 'state orders')).data.discardException).toEqual({
    state: 'closed',
    orders: ['A1', 'A2'],
  })
  expect((await blocked()).data.exceptions.nodes).toEqual([])
})
