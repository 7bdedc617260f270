// Posts events to a twin's public HTTP API as NDJSON and reads what each came to.
import type { Outcome } from '../../engine/outcome.ts'

/** Where the API is and what to send with each request (credentials). `fetch` is handed in. */
export interface EventsApi {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly fetch: typeof globalThis.fetch
}

export type PostAnswer =
  /** One outcome per event in order; fewer where the answer broke off, and then the rest is unknown. */
  | { readonly kind: 'answered'; readonly outcomes: readonly Outcome[] }
  /** Nothing is known to be kept; the same events may be sent again, no sooner than `afterMs` from now. */
  | { readonly kind: 'try_again'; readonly why: string; readonly afterMs?: number }
  /** Sending the same again would be answered the same. */
  | { readonly kind: 'refused'; readonly why: string }

export type PostEvents = (events: readonly unknown[], signal?: AbortSignal) => Promise<PostAnswer>

/** A sender to `/v1/events`, or to `/v1/preview` where nothing is to be written. It never rejects but when aborted. */
export function postEventsTo(api: EventsApi, path: '/v1/events' | '/v1/preview'): PostEvents {
  const endpoint = new URL(path, api.url)
  return async (events, signal) => {
    try {
      const response = await api.fetch(endpoint, {
        method: 'POST',
        headers: { ...api.headers, 'content-type': 'application/x-ndjson', accept: 'application/x-ndjson' },
        body: events.map(event => `${JSON.stringify(cloudEvent(event))}\n`).join(''),
        signal,
      })
      return await answerOf(response)
    } catch (error) {
      signal?.throwIfAborted()
      // The connection broke: what was sent may or may not be kept, and its ids make sending it again harmless.
      return { kind: 'try_again', why: messageOf(error) }
    }
  }
}

async function answerOf(response: Response): Promise<PostAnswer> {
  if (response.ok) return { kind: 'answered', outcomes: outcomesIn(await response.text()) }
  const why = `HTTP ${response.status}: ${problemIn(await response.text())}`
  if (response.status !== 429 && response.status < 500) return { kind: 'refused', why }
  return { kind: 'try_again', why, afterMs: retryAfterMs(response.headers.get('retry-after')) }
}

/** Whole lines only: an answer that breaks off within a line has no outcome there. */
function outcomesIn(text: string): readonly Outcome[] {
  const outcomes: Outcome[] = []
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const outcome = parsed(line)
    if (outcome === undefined) break
    outcomes.push(outcome)
  }
  return outcomes
}

function parsed(line: string): Outcome | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** RFC 9457 problem details where the server sends them, else the start of what it sent. */
function problemIn(text: string): string {
  try {
    const problem = JSON.parse(text)
    return String(problem.detail ?? problem.title ?? text)
  } catch {
    return text.slice(0, 200)
  }
}

const cloudEvent = (event: unknown): unknown =>
  typeof event === 'object' && event !== null ? { specversion: '1.0', ...event } : event

/** `Retry-After` in seconds; a date, which our server never sends, is left to the sender's own backoff. */
function retryAfterMs(header: string | null): number | undefined {
  const seconds = Number(header)
  return header === null || !Number.isFinite(seconds) ? undefined : seconds * 1_000
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
