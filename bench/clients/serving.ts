// The process that serves: a twin as it is started, with nothing in its memory but what it is sent; or Fastify that answers a constant.
import { turnOffPretenuring } from '../../cli/heap.ts'
import { serve } from '../../cli/serving.ts'
import { Checks } from '../oracle.ts'
import { constantServer } from '../peers/constant-server.ts'
import { openBenchTwin } from '../store.ts'

export type ServingTask =
  | { readonly kind: 'twin'; readonly data: string; readonly liveFamiliesMax: number }
  | { readonly kind: 'constant' }
  /** So many orders must have ended; the twin is closed then. */
  | { readonly kind: 'close'; readonly orders: number }

export interface Served {
  readonly url: string
}

export interface Closed {
  readonly broken: string | undefined
}

let closeTwin: ((orders: number) => Promise<Closed>) | undefined

async function twin(data: string, liveFamiliesMax: number): Promise<Served> {
  const engine = await openBenchTwin(data, liveFamiliesMax)
  const { close, server } = await serve(engine, { host: '127.0.0.1', port: 0 })
  closeTwin = async orders => {
    const checks = new Checks()
    checks.ended(engine, orders)
    await close()
    return { broken: checks.verdict().broken[0] }
  }
  return { url: server.url }
}

async function answer(task: ServingTask): Promise<Served | Closed | undefined> {
  switch (task.kind) {
    case 'twin':
      return twin(task.data, task.liveFamiliesMax)
    case 'constant':
      return { url: (await constantServer()).url }
    case 'close':
      return closeTwin?.(task.orders)
  }
}

turnOffPretenuring()
process.on('message', async (task: ServingTask) => {
  process.send?.((await answer(task)) ?? {})
})
