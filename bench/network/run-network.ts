// Runs a network scenario: first clean (each event once, in order, in process), then as the scenario delivers it, over HTTP
// from another process, watched over WebSocket; then asks the oracle.
import { setTimeout as pause } from 'node:timers/promises'
import type { Engine } from '../../engine/engine.ts'
import { Child } from '../clients/child.ts'
import type { Come, CrowdSum, CrowdTask } from '../clients/crowd.ts'
import { addTally, type Tally } from '../load/load.ts'
import { SOURCES } from '../load/sources.ts'
import { NotAsked } from '../not-asked.ts'
import { Checks, countOf } from '../oracle.ts'
import type { Findings } from '../report.ts'
import type { RunOptions } from '../scenarios/scenario.ts'
import { stage } from '../stage.ts'
import { benchClock, openBenchTwin, withFolder } from '../store.ts'
import { tallyOutcomes } from '../tally.ts'
import { type DayOptions, type Said, said } from './day.ts'
import type { BusiestSecond } from './keeping-up.ts'
import { grownMb, growthFlaw, type Resident } from './memory-growth.ts'
import type { NetworkTask, Played, Prepared } from './network-client.ts'
import { networkFindings } from './network-findings.ts'
import { type Ends, endsOf, judgeEnds, waitedUnder } from './network-oracle.ts'
import type { NetworkScenario } from './network-scenario.ts'
import { lateCounts } from './overwriting.ts'
import { sampleEveryMs } from './sampling.ts'
import { scenarioFlaws } from './scenario-flaws.ts'
import { ServedTwin, type Wrap } from './served-twin.ts'
import { checkSilences, silencesOf } from './silences.ts'
import { checkWatched, WATCH_QUERY } from './watching.ts'

const CLIENT = new URL('./network-client.ts', import.meta.url)
const CROWD = new URL('../clients/crowd.ts', import.meta.url)
const CLEAN_BATCH = 1_000
const sourceIds = SOURCES.map(({ id }) => id)

export interface PlayedDay {
  readonly played: Played
  readonly watched: CrowdSum | undefined
  /** How often the twin was stopped. */
  readonly stopped: number
  readonly resident: Resident
  readonly busiest: BusiestSecond
  readonly simulatedPerReal: number | undefined
}

export type NetworkOptions = Omit<RunOptions, 'peers' | 'keep'> & { readonly wrap?: Wrap }

export async function runNetwork(its: NetworkScenario, options: NetworkOptions): Promise<Findings> {
  const scenario = { ...its, seconds: options.seconds ?? its.seconds }
  playable(scenarioFlaws(scenario))
  const day: DayOptions = { scenario, seed: options.seed, orders: options.orders }
  const checks = new Checks()
  const all = said(day)
  const isBelieved = Date.parse(all.at(-1)?.event.time ?? '') <= benchClock.nowMs
  playable(
    isBelieved ? [] : ['its orders take more than a year: mix.stepMeanMs is the mean of each of some fifteen steps'],
  )
  const orders = [...new Set(all.map(({ order }) => order))]
  checks.check('the day has its orders', orders.length === day.orders ? undefined : `${orders.length} of ${day.orders}`)
  const silences = silencesOf(scenario, sourceIds)
  const untried = checkSilences(day, silences, checks)
  stage('the day as it should be, each event once and in order')
  const clean = await cleanRun(options.data, all, orders, checks)
  return withFolder(options.data, async data => {
    const twin = await ServedTwin.open(data, options.wrap)
    stage(`the day as it is delivered, ${scenario.seconds} s`)
    const run = await played(twin, day)
    stage('how it ended')
    const ends = await endsOf(twin.engine, orders)
    const waited = await waitedUnder(twin.engine, all)
    const { told, unanswered } = run.played
    const overwriting = judgeEnds({ said: all, clean, ends, told, unanswered: new Set(unanswered), waited }, checks)
    checkAnswers(run.played, checks)
    const wanted = day.scenario.twinOutages?.length ?? 0
    const isShort = run.stopped < wanted
    checks.check(
      'the twin is stopped as often as the day says',
      isShort ? `${run.stopped} of ${wanted} times: the day is over before` : undefined,
    )
    checkBoard(twin.engine, day, checks)
    const changes = new Map([...ends].map(([order, end]) => [order, end.changes]))
    if (run.watched !== undefined)
      checkWatched({ crowd: run.watched, states: await statesOf(twin.engine, orders), changes }, checks)
    checkGrowth(run, scenario, checks)
    await twin.close()
    await checks.store(data)
    const late = lateCounts({ said: all, ends })
    return networkFindings({
      day,
      said: all,
      silences,
      late,
      notes: [...untried, ...overwriting],
      ...run,
      oracle: checks.verdict(),
    })
  })
}

function playable(flaws: readonly string[]): void {
  if (flaws.length > 0) throw new NotAsked(`the scenario cannot be played:\n  ${flaws.join('\n  ')}`)
}

/** How the day ends when nothing goes wrong, and whether each event comes to what the day says it must. */
function cleanRun(parent: string, all: readonly Said[], orders: readonly string[], checks: Checks): Promise<Ends> {
  return withFolder(parent, async data => {
    const engine = await openBenchTwin(data)
    const answered: Tally = {}
    const expected: Tally = {}
    for (let from = 0; from < all.length; from += CLEAN_BATCH)
      for (const some of inTurn(all.slice(from, from + CLEAN_BATCH))) {
        tallyOutcomes(answered, await engine.submit(some.map(({ event }) => event)))
        for (const { outcome } of some) addTally(expected, { [outcome]: 1 })
      }
    checks.outcomes(answered, expected)
    const ends = await endsOf(engine, orders)
    await engine.close()
    return ends
  })
}

/** What was said, cut so that no part has two reports of one order: the engine takes its sources in turn, not by time. */
function inTurn(some: readonly Said[]): readonly (readonly Said[])[] {
  const counts = new Map<string, number>()
  const parts: Said[][] = []
  for (const each of some) {
    const part = counts.get(each.order) ?? 0
    counts.set(each.order, part + 1)
    parts[part] ??= []
    parts[part].push(each)
  }
  return parts
}

async function played(twin: ServedTwin, day: DayOptions): Promise<PlayedDay> {
  const client = new Child(CLIENT)
  const { subscribers } = day.scenario
  const crowd = subscribers > 0 ? new Child(CROWD) : undefined
  const resident: [number, number][] = []
  const ending = new AbortController()
  try {
    const prepared = await client.ask<Prepared>({ kind: 'prepare', day } satisfies NetworkTask)
    if (crowd !== undefined) await crowd.ask<Come>(watching(twin.url, subscribers))
    const startedMs = performance.now()
    const sample = () => {
      resident.push([(performance.now() - startedMs) / 1e3, process.memoryUsage.rss() / 1e6])
    }
    sample()
    const sampling = setInterval(sample, sampleEveryMs(prepared.lastDueMs))
    const outages = playOutages(twin, day.scenario, prepared, ending.signal)
    const played = await client.ask<Played>({ kind: 'play', url: twin.url } satisfies NetworkTask)
    clearInterval(sampling)
    sample()
    ending.abort()
    const stopped = await outages
    const { busiest, realPerSimulated } = prepared
    const simulatedPerReal = realPerSimulated === 0 ? undefined : 1 / realPerSimulated
    return {
      played,
      stopped,
      watched: crowd === undefined ? undefined : await settledSum(crowd),
      resident,
      busiest,
      simulatedPerReal,
    }
  } finally {
    ending.abort()
    await client.end()
    await crowd?.end()
  }
}

const watching = (url: string, subscribers: number): CrowdTask => ({
  kind: 'subscribe',
  url,
  query: WATCH_QUERY,
  subscribers,
  tellsWhenReady: true,
})

const SETTLE_MS = 300
const SETTLE_MS_MAX = 60_000

/** What the crowd got once nothing more comes. */
async function settledSum(crowd: Child): Promise<CrowdSum> {
  const ask = () => crowd.ask<CrowdSum>({ kind: 'sum' } satisfies CrowdTask)
  const giveUpMs = performance.now() + SETTLE_MS_MAX
  for (let last = await ask(); ; ) {
    await pause(SETTLE_MS)
    const next = await ask()
    if (next.payloads === last.payloads || performance.now() > giveUpMs) return next
    last = next
  }
}

/** Stops the twin and starts it again, when the day says so; how often it did before the day was over. */
async function playOutages(
  twin: ServedTwin,
  { twinOutages = [] }: NetworkScenario,
  { realPerSimulated }: Prepared,
  signal: AbortSignal,
): Promise<number> {
  const startedMs = performance.now()
  const until = (simulatedMs: number) =>
    pause(Math.max(0, startedMs + simulatedMs * realPerSimulated - performance.now()), undefined, { signal }).catch(
      () => undefined,
    )
  for (const [index, { fromMs, toMs }] of twinOutages.entries()) {
    await until(fromMs)
    if (signal.aborted) return index
    await twin.close()
    await until(toMs)
    await twin.reopen()
  }
  return twinOutages.length
}

function checkAnswers({ answered, deliveries }: Played, checks: Checks): void {
  const open = deliveries - answered
  checks.check('every delivery gets its outcome', open === 0 ? undefined : `${open} of ${deliveries} got none`)
}

/** Where the day goes on evenly: what grows then grows for ever. */
function checkGrowth({ played, resident }: PlayedDay, { growth }: NetworkScenario, checks: Checks): void {
  if (growth === undefined) return
  const { progress } = played
  const events = played.answered - (progress[Math.floor(progress.length / 2)]?.answered ?? 0)
  checks.check('memory does not grow and grow', growthFlaw({ grownMb: grownMb(resident), events }, growth))
}

/** What the board says, beside what must be so of it whatever the engine thinks: not even the clean run is asked. */
function checkBoard(engine: Engine, { orders, scenario }: DayOptions, checks: Checks): void {
  if (scenario.mix.until === undefined) {
    checks.ended(engine, orders)
    return
  }
  const count = countOf(engine, {})
  checks.check('the board has every order and no other', count === orders ? undefined : `${count} of ${orders}`)
  const waiting = countOf(engine, { hasParked: true })
  checks.check('the board shows nothing that waits', waiting === 0 ? undefined : `${waiting} orders`)
}

async function statesOf(engine: Engine, orders: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const states = new Map<string, string>()
  for (const order of orders) states.set(order, (await engine.family(order))?.actors.order?.state ?? '')
  return states
}
