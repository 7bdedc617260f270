import { describe, expect, it, vi } from 'vitest'
import type { Twin } from '../../engine/twin.ts'
import { captured, event, lineOf, readyOrder, released } from '../helpers/distributor.ts'
import { codeOf, rawSocket, readySocket, socketClient, subscription, take, world } from './graph-clients.ts'

const HISTORY =
  'subscription($after: String, $where: HistoryFilter) { history(after: $after, where: $where) { cursor event verdict order changes { entity words } } }'
const eventsOf = (payloads: readonly { history: { event: string } }[]) => payloads.map(({ history }) => history.event)
const READY = ['order.captured', 'order.validated', 'credit.approved', 'order.accepted']

/** Resolves when the server has taken the operation sent before: what comes after it is live for that operation. */
async function settled(raw: { send(message: object): void; next(): Promise<unknown> }): Promise<void> {
  raw.send({ type: 'ping' })
  await raw.next()
}

/** Followers of the feed beside the server's own, its live feed: one for each subscription that started at a cursor. */
const followers = (twin: Twin) =>
  twin.metrics().find(({ name }) => name === 'ordertwin_followers')?.samples[0]?.value ?? 0

describe('the history subscription', () => {
  it('[Q18] gives what came after the cursor, then what comes live, each once and in order', async () => {
    const { twin, server } = await world(readyOrder('A1'))
    const stream = subscription(socketClient(server), HISTORY, { after: '' })
    const past = await take(stream, 2)
    await twin.submit([released('A1', 'S-1', '01:00')])
    const rest = await take(stream, 3)
    expect(eventsOf([...past, ...rest])).toEqual([...READY, 'order.released'])
    expect(rest[2].history.changes[0]).toEqual({ entity: 'order/A1', words: ['line 1: released 0 → 10 EA'] })
    await stream.return?.()
    const resumed = subscription(socketClient(server), HISTORY, { after: past[1].history.cursor })
    expect(eventsOf(await take(resumed, 3))).toEqual([...READY.slice(2), 'order.released'])
  })

  it('[Q18] without a cursor gives what comes next', async () => {
    const { twin, server } = await world(readyOrder('A1'))
    const raw = await readySocket(server)
    raw.send({ id: '1', type: 'subscribe', payload: { query: HISTORY } })
    await settled(raw)
    await twin.submit([captured('A2', '01:00')])
    expect(await raw.next()).toMatchObject({ id: '1', type: 'next', payload: { data: { history: { order: 'A2' } } } })
  })

  it('[Q18] gives each entry once while more come all the time', async () => {
    const { twin, server } = await world()
    const stream = subscription(socketClient(server), HISTORY, { after: '' })
    const submitted = (async () => {
      for (let index = 0; index < 40; index++)
        await twin.submit(Array.from({ length: 5 }, (_, each) => captured(`A${index}-${each}`, 10)))
    })()
    const told = await take(stream, 200)
    await submitted
    expect(new Set(told.map(({ history }) => history.order)).size).toBe(200)
    const cursors = told.map(({ history }) => history.cursor)
    expect(cursors).toEqual([...cursors].sort())
  })

  it('[Q18] is filtered', async () => {
    const { server } = await world([...readyOrder('A1'), ...readyOrder('A2')])
    const where = { orders: ['A2'], events: ['order.accepted', 'order.captured'], verdicts: ['accepted'] }
    const told = await take(subscription(socketClient(server), HISTORY, { after: '', where }), 2)
    expect(told.map(({ history }) => [history.order, history.event])).toEqual([
      ['A2', 'order.captured'],
      ['A2', 'order.accepted'],
    ])
  })

  it('[Q18] refuses what is no cursor', async () => {
    const { server } = await world()
    const [answer] = await take(subscription(socketClient(server), HISTORY, { after: 'NO!' }), 1)
    expect(codeOf(answer)).toBe('BAD_CURSOR')
  })

  it('[Q18] refuses a cursor beyond the end, and takes one as soon as it is told', async () => {
    const { twin, server } = await world(readyOrder('A1'))
    const client = socketClient(server)
    const beyond = twin.positionText(1_000)
    const [answer] = await take(subscription(client, HISTORY, { after: beyond }), 1)
    expect(codeOf(answer)).toBe('BAD_CURSOR')
    const changed = 'subscription($after: String) { ordersChanged(after: $after) { cursor } }'
    const [other] = await take(subscription(client, changed, { after: beyond }), 1)
    expect(codeOf(other)).toBe('BAD_CURSOR')
    const stream = subscription(client, HISTORY, { after: twin.head().position })
    const told = take(stream, 1)
    await twin.submit([captured('A2', '01:00')])
    expect(eventsOf(await told)).toEqual(['order.captured'])
  })
})

const CHANGED =
  'subscription($ref: String!) { orderChanged(ref: $ref) { cursor entries isMatch latest { event } order { number state { lifecycle } lines { released } } } }'

describe('changes of orders', () => {
  it('[Q19] orderChanged tells the order as it is, of that order only, and not what changed nothing', async () => {
    const { twin, server } = await world([...readyOrder('A1'), ...readyOrder('A2')])
    const raw = await readySocket(server)
    raw.send({ id: '1', type: 'subscribe', payload: { query: CHANGED, variables: { ref: 'ERP-A1' } } })
    await settled(raw)
    await twin.submit([captured('A3', '01:00')])
    await twin.submit([event('wms', 'order.accepted', 'order/A1', '01:00')])
    await twin.submit([released('A1', 'S-1', '01:00')])
    expect(await raw.next()).toMatchObject({
      payload: {
        data: {
          orderChanged: {
            entries: 1,
            latest: { event: 'order.released' },
            order: { number: 'A1', lines: [{ released: '10' }] },
          },
        },
      },
    })
  })

  it('[Q19] a reader that is behind gets one change per order, with how many entries it stands for', async () => {
    const { twin, server } = await world(readyOrder('A1'))
    const raw = await readySocket(server)
    raw.send({
      id: '1',
      type: 'subscribe',
      payload: { query: 'subscription { ordersChanged { entries cursor order { number version } } }' },
    })
    await settled(raw)
    // All of one batch is there before the first payload is made.
    await twin.submit([
      released('A1', 'S-1', '01:00', 1),
      captured('A2', '01:00'),
      released('A1', 'S-2', '01:10', 1),
      released('A1', 'S-3', '01:20', 1),
    ])
    const told = []
    for (let entries = 0; entries < 4; entries += told.at(-1).entries)
      told.push((await raw.next()).payload.data.ordersChanged)
    expect(told.map(({ order }) => order.number).sort()).toEqual(expect.arrayContaining(['A1', 'A2']))
    expect(told.reduce((sum, { entries }) => sum + entries, 0)).toBe(4)
    expect(told.length).toBeLessThan(4)
  })

  it('[Q19] ordersChanged tells an order once more when it leaves the filter', async () => {
    const { twin, server } = await world([captured('A1', '00:10'), captured('A2', '00:10', { customer: 'C-2' })])
    const raw = await readySocket(server)
    const query =
      'subscription { ordersChanged(where: { lifecycle: [captured], customer: ["C-1"] }) { isMatch order { number state { lifecycle } } } }'
    raw.send({ id: '1', type: 'subscribe', payload: { query } })
    await settled(raw)
    const next = async () => (await raw.next()).payload.data.ordersChanged
    await twin.submit([event('erp', 'credit.approved', 'order/A1', '00:15')])
    expect(await next()).toMatchObject({ isMatch: true, order: { number: 'A1' } })
    await twin.submit([event('erp', 'credit.approved', 'order/A2', '00:16')])
    await twin.submit([event('erp', 'order.rejected', 'order/A1', '00:20', { reason: 'no' })])
    expect(await next()).toMatchObject({ isMatch: false, order: { number: 'A1', state: { lifecycle: 'rejected' } } })
    await twin.submit([event('shop', 'order.cancel_requested', 'order/A1', '00:01', { ask: 'x' })])
    await twin.submit([captured('A3', '00:30')])
    expect(await next()).toMatchObject({ isMatch: true, order: { number: 'A3' } })
  })

  it('[Q19] resumes at a cursor', async () => {
    const { twin, server } = await world(readyOrder('A1'))
    const after = twin.head().position
    await twin.submit([released('A1', 'S-1', '01:00'), captured('A2', '01:00')])
    const query = 'subscription($after: String) { ordersChanged(after: $after) { order { number } } }'
    const told = await take(subscription(socketClient(server), query, { after }), 2)
    expect(told.map(({ ordersChanged }) => ordersChanged.order.number).sort()).toEqual(['A1', 'A2'])
  })

  it('[Q3] orderChanged of an order nobody knows is an error', async () => {
    const { server } = await world()
    const [answer] = await take(subscription(socketClient(server), CHANGED, { ref: 'x' }), 1)
    expect(codeOf(answer)).toBe('UNKNOWN_REFERENCE')
  })

  it('[Q20] a backlog that is full ends the subscription with a cursor at which nothing is missed', async () => {
    const { twin, server } = await world([], { socketLimits: { backlogMax: 10 } })
    const raw = await readySocket(server)
    raw.send({ id: '1', type: 'subscribe', payload: { query: HISTORY } })
    await settled(raw)
    await twin.submit(Array.from({ length: 50 }, (_, index) => captured(`A${index}`, 10)))
    const told: string[] = []
    let message = await raw.next()
    for (; message.type === 'next'; message = await raw.next()) told.push(message.payload.data.history.order)
    expect(message).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'TOO_FAR_BEHIND' } }] })
    const after = message.payload[0].extensions.cursor
    const rest = await take(subscription(socketClient(server), HISTORY, { after }), 50 - told.length)
    const all = [...told, ...rest.map(({ history }) => history.order)]
    expect(all).toEqual(Array.from({ length: 50 }, (_, index) => `A${index}`))
  })

  it('[Q18] a completed subscription ends at once, also while it waits', async () => {
    const { twin, server } = await world()
    const raw = await readySocket(server)
    raw.send({ id: '1', type: 'subscribe', payload: { query: HISTORY, variables: { after: '' } } })
    await settled(raw)
    expect(followers(twin)).toBe(1)
    raw.send({ id: '1', type: 'complete' })
    await settled(raw)
    expect(followers(twin)).toBe(0)
  })
})

describe('sockets', () => {
  it('[Q22] answer queries and mutations too', async () => {
    const { server } = await world(readyOrder('A1'))
    const told = await take(subscription(socketClient(server), '{ order(ref: "A1") { number } }'), 2)
    expect(told).toEqual([{ order: { number: 'A1' } }])
  })

  it('[Q22] speak graphql-transport-ws and nothing else', async () => {
    const { server } = await world()
    expect((await (await rawSocket(server, { protocol: [] })).closed).code).toBe(4406)
    await expect(rawSocket(server, { protocol: ['graphql-ws'] })).rejects.toThrow('subprotocol')
  })

  it('[Q22] are closed when they do not say connection_init, or nothing for long', async () => {
    const { server } = await world([], { socketLimits: { initTimeoutMs: 30, idleMs: 60, checkEveryMs: 20 } })
    expect((await (await rawSocket(server)).closed).code).toBe(4408)
    expect(await (await readySocket(server)).closed).toEqual({ code: 4418, reason: 'idle' })
  })

  it('[Q22] are not idle while a subscription runs', async () => {
    const { twin, server } = await world(readyOrder('A1'), { socketLimits: { idleMs: 30, checkEveryMs: 10 } })
    const idle = await readySocket(server)
    const busy = await readySocket(server)
    busy.send({ id: '1', type: 'subscribe', payload: { query: HISTORY } })
    await settled(busy)
    await idle.closed
    await twin.submit([captured('A2', '01:00')])
    expect(await busy.next()).toMatchObject({ type: 'next' })
  })

  it.each([
    ['text that is no JSON', 'nonsense', 4400],
    ['the same key twice', '{"type":"ping","type":"ping"}', 4400],
    ['half a surrogate pair', '{"type":"ping","payload":{"a":"\\udfff"}}', 4400],
    ['bytes', Buffer.from('{"type":"ping"}'), 4400],
    ['a frame of 2 MiB', 'x'.repeat(2 * 1024 * 1024), 1009],
    ['a second init', '{"type":"connection_init"}', 4429],
  ])('[Q22] [Q16] are closed for %s', async (_, frame, code) => {
    const { server } = await world()
    const raw = await readySocket(server)
    raw.socket.send(frame)
    expect((await raw.closed).code).toBe(code)
  })

  it('[Q22] are closed for an operation before the init', async () => {
    const { server } = await world()
    const raw = await rawSocket(server)
    raw.send({ id: '1', type: 'subscribe', payload: { query: '{ __typename }' } })
    expect((await raw.closed).code).toBe(4401)
  })

  it('[Q22] run at most 20 operations', async () => {
    const { server } = await world()
    const raw = await readySocket(server)
    for (let id = 1; id <= 21; id++) raw.send({ id: String(id), type: 'subscribe', payload: { query: HISTORY } })
    expect(await raw.next()).toMatchObject({
      id: '21',
      type: 'error',
      payload: [{ extensions: { code: 'TOO_MANY_OPERATIONS', most: 20 } }],
    })
    raw.send({ id: '1', type: 'complete' })
    raw.send({ id: '22', type: 'subscribe', payload: { query: '{ __typename }' } })
    expect(await raw.next()).toMatchObject({ id: '22', type: 'next' })
  })

  it('[Q22] cannot be opened by a page of another origin', async () => {
    const { server } = await world()
    await expect(rawSocket(server, { headers: { origin: 'https://evil.example' } })).rejects.toThrow('403')
    await rawSocket(server, { headers: { origin: `http://localhost:${server.port}` } })
  })

  it('[Q21] of a reader that does not read are closed as too far behind, with the cursor to resume at', async () => {
    const socketLimits = { stallMs: 100, checkEveryMs: 20, closeMs: 60_000 }
    const { twin, server } = await world([captured('A', '00:10')], { socketLimits })
    const raw = await readySocket(server)
    raw.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { history(after: "") { cursor data } }' } })
    await raw.next()
    raw.socket.pause()
    // 16 MB: more than the sockets of any system keep.
    const lines = Array.from({ length: 10 }, (_, line) => ({ ...lineOf(1, `${line}`), description: 'x'.repeat(4_000) }))
    await twin.submit(Array.from({ length: 400 }, (_, index) => captured(`A${index}`, '01:00', { lines })))
    await vi.waitUntil(() => followers(twin) === 0, 10_000)
    let last = ''
    raw.socket.on('message', data => {
      last = JSON.parse(String(data)).payload?.data?.history.cursor ?? last
    })
    raw.socket.resume()
    const { code, reason } = await raw.closed
    expect([code, reason]).toEqual([4413, `too_far_behind; after ${last}`])
  })

  it('[Q21] of a client that asks on without reading are closed', async () => {
    const { server } = await world([], { socketLimits: { unsentBytesMax: 1_000, closeMs: 60_000 } })
    const raw = await readySocket(server)
    raw.socket.pause()
    // 20 MB of pongs.
    for (let count = 0; count < 200; count++) raw.send({ type: 'ping', payload: { text: 'x'.repeat(100_000) } })
    await new Promise(resolve => raw.socket.ping('', undefined, resolve))
    raw.socket.resume()
    expect(await raw.closed).toEqual({ code: 4413, reason: 'too_far_behind' })
  })

  it('[Q22] whose client answers no pings are cut', async () => {
    const { server } = await world([], { socketLimits: { pingEveryMs: 20 } })
    const raw = await readySocket(server, { autoPong: false })
    expect((await raw.closed).code).toBe(1006)
  })

  it('[Q24] are closed when the server closes', async () => {
    const { server } = await world()
    const raw = await readySocket(server)
    raw.send({ id: '1', type: 'subscribe', payload: { query: HISTORY } })
    await settled(raw)
    await server.close()
    expect(await raw.closed).toMatchObject({ code: 1001, reason: 'shutting_down' })
  })
})
