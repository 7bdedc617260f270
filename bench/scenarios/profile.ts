// profile: where each microsecond of an event goes, from its line over HTTP to its answer, by V8's own processor profile.
import { Session } from 'node:inspector/promises'
import { serve } from '../../cli/serving.ts'
import type { Sent } from '../clients/client.ts'
import type { LoadOptions } from '../load/load.ts'
import { loadOf } from '../load/load-of.ts'
import { warmFamilies } from '../measures/in-process.ts'
import { linesOf, sendTo, WARM_UP_ORDERS } from '../measures/over-http.ts'
import { STAGE_NAMES, type Stages, stagesOf } from '../measures/stages.ts'
import { Checks } from '../oracle.ts'
import { rounded } from '../report.ts'
import { openBenchTwin, withFolder } from '../store.ts'
import type { Scenario } from './scenario.ts'

const ORDERS = 10_000
// Twice as fine as V8's own: stages of one hundredth are still some hundred samples.
const SAMPLE_US = 500
const ROOT = new URL('../../', import.meta.url).href

export const profile: Scenario = {
  about: 'where each microsecond of an event goes, as lines over HTTP; the profiler takes its own share',
  orders: ORDERS,
  async run({ data: parent, orders, seed }) {
    const checks = new Checks()
    const warmUp = loadOf(seed, Math.min(orders, WARM_UP_ORDERS))
    await servedHere(parent, warmUp, checks, work => work())
    let stages: Stages | undefined
    const sent = await servedHere(parent, loadOf(seed, orders), checks, async work => {
      const [done, found] = await profiled(work)
      stages = found
      return done
    })
    if (stages === undefined) throw new Error('bench: nothing was profiled')
    const { idleUs, us } = stages
    const busyUs = STAGE_NAMES.reduce((sum, stage) => sum + us[stage], 0)
    return {
      results: {
        orders,
        events: sent.events,
        events_per_s: rounded(sent.events / sent.seconds),
        busy_us: rounded(busyUs / sent.events, 2),
        idle_us: rounded(idleUs / sent.events, 2),
        ...Object.fromEntries(STAGE_NAMES.map(stage => [`${stage}_us`, rounded(us[stage] / sent.events, 2)])),
      },
      ratios: Object.fromEntries(STAGE_NAMES.map(stage => [`${stage}_share`, rounded(us[stage] / busyUs, 3)])),
      oracle: checks.verdict(),
      charts: [
        {
          title: 'One event',
          unit: 'microseconds of the main thread',
          bars: STAGE_NAMES.map(stage => ({ name: stage, value: us[stage] / sent.events })),
        },
        {
          title: 'Throughput',
          x: 'seconds of work',
          y: 'events a second',
          lines: [{ name: 'lines over HTTP, profiled', points: sent.throughput }],
        },
      ],
      notes: ['idle: the client makes its events between two laps, and each waits for the disk'],
    }
  },
}

/** Lines into a twin that this process serves. `during` may look at it while it takes them, and only then. */
function servedHere(
  parent: string,
  load: LoadOptions,
  checks: Checks,
  during: (work: () => Promise<Sent>) => Promise<Sent>,
): Promise<Sent> {
  return withFolder(parent, async data => {
    const engine = await openBenchTwin(data, warmFamilies(load))
    const { close, server } = await serve(engine, { host: '127.0.0.1', port: 0 })
    const sent = await during(() => sendTo(server.url, linesOf(load)))
    checks.outcomes(sent.answered, sent.expected)
    checks.ended(engine, load.orders)
    await close()
    await checks.store(data)
    return sent
  })
}

/** What `work` comes to, and the stages of this process meanwhile. */
async function profiled(work: () => Promise<Sent>): Promise<[Sent, Stages]> {
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US })
    await session.post('Profiler.start')
    const done = await work()
    const { profile } = await session.post('Profiler.stop')
    return [done, stagesOf(profile, ROOT)]
  } finally {
    session.disconnect()
  }
}
