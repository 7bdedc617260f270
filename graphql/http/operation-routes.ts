// What those who run the server ask: is it alive, is it ready, where does the journal end, what does it count.
import type { FastifyInstance } from 'fastify'
import type { MetricFamily } from '../../engine/twin.ts'
import { Refusal } from '../problems.ts'
import type { Face } from './face.ts'
import { METRICS_TYPE, metricsText } from './metrics-text.ts'

/** `beside` are the metrics of what stands beside the twin. */
export function operationRoutes(
  app: FastifyInstance,
  face: Face,
  beside: () => Promise<readonly MetricFamily[]>,
): void {
  const always = { config: { isAlwaysServed: true } }
  const answered = new Map<number, number>()
  app.addHook('onResponse', async (_request, reply) => {
    answered.set(reply.statusCode, (answered.get(reply.statusCode) ?? 0) + 1)
  })
  app.get('/livez', always, async () => ({ live: true }))
  app.get('/readyz', always, async () => {
    const { ready, reason } = face.twin.health()
    if (!ready) throw new Refusal('not_ready', reason)
    return { ready }
  })
  app.get('/v1/head', async () => face.twin.head())
  app.get('/metrics', always, async (_request, reply) =>
    reply
      .type(METRICS_TYPE)
      .send(metricsText([...face.twin.metrics(), ...(await beside()), ...ownMetrics(face, answered)])),
  )
}

function ownMetrics(
  { admission, pressure, turnedAway }: Face,
  answered: ReadonlyMap<number, number>,
): readonly MetricFamily[] {
  return [
    {
      name: 'ordertwin_http_responses_total',
      help: 'HTTP requests answered, by status.',
      type: 'counter',
      samples: [...answered].map(([status, value]) => ({ labels: { status: String(status) }, value })),
    },
    {
      name: 'ordertwin_http_turned_away_total',
      help: 'Requests turned away unread, by reason.',
      type: 'counter',
      samples: Object.entries(turnedAway).map(([reason, value]) => ({ labels: { reason }, value })),
    },
    gauge('ordertwin_admitted_bytes', 'Bytes of large bodies that are let in and not answered yet.', admission.bytes),
    gauge(
      'ordertwin_loop_delay_seconds',
      'Mean delay of the event loop over the last sample.',
      pressure.loopDelayMs() / 1000,
    ),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', process.memoryUsage.rss()),
  ]
}

const gauge = (name: string, help: string, value: number): MetricFamily => ({
  name,
  help,
  type: 'gauge',
  samples: [{ labels: {}, value }],
})
