// A client that sends single events.
import type { Outcome } from '../../engine/outcome.ts'

export interface Answered {
  readonly status: number
  readonly retryAfter: string | null
  readonly outcome: Outcome
}

/** Sends one event as structured CloudEvent. */
export async function sendEvent(url: string, event: unknown): Promise<Answered> {
  const response = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(event),
  })
  const outcome = (await response.json()) as Outcome
  return { status: response.status, retryAfter: response.headers.get('retry-after'), outcome }
}
