// Gatekeeping: what is settled before a body is read. In this order: closing, host name, pressure, credentials.
// And how long the body may take.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PROBLEM_TYPE, problem, Refusal, retryAfter } from '../problems.ts'
import type { Authenticate, Face } from './face.ts'
import { isLoopback } from './hosts.ts'
import type { Wait } from './patience.ts'

const EVERYONE = {}

export function gatekeeping(app: FastifyInstance, face: Face): void {
  app.decorateRequest('sender', null as never)
  app.decorateRequest('bodyWait', undefined)
  // Hooks that wait for nothing call back: a promise each would cost as much as all they do.
  app.addHook('onRequest', (request, reply, done) => {
    if (hasBody(request)) request.bodyWait = waitForBody(request, reply, face)
    const refusal = refusalOf(request, face)
    if (refusal !== undefined || isAlwaysServed(request)) return done(refusal)
    if (face.authenticate !== undefined) return void letIn(request, face.authenticate).then(() => done(), done)
    request.sender = EVERYONE
    done()
  })
  // A stream minds its own waits. A body nobody reads (of a GET, say) is waited for until it has been dropped.
  app.addHook('preHandler', (request, _reply, done) => {
    if (request.body === request.raw || request.raw.complete) request.bodyWait?.end()
    done()
  })
}

declare module 'fastify' {
  interface FastifyRequest {
    bodyWait: Wait | undefined
  }
}

function refusalOf(request: FastifyRequest, { authenticate, closing, pressure }: Face): Refusal | undefined {
  if (closing.aborted) return new Refusal('shutting_down')
  // A page elsewhere could make a browser reach us under a name of its own (DNS rebinding).
  if (authenticate === undefined && !isLoopback(request.hostname)) return new Refusal('wrong_host', request.hostname)
  return !isAlwaysServed(request) && pressure.isHigh() ? new Refusal('overloaded') : undefined
}

const isAlwaysServed = ({ routeOptions }: FastifyRequest): boolean => routeOptions.config?.isAlwaysServed === true

async function letIn(request: FastifyRequest, authenticate: Authenticate): Promise<void> {
  const sender = await authenticate(request.raw)
  if (sender === undefined) throw new Refusal('unauthenticated')
  request.sender = sender
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
