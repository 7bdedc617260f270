// Face: what every route of the network face is given.
import type { IncomingMessage } from 'node:http'
import type { Sender, Twin } from '../../engine/twin.ts'
import type { Limits } from '../limits.ts'
import type { Patience } from './patience.ts'
import type { Pressure } from './pressure.ts'

/** Who sends, by the request's headers; undefined where nobody we know does. */
export type Authenticate = (request: IncomingMessage) => Sender | undefined | Promise<Sender | undefined>

export interface Face {
  readonly twin: Twin
  readonly limits: Limits
  readonly patience: Patience
  readonly pressure: Pressure
  /** Absent: everyone may do everything, and the server is reachable from this machine only. */
  readonly authenticate?: Authenticate
  /** Aborted when the server closes. */
  readonly closing: AbortSignal
  /** Told of every fault of ours. */
  readonly report: (error: unknown) => void
}

declare module 'fastify' {
  interface FastifyRequest {
    sender: Sender
  }
  interface FastifyContextConfig {
    /** Answered however busy the server is, and to anyone who can reach it. */
    isAlwaysServed?: boolean
  }
}
