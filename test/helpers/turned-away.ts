// Turned away: a server that is starved, as on a busy machine, refuses requests before it reads them and says when to come again.
// A client that means it comes again.
import { setTimeout as pause } from 'node:timers/promises'

/** The first answer to what was read. */
export async function untilRead(ask: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const response = await ask()
    const isRead = response.status !== 429 || !response.headers.get('content-type')?.includes('problem')
    if (isRead) return response
    await response.arrayBuffer()
    await pause(Number(response.headers.get('retry-after')) * 1_000)
  }
}

/** What a server process says to `body`, once it has the time to read it. */
export const sent = (url: string, type: string, body: string): Promise<Response> =>
  untilRead(() => fetch(url, { method: 'POST', headers: { 'content-type': type }, body }))
