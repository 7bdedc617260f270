// The body of a request as it comes, chunk by chunk, with a way to stop waiting for the next one.
import type { IncomingMessage } from 'node:http'

export type Next = { readonly chunk: Buffer } | 'ended' | 'gone' | 'stopped'

/**
 * What comes next: all that has arrived since, the end, the loss of the client, or `signal` aborted. Waits for it.
 * Unlike the async iterator of a stream it can be stopped while it waits, without destroying the socket that the
 * answer still needs. One call at a time.
 */
export async function nextChunk(request: IncomingMessage, signal: AbortSignal): Promise<Next> {
  return whatIsThere(request, signal) ?? whatComes(request, signal)
}

function whatIsThere(request: IncomingMessage, signal: AbortSignal): Next | undefined {
  if (signal.aborted) return 'stopped'
  const chunk: Buffer | null = request.read()
  if (chunk !== null) return { chunk }
  if (request.readableEnded) return 'ended'
  return request.destroyed ? 'gone' : undefined
}

const WAKERS = ['readable', 'end', 'close', 'error'] as const

function whatComes(request: IncomingMessage, signal: AbortSignal): Promise<Next> {
  return new Promise(resolve => {
    const look = () => {
      const next = whatIsThere(request, signal)
      if (next === undefined) return
      for (const name of WAKERS) request.off(name, look)
      signal.removeEventListener('abort', look)
      resolve(next)
    }
    for (const name of WAKERS) request.on(name, look)
    signal.addEventListener('abort', look)
  })
}
