// A server in front of a twin, until it is told to stop: intake ends, what is in flight is answered, the store is closed.

import { type Policies, policiesWith } from '../engine/deadlines/policies.ts'
import type { Twin } from '../engine/twin.ts'
import { type Server, startServer } from '../graphql/server.ts'
import { Refused } from './exit.ts'
import { boundHeap } from './heap.ts'

export interface Serving {
  readonly server: Server
  /** Server first, then twin; the second call waits for the first. */
  close(): Promise<void>
}

export interface ServeAt {
  readonly host: string
  readonly port: number
  readonly policies?: Partial<Policies>
}

/** Throws Refused where nobody can listen there; the twin is closed then. */
export async function serve(twin: Twin, at: ServeAt): Promise<Serving> {
  const server = await started(twin, at)
  const unbound = boundHeap()
  let closing: Promise<void> | undefined
  const close = async () => {
    await server.close()
    await twin.close()
    unbound()
  }
  return { server, close: () => (closing ??= close()) }
}

async function started(twin: Twin, { host, port, policies = {} }: ServeAt): Promise<Server> {
  try {
    return await startServer({ twin, host, port, limits: { drainMs: DRAIN_MS }, policies: policiesWith(policies) })
  } catch (error) {
    await twin.close()
    const { code, syscall } = error as NodeJS.ErrnoException
    if (syscall !== 'listen' && syscall !== 'getaddrinfo') throw error
    throw new Refused(
      code === 'EADDRINUSE' ? taken(host, port) : `nobody can listen on port ${port} of ${host}: ${code}`,
    )
  }
}

const taken = (host: string, port: number): string =>
  `port ${port} of ${host} is taken; ORDERTWIN_PORT=N, or --port N of the demo, is another, and 0 any free one`

// Clients get that long to take their answers; what is left of the ten seconds is for the checkpoint.
const DRAIN_MS = 6_000
const CLOSE_MS_MAX = 10_000

/** Closes within ten seconds or says why not and ends the process: what was acknowledged is durable either way. */
export async function closeInTime(close: () => Promise<void>, process: NodeJS.Process): Promise<void> {
  const late = setTimeout(() => {
    console.error('not closed within 10 s: the next start reads more of the journal; nothing acknowledged is lost')
    process.exit(1)
  }, CLOSE_MS_MAX)
  await close()
  clearTimeout(late)
}

// One Ctrl-C under npm comes twice: from the terminal, and handed on by npm. Nobody presses it twice within a second.
const SAME_SIGNAL_MS = 1_000

/** Aborts at the first SIGINT or SIGTERM; at the second, a second later or more, the process ends at once, without ceremony. */
export function stopSignal(process: Pick<NodeJS.Process, 'exit' | 'on'>, nowMs = () => performance.now()): AbortSignal {
  const controller = new AbortController()
  let firstMs = 0
  const stop = () => {
    if (!controller.signal.aborted) firstMs = nowMs()
    else if (nowMs() - firstMs >= SAME_SIGNAL_MS) process.exit(130)
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return controller.signal
}

export const aborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise(resolve => void signal.addEventListener('abort', () => resolve(), { once: true }))

export const urls = (url: string): string =>
  [
    `  GraphQL   ${url}/graphql`,
    `  events    ${url}/v1/events`,
    `  API       ${url}/v1/openapi.json`,
    `  start     ${url}/`,
  ].join('\n')
