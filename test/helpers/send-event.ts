// A client that sends single events.
import type { Outcome } from '../../engine/outcome.ts'
import { untilRead } from './turned-away.ts'

export interface Answered {
  readonly status: number
  readonly retryAfter: string | null
  readonly outcome: Outcome
}

/** Sends one event as structured CloudEvent. */
export async function sendEvent(url: string, event: unknown): Promise<Answered> {
  return answered(await posted(url, event))
}

/** The same to a server process, which may have no time for it at first. */
export async function sendEventUntilRead(url: string, event: unknown): Promise<Answered> {
  return answered(await untilRead(() => posted(url, event)))
}

const posted = (url: string, event: unknown): Promise<Response> =>
  fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(event),
  })

async function answered(response: Response): Promise<Answered> {
  const outcome = (await response.json()) as Outcome
  return { status: response.status, retryAfter: response.headers.get('retry-after'), outcome }
}
