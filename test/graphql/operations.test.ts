import { describe, expect, test } from 'vitest'
import type { MetricFamily } from '../../engine/twin.ts'
import { metricsText } from '../../graphql/http/metrics-text.ts'
import { fakeTwin } from '../helpers/fake-twin.ts'
import { serve } from '../helpers/wire.ts'

describe('operations', () => {
  test('[H15] alive, ready, head', async () => {
    const { url } = await serve({ twin: fakeTwin() })
    expect(await (await fetch(`${url}/livez`)).json()).toEqual({ live: true })
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true })
    expect(await (await fetch(`${url}/v1/head`)).json()).toEqual({ position: '7', hash: 'ab'.repeat(32) })
  })

  test('[H15] not ready is 503 with the reason, and still alive', async () => {
    const { url } = await serve({ twin: fakeTwin({ health: { ready: false, reason: 'journal poisoned' } }) })
    const response = await fetch(`${url}/readyz`)
    expect(response.headers.get('retry-after')).toBe('2')
    expect(await response.json()).toMatchObject({ status: 503, code: 'not_ready', detail: 'journal poisoned' })
    expect((await fetch(`${url}/livez`)).status).toBe(200)
  })

  test("[H15] metrics are the twin's and the face's own", async () => {
    const samples = [{ labels: { outcome: 'accepted' }, value: 3 }]
    const family = { name: 'ordertwin_events_total', help: 'Events judged.', type: 'counter', samples } as const
    const { url } = await serve({ twin: fakeTwin({ metrics: [family] }) })
    await fetch(`${url}/livez`)
    const response = await fetch(`${url}/metrics`)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const text = await response.text()
    expect(text).toContain('# TYPE ordertwin_events_total counter\nordertwin_events_total{outcome="accepted"} 3\n')
    expect(text).toContain('ordertwin_http_responses_total{status="200"} 1\n')
  })

  test('[H15] metric text is escaped as Prometheus reads it', () => {
    const samples: MetricFamily['samples'] = [
      { labels: {}, value: Number.POSITIVE_INFINITY },
      { labels: { a: 'x"\\\n', b: 'y' }, value: 0.5 },
    ]
    expect(metricsText([{ name: 'm', help: 'one\ntwo \\', type: 'gauge', samples }])).toBe(
      '# HELP m one\\ntwo \\\\\n# TYPE m gauge\nm +Inf\nm{a="x\\"\\\\\\n",b="y"} 0.5\n',
    )
  })
})
