// A load over HTTP, made and sent by another process, into a twin served by this one: from an empty store to a verified one.
import { serve } from '../../cli/serving.ts'
import { apart } from '../clients/child.ts'
import type { Sending, Sent } from '../clients/client.ts'
import { Latencies } from '../histogram.ts'
import type { LoadOptions } from '../load/load.ts'
import type { Checks } from '../oracle.ts'
import { constantServer } from '../peers/constant-server.ts'
import { openBenchTwin, withFolder } from '../store.ts'
import { warmFamilies } from './in-process.ts'

/** What a client is to send, but for the address. */
export type Load = { [Loop in Sending['loop']]: Omit<Extract<Sending, { loop: Loop }>, 'url'> }[Sending['loop']]

const CLIENT = new URL('../clients/client.ts', import.meta.url)

export const sendTo = (url: string, load: Load): Promise<Sent> => apart<Sent>(CLIENT, { ...load, url })

/** `during` may look at the process while it takes the load, and only then. */
export function ingestOverHttp(
  parent: string,
  load: Load,
  checks: Checks,
  during: (work: () => Promise<Sent>) => Promise<Sent> = work => work(),
): Promise<Sent> {
  return withFolder(parent, async data => {
    const engine = await openBenchTwin(data, warmFamilies(load.load))
    const { close, server } = await serve(engine, { host: '127.0.0.1', port: 0 })
    const sent = await during(() => sendTo(server.url, load))
    checks.outcomes(sent.answered, sent.expected)
    checks.ended(engine, load.load.orders)
    await close()
    await checks.store(data)
    return sent
  })
}

/** The same load to Fastify, which answers a constant. */
export async function toFastify(load: Load): Promise<Sent> {
  const { close, url } = await constantServer()
  try {
    return await sendTo(url, load)
  } finally {
    await close()
  }
}

/** As partners send: four connections, each 500 lines a request, the next as soon as it is answered. */
export const linesOf = (load: LoadOptions) =>
  ({ loop: 'closed', load, form: 'lines', connections: 4, eventsPerRequest: 500 }) as const satisfies Load

/** 3,000: over HTTP the first 20,000 events take twice as long, and after 40,000 nothing gets faster. */
export const WARM_UP_ORDERS = 3_000

export const latenciesOf = ({ latencies }: Pick<Sent, 'latencies'>): Latencies => Latencies.from(latencies)
