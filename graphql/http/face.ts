// Face: what every route of the network face is given.
import type { IncomingMessage } from 'node:http'
import type { Sender, Twin } from '../../engine/twin.ts'
import type { Limits } from '../limits.ts'
import type { Admission } from './admission.ts'
import type { Patience } from './patience.ts'
import type { Pressure } from './pressure.ts'

/** Who sends, by the request's headers; undefined where nobody we know does. */
export type Authenticate = (request: IncomingMessage) => Sender | undefined | Promise<Sender | undefined>

/** Requests turned away unread, by reason. */
export type TurnedAway = Record<'loop_late' | 'no_room', number>

export interface Face {
  readonly twin: Twin
  readonly limits: Limits
  readonly patience: Patience
  readonly pressure: Pressure
  readonly admission: Admission
  readonly turnedAway: TurnedAway
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
