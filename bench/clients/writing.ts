// A process that sends a store a load, tells what came of it, and never closes it: it waits to be killed.
import { turnOffPretenuring } from '../../cli/heap.ts'
import { drive } from '../drive.ts'
import type { LoadOptions } from '../load/load.ts'
import { warmFamilies } from '../measures/in-process.ts'
import { Checks } from '../oracle.ts'
import { openBenchTwin } from '../store.ts'

export interface Writing {
  readonly data: string
  readonly load: LoadOptions
  /** How many there must be in the end, with those that were there before. */
  readonly orders: number
}

export interface Written {
  readonly events: number
  readonly hash: string
  readonly broken: string | undefined
}

// As the process that serves has it.
turnOffPretenuring()
process.once('message', async ({ data, load, orders }: Writing) => {
  // What is kept in memory while it is filled changes nothing of what is found, and spares reading open orders again.
  const engine = await openBenchTwin(data, warmFamilies(load), true)
  const driven = await drive(engine, load)
  const checks = new Checks()
  checks.outcomes(driven.answered, driven.expected)
  checks.ended(engine, orders)
  const written: Written = { events: driven.events, hash: engine.head().hash, broken: checks.verdict().broken[0] }
  process.send?.(written)
})
