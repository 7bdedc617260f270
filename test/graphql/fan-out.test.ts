import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { FrameReader } from '../../bench/clients/frames.ts'
import { Channel, Channels, type Payload, type Untold } from '../../graphql/live/channels.ts'
import { EventStream } from '../../graphql/live/event-stream.ts'
import { Waker } from '../../graphql/live/waker.ts'
import { NextFrames } from '../../graphql/ws/next-frames.ts'
import { captured, readyOrder, released } from '../helpers/distributor.ts'
import { type RawSocket, readySocket, world } from './graph-clients.ts'

const CHANGED =
  'subscription ($customer: [String!]) { ordersChanged(where: { customer: $customer }) { order { number } } }'

interface Operation {
  readonly id: string
  readonly variables?: object
}

/** Each operation on a socket of its own, live. */
async function subscribed(server: Parameters<typeof readySocket>[0], operations: readonly Operation[]) {
  const sockets: RawSocket[] = []
  for (const { id, variables } of operations) {
    const raw = await readySocket(server)
    raw.send({ id, type: 'subscribe', payload: { query: CHANGED, variables } })
    raw.send({ type: 'ping' })
    await raw.next()
    sockets.push(raw)
  }
  return sockets
}

describe('subscribers who ask the same', () => {
  it('[Q40] share one execution a change, each under its own id', async () => {
    const { twin, server } = await world()
    const alone = await subscribed(server, [{ id: 'a' }])
    const family = vi.spyOn(twin, 'family')
    await twin.submit([captured('A1', '00:10')])
    await alone[0]?.next()
    const once = family.mock.calls.filter(([id]) => id === 'A1').length
    const others = await subscribed(server, [{ id: 'a' }, { id: 'b' }, { id: 'Ü"' }])
    await twin.submit([captured('A2', '00:10')])
    const told = await Promise.all([...alone, ...others].map(raw => raw.next()))
    expect(told.map(({ id }) => id)).toEqual(['a', 'a', 'b', 'Ü"'])
    for (const { payload, type } of told)
      expect({ payload, type }).toEqual({
        type: 'next',
        payload: { data: { ordersChanged: { order: { number: 'A2' } } } },
      })
    expect(family.mock.calls.filter(([id]) => id === 'A2')).toHaveLength(once)
  })

  it('[Q40] with other variables are told what they asked', async () => {
    const { twin, server } = await world()
    const [first, second] = (await subscribed(server, [
      { id: '1', variables: { customer: ['C-1'] } },
      { id: '1', variables: { customer: ['C-2'] } },
    ])) as [RawSocket, RawSocket]
    await twin.submit([captured('A1', '00:10'), captured('A2', '00:10', { customer: 'C-2' })])
    expect((await first.next()).payload.data.ordersChanged.order.number).toBe('A1')
    expect((await second.next()).payload.data.ordersChanged.order.number).toBe('A2')
  })

  it('[Q40] and fall out of step are told every change all the same', async () => {
    const { twin, server } = await world(readyOrder('A0'))
    const sockets = await subscribed(server, [{ id: '1' }, { id: '1' }, { id: '1' }])
    sockets[0]?.socket.pause()
    for (let index = 1; index <= 30; index++) await twin.submit([captured(`A${index}`, '00:10')])
    await twin.submit([released('A0', 'S-1', '01:00')])
    sockets[0]?.socket.resume()
    for (const raw of sockets) {
      const told = new Set<string>()
      while (!told.has('A0')) told.add((await raw.next()).payload.data.ordersChanged.order.number)
      expect(told.size).toBe(31)
    }
  })
})

describe('an operation', () => {
  it('[Q40] that is completed before it began is on no channel', async () => {
    const { twin, server } = await world(readyOrder('A1'))
    const [join, leave] = [vi.spyOn(Channels.prototype, 'join'), vi.spyOn(Channel.prototype, 'leave')]
    const end = vi.spyOn(EventStream.prototype, 'end')
    const found = Promise.withResolvers<Awaited<ReturnType<typeof twin.find>>>()
    vi.spyOn(twin, 'find').mockReturnValueOnce(found.promise)
    onTestFinished(() => void vi.restoreAllMocks())
    const raw = await readySocket(server)
    const payload = { query: 'subscription { orderChanged(ref: "A1") { cursor } }' }
    for (const message of [{ id: '1', type: 'subscribe', payload }, { id: '1', type: 'complete' }, { type: 'ping' }])
      raw.send(message)
    await raw.next()
    found.resolve(await twin.find('A1'))
    await vi.waitUntil(() => end.mock.calls.length > 0)
    expect(join.mock.calls.length).toBe(leave.mock.calls.length)
  })
})

describe('channels', () => {
  const untold = (what: object, more: Partial<Untold> = {}): Untold => ({ what, entries: 1, cursor: 'c', ...more })
  const making = (text: string) => vi.fn(async () => Buffer.from(text))
  const text = ({ bytes }: Payload): string => String(bytes)

  it('[Q40] share a payload for the same thing, standing for as much, with the same cursor', async () => {
    const channels = new Channels()
    const channel = channels.join('k')
    channels.join('k')
    const what = {}
    const first = await channel.payload(untold(what), undefined, making('one'))
    const make = making('two')
    expect(await channel.payload(untold(what), undefined, make)).toBe(first)
    expect(make).not.toHaveBeenCalled()
    for (const other of [untold(what, { entries: 2 }), untold(what, { cursor: 'd' }), untold({})])
      expect(text(await channel.payload(other, undefined, making('two')))).toBe('two')
    expect(text(await channels.join('other').payload(untold(what), undefined, making('two')))).toBe('two')
  })

  it('[Q40] make it again for a reader who was told something since', async () => {
    const channels = new Channels()
    const channel = channels.join('k')
    channels.join('k')
    const what = {}
    await channel.payload(untold(what), undefined, making('before'))
    const told = await channel.payload(untold({}), undefined, making('since'))
    expect(text(await channel.payload(untold(what), told, making('after')))).toBe('after')
    expect(text(await channel.payload(untold(what), told, making('never')))).toBe('after')
  })

  it('[Q40] let go of the oldest beyond their bytes, and of all when nobody is left', async () => {
    const channels = new Channels(4_000)
    const [channel] = [channels.join('k'), channels.join('k')]
    const all = Array.from({ length: 3 }, () => ({}))
    for (const what of all) await channel.payload(untold(what), undefined, making('x'.repeat(1_500)))
    const kept = await Promise.all(all.map(what => channel.payload(untold(what), undefined, making('again'))))
    expect(kept.map(payload => text(payload).length)).toEqual([5, 1_500, 1_500])
    channel.leave()
    channel.leave()
    expect(text(await channels.join('k').payload(untold(all[2] as object), undefined, making('again')))).toBe('again')
  })

  it('[E12] [Q40] keep nothing once they are cleared: what was told before an erasure is made again', async () => {
    const channels = new Channels()
    const [channel] = [channels.join('k'), channels.join('k')]
    const what = {}
    await channel.payload(untold(what), undefined, making('Ann'))
    channels.clear()
    expect(text(await channel.payload(untold(what), undefined, making('[erased]')))).toBe('[erased]')
  })

  it('[Q40] keep nothing that could not be made', async () => {
    const channels = new Channels()
    const [channel] = [channels.join('k'), channels.join('k')]
    const what = {}
    const failing = channel.payload(untold(what), undefined, () => Promise.reject(new Error('gone')))
    await expect(failing).rejects.toThrow('gone')
    expect(text(await channel.payload(untold(what), undefined, making('there')))).toBe('there')
  })
})

describe('waking', () => {
  it('[Q40] lets the event loop turn between two lots', async () => {
    const waker = new Waker()
    const woken: string[] = []
    await new Promise<void>(resolve => {
      for (let index = 0; index < 100; index++) waker.soon(() => void woken.push('reader'))
      waker.soon(resolve)
      setImmediate(() => void woken.push('other'))
    })
    expect(woken.indexOf('other')).toBe(64)
    expect(woken.filter(each => each === 'reader')).toHaveLength(100)
  })
})

describe('frames', () => {
  it.each([1, 60, 90, 300, 65_000, 70_000])('[Q40] carry a payload of %i characters whole', length => {
    const frames = new NextFrames('7')
    const payloads = ['x'.repeat(length), 'ü'.repeat(length)].map(each => JSON.stringify(each))
    for (const payload of payloads) frames.add(Buffer.from(payload))
    const read = new FrameReader().read(frames.take())
    expect(read.map(({ payload }) => String(payload))).toEqual(
      payloads.map(payload => `{"id":"7","type":"next","payload":${payload}}`),
    )
    expect(frames.bytes).toBe(0)
    expect(frames.take()).toHaveLength(0)
  })
})
