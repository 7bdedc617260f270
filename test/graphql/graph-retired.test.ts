import { expect, it, onTestFinished } from 'vitest'
import { event, readyOrder } from '../helpers/distributor.ts'
import { closedLife, RetiringStore, YEAR_MS } from '../helpers/retiring-store.ts'
import { serve } from '../helpers/wire.ts'
import { ask } from './graph-clients.ts'

async function world() {
  const store = new RetiringStore()
  const before = await store.open()
  await before.submit([...closedLife(1), ...readyOrder('A-1')])
  await before.close()
  store.clock.nowMs += 2 * YEAR_MS
  await store.retire(await store.chosen())
  const twin = await store.open()
  onTestFinished(() => twin.close())
  const { url } = await serve({ twin })
  return { query: (text: string) => ask(url, text), twin }
}

it('[Z3] a retired order is the error RETIRED, with when, how it ended and where that stands', async () => {
  const { query } = await world()
  for (const text of [
    '{ order(ref: "PO-1") { number } }',
    '{ shipment(ref: "1Z-1") { number } }',
    '{ shipments(ref: "1Z-1") { number } }',
    '{ asOf(ref: "O-1", time: "2026-11-22T00:00:00Z") { number } }',
  ]) {
    const { errors } = await query(text)
    expect(errors?.[0], text).toMatchObject({
      message: expect.stringMatching(/order O-1 was retired .*closed/),
      extensions: {
        code: 'RETIRED',
        retired: [{ order: 'O-1', closedForDays: 365, states: { 'order/O-1': 'closed.approved.delivered.paid' } }],
      },
    })
  }
  expect((await query('{ order(ref: "nobody") { number } }')).data).toEqual({ order: null })
})

it('[Z3] [Z4] its history begins with the retirement, and goes on with what was refused', async () => {
  const { query, twin } = await world()
  await twin.submit([event('ups', 'delivery.completed', 'ref/tracking/1Z-1', '09:00')])
  const { data, errors } = await query(
    '{ history(ref: "PO-1", first: 10) { edges { node { event verdict code reason } } } exceptions(first: 10) { edges { node { kind detail order { number } entity } } } }',
  )
  expect(errors).toBeUndefined()
  const nodes = (data as { history: { edges: { node: unknown }[] } }).history.edges.map(({ node }) => node)
  expect(nodes).toMatchObject([
    { event: 'order.retired', verdict: 'accepted', reason: expect.stringMatching(/365 days/) },
    { event: 'delivery.completed', verdict: 'not_allowed_in_state', code: 'order_retired' },
  ])
})

it('[Z3] it is in no list of orders', async () => {
  const { query } = await world()
  const { data } = await query('{ orders(first: 10) { edges { node { number } } } }')
  expect(JSON.stringify(data)).not.toContain('O-1')
})
