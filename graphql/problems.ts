// Problems: what the network face itself refuses, as RFC 9457 problem documents. What the twin decides about an event is
// an Outcome, never a problem. Codes are stable for ever; docs/PROBLEMS.md lists them and a test keeps both equal.

export const PROBLEMS = {
  bad_request: { status: 400, title: 'The request is not readable HTTP' },
  batch_unreadable: { status: 400, title: 'The batch cannot be read' },
  unauthenticated: { status: 401, title: 'No valid credentials' },
  wrong_origin: { status: 403, title: 'Pages of this origin are not served' },
  not_found: { status: 404, title: 'There is nothing at this address' },
  method_not_allowed: { status: 405, title: 'This address does not take that method' },
  body_too_slow: { status: 408, title: 'The body did not arrive in time' },
  stream_stalled: { status: 408, title: 'The stream made no progress' },
  body_too_large: { status: 413, title: 'The body is larger than allowed' },
  batch_too_large: { status: 413, title: 'The batch holds more events than allowed' },
  unsupported_media_type: { status: 415, title: 'This content type is not taken here' },
  unsupported_encoding: { status: 415, title: 'Compressed bodies are not taken' },
  wrong_host: { status: 421, title: 'This host name is not served' },
  overloaded: { status: 429, title: 'Too much to do at the moment' },
  headers_too_large: { status: 431, title: 'The request headers are larger than allowed' },
  internal: { status: 500, title: 'A fault of ours' },
  not_ready: { status: 503, title: 'The twin is not ready' },
  shutting_down: { status: 503, title: 'The server is shutting down' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>

export type ProblemCode = keyof typeof PROBLEMS

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ProblemCode
  readonly detail?: string
}

export const PROBLEM_TYPE = 'application/problem+json'

export const problem = (code: ProblemCode, detail?: string): Problem => ({
  type: `urn:ordertwin:problem:${code}`,
  ...PROBLEMS[code],
  code,
  detail,
})

/** Thrown where a request is turned away; the server's error handler answers it as a problem document. */
export class Refusal extends Error {
  readonly code: ProblemCode
  readonly detail: string | undefined
  constructor(code: ProblemCode, detail?: string) {
    // Nobody reads where it was made, and noting that costs more than all else about turning a request away.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(detail ?? PROBLEMS[code].title)
    Error.stackTraceLimit = stackTraceLimit
    this.code = code
    this.detail = detail
  }
}

// Seconds. An overloaded twin drains its inbox within one; a journal that failed is reopened within two. Those who are turned away
// together are told different times, one after the other: else they would come again together.
const RETRY_AFTER: Readonly<Record<number, readonly string[]>> = { 429: ['1', '2', '3'], 503: ['2'] }
let toldTimes = 0

/** What to put into `Retry-After` for this status; undefined where coming back does not help. */
export function retryAfter(status: number): string | undefined {
  const seconds = RETRY_AFTER[status]
  return seconds?.[toldTimes++ % seconds.length]
}

/** A problem as one complete HTTP answer on a socket that has no response object; closes the connection. */
export function rawAnswer(code: ProblemCode): string {
  const body = JSON.stringify(problem(code))
  const { status, title } = PROBLEMS[code]
  return `HTTP/1.1 ${status} ${title}\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
}
