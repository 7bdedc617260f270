// A load over HTTP, made and sent by one process, into a twin served by another: from an empty store to a verified one.
import { apart, Child } from '../clients/child.ts'
import type { Sending, Sent } from '../clients/client.ts'
import type { Closed, Served, ServingTask } from '../clients/serving.ts'
import { Latencies } from '../histogram.ts'
import type { LoadOptions } from '../load/load.ts'
import type { Checks } from '../oracle.ts'
import { withFolder } from '../store.ts'
import { warmFamilies } from './in-process.ts'

/** What a client is to send, but for the address. */
export type Load = { [Loop in Sending['loop']]: Omit<Extract<Sending, { loop: Loop }>, 'url'> }[Sending['loop']]

const CLIENT = new URL('../clients/client.ts', import.meta.url)
const SERVING = new URL('../clients/serving.ts', import.meta.url)

export const sendTo = (url: string, load: Load): Promise<Sent> => apart<Sent>(CLIENT, { ...load, url })

/** The twin is a process of its own that was sent `warmUps` before, which count nowhere: its first events find code that nothing has made fast. */
export function ingestOverHttp(parent: string, load: Load, warmUps: readonly Load[], checks: Checks): Promise<Sent> {
  const liveFamiliesMax = Math.max(...[load, ...warmUps].map(each => warmFamilies(each.load)))
  return withFolder(parent, data =>
    withServer({ kind: 'twin', data, liveFamiliesMax }, async (url, server) => {
      for (const each of warmUps) await sendTo(url, each)
      const sent = await sendTo(url, load)
      checks.outcomes(sent.answered, sent.expected)
      const orders = [load, ...warmUps].reduce((sum, each) => sum + each.load.orders, 0)
      const { broken } = await server.ask<Closed>({ kind: 'close', orders } satisfies ServingTask)
      checks.check('every order that was sent is closed, delivered, paid', broken)
      await checks.store(data)
      return sent
    }),
  )
}

/** The same load to Fastify, which answers a constant. */
export const toFastify = (load: Load, warmUps: readonly Load[]): Promise<Sent> =>
  withServer({ kind: 'constant' }, async url => {
    for (const each of warmUps) await sendTo(url, each)
    return sendTo(url, load)
  })

async function withServer<Result>(
  task: ServingTask,
  run: (url: string, server: Child) => Promise<Result>,
): Promise<Result> {
  const server = new Child(SERVING)
  try {
    const { url } = await server.ask<Served>(task)
    return await run(url, server)
  } finally {
    await server.end()
  }
}

/** As partners send: four connections, each 500 lines a request, the next as soon as it is answered. */
export const linesOf = (load: LoadOptions) =>
  ({ loop: 'closed', load, form: 'lines', connections: 4, eventsPerRequest: 500 }) as const satisfies Load

/** 3,000: over HTTP the first 20,000 events take twice as long, and after 40,000 nothing gets faster. */
export const WARM_UP_ORDERS = 3_000

export const latenciesOf = ({ latencies }: Pick<Sent, 'latencies'>): Latencies => Latencies.from(latencies)
