// A client that sends single events.
import type { Outcome } from '../../engine/outcome.ts'
import { sent } from './turned-away.ts'

const TYPE = 'application/cloudevents+json'

export interface Answered {
  readonly status: number
  readonly retryAfter: string | null
  readonly outcome: Outcome
}

/** Sends one event as structured CloudEvent. */
export async function sendEvent(url: string, event: unknown): Promise<Answered> {
  return answered(
    await fetch(`${url}/v1/events`, { method: 'POST', headers: { 'content-type': TYPE }, body: JSON.stringify(event) }),
  )
}

/** The same to a server process, which may have no time for it at first. */
export async function sendEventUntilRead(url: string, event: unknown): Promise<Answered> {
  return answered(await sent(`${url}/v1/events`, TYPE, JSON.stringify(event)))
}

async function answered(response: Response): Promise<Answered> {
  const outcome = (await response.json()) as Outcome
  return { status: response.status, retryAfter: response.headers.get('retry-after'), outcome }
}
