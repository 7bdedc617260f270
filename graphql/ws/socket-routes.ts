// The sockets under GraphQL over WebSocket: what a client may do to one, and how long.
//   W1  A reader that leaves a message untaken for `stallMs`, or asks without reading, is closed as too_far_behind.
//   W2  A socket without operations is closed as idle; one that does not answer pings is cut.
//   W3  Who asks for one and is answered otherwise (429, 403, 401) has the socket closed after the answer.
//   W4  A page of another origin cannot open one: browsers let any page try, and send no preflight.
import fastifyWebsocket from '@fastify/websocket'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { handleProtocols } from 'graphql-ws'
import type { WebSocket } from 'ws'
import type { SocketLimits } from '../graph-limits.ts'
import type { Face } from '../http/face.ts'
import { isLoopback } from '../http/hosts.ts'
import { Refusal } from '../problems.ts'
import { CLOSE_CODES, closeReason } from './close-codes.ts'
import { GraphConnection } from './graph-connection.ts'
import type { graphSocketServer } from './graphql-socket.ts'

export type GraphSocketServer = ReturnType<typeof graphSocketServer>

/** Must be called before the route at `/graphql` is made: from then on it takes upgrades too. */
export function socketRoutes(
  app: FastifyInstance,
  face: Face,
  { server, limits }: { server: GraphSocketServer; limits: SocketLimits },
): void {
  const connections = new Set<GraphConnection>()
  app.addHook('onRoute', route => {
    if (route.url !== '/graphql' || route.method !== 'GET') return
    route.wsHandler = (socket: WebSocket, request: FastifyRequest) => {
      const { raw, sender } = request
      const connection = new GraphConnection(socket, { wire: raw.socket, limits, server, sender, report: face.report })
      connections.add(connection)
      socket.once('close', () => connections.delete(connection))
    }
  })
  app.register(fastifyWebsocket, {
    options: { maxPayload: limits.frameBytesMax, handleProtocols },
    errorHandler: (_error, socket) => socket.terminate(),
    preClose(done) {
      for (const connection of connections) connection.close(CLOSE_CODES.shutting_down, closeReason('shutting_down'))
      app.websocketServer.close(() => done())
    },
  })
  app.addHook('onRequest', (request, _reply, done) => {
    const isForeign = request.headers.upgrade !== undefined && !isOwnOrigin(request, face)
    done(isForeign ? new Refusal('wrong_origin', request.headers.origin) : undefined)
  })
  // A socket that was to be upgraded is no longer the HTTP server's: answered instead, nobody else would ever close it.
  app.addHook('onResponse', (request, _reply, done) => {
    if (asksForUpgrade(request)) request.raw.socket.destroySoon()
    done()
  })
}

const asksForUpgrade = ({ headers }: FastifyRequest): boolean =>
  headers.upgrade !== undefined && /\bupgrade\b/i.test(headers.connection ?? '')

/** Programs send no origin. Without credentials any page of this machine may come, with them those of our own host. */
function isOwnOrigin({ headers, hostname }: FastifyRequest, { authenticate }: Face): boolean {
  const { origin } = headers
  if (origin === undefined) return true
  const host = URL.canParse(origin) ? new URL(origin).hostname : ''
  return authenticate === undefined ? isLoopback(host) : host === hostname
}
