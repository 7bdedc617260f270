import { describe, expect, test } from 'vitest'
import { UnsafeHost } from '../../graphql/http/hosts.ts'
import { loopPressure } from '../../graphql/http/pressure.ts'
import { DEFAULT_LIMITS, type Limits } from '../../graphql/limits.ts'
import type { ServerOptions } from '../../graphql/server.ts'
import { startServer } from '../../graphql/server.ts'
import { fakeTwin } from '../helpers/fake-twin.ts'
import { lineClient, post, rawClient, sampleEvent, serve } from '../helpers/wire.ts'

const EVENT = 'application/cloudevents+json'

async function world(limits: Partial<Limits> = {}, options: Partial<ServerOptions> = {}) {
  const twin = fakeTwin()
  const server = await serve({ twin, limits, ...options })
  return { twin, ...server, events: `${server.url}/v1/events` }
}

describe('sizes', () => {
  test('[H10] a body larger than allowed is 413, whether its length is announced or not', async () => {
    const { twin, events } = await world({ eventBytesMax: 1_000, batchBytesMax: 2_000 })
    const body = JSON.stringify(sampleEvent('a', { data: { wave: 'x'.repeat(1_000) } }))
    const streamed = new Blob([body]).stream()
    const answers = [
      await post(events, EVENT, body),
      await fetch(events, {
        method: 'POST',
        body: streamed,
        headers: { 'content-type': EVENT },
        duplex: 'half',
      } as RequestInit),
      await post(events, 'application/cloudevents-batch+json', `[${body},${body}]`),
    ]
    for (const answer of answers) expect(await answer.json()).toMatchObject({ status: 413, code: 'body_too_large' })
    expect(twin.calls).toEqual([])
  })

  test('[H17] headers larger than allowed, and what is no HTTP, are told so', async () => {
    const { port } = await world()
    const large = rawClient(port)
    large.socket.write(`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`)
    expect(await large.said).toMatch(/^HTTP\/1.1 431 .*"code":"headers_too_large"/s)
    const noise = rawClient(port)
    noise.socket.write('hello\r\n\r\n')
    expect(await noise.said).toMatch(/^HTTP\/1.1 400 .*"code":"bad_request"/s)
  })
})

describe('patience', () => {
  const HASTY = { patienceMs: 150, headersTimeoutMs: 150, checkEveryMs: 20 }
  const head = (type: string) =>
    `POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\ncontent-length: 100\r\n\r\n`

  test('[H11] a body that does not arrive is 408 and the socket is closed', async () => {
    const { port } = await world(HASTY)
    const { socket, said } = rawClient(port)
    socket.write(`${head(EVENT)}{"id":`)
    const drip = setInterval(() => socket.write(' '), 20)
    expect(await said).toMatch(/^HTTP\/1.1 408 .*"code":"body_too_slow"/s)
    clearInterval(drip)
  })

  test('[H11] a body that nobody reads does not hold its socket either', async () => {
    const { port } = await world(HASTY)
    const { socket, said } = rawClient(port)
    socket.write(head('text/plain'))
    expect(await said).toContain('415')
  })

  test('[H11] headers that do not arrive are 408 and the socket is closed', async () => {
    const { port } = await world(HASTY)
    const { socket, said } = rawClient(port)
    socket.write('POST /v1/events HTTP/1.1\r\nhost:')
    expect(await said).toContain('408')
  })
})

describe('who may reach it', () => {
  test.each(['0.0.0.0', '::', '192.0.2.1', 'example.com'])(
    '[H12] without credentials it does not listen on %s',
    async host => {
      await expect(startServer({ twin: fakeTwin(), host, port: 0 })).rejects.toThrow(UnsafeHost)
    },
  )

  test('[H12] without credentials it answers loopback names only', async () => {
    const { port } = await world()
    const { socket, said } = rawClient(port)
    socket.write('GET /v1/head HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n')
    expect(await said).toMatch(/^HTTP\/1.1 421 .*"code":"wrong_host"/s)
    expect((await fetch(`http://localhost:${port}/v1/head`)).status).toBe(200)
  })

  test('[H13] with credentials it listens anywhere, and the sender goes to the twin', async () => {
    const sender = { sources: new Set(['wms-1']) }
    const authenticate: ServerOptions['authenticate'] = ({ headers }) =>
      headers.authorization === 'Bearer k' ? sender : undefined
    const { twin, port } = await world({}, { host: '0.0.0.0', authenticate })
    const events = `http://127.0.0.1:${port}/v1/events`
    const body = JSON.stringify(sampleEvent('a'))

    const stranger = await post(events, EVENT, body)
    expect(stranger.status).toBe(401)
    expect(stranger.headers.get('www-authenticate')).toBe('Bearer')
    expect(await stranger.json()).toMatchObject({ code: 'unauthenticated' })
    expect(twin.calls).toEqual([])

    await post(events, EVENT, body, { authorization: 'Bearer k' })
    const lines = lineClient(events, { authorization: 'Bearer k' })
    lines.send(body)
    lines.end()
    await lines.all()
    expect(twin.calls.map(call => call.sender)).toEqual([sender, sender])
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200)
  })
})

const unread = (body: string) => `POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${BATCH}\r\n${body}`
const KEY = Buffer.alloc(16).toString('base64')
const BATCH = 'application/cloudevents-batch+json'

describe('pressure', () => {
  const pressure = (isHigh: boolean, isExtreme: boolean) => ({
    pressure: { isHigh: () => isHigh, isExtreme: () => isExtreme, loopDelayMs: () => 400, close: () => {} },
  })
  const large = JSON.stringify([sampleEvent('a', { data: { wave: 'x'.repeat(20_000) } })])

  test('[H14] under pressure requests are turned away unread; health and metrics are not', async () => {
    const { twin, url, events } = await world({}, pressure(true, true))
    const response = await post(events, EVENT, JSON.stringify(sampleEvent('a')))
    expect(response.status).toBe(429)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(await response.json()).toMatchObject({ code: 'overloaded' })
    expect(twin.calls).toEqual([])
    for (const path of ['/livez', '/readyz', '/metrics']) expect((await fetch(url + path)).status).toBe(200)
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('http_turned_away_total{reason="loop_late"} 1')
  })

  test('[H14] [Q22] who is refused an upgrade is answered, and the socket is closed', async () => {
    const { port } = await world({}, pressure(true, true))
    const { socket, said } = rawClient(port)
    const upgrade = 'connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13'
    socket.write(`GET /graphql HTTP/1.1\r\nhost: localhost\r\n${upgrade}\r\nsec-websocket-key: ${KEY}\r\n\r\n`)
    expect(await said).toMatch(/^HTTP\/1.1 429 .*"code":"overloaded"/s)
  })

  test('[H14] large bodies are turned away first', async () => {
    const { events } = await world({}, pressure(true, false))
    expect((await post(events, BATCH, large)).status).toBe(429)
    expect((await post(events, EVENT, JSON.stringify(sampleEvent('a')))).status).toBe(200)
  })

  test('[H14] those turned away one after another are told different times to come back', async () => {
    const { events } = await world({}, pressure(true, false))
    const told = new Set<string | null>()
    for (let turn = 0; turn < 3; turn++) told.add((await post(events, BATCH, large)).headers.get('retry-after'))
    expect([...told].toSorted()).toEqual(['1', '2', '3'])
  })
})

describe('admission', () => {
  const batch = JSON.stringify([sampleEvent('a', { data: { wave: 'x'.repeat(2_000) } })])
  const ROOM = { smallBatchBytes: 1_000, admittedBytesMin: 4_000, paceBytesPerMs: 0 }

  test('[H20] [H22] a large body that finds no room is turned away unread, a small one is read; room comes with answers', async () => {
    const { events, twin, url } = await world(ROOM)
    const goOn = twin.hold()
    const first = post(events, BATCH, batch)
    await twin.asked(1)
    const second = await post(events, BATCH, batch)
    expect(second.status).toBe(429)
    expect(await second.json()).toMatchObject({ code: 'overloaded' })
    expect(twin.calls).toHaveLength(1)
    const small = post(events, EVENT, JSON.stringify(sampleEvent('b')))
    await twin.asked(2)
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('http_turned_away_total{reason="no_room"} 1')
    goOn()
    expect((await Promise.all([first, small])).map(({ status }) => status)).toEqual([200, 200])
    expect((await post(events, BATCH, batch)).status).toBe(200)
  })

  test('[H22] one event may be larger than a batch that is read without room', async () => {
    const { events, twin } = await world({ ...ROOM, admittedBytesMin: 1, smallBodyBytes: 3_000 })
    const goOn = twin.hold()
    const first = post(events, BATCH, batch)
    await twin.asked(1)
    expect((await post(events, BATCH, batch)).status).toBe(429)
    const single = post(events, EVENT, batch.slice(1, -1))
    await twin.asked(2)
    goOn()
    expect((await first).status).toBe(200)
    expect((await single).status).not.toBe(429)
  })

  test('[H24] who is turned away keeps the connection: the rest of the body is dropped, the next request answered', async () => {
    const { port, twin } = await world(ROOM)
    const goOn = twin.hold()
    const first = post(`http://127.0.0.1:${port}/v1/events`, BATCH, batch)
    await twin.asked(1)
    const { socket, said } = rawClient(port)
    socket.write(unread(`content-length: ${batch.length}\r\n\r\n${batch.slice(0, 100)}`))
    await new Promise(resolve => socket.once('data', resolve))
    socket.write(batch.slice(100))
    socket.end('GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
    expect(await said).toMatch(/^HTTP\/1.1 429 .*"code":"overloaded".*HTTP\/1.1 200 .*"live":true/s)
    goOn()
    await first
  })

  const admittedBytes = async (url: string) =>
    Number(/^ordertwin_admitted_bytes (\d+)/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1])
  const whole = unread(`content-length: ${batch.length}\r\n\r\n${batch}`)

  test.each([
    ['in the middle of its body', whole.slice(0, -1), 1],
    ['while it is judged', whole, 1],
    ['while one that it sent before is judged', whole + whole, 2],
  ])('[H20] who leaves gives back its room: %s', async (_, sent, bodies) => {
    const { port, twin, url } = await world({ ...ROOM, admittedBytesMin: 10_000 })
    const goOn = twin.hold()
    const { socket } = rawClient(port)
    socket.write(sent)
    await expect.poll(() => admittedBytes(url), { interval: 5 }).toBe(bodies * batch.length)
    socket.destroy()
    await expect.poll(() => admittedBytes(url), { interval: 5 }).toBe(0)
    goOn()
  })

  test.each([
    [400, `content-length: 2000\r\n\r\n${' '.repeat(2_000)}`],
    [413, `transfer-encoding: chunked\r\n\r\nbb8\r\n${' '.repeat(3_000)}\r\n0\r\n\r\n`],
    [415, `content-encoding: br\r\ncontent-length: 2000\r\n\r\n${' '.repeat(2_000)}`],
  ])('[H20] what is refused once it was let in gives back its room: %i', async (status, sent) => {
    const { port, url } = await world({ ...ROOM, batchBytesMax: 2_500 })
    const { said, socket } = rawClient(port)
    socket.end(unread(`connection: close\r\n${sent}`))
    expect(await said).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(await admittedBytes(url)).toBe(0)
  })

  test('[H21] credentials that nobody looks at tell nobody apart', async () => {
    const { events, twin } = await world(ROOM)
    const goOn = twin.hold()
    const by = (sender: string) => post(events, BATCH, batch, { authorization: `Bearer ${sender}` })
    const first = by('one')
    await twin.asked(1)
    expect((await by('two')).status).toBe(429)
    goOn()
    expect((await first).status).toBe(200)
  })

  test('[H21] credentials tell senders apart: the flood of one leaves room for another', async () => {
    const { events, twin } = await world(ROOM, { authenticate: () => ({}) })
    const goOn = twin.hold()
    const by = (sender: string) => post(events, BATCH, batch, { authorization: `Bearer ${sender}` })
    const noisy = by('noisy')
    await twin.asked(1)
    expect((await by('noisy')).status).toBe(429)
    const quiet = by('quiet')
    await twin.asked(2)
    goOn()
    expect((await Promise.all([noisy, quiet])).map(({ status }) => status)).toEqual([200, 200])
  })
})

test('[H14] pressure is high while the event loop is late, and no longer', async () => {
  const pressure = loopPressure({ ...DEFAULT_LIMITS, loopDelayMaxMs: 30, loopSampleMs: 50 })
  expect(pressure.isHigh()).toBe(false)
  const untilMs = performance.now() + 400
  while (performance.now() < untilMs);
  await expect.poll(() => pressure.isHigh(), { interval: 5 }).toBe(true)
  await expect.poll(() => pressure.isHigh(), { interval: 5 }).toBe(false)
  pressure.close()
})

describe('faults', () => {
  test('[H17] a fault of ours is 500, reported, and tells nothing', async () => {
    const faults: unknown[] = []
    const fault = new Error('the secret')
    const twin = fakeTwin({
      judge: () => {
        throw fault
      },
    })
    const { url } = await serve({ twin, report: each => void faults.push(each) })
    const response = await post(`${url}/v1/events`, EVENT, JSON.stringify(sampleEvent('a')))
    expect(await response.json()).toEqual({
      type: 'urn:ordertwin:problem:internal',
      title: 'A fault of ours',
      status: 500,
      code: 'internal',
    })
    expect(faults).toEqual([fault])
  })

  test('[H17] unknown addresses and methods are problems', async () => {
    const { url } = await world()
    expect(await (await fetch(`${url}/nowhere`)).json()).toMatchObject({ status: 404, code: 'not_found' })
    const wrong = await fetch(`${url}/v1/events?x`)
    expect(wrong.headers.get('allow')).toBe('POST')
    expect(await wrong.json()).toMatchObject({ status: 405, code: 'method_not_allowed' })
    expect((await fetch(`${url}/%E0%A4%A`)).headers.get('content-type')).toContain('application/problem+json')
  })
})

describe('closing', () => {
  test('[H18] answers what is in flight', async () => {
    const { twin, events, close } = await world()
    const release = twin.hold()
    const answer = post(events, EVENT, JSON.stringify(sampleEvent('a')))
    await twin.asked(1)
    const closed = close()
    release()
    expect((await answer).status).toBe(200)
    await closed
    await expect(fetch(events)).rejects.toThrow()
  })

  test('[H18] cuts what has not ended in time', async () => {
    const { port, close } = await world({ drainMs: 50 })
    const { socket, said } = rawClient(port)
    socket.write(
      'POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
    )
    await fetch(`http://127.0.0.1:${port}/livez`)
    await close()
    await said
  })
})
