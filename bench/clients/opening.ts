// A process that opens a store, tells how long that took and whether every order is there, and closes it.
import { Checks } from '../oracle.ts'
import { openBenchTwin } from '../store.ts'

export interface Opening {
  readonly data: string
  readonly orders: number
}

export interface Opened {
  readonly seconds: number
  readonly rssMb: number
  readonly hash: string
  readonly broken: string | undefined
}

async function open({ data, orders }: Opening): Promise<Opened> {
  const startedMs = performance.now()
  const engine = await openBenchTwin(data)
  const seconds = (performance.now() - startedMs) / 1e3
  const rssMb = process.memoryUsage.rss() / 1e6
  const checks = new Checks()
  checks.ended(engine, orders)
  const { hash } = engine.head()
  await engine.close()
  return { seconds, rssMb, hash, broken: checks.verdict().broken[0] }
}

process.once('message', async (opening: Opening) => {
  process.send?.(await open(opening))
})
