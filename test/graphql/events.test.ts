import { describe, expect, test } from 'vitest'
import { HTTP_STATUS, OUTCOMES } from '../../engine/outcome.ts'
import { fakeTwin } from '../helpers/fake-twin.ts'
import { post, rawClient, sampleEvent, serve } from '../helpers/wire.ts'

const EVENT = 'application/cloudevents+json'
const BATCH = 'application/cloudevents-batch+json'

async function world(options = {}) {
  const twin = fakeTwin(options)
  const { url } = await serve({ twin })
  return { twin, events: `${url}/v1/events`, preview: `${url}/v1/preview` }
}

describe('POST /v1/events', () => {
  test.each([EVENT, 'application/json', `${EVENT}; charset=UTF-8`])('[H1] takes an event as %s', async type => {
    const { twin, events } = await world()
    const response = await post(events, type, JSON.stringify(sampleEvent('a')))
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ id: 'a', outcome: 'accepted' })
    expect(twin.calls.map(call => call.inputs)).toEqual([[sampleEvent('a')]])
  })

  test('[H1] takes an event in binary mode', async () => {
    const { twin, events } = await world()
    const { data, ...attributes } = sampleEvent('b', { expectedversion: '3' })
    const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]))
    const response = await post(events, 'application/json', JSON.stringify(data), headers)
    expect(await response.json()).toMatchObject({ id: 'b', outcome: 'accepted' })
    expect(twin.calls[0]?.inputs).toEqual([{ ...attributes, data }])
  })

  test('[H8] attribute headers are percent-decoded; one that is not so encoded is malformed', async () => {
    const { twin, events } = await world()
    await post(events, undefined, undefined, { 'ce-id': 'caf%C3%A9', 'ce-type': 'pick.started' })
    expect(twin.calls[0]?.inputs).toEqual([{ id: 'café', type: 'pick.started', data: undefined }])
    const broken = await post(events, undefined, undefined, { 'ce-id': '%E9', 'ce-type': 'pick.started' })
    expect(broken.status).toBe(422)
    const { socket, said } = rawClient(Number(new URL(events).port))
    socket.write('POST /v1/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nce-id: a\r\nCe-Id: b\r\n\r\n')
    expect(await said).toMatch(/^HTTP\/1.1 422 .*sent twice/s)
    expect(twin.calls).toHaveLength(1)
  })

  test.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', `${EVENT}; charset=latin1`])(
    '[H1] refuses %s with 415',
    async type => {
      const { twin, events } = await world()
      const response = await post(events, type, JSON.stringify(sampleEvent('a')))
      expect(response.status).toBe(415)
      expect(response.headers.get('content-type')).toContain('application/problem+json')
      expect(await response.json()).toMatchObject({ code: 'unsupported_media_type' })
      expect(twin.calls).toEqual([])
    },
  )

  test('[H1] refuses a body that is compressed, and none at all', async () => {
    const { events } = await world()
    const zipped = await post(events, EVENT, 'x', { 'content-encoding': 'gzip' })
    expect(await zipped.json()).toMatchObject({ status: 415, code: 'unsupported_encoding' })
    expect((await fetch(events, { method: 'POST' })).status).toBe(415)
  })

  test.each(OUTCOMES)('[H2] answers %s with its own status', async outcome => {
    const { events } = await world({ judge: () => ({ id: 'a', outcome }) })
    const response = await post(events, EVENT, JSON.stringify(sampleEvent('a')))
    expect(response.status).toBe(HTTP_STATUS[outcome])
    expect(response.headers.has('retry-after')).toBe(outcome === 'overloaded' || outcome === 'journal_unavailable')
    expect(await response.json()).toEqual({ id: 'a', outcome })
  })

  test.each(['', 'nonsense', '{"id":"a","id":"b"}', '{"__proto__":1}'])(
    '[H2] [H7] answers %j as malformed',
    async body => {
      const { twin, events } = await world()
      const response = await post(events, EVENT, body)
      expect(response.status).toBe(422)
      expect(await response.json()).toMatchObject({ outcome: 'malformed', code: 'unreadable' })
      expect(twin.calls).toEqual([])
    },
  )

  test('[H3] a batch is answered in input order, its bad events malformed', async () => {
    const { twin, events } = await world()
    const texts = [JSON.stringify(sampleEvent('a')), '{"id":"b","id":"b"}', '7', JSON.stringify(sampleEvent('c'))]
    const response = await post(events, BATCH, `[${texts.join()}]`)
    expect(response.status).toBe(200)
    const outcomes = (await response.json()) as { id?: string; outcome: string }[]
    expect(outcomes.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['a', 'accepted'],
      [undefined, 'malformed'],
      [undefined, 'malformed'],
      ['c', 'accepted'],
    ])
    expect(twin.calls.map(call => call.inputs)).toEqual([[sampleEvent('a'), 7, sampleEvent('c')]])
  })

  test.each(['{}', '[1', '', Buffer.from([0x5b, 0xff, 0x5d])])('[H4] the batch %j is unreadable', async body => {
    const { twin, events } = await world()
    const response = await post(events, BATCH, body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'batch_unreadable' })
    expect(twin.calls).toEqual([])
  })

  test('[H4] a batch may be empty, but not hold too many events', async () => {
    const { twin, events } = await world()
    expect(await (await post(events, BATCH, '[]')).json()).toEqual([])
    const response = await post(events, BATCH, JSON.stringify(Array(1_001).fill(0)))
    expect(await response.json()).toMatchObject({ status: 413, code: 'batch_too_large' })
    expect(twin.calls.flatMap(call => call.inputs)).toEqual([])
  })

  test('[H19] answers the handshake of web hooks', async () => {
    const { events } = await world()
    const response = await fetch(events, { method: 'OPTIONS', headers: { 'webhook-request-origin': 'erp.example' } })
    expect(response.headers.get('webhook-allowed-origin')).toBe('erp.example')
    expect(response.headers.get('allow')).toContain('POST')
  })
})

describe('POST /v1/preview', () => {
  test.each([
    [EVENT, JSON.stringify(sampleEvent('a'))],
    [BATCH, JSON.stringify([sampleEvent('a')])],
    ['application/x-ndjson', `${JSON.stringify(sampleEvent('a'))}\n`],
  ])('[H9] judges %s and submits nothing', async (type, body) => {
    const { twin, preview } = await world()
    const response = await post(preview, type, body)
    expect(await response.text()).toContain('"accepted"')
    expect(twin.previewed).toEqual([[sampleEvent('a')]])
    expect(twin.calls).toEqual([])
  })

  test('[H9] lines are judged as one batch, and bounded like one', async () => {
    const { twin, preview } = await world()
    const lines = (count: number) => '7\n'.repeat(count)
    const response = await post(preview, 'application/x-ndjson', lines(1_000))
    expect((await response.text()).trimEnd().split('\n')).toHaveLength(1_000)
    expect(twin.previewed.map(inputs => inputs.length)).toEqual([1_000])
    expect((await post(preview, 'application/x-ndjson', lines(1_001))).status).toBe(413)
  })
})
