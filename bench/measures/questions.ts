// Questions to a twin that has just been opened, so that nothing it is asked about is in memory. It was served before, as every twin is:
// what its watch knows stands in the checkpoint, and no journal is read beside the questions.
import { serve } from '../../cli/serving.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Ask, Asked, Asking } from '../clients/asker.ts'
import { apart } from '../clients/child.ts'
import { drive } from '../drive.ts'
import { Latencies } from '../histogram.ts'
import { type Wanted, withFilled } from '../kept.ts'
import { loadOf } from '../load/load-of.ts'
import type { Checks } from '../oracle.ts'
import { rounded, shown } from '../report.ts'
import { stage } from '../stage.ts'
import { openBenchTwin } from '../store.ts'
import { warmFamilies } from './in-process.ts'
import { openCounts } from './watched.ts'

export interface AskedSet {
  readonly turnedAway: number
  /** While four ask at a time, without a pause. */
  readonly mostPerSecond: number
  /** Of these, corrected for coordinated omission. */
  readonly busy: Latencies
  readonly offeredPerSecond: number
  /** At half the most a second, from when each question was due. */
  readonly latencies: Latencies
}

export interface Questions<Name extends string> extends Wanted {
  /** What to ask of the opened twin, set by set: the first half of each at full speed, the second at half of that. */
  readonly asks: (engine: Engine) => Promise<Readonly<Record<Name, readonly Ask[]>>>
}

// Enough that the twin is never idle.
const AT_A_TIME = 4
const WARM_UP = 300
const ADDRESS = { host: '127.0.0.1', port: 0 }
const ASKER = new URL('../clients/asker.ts', import.meta.url)

export function askCold<Name extends string>(
  questions: Questions<Name>,
  checks: Checks,
): Promise<Readonly<Record<Name, AskedSet>>> {
  const { asks, keep, orders, seed } = questions
  const fill = async (data: string) => {
    stage(`a store of ${shown(orders)} orders is filled`)
    const load = loadOf(seed, orders)
    // What is kept in memory while it is filled changes nothing in the store, and spares reading open orders again.
    const writing = await openBenchTwin(data, warmFamilies(load))
    const { close, server } = await serve(writing, ADDRESS)
    const driven = await drive(writing, load)
    checks.outcomes(driven.answered, driven.expected)
    await openCounts(server.url)
    await close()
    // For all who ask it.
    if (keep) await checks.store(data)
  }
  return withFilled(questions, fill, async data => {
    const engine = await openBenchTwin(data)
    checks.ended(engine, orders)
    const { close, server } = await serve(engine, ADDRESS)
    try {
      // Of a store that was filled for another scenario the watch has to learn first.
      await openCounts(server.url)
      const sets: [Name, AskedSet][] = []
      for (const [name, some] of Object.entries(await asks(engine)) as [Name, readonly Ask[]][]) {
        stage(`questions: ${name}`)
        const asking: Asking = {
          url: server.url,
          asks: some,
          atATime: AT_A_TIME,
          warmUp: Math.min(WARM_UP, Math.floor(some.length / 8)),
        }
        const asked = await apart<Asked>(ASKER, asking)
        const flaw = asked.wrong === 0 ? undefined : `${asked.wrong} of ${some.length} do not: ${asked.sample}`
        checks.check(`answers about ${name} say what they must`, flaw)
        const { mostPerSecond, offeredPerSecond, turnedAway } = asked
        const busy = Latencies.from(asked.busyLatencies).corrected()
        sets.push([
          name,
          { mostPerSecond, busy, offeredPerSecond, latencies: Latencies.from(asked.latencies), turnedAway },
        ])
      }
      return Object.fromEntries(sets) as Record<Name, AskedSet>
    } finally {
      await close()
    }
  })
}

/** The figures of a set under its name. */
export function figuresOf(name: string, { busy, latencies, mostPerSecond, offeredPerSecond }: AskedSet) {
  return {
    [`${name}_asks`]: latencies.count,
    [`${name}_offered_per_s`]: rounded(offeredPerSecond),
    [`${name}_p50_ms`]: rounded(latencies.percentileMs(50), 2),
    [`${name}_p99_ms`]: rounded(latencies.percentileMs(99), 2),
    [`${name}_most_per_s`]: rounded(mostPerSecond),
    [`${name}_busy_p50_ms`]: rounded(busy.percentileMs(50), 2),
    [`${name}_busy_p99_ms`]: rounded(busy.percentileMs(99), 2),
  }
}

/** A chart's lines of a set. */
export const linesOf = (about: string, { busy, latencies }: AskedSet) => [
  { name: `${about}, at half the most a second`, points: latencies.percentilePoints() },
  { name: `${about}, four at a time without a pause`, points: busy.percentilePoints() },
]
