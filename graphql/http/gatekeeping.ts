// Gatekeeping: what is settled before a body is read. In this order: closing, host name, overload, credentials.
// And how long the body may take.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Limits } from '../limits.ts'
import { PROBLEM_TYPE, problem, Refusal, retryAfter } from '../problems.ts'
import type { Admitted } from './admission.ts'
import { BATCH_TYPE, NDJSON_TYPE } from './event-bodies.ts'
import type { Authenticate, Face, TurnedAway } from './face.ts'
import { isLoopback } from './hosts.ts'
import type { Wait } from './patience.ts'

const EVERYONE = {}

export function gatekeeping(app: FastifyInstance, face: Face): void {
  app.decorateRequest('sender', null as never)
  app.decorateRequest('bodyWait', undefined)
  app.decorateRequest('admitted', undefined)
  app.decorateRequest('isHeldBack', false)
  // Hooks that wait for nothing call back: a promise each would cost as much as all they do.
  app.addHook('onRequest', (request, reply, done) => {
    if (hasBody(request)) request.bodyWait = waitForBody(request, reply, face)
    const refusal = refusalOf(request, face) ?? (isAlwaysServed(request) ? undefined : overload(request, reply, face))
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
    /** Where its body had to be asked for room. */
    admitted: Admitted | undefined
    /** Whether it is we who do not read on. */
    isHeldBack: boolean
  }
}

function refusalOf(request: FastifyRequest, { authenticate, closing }: Face): Refusal | undefined {
  if (closing.aborted) return new Refusal('shutting_down')
  // A page elsewhere could make a browser reach us under a name of its own (DNS rebinding).
  if (authenticate === undefined && !isLoopback(request.hostname)) return new Refusal('wrong_host', request.hostname)
  return undefined
}

/**
 * Whether there is no time for it. A small body is not asked for room (H22): to read it costs no more than to turn it away, and the
 * inbox knows its source. Who is turned away keeps the connection (H24): the rest of the body is read and dropped, as a socket closed
 * before that would take our answer with it.
 */
function overload(request: FastifyRequest, reply: FastifyReply, face: Face): Refusal | undefined {
  const { admission, authenticate, limits, pressure } = face
  const { raw } = request
  const bytes = hasBody(request) ? announcedBytes(request, limits) : 0
  const isSmall = bytes <= (holdsMany(request) ? limits.smallBatchBytes : limits.smallBodyBytes)
  if (isSmall ? pressure.isExtreme() : pressure.isHigh())
    return turnedAway(face, 'loop_late', 'the process has more to do than it can')
  if (isSmall) return undefined
  const admitted = admission.admit({
    // Where nobody looks at credentials, they tell nobody apart: a sender could make up as many as it likes.
    sender: authenticate === undefined ? '' : (raw.headers.authorization ?? ''),
    bytes,
    isWhole: () => raw.complete || request.isHeldBack,
  })
  if (admitted === undefined) return turnedAway(face, 'no_room', 'what came before it takes all the time there is')
  request.admitted = admitted
  // Once its answer is written, or its client is gone.
  reply.raw.once('prefinish', admitted.end)
  reply.raw.once('close', admitted.end)
  return undefined
}

const holdsMany = ({ headers }: FastifyRequest): boolean => {
  const type = headers['content-type'] ?? ''
  return type.startsWith(BATCH_TYPE) || type.startsWith(NDJSON_TYPE)
}

function turnedAway({ turnedAway }: Face, reason: keyof TurnedAway, detail: string): Refusal {
  turnedAway[reason]++
  return new Refusal('overloaded', detail)
}

/** At most what a batch may have: longer ones are streams, and have no more in hand at a time. What is not announced is guessed. */
const announcedBytes = ({ headers }: FastifyRequest, { batchBytesMax, eventBytesMax }: Limits): number =>
  Math.min(Number(headers['content-length'] ?? eventBytesMax), batchBytesMax)

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
