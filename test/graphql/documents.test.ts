import { describe, expect, test } from 'vitest'
import { HTTP_STATUS } from '../../engine/outcome.ts'
import type { asyncApiDocument } from '../../graphql/documents/asyncapi.ts'
import { eventEnvelope, outcomeSchema } from '../../graphql/documents/envelope.ts'
import { openApiDocument } from '../../graphql/documents/openapi.ts'
import { parseEvent } from '../../machines/event.ts'
import { eventTypeEntry, eventTypeNames } from '../../machines/event-types.ts'
import { fakeTwin } from '../helpers/fake-twin.ts'
import { sampleEvent, serve } from '../helpers/wire.ts'

/** Every `$ref` in `document` that does not lead to something in it. */
function danglingRefs(document: object): string[] {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(match => match[1] as string)
  return refs.filter(ref => {
    const path = ref.slice(2).split('/')
    const target = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document)
    return !ref.startsWith('#/') || target === undefined
  })
}

describe('what the server tells about itself', () => {
  test('[H16] OpenAPI 3.1 and AsyncAPI 3 are served and hang together', async () => {
    const { url } = await serve({ twin: fakeTwin(), version: '9.9.9' })
    const openApi = (await (await fetch(`${url}/v1/openapi.json`)).json()) as ReturnType<typeof openApiDocument>
    const asyncApi = (await (await fetch(`${url}/v1/asyncapi.json`)).json()) as ReturnType<typeof asyncApiDocument>
    expect([openApi.openapi, asyncApi.asyncapi, openApi.info.version]).toEqual(['3.1.0', '3.0.0', '9.9.9'])
    expect([...danglingRefs(openApi), ...danglingRefs(asyncApi)]).toEqual([])
    expect(Object.keys(asyncApi.components.messages)).toEqual(eventTypeNames)
  })

  test('[H16] OpenAPI names every status an outcome has', () => {
    const { responses } = openApiDocument('0').paths['/v1/events'].post
    for (const status of Object.values(HTTP_STATUS)) expect(responses).toHaveProperty(String(status))
  })

  test('[H16] each event has a JSON Schema in each of its versions', async () => {
    const { url } = await serve({ twin: fakeTwin() })
    for (const type of eventTypeNames) {
      for (let version = 1; version <= eventTypeEntry(type).versions.length; version++) {
        const response = await fetch(`${url}/v1/schemas/events/${type}/${version}.json`)
        expect(await response.json()).toMatchObject({ $id: `urn:ordertwin:event:${type}:${version}`, type: 'object' })
      }
    }
    const newest = await (await fetch(`${url}/v1/schemas/events/delivery.completed.json`)).json()
    expect(newest).toMatchObject({ $id: 'urn:ordertwin:event:delivery.completed:2' })
    expect(newest).toHaveProperty('properties.proof')
  })

  test('[H16] moments are text in the schema, as senders write them', async () => {
    const { url } = await serve({ twin: fakeTwin() })
    const schema = await (await fetch(`${url}/v1/schemas/events/order.captured.json`)).json()
    expect(schema).toMatchObject({
      properties: { promisedAt: { type: 'string' } },
      required: ['customer', 'currency', 'lines'],
    })
  })

  test.each(['nothing.happened.json', 'order.captured/9.json', 'order.captured/x.json', '__proto__.json'])(
    '[H16] there is no schema %s',
    async path => {
      const { url } = await serve({ twin: fakeTwin() })
      expect((await fetch(`${url}/v1/schemas/events/${path}`)).status).toBe(404)
    },
  )

  test('[H16] the schema of the envelope refuses what the parser refuses', () => {
    const source = { id: 'wms-1', role: 'wms', timeZone: 'UTC' } as const
    const nowMs = Date.parse('2026-11-21T12:00:00Z')
    const variants: object[] = [
      ...['id', 'source', 'type', 'subject', 'time'].flatMap(name => [
        { [name]: undefined },
        { [name]: '' },
        { [name]: 7 },
      ]),
      { specversion: '0.3' },
      { expectedversion: -1 },
      { expectedversion: '3' },
      { sequence: 1.5 },
      { time: '2026-11-21' },
      { time: '2026-11-21T10:00:00' },
      { subject: 'customer/7' },
      { subject: 'ref/tracking/1Z' },
      { subject: 'order/' },
      { id: 'x'.repeat(257) },
      {},
    ]
    for (const more of variants) {
      const input = sampleEvent('a', more)
      const isRefused = 'flaws' in parseEvent(input, source, nowMs)
      // The source is looked up by the engine before parsing: here it is a required attribute like the others.
      const expected = 'source' in more ? true : isRefused
      expect([more, !eventEnvelope.safeParse(input).success]).toEqual([more, expected])
    }
  })

  test('[H16] the schema of outcomes takes outcomes within outcomes', () => {
    const outcome = { id: 'a', outcome: 'parked', waitsFor: { event: 'order.captured', owner: 'channel' } }
    expect(outcomeSchema.safeParse({ ...outcome, families: [outcome, outcome] }).success).toBe(true)
    expect(outcomeSchema.safeParse({ ...outcome, families: [{ outcome: 'lost' }] }).success).toBe(false)
  })
})
