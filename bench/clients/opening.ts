// A process that opens a store, tells how long that took, whether every order is there and what some of them are, and closes it.

import { createHash } from 'node:crypto'
import { turnOffPretenuring } from '../../cli/heap.ts'
import type { Engine } from '../../engine/engine.ts'
import { orderEnd } from '../network/order-end.ts'
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
  /** Digest of some orders, from the first to the last, and of everything that was said of them. */
  readonly asked: string
}

// Of each a family and its history are read; without LevelDB a family is made from the journal.
const ASKED_MAX = 500

async function open({ data, orders }: Opening): Promise<Opened> {
  const startedMs = performance.now()
  const engine = await openBenchTwin(data)
  const seconds = (performance.now() - startedMs) / 1e3
  const rssMb = process.memoryUsage.rss() / 1e6
  const checks = new Checks()
  checks.ended(engine, orders)
  const { hash } = engine.head()
  const asked = await digestOf(engine, orders)
  await engine.close()
  return { seconds, rssMb, hash, broken: checks.verdict().broken[0], asked }
}

async function digestOf(engine: Engine, orders: number): Promise<string> {
  const digest = createHash('sha256')
  const every = Math.ceil(orders / ASKED_MAX)
  for (let number = orders; number > 0; number -= every)
    digest.update(JSON.stringify(await orderEnd(engine, `SO-${1_000_000 + number}`)) ?? 'there is none')
  return digest.digest('hex')
}

// As the process that serves has it.
turnOffPretenuring()
process.once('message', async (opening: Opening) => {
  process.send?.(await open(opening))
})
