// The network face: one server in front of one twin: HTTP, GraphQL over HTTP, GraphQL over WebSocket, on one port.
// Owns:  the socket, its limits and time-outs, and what is refused before the twin is asked.
// Does not own: what an event comes to (the twin), who may send (authenticate), configuration (cli/).
//   H- and Q-rules are in docs/SPEC-face.md; problem codes in problems.ts, GraphQL's in operations/graph-errors.ts.
import type { AddressInfo, Socket } from 'node:net'
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { DEFAULT_POLICIES, type Policies } from '../engine/deadlines/policies.ts'
import { steppersOf } from '../engine/judge.ts'
import type { Twin } from '../engine/twin.ts'
import { CHARTS, type Charts } from '../machines/charts.ts'
import { DeskMetrics } from './desk/desk-metrics.ts'
import { ExceptionChanges } from './desk/exception-changes.ts'
import { OrderDesk } from './desk/order-desk.ts'
import { documentRoutes } from './documents/document-routes.ts'
import { pageRoute } from './documents/page.ts'
import { executableSchema } from './executable-schema.ts'
import type { Graph } from './graph-context.ts'
import { GRAPH_LIMITS, type GraphLimits, SOCKET_LIMITS, type SocketLimits } from './graph-limits.ts'
import { Admission } from './http/admission.ts'
import { eventRoutes } from './http/event-routes.ts'
import type { Authenticate, Face } from './http/face.ts'
import { gatekeeping, sendProblem } from './http/gatekeeping.ts'
import { graphqlRoutes } from './http/graphql-routes.ts'
import { isLoopback, UnsafeHost } from './http/hosts.ts'
import { operationRoutes } from './http/operation-routes.ts'
import { Patience } from './http/patience.ts'
import { loopPressure, type Pressure } from './http/pressure.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { Channels } from './live/channels.ts'
import { LiveFeed } from './live/live-feed.ts'
import { Waker } from './live/waker.ts'
import { Preparer } from './operations/prepare.ts'
import { type ProblemCode, Refusal, rawAnswer } from './problems.ts'
import { Timelines } from './timelines.ts'
import { graphSocketServer } from './ws/graphql-socket.ts'
import { socketRoutes } from './ws/socket-routes.ts'

export interface ServerOptions {
  readonly twin: Twin
  /** Default 127.0.0.1. Anything but loopback needs `authenticate`, else UnsafeHost is thrown. */
  readonly host?: string
  /** 0 takes any free port. */
  readonly port?: number
  readonly limits?: Partial<Limits>
  readonly graphLimits?: Partial<GraphLimits>
  readonly socketLimits?: Partial<SocketLimits>
  /** The twin's own; default: those in force. */
  readonly charts?: Charts
  readonly authenticate?: Authenticate
  /** How long things may take; default: DEFAULT_POLICIES. */
  readonly policies?: Policies
  /** Told of every fault of ours; default: standard error. */
  readonly report?: (error: unknown) => void
  /** Our version, for the documents. */
  readonly version?: string
  /** Default: how late the event loop is. */
  readonly pressure?: Pressure
}

export interface Server {
  readonly url: string
  readonly port: number
  /** Takes nothing new, answers what is in flight, then closes; cuts what has not ended after `drainMs`. */
  close(): Promise<void>
}

/** Listens when it resolves. The twin stays the caller's: close the server first, then the twin. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { host = '127.0.0.1', port = 4000, authenticate } = options
  if (authenticate === undefined && !isLoopback(host)) throw new UnsafeHost(host)
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits }
  const closing = new AbortController()
  const face: Face = {
    twin: options.twin,
    limits,
    patience: new Patience(limits),
    pressure: options.pressure ?? loopPressure(limits),
    admission: new Admission(limits, () => performance.now()),
    turnedAway: { loop_late: 0, no_room: 0 },
    authenticate,
    closing: closing.signal,
    report: options.report ?? console.error,
  }
  const app = serverApp(face)
  answerProblems(app, face)
  gatekeeping(app, face)
  const desk = new OrderDesk(face.twin, options.policies ?? DEFAULT_POLICIES, face.report)
  const deskMetrics = new DeskMetrics(desk)
  operationRoutes(app, face, () => deskMetrics.families())
  documentRoutes(app, options.version ?? '0.0.0')
  eventRoutes(app, face)
  const live = graphRoutes(app, face, desk, options)
  pageRoute(app)
  try {
    // As many may wait to be accepted as may be open: while the loop is busy nobody is.
    await app.listen({ host, port, backlog: limits.connectionsMax })
  } catch (error) {
    live.close()
    await close(app, face, closing)
    throw error
  }
  const bound = (app.server.address() as AddressInfo).port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    close: () => {
      live.close()
      return close(app, face, closing)
    },
  }
}

/** GraphQL on both transports. The socket's hooks come first: they make `/graphql` take upgrades. */
function graphRoutes(app: FastifyInstance, face: Face, desk: OrderDesk, options: ServerOptions): { close(): void } {
  const { twin, report } = face
  const socketLimits = { ...SOCKET_LIMITS, ...options.socketLimits }
  const limits = { ...GRAPH_LIMITS, ...options.graphLimits }
  const live = new LiveFeed(twin, report)
  const steppers = steppersOf(options.charts ?? CHARTS)
  const [timelines, waker, channels] = [new Timelines(twin), new Waker(), new Channels()]
  const exceptionChanges = new ExceptionChanges(desk.watch, socketLimits.exceptionChangesMax)
  const graph: Graph = {
    twin,
    steppers,
    timelines,
    live,
    waker,
    channels,
    exceptionChanges,
    desk,
    limits,
    socketLimits,
  }
  const schema = executableSchema()
  const preparer = new Preparer(schema, limits)
  const server = graphSocketServer({ graph, schema, preparer, report })
  socketRoutes(app, face, { server, limits: socketLimits })
  graphqlRoutes(app, face, { graph, schema, preparer })
  return {
    close() {
      live.close()
      desk.close()
    },
  }
}

function serverApp({ limits }: Face): FastifyInstance {
  const app = fastify({
    bodyLimit: limits.eventBytesMax,
    // Patience counts this instead: Node's counts whole requests, and streams have no end.
    requestTimeout: 0,
    connectionTimeout: limits.idleSocketMs,
    keepAliveTimeout: limits.keepAliveMs,
    http: { headersTimeout: limits.headersTimeoutMs, connectionsCheckingInterval: limits.checkEveryMs },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: (_error, _request, reply) =>
      sendProblem(reply as unknown as FastifyReply, new Refusal('bad_request')),
  })
  app.server.maxConnections = limits.connectionsMax
  return app
}

function answerProblems(app: FastifyInstance, { report }: Face): void {
  app.setErrorHandler((error: FastifyError | Refusal, _request, reply) => {
    const refusal = error instanceof Refusal ? error : refusalOf(error)
    if (refusal.code === 'internal') report(error)
    sendProblem(reply, refusal)
  })
  app.setNotFoundHandler((request, reply) => {
    const methods = (['GET', 'POST'] as const).filter(method => app.hasRoute({ method, url: pathOf(request) }))
    if (methods.length === 0) return sendProblem(reply, new Refusal('not_found'))
    reply.header('allow', methods.join(', '))
    sendProblem(reply, new Refusal('method_not_allowed'))
  })
}

const pathOf = ({ url }: FastifyRequest): string => url.split('?', 1)[0] as string

/** Fastify's own refusals under our names; whatever else was thrown is a fault of ours, of which nothing is told. */
function refusalOf({ code, statusCode = 500, message }: FastifyError): Refusal {
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new Refusal('body_too_large')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new Refusal('unsupported_media_type', message)
  return statusCode < 500 ? new Refusal('bad_request', message) : new Refusal('internal')
}

const CLIENT_ERRORS: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'body_too_slow',
}

/** What could not even be read as a request. In the middle of another answer nothing can be said. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (socket.writable && socket.bytesWritten === 0)
    socket.write(rawAnswer(CLIENT_ERRORS[error.code ?? ''] ?? 'bad_request'))
  socket.destroySoon()
}

async function close(
  app: FastifyInstance,
  { limits, patience, pressure }: Face,
  closing: AbortController,
): Promise<void> {
  closing.abort()
  const cut = setTimeout(() => app.server.closeAllConnections(), limits.drainMs)
  await app.close()
  clearTimeout(cut)
  patience.close()
  pressure.close()
}
