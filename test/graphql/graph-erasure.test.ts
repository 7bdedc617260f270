import { expect, it } from 'vitest'
import { captured, event, readyOrder } from '../helpers/distributor.ts'
import { codeOf, socketClient, subscription, take, world } from './graph-clients.ts'

const ANN = { name: 'Ann Miller', street: '1 Elm', city: 'Ulm' }
const ERASE =
  'mutation($ref: String!, $reason: String!, $by: String) { eraseOrder(ref: $ref, reason: $reason, by: $by) { order by reason position } }'
const ORDER = '{ order(ref: "O-1") { shipTo { name street city } asks { remark } erasure { by reason at } } }'
const HISTORY = 'subscription { history(after: "") { event data } }'
const DESK = '{ order(ref: "O-1") { exceptions { detail } card { text } } }'

const events = () => [
  ...readyOrder('O-1', { shipTo: ANN }),
  event('shop', 'order.change_requested', 'order/O-1', '01:00', { ask: 'A-1', remark: 'call Ann Miller' }),
]

it('[E12] [Q1] what is sealed is told in clear, over HTTP, in subscriptions, exceptions and cards', async () => {
  const { query, server, twin } = await world(events())
  twin.clock.nowMs = Date.UTC(2026, 10, 23)
  const { data } = await query(ORDER)
  expect(data.order).toEqual({ shipTo: ANN, asks: [{ remark: 'call Ann Miller' }], erasure: null })
  const [first] = await take(subscription(socketClient(server), HISTORY), 1)
  expect(first.history.data.shipTo).toEqual(ANN)
  const { data: desk } = await query(DESK)
  expect(JSON.stringify(desk)).toContain('call Ann Miller')
  expect(JSON.stringify(desk)).not.toContain('\\u0000')
})

it('[E12] after eraseOrder nobody is told, not even from before; Order.erasure says why', async () => {
  const { query, server, twin } = await world(events())
  const { data } = await query(ERASE, { ref: 'ERP-O-1', reason: 'request 17', by: 'dpo' })
  expect(data.eraseOrder).toMatchObject({ order: 'O-1', by: 'dpo', reason: 'request 17' })
  const { data: after } = await query(ORDER)
  expect(after.order).toMatchObject({
    shipTo: { name: '[erased]', street: '[erased]', city: 'Ulm' },
    asks: [{ remark: '[erased]' }],
    erasure: { by: 'dpo', reason: 'request 17' },
  })
  twin.clock.nowMs = Date.UTC(2026, 10, 23)
  await twin.submit([captured('O-2', '02:00')])
  const told = await take(subscription(socketClient(server), HISTORY), events().length + 1)
  expect(JSON.stringify(told)).not.toMatch(/Ann |1 Elm/)
  expect(JSON.stringify(await query(DESK))).not.toContain('Ann ')
})

it('[E12] eraseOrder refuses what it cannot do, and says what', async () => {
  const { query } = await world([...readyOrder('O-1', { poNumber: 'PO' }), ...readyOrder('O-2', { poNumber: 'PO' })])
  expect(codeOf(await query(ERASE, { ref: 'nobody', reason: 'x' }))).toBe('UNKNOWN_REFERENCE')
  expect(codeOf(await query(ERASE, { ref: 'PO', reason: 'x' }))).toBe('AMBIGUOUS_REFERENCE')
  expect(codeOf(await query(ERASE, { ref: 'O-1', reason: ' ' }))).toBe('BAD_ARGUMENT')
})
