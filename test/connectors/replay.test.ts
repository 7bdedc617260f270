import { afterEach, describe, expect, test } from 'vitest'
import { postEventsTo } from '../../connectors/http/post-events.ts'
import type { Delivery } from '../../connectors/simulated/deliveries.ts'
import { type Replay, type ReplayProgress, rateOver, replay } from '../../connectors/simulated/replay.ts'
import { type FakeAnswer, type FakeEventsApi, openFakeEventsApi } from './fake-events-api.ts'

const HOUR_MS = 3_600_000
let api: FakeEventsApi | undefined

afterEach(async () => {
  await api?.close()
  api = undefined
})

/** Deliveries of `source` at these hours; ids count up. */
const makeDeliveries = (...spec: readonly (readonly [source: string, hour: number])[]): Delivery[] =>
  spec.map(([source, hour], at) => ({
    atMs: hour * HOUR_MS,
    copy: 1,
    event: {
      id: `e${at}`,
      source,
      type: 'order.validated',
      subject: 'order/1',
      time: '2026-03-02T00:00:00Z',
      data: {},
    },
  }))

/** A clock on which nothing takes time but pauses; it remembers them. */
function makeClock() {
  let nowMs = 1_000_000
  const pauses: number[] = []
  const pause = async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted()
    pauses.push(Math.round(ms))
    nowMs += ms
  }
  return { clock: { nowMs: () => nowMs, pause }, pauses }
}

async function run(options: { answers?: readonly FakeAnswer[] } & Pick<Replay, 'deliveries'> & Partial<Replay>) {
  api = await openFakeEventsApi(options.answers)
  const post = postEventsTo({ url: api.url, fetch }, '/v1/events')
  const { clock, pauses } = makeClock()
  const report = await replay({ postAs: () => post, clock, rate: Number.POSITIVE_INFINITY, ...options })
  return { report, pauses, requests: api.requests, inHandMax: api.inHandMax }
}

const idsOf = (events: readonly { id: string }[]) => events.map(each => each.id)

describe('a replay', () => {
  test('posts CloudEvents as NDJSON and counts what they came to', async () => {
    const [first] = makeDeliveries(['erp', 0])
    const { report, requests } = await run({ deliveries: first === undefined ? [] : [first, { ...first, copy: 2 }] })
    expect(report).toEqual({ done: 2, outcomes: { accepted: 1, duplicate: 1 }, retries: 0, troubles: [] })
    expect(requests).toHaveLength(1)
    expect(requests[0]).toMatchObject({
      path: '/v1/events',
      contentType: 'application/x-ndjson',
      events: [{ specversion: '1.0' }, {}],
    })
  })

  test('[R1] lets no source run ahead of another by more than a tick', async () => {
    const { requests } = await run({ deliveries: makeDeliveries(['crm', 0], ['erp', 1], ['crm', 30], ['erp', 60]) })
    expect(requests.map(each => idsOf(each.events))).toEqual([['e0'], ['e1'], ['e2'], ['e3']])
  })

  test('tells the clock of the log before what is due by then is sent', async () => {
    const told: (readonly [logMs: number, sentBefore: number])[] = []
    let sent = 0
    const postAs: Replay['postAs'] = () => async events => {
      sent += events.length
      return postEventsTo({ url: api?.url ?? '', fetch }, '/v1/events')(events)
    }
    const onTick = (logMs: number) => told.push([logMs / HOUR_MS, sent])
    await run({ deliveries: makeDeliveries(['crm', 0], ['erp', 30], ['erp', 60]), postAs, onTick })
    expect(told).toEqual([
      [0, 0],
      [24, 1],
      [48, 1],
      [72, 2],
    ])
  })

  test('[R2] sends each source its own queue in order, in batches, one request at a time', async () => {
    const deliveries = makeDeliveries(
      ...Array.from({ length: 2_400 }, (_, at) => [at % 2 === 0 ? 'erp' : 'wms', 0] as const),
    )
    const { requests, inHandMax, report } = await run({ deliveries })
    expect(inHandMax).toBe(1)
    expect(report.done).toBe(2_400)
    for (const source of ['erp', 'wms']) {
      const batches = requests.filter(each => each.events[0]?.source === source).map(each => each.events)
      expect(batches.map(each => each.length)).toEqual([500, 500, 200])
      const expected = deliveries.map(each => each.event).filter(each => each.source === source)
      expect(idsOf(batches.flat())).toEqual(idsOf(expected))
    }
  })

  test('[R3] sends what was overloaded again, and only that, before anything else of the source', async () => {
    const { requests, report } = await run({
      deliveries: makeDeliveries(['erp', 0], ['erp', 0], ['erp', 0], ['erp', 100]),
      answers: [{ outcomes: { e1: 'overloaded', e2: 'journal_unavailable' } }],
    })
    expect(requests.map(each => idsOf(each.events))).toEqual([['e0', 'e1', 'e2'], ['e1', 'e2'], ['e3']])
    expect(report).toMatchObject({ done: 4, outcomes: { accepted: 4 }, retries: 1 })
  })

  test('reports what the log does not deserve', async () => {
    const { report } = await run({
      deliveries: makeDeliveries(['erp', 0]),
      answers: [{ outcomes: { e0: 'not_owner' } }],
    })
    expect(report.outcomes).toEqual({ not_owner: 1 })
    expect(report.troubles).toEqual([{ id: 'e0', outcome: 'not_owner' }])
  })

  test('follows the clock of the log at its rate', async () => {
    const deliveries = makeDeliveries(['erp', 0], ['erp', 10], ['crm', 20])
    const progress: ReplayProgress[] = []
    const { pauses } = await run({
      deliveries,
      rate: rateOver(deliveries, 1_000),
      onProgress: now => progress.push(now),
    })
    // 20 h in a second are 2 h in each tick of 100 ms.
    expect(pauses).toEqual(new Array(10).fill(100))
    expect(progress.map(now => now.logMs / HOUR_MS)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20])
    expect(progress.map(now => now.done)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3])
  })

  test('at full speed never pauses', async () => {
    const { pauses, report } = await run({ deliveries: makeDeliveries(['erp', 0], ['erp', 1_000]) })
    expect(pauses).toEqual([])
    expect(report.done).toBe(2)
  })

  test('stops when told to, with what was done until then', async () => {
    const stop = new AbortController()
    const deliveries = makeDeliveries(['erp', 0], ['erp', 100])
    const { report } = await run({ deliveries, signal: stop.signal, onProgress: () => stop.abort() })
    expect(report.done).toBe(1)
  })

  test('fails when the server refuses the request itself', async () => {
    const answers = [{ status: 400, body: '{"title":"Bad Request","detail":"no NDJSON"}' }]
    await expect(run({ deliveries: makeDeliveries(['erp', 0]), answers })).rejects.toThrow('HTTP 400: no NDJSON')
  })
})
