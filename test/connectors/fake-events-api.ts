// A server that speaks just enough of /v1/events: it accepts every event it has not seen, unless told otherwise.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Outcome, OutcomeCode } from '../../engine/outcome.ts'

export interface FakeRequest {
  readonly path: string
  readonly contentType: string | undefined
  readonly events: readonly { readonly id: string; readonly source: string; readonly specversion?: string }[]
}

export type FakeAnswer =
  | { readonly status: number; readonly retryAfter?: string; readonly body?: string }
  /** Outcomes by event id; `accepted` or `duplicate` where none is given. */
  | { readonly outcomes: Readonly<Record<string, OutcomeCode>> }
  /** Takes all events, answers only this many lines and breaks off. */
  | { readonly breakOffAfter: number }

export interface FakeEventsApi {
  readonly url: string
  readonly requests: readonly FakeRequest[]
  /** Most requests of one source in hand at a time. */
  readonly inHandMax: number
  close(): Promise<void>
}

/** `answers` are used up one per request, in order of arrival; then every event is taken. */
export async function openFakeEventsApi(answers: readonly FakeAnswer[] = []): Promise<FakeEventsApi> {
  const requests: FakeRequest[] = []
  const seen = new Set<string>()
  const inHand = new Map<string, number>()
  let inHandMax = 0

  const count = (source: string, by: number) => {
    const now = (inHand.get(source) ?? 0) + by
    inHand.set(source, now)
    inHandMax = Math.max(inHandMax, now)
  }
  const server = createServer(async (request, response) => {
    const events = await eventsOf(request)
    const answer = answers[requests.length]
    requests.push({ path: request.url ?? '', contentType: request.headers['content-type'], events })
    const sources = new Set(events.map(each => each.source))
    for (const source of sources) count(source, 1)
    reply(response, events, answer, seen)
    for (const source of sources) count(source, -1)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get inHandMax() {
      return inHandMax
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function eventsOf(request: IncomingMessage): Promise<FakeRequest['events']> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

function reply(
  response: ServerResponse,
  events: FakeRequest['events'],
  answer: FakeAnswer | undefined,
  seen: Set<string>,
): void {
  if (answer !== undefined && 'status' in answer) {
    if (answer.retryAfter !== undefined) response.setHeader('retry-after', answer.retryAfter)
    response.writeHead(answer.status).end(answer.body ?? '')
    return
  }
  const told = answer !== undefined && 'outcomes' in answer ? answer.outcomes : {}
  const lines = events.map(({ id, source }) => {
    const outcome = told[id] ?? (seen.has(`${source} ${id}`) ? 'duplicate' : 'accepted')
    if (outcome === 'accepted') seen.add(`${source} ${id}`)
    const line: Outcome = { id, outcome }
    return `${JSON.stringify(line)}\n`
  })
  response.setHeader('content-type', 'application/x-ndjson')
  if (answer === undefined || !('breakOffAfter' in answer)) return void response.end(lines.join(''))
  response.end(`${lines.slice(0, answer.breakOffAfter).join('')}{"id":"cut of`)
}
