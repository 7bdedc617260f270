// Gatekeeping: what is settled before a body is read. In this order: closing, host name, pressure, credentials.
// And how long the body may take.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PROBLEM_TYPE, problem, Refusal, retryAfter } from '../problems.ts'
import type { Face } from './face.ts'
import { isLoopback } from './hosts.ts'
import type { Wait } from './patience.ts'

const EVERYONE = {}

export function gatekeeping(app: FastifyInstance, face: Face): void {
  const bodyWaits = new WeakMap<FastifyRequest, Wait>()
  app.decorateRequest('sender', null as never)
  app.addHook('onRequest', async (request, reply) => {
    if (hasBody(request)) bodyWaits.set(request, waitForBody(request, reply, face))
    if (face.closing.aborted) throw new Refusal('shutting_down')
    // A page elsewhere could make a browser reach us under a name of its own (DNS rebinding).
    if (face.authenticate === undefined && !isLoopback(request.hostname))
      throw new Refusal('wrong_host', request.hostname)
    if (request.routeOptions.config?.isAlwaysServed) return
    if (face.pressure.isHigh()) throw new Refusal('overloaded')
    request.sender = await senderOf(request, face)
  })
  // A stream minds its own waits. A body nobody reads (of a GET, say) is waited for until it has been dropped.
  app.addHook('preHandler', async request => {
    if (request.body === request.raw || request.raw.complete) bodyWaits.get(request)?.end()
  })
}

async function senderOf(request: FastifyRequest, { authenticate }: Face) {
  if (authenticate === undefined) return EVERYONE
  const sender = await authenticate(request.raw)
  if (sender === undefined) throw new Refusal('unauthenticated')
  return sender
}

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

function waitForBody(request: FastifyRequest, reply: FastifyReply, { patience }: Face): Wait {
  const wait = patience.wait(() => {
    if (reply.sent) return void request.raw.destroy()
    reply.hijack()
    reply.raw.writeHead(408, { 'content-type': PROBLEM_TYPE, connection: 'close' })
    reply.raw.end(JSON.stringify(problem('body_too_slow')))
  })
  request.raw.once('close', () => wait.end())
  return wait
}

export function sendProblem(reply: FastifyReply, { code, detail }: Refusal): void {
  const body = problem(code, detail)
  const seconds = retryAfter(body.status)
  if (seconds !== undefined) reply.header('retry-after', seconds)
  if (code === 'unauthenticated') reply.header('www-authenticate', 'Bearer')
  reply.code(body.status).type(PROBLEM_TYPE).send(JSON.stringify(body))
}
