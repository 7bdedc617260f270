import { afterEach, describe, expect, test } from 'vitest'
import { postEventsTo } from '../../connectors/http/post-events.ts'
import { SendingFailed, settleEvents } from '../../connectors/http/settle-events.ts'
import { type FakeAnswer, type FakeEventsApi, openFakeEventsApi } from './fake-events-api.ts'

const opened: FakeEventsApi[] = []

afterEach(async () => {
  for (const api of opened.splice(0)) await api.close()
})

const makeEvents = (...ids: string[]) => ids.map(id => ({ id, source: 'erp' }))

async function settle(answers: readonly FakeAnswer[], options: { attemptsMax?: number } = {}) {
  const api = await openFakeEventsApi(answers)
  opened.push(api)
  const waits: number[] = []
  const reasons: string[] = []
  const outcomes = settleEvents(makeEvents('a', 'b', 'c'), {
    post: postEventsTo({ url: api.url, fetch }, '/v1/events'),
    pause: async ms => void waits.push(ms),
    onRetry: ({ why }) => reasons.push(why),
    ...options,
  })
  return { outcomes, waits, reasons, api }
}

const accepted = ['a', 'b', 'c'].map(id => ({ id, outcome: 'accepted' }))

describe('settling a batch', () => {
  test('waits as long as the server asks and sends the same again', async () => {
    const { outcomes, waits, reasons, api } = await settle([
      { status: 429, retryAfter: '2', body: '{"title":"inbox full"}' },
      { status: 503 },
    ])
    expect(await outcomes).toEqual(accepted)
    expect(waits).toEqual([2_000, 100])
    expect(reasons).toEqual(['HTTP 429: inbox full', 'HTTP 503: '])
    expect(api.requests.map(each => each.events.map(event => event.id))).toEqual(new Array(3).fill(['a', 'b', 'c']))
  })

  test('[S1] keeps outcomes in the order of the events when some had to be sent again', async () => {
    const { outcomes, api } = await settle([
      { outcomes: { a: 'overloaded', c: 'overloaded' } },
      { outcomes: { c: 'overloaded' } },
    ])
    expect(await outcomes).toEqual(accepted)
    expect(api.requests.map(each => each.events.map(event => event.id))).toEqual([['a', 'b', 'c'], ['a', 'c'], ['c']])
  })

  test('[S1] takes a refusal of one event as settled', async () => {
    const { outcomes } = await settle([{ outcomes: { b: 'not_allowed_in_state' } }])
    expect((await outcomes).map(each => each.outcome)).toEqual(['accepted', 'not_allowed_in_state', 'accepted'])
  })

  test('sends again what an answer that broke off left open; what was taken meanwhile is a duplicate', async () => {
    const { outcomes, reasons } = await settle([{ breakOffAfter: 1 }])
    expect((await outcomes).map(each => each.outcome)).toEqual(['accepted', 'duplicate', 'duplicate'])
    expect(reasons).toEqual(['the answer broke off'])
  })

  test('[S2] waits longer each time, up to a limit', async () => {
    const { outcomes, waits } = await settle(new Array(10).fill({ status: 503 }))
    await outcomes
    expect(waits).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
  })

  test('[S3] gives up after so many sendings that settled nothing, and says why', async () => {
    const { outcomes, waits } = await settle(new Array(9).fill({ status: 503, body: '{"title":"journal poisoned"}' }), {
      attemptsMax: 3,
    })
    await expect(outcomes).rejects.toThrow(new SendingFailed('gave up after 3 sendings: HTTP 503: journal poisoned'))
    expect(waits).toHaveLength(2)
  })

  test('treats a server that is not there as one to try again', async () => {
    const { api } = await settle([])
    await api.close()
    const post = postEventsTo({ url: api.url, fetch }, '/v1/events')
    expect(await post(makeEvents('a'))).toMatchObject({
      kind: 'try_again',
      why: expect.stringContaining('ECONNREFUSED'),
    })
  })
})
