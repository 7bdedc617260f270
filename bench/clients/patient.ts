// Patience: what a server turns away for now (429, 503) is sent again after a while, as sources do. How often is told: it is no loss,
// but nothing to be silent about.
import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from './connection.ts'

export interface TurnedAway {
  requests: number
}

const FOR_NOW: ReadonlySet<number> = new Set([429, 503])
// A tenth of what Retry-After says: a bench has less time than a source.
const AGAIN_MS = 100
// A server that turns a request away for so long does not take it; the oracle finds what is missing.
const PATIENCE_MS = 20_000

/** The body of the answer once there is one that lasts. */
export async function postPatiently(connection: Connection, request: Buffer, turnedAway: TurnedAway): Promise<string> {
  const giveUpMs = performance.now() + PATIENCE_MS
  for (;;) {
    const body = await connection.post(request)
    if (!FOR_NOW.has(connection.status) || performance.now() > giveUpMs) return body
    turnedAway.requests++
    await pause(AGAIN_MS)
  }
}
