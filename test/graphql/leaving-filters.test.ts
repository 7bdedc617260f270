// Orders that leave the filter of `ordersChanged`, by whatever condition.
import { describe, expect, it } from 'vitest'
import { captured, event, readyOrder, released } from '../helpers/distributor.ts'
import { openMemoryEngine } from '../helpers/memory-engine.ts'
import { serve } from '../helpers/wire.ts'
import { readySocket, socketClient, subscription, take, world } from './graph-clients.ts'

const CHANGED =
  'subscription ($where: OrderFilter, $after: String) { ordersChanged(where: $where, after: $after) { isMatch order { number } } }'

/** A twin to which `before` was submitted, and what a live subscription with `where` tells from then on. */
async function watched(before: readonly object[], where: object) {
  const { server, twin } = await world(before)
  const raw = await readySocket(server)
  raw.send({ id: '1', type: 'subscribe', payload: { query: CHANGED, variables: { where } } })
  raw.send({ type: 'ping' })
  await raw.next()
  return { twin, next: async () => (await raw.next()).payload.data.ordersChanged }
}

const left = (number: string) => ({ isMatch: false, order: { number } })
const matches = (number: string) => ({ isMatch: true, order: { number } })
const promised = (order: string, day: string) => captured(order, '00:10', { promisedAt: `2026-${day}T00:00:00Z` })
const amended = (order: string, day: string) =>
  event('shop', 'order.amended', `order/${order}`, '00:20', { promisedAt: `2026-${day}T00:00:00Z` })
const CAPTURED = captured('A1', '00:10')
const READY = readyOrder('A1').slice(1)

describe('ordersChanged', () => {
  it.each([
    {
      condition: 'state, in one batch behind an entry that left the order alone',
      before: [...readyOrder('A1'), released('A1', 'S-1', '01:00')],
      where: { fulfilment: ['released'] },
      leaving: [
        event('wms', 'shipment.acknowledged', 'shipment/S-1', '01:30'),
        event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', { carrier: 'UPS' }),
      ],
    },
    {
      condition: 'hasParked: true',
      before: [captured('A1', '00:10'), released('A1', 'S-1', '01:00')],
      where: { hasParked: true },
      leaving: READY,
    },
    {
      condition: 'hasParked: false',
      before: [captured('A1', '00:10')],
      where: { hasParked: false },
      leaving: [released('A1', 'S-1', '01:00')],
    },
    {
      condition: 'promisedTo',
      before: [promised('A1', '11-22')],
      where: { promisedTo: '2026-11-23T00:00:00Z' },
      leaving: [amended('A1', '12-22')],
    },
    ...[
      { condition: 'customer', where: { customer: ['C-1'] }, data: { customer: 'C-2' } },
      { condition: 'company', where: { company: ['US01'] }, data: { company: 'EU01' } },
    ].map(({ condition, data, where }) => ({
      condition: `${condition}, which was corrected`,
      before: [CAPTURED],
      where,
      leaving: [
        event('shop', 'correction.reported', 'order/A1', '00:20', {
          event: CAPTURED.id,
          data: { ...(CAPTURED.data as object), ...data },
        }),
      ],
    })),
  ])('[Q19] tells an order that leaves by $condition', async ({ before, where, leaving }) => {
    const { next, twin } = await watched(before, where)
    await twin.submit(leaving)
    expect(await next()).toEqual(left('A1'))
  })

  it('[Q19] tells an order that leaves by updatedTo, once', async () => {
    const { next, twin } = await watched([captured('A1', '00:10')], { updatedTo: '2026-11-21T00:00:00Z' })
    await twin.submit([captured('A2', '00:10')])
    expect(await next()).toEqual(matches('A2'))
    twin.clock.nowMs += 1_000
    await twin.submit(READY.slice(0, 1))
    expect(await next()).toEqual(left('A1'))
    await twin.submit(READY.slice(1, 2))
    await twin.submit([event('erp', 'order.validated', 'order/A2', '00:20')])
    expect(await next()).toEqual(left('A2'))
  })

  it('[Q19] tells nothing of an order that matched neither before nor after', async () => {
    const { next, twin } = await watched([promised('A1', '12-22')], { promisedTo: '2026-11-23T00:00:00Z' })
    await twin.submit([amended('A1', '12-23')])
    await twin.submit([promised('A2', '12-22'), promised('A3', '11-22')])
    expect(await next()).toEqual(matches('A3'))
  })

  it('[Q19] tells a resumed reader an order that left by one condition, and by another since', async () => {
    // With room for one, what was validated is told before it is known what comes behind the other order.
    const { server, twin } = await world([captured('A1', '00:10'), released('A1', 'S-1', '01:00')], {
      socketLimits: { backlogMax: 1 },
    })
    const after = twin.head().position
    await twin.submit([...READY.slice(0, 1), captured('A2', '00:10'), ...READY.slice(1)])
    await twin.submit([captured('A3', '00:10'), released('A3', 'S-3', '01:00')])
    const where = { lifecycle: ['captured'], hasParked: true }
    const told = await take(subscription(socketClient(server), CHANGED, { where, after }), 2)
    expect(told.map(({ ordersChanged }) => ordersChanged)).toEqual([left('A1'), matches('A3')])
  })
})

describe('a damaged order', () => {
  it('[X9] [Q19] is left out of ordersChanged, and the others are told', async () => {
    const { after, server } = await damaged([...readyOrder('A1'), ...readyOrder('A2')])
    const [told] = await take(subscription(socketClient(server), CHANGED, { after }), 1)
    expect(told.ordersChanged).toEqual(matches('A2'))
  })

  it('[X9] [Q19] is told to have left where what it was before cannot be read', async () => {
    const { after, server } = await damaged([promised('A1', '12-22'), amended('A1', '12-23')], { keepsSnapshots: true })
    const where = { promisedTo: '2026-11-23T00:00:00Z' }
    const [told] = await take(subscription(socketClient(server), CHANGED, { after, where }), 1)
    expect(told.ordersChanged).toEqual(left('A1'))
  })
})

/** A store opened again after `events`, whose first entry of an order cannot be read by itself, and a cursor behind that entry. */
async function damaged(events: readonly object[], { keepsSnapshots = false } = {}) {
  const first = await openMemoryEngine()
  const after = first.engine.positionText(2)
  await first.engine.submit(events)
  await first.engine.close()
  const { memory, store } = first
  const isDamaged = (position: number) => position === 2
  const { engine } = await openMemoryEngine({ memory, isDamaged, ...(keepsSnapshots ? { store } : {}) })
  return { after, server: await serve({ twin: engine }) }
}
