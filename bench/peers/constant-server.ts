// Fastify that parses the same body and answers a constant: what HTTP itself costs, with one event per request.
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'

export interface ConstantServer {
  readonly url: string
  close(): Promise<void>
}

// As long as the twin's usual answer.
const ANSWER = JSON.stringify({
  id: 'erp-1000000-1',
  outcome: 'accepted',
  position: '00000001dnu',
  entity: 'order/SO-1000000',
  version: 2,
  from: 'captured.unchecked.unallocated.unbilled',
  to: 'validated.unchecked.unallocated.unbilled',
  order: 'SO-1000000',
})

export async function constantServer(): Promise<ConstantServer> {
  const app = fastify()
  app.addContentTypeParser(
    'application/cloudevents+json',
    { parseAs: 'string' },
    app.getDefaultJsonParser('error', 'error'),
  )
  app.post('/v1/events', (_request, reply) => void reply.type('application/json').send(ANSWER))
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, close: () => app.close() }
}
