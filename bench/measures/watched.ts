// Watched: what the watch over all orders costs: how long until it knows everything, and how much memory that takes.
import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Serving, serve } from '../../cli/serving.ts'
import type { Attached, Companion } from '../../engine/companions.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Watch } from '../../engine/exceptions/watch.ts'

export interface Watched extends Serving {
  /** Until everything durable had been looked at. */
  readonly seconds: number
  /** What the process holds now that it did not before. */
  readonly bytes: number
  /** Open exceptions by kind. */
  readonly counts: Readonly<Record<string, number>>
}

/** Serves the twin, and waits until its watch knows all. */
export async function watched(engine: Engine): Promise<Watched> {
  const before = heldBytes()
  const startedMs = performance.now()
  const serving = await serve(engine, { host: '127.0.0.1', port: 0 })
  const counts = await openCounts(serving.server.url)
  const seconds = (performance.now() - startedMs) / 1e3
  return { ...serving, seconds, bytes: Math.max(0, heldBytes() - before), counts }
}

/** Everything durable at the call counts. */
export async function openCounts(url: string): Promise<Readonly<Record<string, number>>> {
  let response = await ask(url)
  // A server that has much to do says so at once, or lets go of who waits for long: it is asked again.
  for (; response?.ok !== true; response = await ask(url)) await pause(RETRY_MS)
  const { data } = (await response.json()) as { data: { exceptionCounts: { kind: string; count: number }[] } }
  return Object.fromEntries(data.exceptionCounts.map(({ count, kind }) => [kind, count]))
}

const RETRY_MS = 20

/** Undefined where the connection was cut. */
const ask = (url: string): Promise<Response | undefined> =>
  fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ exceptionCounts(by: [kind]) { kind count } }' }),
  }).catch(() => undefined)

/** A twin that tells a watch nothing, and other companions all: served, it is watched by nobody. */
export const unwatched = (engine: Engine): Engine =>
  Object.create(engine, {
    attach: {
      value: (companion: Companion): Attached => (companion.name === WATCH ? HEARS_NOTHING : engine.attach(companion)),
    },
  })

const WATCH: Watch['name'] = 'watch'
const HEARS_NOTHING: Attached = { head: 0, sections: undefined, tookUp: () => undefined, leave: () => undefined }

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heldBytes(): number {
  collect()
  collect()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
