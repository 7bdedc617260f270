// POST /v1/events and /v1/preview: CloudEvents in any of their modes → outcomes.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HTTP_STATUS, type Outcome } from '../../engine/outcome.ts'
import { retryAfter } from '../problems.ts'
import { type EventsBody, NDJSON_TYPE, readBody, takeEventBodies } from './event-bodies.ts'
import { serveStream } from './event-stream.ts'
import type { Face } from './face.ts'
import { type Ask, isTurnedAway, outcomesOf } from './judging.ts'

export function eventRoutes(app: FastifyInstance, face: Face): void {
  // Two scopes, as the two take a stream differently: submitted line by line, previewed as one.
  app.register(async scope => {
    takeEventBodies(scope, face.limits)
    scope.addContentTypeParser(NDJSON_TYPE, (_request, payload, done) => done(null, payload))
    scope.post('/v1/events', (request, reply) => submit(request, reply, face))
    scope.options('/v1/events', allowWebhooks)
  })
  app.register(async scope => {
    takeEventBodies(scope, face.limits)
    scope.addContentTypeParser(
      NDJSON_TYPE,
      { parseAs: 'buffer', bodyLimit: face.limits.batchBytesMax },
      (_request, body, done) => done(null, body),
    )
    scope.post('/v1/preview', (request, reply) => preview(request, reply, face))
  })
}

async function submit(request: FastifyRequest, reply: FastifyReply, face: Face): Promise<void> {
  const ask: Ask = async inputs => {
    const outcomes = await face.twin.submit(inputs, request.sender)
    if (!outcomes.some(isTurnedAway)) request.admitted?.judged()
    return outcomes
  }
  if (request.body !== request.raw) return answer(readBody(request, face.limits), reply, ask)
  reply.hijack()
  await serveStream({
    ...face,
    request: request.raw,
    response: reply.raw,
    ask,
    backlog: () => face.twin.backlog(),
    holding(isHeldBack) {
      request.isHeldBack = isHeldBack
    },
  })
}

// All of it in one question: each event is judged on top of those before it.
async function preview(request: FastifyRequest, reply: FastifyReply, face: Face): Promise<void> {
  return answer(readBody(request, face.limits), reply, inputs => face.twin.preview(inputs, request.sender))
}

async function answer(body: EventsBody, reply: FastifyReply, ask: Ask): Promise<void> {
  const outcomes = await outcomesOf(body.read, ask)
  if (body.kind === 'single') return sendOutcome(reply, outcomes[0] as Outcome)
  if (body.kind === 'batch') return void reply.type('application/json').send(JSON.stringify(outcomes))
  reply.type(NDJSON_TYPE).send(outcomes.map(outcome => `${JSON.stringify(outcome)}\n`).join(''))
}

function sendOutcome(reply: FastifyReply, outcome: Outcome): void {
  const status = HTTP_STATUS[outcome.outcome]
  const seconds = retryAfter(status)
  if (seconds !== undefined) reply.header('retry-after', seconds)
  reply.code(status).type('application/json').send(JSON.stringify(outcome))
}

/** The handshake of CloudEvents web hooks: a sender asks whether it may, before it delivers. */
async function allowWebhooks(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const origin = request.headers['webhook-request-origin']
  if (typeof origin === 'string') reply.header('webhook-allowed-origin', origin).header('webhook-allowed-rate', '*')
  reply.code(204).header('allow', 'POST, OPTIONS').send()
}
