import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../engine/outcome.ts'
import type { Limits } from '../../graphql/limits.ts'
import { type FakeTwinOptions, fakeTwin } from '../helpers/fake-twin.ts'
import { lineClient, post, sampleEvent, serve } from '../helpers/wire.ts'

const line = (id: string) => `${JSON.stringify(sampleEvent(id))}\n`

async function world(limits: Partial<Limits> = {}, options: FakeTwinOptions = {}) {
  const twin = fakeTwin(options)
  const faults: unknown[] = []
  const server = await serve({ twin, limits: { lingerMs: 20, ...limits }, report: fault => void faults.push(fault) })
  return { twin, server, faults, events: `${server.url}/v1/events` }
}

const FULL: Outcome = { id: 'a', outcome: 'overloaded', code: 'inbox_full', reason: 'too many' }

describe('a stream whose events the inbox turns away', () => {
  const fullOnce = (): FakeTwinOptions => {
    let asked = 0
    return { judge: input => (asked++ === 0 ? FULL : { id: (input as { id: string }).id, outcome: 'accepted' }) }
  }

  test('[H25] is not read for a while; when the server closes, what came is answered all the same', async () => {
    const { events, server, twin } = await world({ streamRestMs: 60_000 }, fullOnce())
    const client = lineClient(events)
    client.send(line('a'))
    expect(await client.next()).toMatchObject({ outcome: 'overloaded' })
    client.send(line('b'))
    // Others are served meanwhile: time enough for the second line, if it were read.
    for (let turn = 0; turn < 20; turn++) await (await fetch(`${server.url}/livez`)).text()
    expect(twin.calls).toHaveLength(1)
    const closed = server.close()
    expect(await client.next()).toMatchObject({ id: 'b', outcome: 'accepted' })
    expect(await client.next()).toMatchObject({ code: 'shutting_down' })
    client.end()
    await closed
  })

  test('[H25] is read on after that', async () => {
    const { events } = await world({ streamRestMs: 1 }, fullOnce())
    const client = lineClient(events)
    client.send(line('a'))
    expect(await client.next()).toMatchObject({ outcome: 'overloaded' })
    client.send(line('b'))
    expect(await client.next()).toMatchObject({ id: 'b', outcome: 'accepted' })
    client.end()
    expect(await client.next()).toBeUndefined()
  })
})

describe('a stream of which some waits for its turn', () => {
  test('[H26] is not read while a batch waits, and is once that is taken', async () => {
    const { events, server, twin } = await world()
    const release = twin.hold()
    const take = twin.fill()
    const client = lineClient(events)
    client.send(line('a'))
    await twin.asked(1)
    client.send(line('b'))
    // Others are served meanwhile: time enough for the second line, if it were read.
    for (let turn = 0; turn < 20; turn++) await (await fetch(`${server.url}/livez`)).text()
    expect(twin.calls).toHaveLength(1)
    take()
    await twin.asked(2)
    release()
    expect(await client.next()).toMatchObject({ id: 'a' })
    expect(await client.next()).toMatchObject({ id: 'b' })
    client.end()
  })

  test('[H26] is read once its own are answered, though others have a batch waiting', async () => {
    const { events, twin } = await world()
    const release = twin.hold()
    twin.fill()
    const client = lineClient(events)
    client.send(line('a'))
    await twin.asked(1)
    client.send(line('b'))
    release()
    expect(await client.next()).toMatchObject({ id: 'a' })
    expect(await client.next()).toMatchObject({ id: 'b' })
    client.send(line('c'))
    expect(await client.next()).toMatchObject({ id: 'c' })
    client.end()
    expect(await client.next()).toBeUndefined()
  })
})

describe('a stream of lines', () => {
  test('[H5] is answered line by line while it still comes in', async () => {
    const { events } = await world()
    const client = lineClient(events)
    client.send(line('a'))
    expect(await client.next()).toMatchObject({ id: 'a', outcome: 'accepted' })
    client.send(line('b').slice(0, 20))
    client.send(line('b').slice(20))
    expect(await client.next()).toMatchObject({ id: 'b' })
    client.send(line('c').trimEnd())
    client.end()
    expect(await client.next()).toMatchObject({ id: 'c' })
    expect(await client.next()).toBeUndefined()
    expect((await client.response).headers['content-type']).toBe('application/x-ndjson')
  })

  test('[H5] is answered in input order, in groups of bounded size', async () => {
    const { twin, events } = await world({ groupEventsMax: 100 })
    const ids = Array.from({ length: 5_000 }, (_, index) => `e-${index}`)
    const response = await post(events, 'application/x-ndjson', ids.map(line).join(''))
    const answers = (await response.text()).trimEnd().split('\n')
    expect(answers.map(answer => JSON.parse(answer).id)).toEqual(ids)
    expect(Math.max(...twin.calls.map(call => call.inputs.length))).toBe(100)
    expect(twin.calls.flatMap(call => call.inputs)).toHaveLength(5_000)
  })

  test('[H5] [H7] a bad line is malformed and spoils no other; a blank one has no answer', async () => {
    const { events } = await world({ eventBytesMax: 1_000 })
    const client = lineClient(events)
    const bad = ['nonsense', '{"id":"a","id":"a"}', `"${'x'.repeat(2_000)}"`, '"\\u0000"']
    client.send(`${line('a')}\n  \r\n${bad.map(text => `${text}\n`).join('')}${line('b')}`)
    client.send(Buffer.concat([Buffer.from([0x22, 0xff, 0x22, 0x0a]), Buffer.from(line('c'))]))
    client.end()
    const answers = await client.all()
    const malformed = { outcome: 'malformed', code: 'unreadable' }
    expect(answers).toMatchObject([
      { id: 'a' },
      malformed,
      malformed,
      malformed,
      malformed,
      { id: 'b' },
      malformed,
      { id: 'c' },
    ])
    expect(answers.map(answer => answer.reason).filter(Boolean)).toEqual([
      expect.stringContaining('not JSON'),
      expect.stringContaining('twice'),
      expect.stringContaining('longer than 1000 bytes'),
      expect.stringContaining('NUL'),
      expect.stringContaining('UTF-8'),
    ])
  })

  test('[H6] is not read on while the twin is behind', async () => {
    const { twin, events } = await world({ groupEventsMax: 10, groupsInFlightMax: 4 })
    const release = twin.hold()
    const client = lineClient(events)
    for (let index = 0; index < 2_000; index++) client.send(line(`e-${index}`))
    client.end()
    await twin.asked(4)
    // A round trip of another request: whatever the stream could still do it has done.
    await fetch(events.replace('/v1/events', '/livez'))
    expect(twin.calls).toHaveLength(4)
    release()
    expect(await client.all()).toHaveLength(2_000)
  })

  test('[H11] without progress is ended by a problem line, after the answers before it', async () => {
    const { events } = await world({ patienceMs: 150, checkEveryMs: 20 })
    const client = lineClient(events)
    client.send(line('a'))
    expect(await client.next()).toMatchObject({ id: 'a' })
    const drip = setInterval(() => client.send('"'), 20)
    expect(await client.next()).toMatchObject({ code: 'stream_stalled', status: 408 })
    clearInterval(drip)
    expect(await client.next()).toBeUndefined()
  })

  test('[H11] lasts as long as it makes progress', async () => {
    const { twin, events } = await world({ patienceMs: 150, checkEveryMs: 20 })
    const client = lineClient(events)
    const startedMs = performance.now()
    let count = 0
    while (performance.now() - startedMs < 500) {
      client.send(line(`e-${count++}`))
      expect(await client.next()).toMatchObject({ outcome: 'accepted' })
    }
    // Our own time does not count against the client.
    const release = twin.hold()
    client.send(line('last'))
    client.end()
    setTimeout(release, 300)
    expect(await client.next()).toMatchObject({ id: 'last' })
  })

  test('[H6] [H11] whose answers are not taken is not read on, and is cut', async () => {
    const judge = () => ({ id: 'a', outcome: 'accepted', reason: 'x'.repeat(10_000) }) as const
    const limits = { patienceMs: 150, checkEveryMs: 20, drainMs: 3_600_000 }
    const { twin, server, events } = await world(limits, { judge })
    const client = lineClient(events)
    client.request.on('error', () => {})
    for (let count = 0; count < 100; count++) client.send(line('a').repeat(400))
    await client.response
    // Resolves only when no socket is left, and the client closes none.
    await server.close()
    expect(twin.calls.flatMap(call => call.inputs).length).toBeLessThan(40_000)
    client.request.destroy()
  })

  test('[H18] is ended by a problem line when the server closes', async () => {
    const { twin, server, events } = await world()
    const client = lineClient(events)
    const release = twin.hold()
    client.send(line('a'))
    await twin.asked(1)
    const closed = server.close()
    release()
    expect(await client.all()).toMatchObject([{ id: 'a', outcome: 'accepted' }, { code: 'shutting_down' }])
    await closed
  })

  test('[H17] is ended by a problem line when the twin fails, and nothing is told about it', async () => {
    const secret = new Error('the secret')
    const judge = (input: unknown) => {
      if ((input as { id: string }).id === 'bad') throw secret
      return { id: 'a', outcome: 'accepted' } as const
    }
    const { faults, events } = await world({ groupEventsMax: 1 }, { judge })
    const client = lineClient(events)
    client.send(line('a') + line('bad') + line('c') + line('d'))
    const answers = await client.all()
    expect(answers).toMatchObject([{ id: 'a' }, { code: 'internal' }])
    expect(JSON.stringify(answers)).not.toContain('secret')
    expect(faults).toEqual([secret])
  })

  test('[H6] whose client is gone ends quietly', async () => {
    const { twin, faults, server, events } = await world()
    const release = twin.hold()
    const client = lineClient(events)
    client.request.on('error', () => {})
    client.send(line('a'))
    await twin.asked(1)
    client.request.destroy()
    release()
    await server.close()
    expect(faults).toEqual([])
  })
})
