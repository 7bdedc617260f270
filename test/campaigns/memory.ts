// node test/campaigns/memory.ts [--orders N] [--live N] [--data FOLDER]: memory held after many orders went through a store on
// disk with a small cache of live families. Exit 1 when it is more than we promise.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { turnOffPretenuring } from '../../cli/heap.ts'
import { openTwin } from '../../cli/store.ts'
import type { EventInput } from '../../machines/event.ts'
import { SOURCES } from '../helpers/distributor.ts'
import { LIFE_EVENTS, orderLife } from '../helpers/order-life.ts'

const RSS_BYTES_MAX = 700e6
// A minute's orders arrive together; each is told of once per round, so that they stay open side by side.
const OPEN_ORDERS = 2_000
const BATCH = 1_000
const MB = 1e6

// As the process that serves has it.
turnOffPretenuring()

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '100000' },
    live: { type: 'string', default: '5000' },
    data: { type: 'string', default: 'bench/stores' },
  },
})
const orders = Number(values.orders)

function* interleaved(): Generator<EventInput> {
  for (let from = 1; from <= orders; from += OPEN_ORDERS) {
    const count = Math.min(OPEN_ORDERS, orders - from + 1)
    const lives = Array.from({ length: count }, (_, index) => orderLife(from + index))
    for (let step = 0; step < LIFE_EVENTS; step++) for (const life of lives) yield life[step] as EventInput
  }
}

function* batches(): Generator<readonly EventInput[]> {
  let batch: EventInput[] = []
  for (const each of interleaved()) {
    batch.push(each)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

const told = (name: string, bytes: number): string => `${name} ${Math.round(bytes / MB)} MB`

await mkdir(values.data, { recursive: true })
const data = await mkdtemp(join(resolve(values.data), 'memory-'))
try {
  const twin = await openTwin({
    data,
    sources: SOURCES,
    clock: { nowMs: Date.UTC(2026, 10, 22) },
    limits: { liveFamiliesMax: Number(values.live), packedFamiliesMax: 0 },
    onTrouble: trouble => console.error(trouble),
  })
  const startedMs = performance.now()
  let events = 0
  let refused = 0
  for (const batch of batches()) {
    const outcomes = await twin.submit(batch)
    events += outcomes.length
    refused += outcomes.filter(each => each.outcome !== 'accepted').length
  }
  const seconds = (performance.now() - startedMs) / 1_000
  const { external, heapUsed, rss } = process.memoryUsage()
  // Kilobytes, whatever the system counts in.
  const peak = process.resourceUsage().maxRSS * 1_024
  console.log(
    `${orders} orders, ${events} events, ${values.live} live families, ${Math.round(events / seconds)} events/s`,
  )
  console.log([told('RSS', rss), told('peak', peak), told('heap', heapUsed), told('external', external)].join(', '))
  await twin.close()
  if (refused > 0) throw new Error(`${refused} events were not accepted`)
  process.exitCode = peak > RSS_BYTES_MAX ? 1 : 0
} finally {
  await rm(data, { recursive: true })
}
