// The process of all sources: plays the day, and tells its parent how it went.
import { Latencies } from '../histogram.ts'
import type { Tally } from '../load/load.ts'
import type { SourceId } from '../load/sources.ts'
import { type DayOptions, type Dues, dues } from './day.ts'
import { type BusiestSecond, busiestSecond } from './keeping-up.ts'
import { sourceModel } from './network-scenario.ts'
import { sampleEveryMs } from './sampling.ts'
import { type Counts, Sender } from './sender.ts'

/** It is asked twice: to prepare, and to play. */
export type NetworkTask =
  | { readonly kind: 'prepare'; readonly day: DayOptions }
  | { readonly kind: 'play'; readonly url: string }

export interface Prepared {
  readonly deliveries: number
  readonly lastDueMs: number
  /** Real milliseconds in a simulated one; 0 where everything happens at once. */
  readonly realPerSimulated: number
  readonly busiest: BusiestSecond
}

export interface Played {
  readonly deliveries: number
  readonly answered: number
  readonly outcomes: Tally
  readonly resent: number
  readonly told: Counts['told']
  readonly unanswered: readonly string[]
  /** By source; none of those that had nothing to say. */
  readonly latencies: Readonly<Partial<Record<SourceId, string>>>
  /** From the beginning to when the last delivery was due, and to when the last was answered. */
  readonly lastDueMs: number
  readonly lastAnswerMs: number
  /** From the beginning to the end. */
  readonly progress: readonly Progress[]
}

/** How many deliveries were due at a moment of the run, and how many of them answered. */
export interface Progress {
  readonly ms: number
  readonly due: number
  readonly answered: number
}

let day: DayOptions | undefined
let due: Dues['bySource'] = new Map()

function prepare(options: DayOptions): Prepared {
  day = options
  const made = dues(options)
  due = made.bySource
  const all = [...due.values()]
  return {
    deliveries: all.reduce((sum, each) => sum + each.length, 0),
    lastDueMs: all.reduce((last, each) => Math.max(last, each.at(-1)?.atMs ?? 0), 0),
    realPerSimulated: made.realPerSimulated,
    busiest: busiestSecond(made),
  }
}

async function play(url: string, { scenario }: DayOptions): Promise<Played> {
  const counts: Counts = {
    outcomes: {},
    answered: 0,
    resent: 0,
    told: [],
    unanswered: new Set(),
  }
  const startedMs = performance.now()
  const times = [...due.values()].flatMap(each => each.map(({ atMs }) => atMs)).sort((a, b) => a - b)
  const lastDueMs = times.at(-1) ?? 0
  const speaking = [...due].filter(([, its]) => its.length > 0)
  const latencies = new Map(speaking.map(([source]) => [source, new Latencies()]))
  const senders = speaking.map(([source, dues]) => {
    const own = latencies.get(source) as Latencies
    return new Sender({ url, model: sourceModel(scenario, source), dues, latencies: own, startedMs, lastDueMs, counts })
  })
  const progress: Progress[] = []
  let dueCount = 0
  const sample = () => {
    const ms = performance.now() - startedMs
    while ((times[dueCount] ?? Number.POSITIVE_INFINITY) <= ms) dueCount++
    progress.push({ ms, due: dueCount, answered: counts.answered })
  }
  const sampling = setInterval(sample, sampleEveryMs(lastDueMs))
  sample()
  await Promise.all(senders.map(sender => sender.run()))
  const lastAnswerMs = performance.now() - startedMs
  clearInterval(sampling)
  sample()
  return {
    deliveries: times.length,
    answered: counts.answered,
    outcomes: counts.outcomes,
    resent: counts.resent,
    told: counts.told,
    unanswered: [...counts.unanswered],
    latencies: Object.fromEntries([...latencies].map(([source, its]) => [source, its.toText()])),
    lastDueMs,
    lastAnswerMs,
    progress,
  }
}

process.on('message', async (task: NetworkTask) => {
  if (task.kind === 'prepare') return void process.send?.(prepare(task.day))
  if (day !== undefined) process.send?.(await play(task.url, day))
})
