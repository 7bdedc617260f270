// exceptions: how soon what is wrong is heard on a subscription, after its cause and after its due time, with many orders open;
// what watching them costs in memory, at a restart, and while events come in over HTTP.
import { setTimeout as pause } from 'node:timers/promises'
import { serve } from '../../cli/serving.ts'
import { openTwin } from '../../cli/store.ts'
import type { Engine } from '../../engine/engine.ts'
import type { EventInput } from '../../machines/event.ts'
import { Child } from '../clients/child.ts'
import type { Heard, HearerTask } from '../clients/hearer.ts'
import { drive } from '../drive.ts'
import { Latencies } from '../histogram.ts'
import { loadOf, partOf } from '../load/load-of.ts'
import { ACKNOWLEDGED_WITHIN_MS, hold, opening, openOrder, release } from '../load/open-orders.ts'
import { SOURCES } from '../load/sources.ts'
import { linesOf, sendTo } from '../measures/over-http.ts'
import { openCounts, unwatched, watched } from '../measures/watched.ts'
import { Checks } from '../oracle.ts'
import { rounded, shown } from '../report.ts'
import { stage } from '../stage.ts'
import { openBenchTwin, withFolder } from '../store.ts'
import type { Scenario } from './scenario.ts'

// The targets are stated for --orders 100000.
const ORDERS = 20_000
const CAUSES_MAX = 300
const CAUSE_EVERY_MS = 10
// Each of five seconds a hundredth of all orders falls due, and in one second more a tenth.
const STEADY_SECONDS = 5
const STEADY_PART = 100
const BURST_PART = 10
// Nothing but a release is owed of them within the run.
const OPENED_MS_AGO = 2 * ACKNOWLEDGED_WITHIN_MS
// Releases of them all are judged and looked at within that: 2 s, and a quarter of a millisecond each.
const AHEAD_MS = 2_000
const AHEAD_MS_EACH = 0.25
const SUBMIT_EVENTS = 1_000
// Over HTTP, twice with the watch and twice without: a tenth as many.
const INGEST_PART = 10

const nowMs = (): number => performance.timeOrigin + performance.now()
const clock = {
  get nowMs(): number {
    return Math.floor(nowMs())
  },
}

export const exceptions: Scenario = {
  about: 'until what is wrong is heard, many orders open; memory, restart and cost of watching them',
  orders: ORDERS,
  run({ data: parent, orders, seed }) {
    return withFolder(parent, async data => {
      const checks = new Checks()
      const open = () => openTwin({ data, sources: SOURCES, clock, onTrouble: trouble => console.error(trouble) })
      const bare = await emptyBytes(parent)
      stage(`${shown(orders)} orders are opened`)
      const engine = await open()
      for (let from = 0; from < orders; from += SUBMIT_EVENTS)
        await say(
          engine,
          range(from, Math.min(orders, from + SUBMIT_EVENTS)).flatMap(index => opening(index, nowMs() - OPENED_MS_AGO)),
        )
      const first = await watched(engine)
      stage('what is heard, and when')
      const heard = await whatIsHeard(engine, first.server.url, orders, checks)
      const before = await openCounts(first.server.url)
      await first.close()
      const again = await watched(await open())
      const isSame = JSON.stringify(again.counts) === JSON.stringify(before)
      const told = `${JSON.stringify(before)} became ${JSON.stringify(again.counts)}`
      checks.check('a restart changes no exception', isSame ? undefined : told)
      await again.close()
      await checks.store(data)
      stage('memory of orders that ended')
      const closed = await closedOrders(parent, orders, seed)
      stage('lines over HTTP, watched and not')
      const ingest = await ingestBoth(parent, partOf(orders, INGEST_PART), seed, checks)
      return {
        results: {
          orders,
          exception_visible_p50_ms: rounded(heard.causes.percentileMs(50), 1),
          exception_visible_p99_ms: rounded(heard.causes.percentileMs(99), 1),
          due_visible_p50_ms: rounded(heard.steady.percentileMs(50), 1),
          due_visible_p99_ms: rounded(heard.steady.percentileMs(99), 1),
          due_burst: heard.burst.count,
          due_burst_visible_p99_ms: rounded(heard.burst.percentileMs(99), 1),
          watch_bytes_per_order: rounded(Math.max(0, first.bytes - bare) / orders),
          watch_bytes_per_closed_order: rounded(Math.max(0, closed.bytes - bare) / closed.orders),
          watch_from_journal_s: rounded(first.seconds, 2),
          watch_restart_s: rounded(again.seconds, 2),
          ingest_events_per_s: rounded(ingest.without),
          ingest_with_watch_events_per_s: rounded(ingest.with),
          watch_lag_s: rounded(ingest.lagSeconds, 2),
        },
        ratios: { ingest_with_watch_ratio: rounded(ingest.with / ingest.without, 3) },
        oracle: checks.verdict(),
        charts: [
          {
            title: 'Until it is heard',
            x: 'percentile',
            y: 'milliseconds',
            scale: 'percentile',
            lines: [
              { name: 'after its cause', points: heard.causes.percentilePoints() },
              { name: 'after its due time, steady', points: heard.steady.percentilePoints() },
              { name: 'after its due time, a burst', points: heard.burst.percentilePoints() },
            ],
          },
        ],
      }
    })
  },
}

const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, at) => from + at)

async function say(engine: Engine, events: readonly EventInput[]): Promise<void> {
  for (let from = 0; from < events.length; from += SUBMIT_EVENTS) {
    const outcomes = await engine.submit(events.slice(from, from + SUBMIT_EVENTS))
    const other = outcomes.find(({ outcome }) => outcome !== 'accepted')
    if (other !== undefined) throw new Error(`bench: ${other.id} came to ${other.outcome}`)
  }
}

interface WhatIsHeard {
  readonly causes: Latencies
  readonly steady: Latencies
  readonly burst: Latencies
}

async function whatIsHeard(engine: Engine, url: string, orders: number, checks: Checks): Promise<WhatIsHeard> {
  const hearer = new Child(new URL('../clients/hearer.ts', import.meta.url))
  try {
    await hearer.ask({ kind: 'subscribe', url } satisfies HearerTask)
    const due = range(0, STEADY_SECONDS * partOf(orders, STEADY_PART) + partOf(orders, BURST_PART))
    const causes = range(due.length, Math.min(orders, due.length + CAUSES_MAX))
    const caused = await fromCauses(engine, hearer, causes)
    const fallen = await fromDueTimes(engine, hearer, due, partOf(orders, STEADY_PART))
    const missing = causes.length + due.length - caused.count - fallen.steady.count - fallen.burst.count
    checks.check('each exception is heard once', missing === 0 ? undefined : `${missing} were not, or twice`)
    return { causes: caused, ...fallen }
  } finally {
    await hearer.end()
  }
}

/** From before the hold was sent until its exception was heard. */
async function fromCauses(engine: Engine, hearer: Child, indexes: readonly number[]): Promise<Latencies> {
  const sentMs = new Map<string, number>()
  for (const index of indexes) {
    sentMs.set(openOrder(index), nowMs())
    await say(engine, [hold(index, nowMs())])
    await pause(CAUSE_EVERY_MS)
  }
  return delays(await heardOf(hearer, indexes.length), 'credit_hold', order => sentMs.get(order))
}

/** From the second of the due time until it was heard. */
async function fromDueTimes(engine: Engine, hearer: Child, indexes: readonly number[], perSecond: number) {
  const firstMs = Math.ceil((nowMs() + AHEAD_MS + AHEAD_MS_EACH * indexes.length) / 1_000) * 1_000
  const dueMs = (at: number) => firstMs + Math.min(STEADY_SECONDS, Math.floor(at / perSecond)) * 1_000
  await say(
    engine,
    indexes.map((index, at) => release(index, dueMs(at) - ACKNOWLEDGED_WITHIN_MS)),
  )
  await pause(Math.max(0, firstMs - nowMs()))
  const heard = await heardOf(hearer, indexes.length)
  const at = new Map(indexes.map((index, at) => [openOrder(index), at]))
  const isBurst = ({ order }: Heard) => (at.get(order) ?? 0) >= STEADY_SECONDS * perSecond
  const since = (order: string) => dueMs(at.get(order) ?? 0)
  return {
    steady: delays(
      heard.filter(each => !isBurst(each)),
      'late_acknowledgement',
      since,
    ),
    burst: delays(heard.filter(isBurst), 'late_acknowledgement', since),
  }
}

async function heardOf(hearer: Child, count: number): Promise<readonly Heard[]> {
  const answer = await hearer.ask<{ heard: readonly Heard[]; ended?: string }>({
    kind: 'await',
    count,
  } satisfies HearerTask)
  if (answer.ended !== undefined) throw new Error(`bench: the subscription ended: ${answer.ended}`)
  return answer.heard
}

function delays(heard: readonly Heard[], kind: string, sinceMs: (order: string) => number | undefined): Latencies {
  const latencies = new Latencies()
  for (const each of heard)
    if (each.kind === kind) latencies.record(Math.max(0, each.heardMs - (sinceMs(each.order) ?? 0)))
  return latencies
}

/** What a server over nothing holds; the first one also what is loaded once. */
async function emptyBytes(parent: string): Promise<number> {
  let bytes = 0
  for (let round = 0; round < 3; round++)
    bytes = await withFolder(parent, async data => {
      const serving = await watched(await openBenchTwin(data))
      await serving.close()
      return serving.bytes
    })
  return bytes
}

/** Orders that have come to their end, and nothing wrong with any. */
function closedOrders(parent: string, orders: number, seed: number) {
  return withFolder(parent, async data => {
    const engine = await openBenchTwin(data)
    await drive(engine, { ...loadOf(seed, orders), illegalShare: 0 })
    const { bytes, close } = await watched(engine)
    await close()
    return { orders, bytes }
  })
}

// Twice each, in turn: what else runs on the machine meanwhile slows both.
const ROUNDS = 2

/** Events a second over HTTP with the watch and without it, and how long the watch then takes to know all. */
async function ingestBoth(parent: string, orders: number, seed: number, checks: Checks) {
  const spent = { with: 0, without: 0, events: 0, lag: 0 }
  for (let round = 0; round < ROUNDS; round++)
    for (const isWatched of [false, true]) {
      const { events, lagSeconds, seconds } = await ingest({ parent, orders, seed: seed + round, isWatched }, checks)
      if (isWatched) spent.events += events
      if (isWatched) spent.lag = Math.max(spent.lag, lagSeconds)
      spent[isWatched ? 'with' : 'without'] += seconds
    }
  return { with: spent.events / spent.with, without: spent.events / spent.without, lagSeconds: spent.lag }
}

function ingest(
  { isWatched, orders, parent, seed }: { parent: string; orders: number; seed: number; isWatched: boolean },
  checks: Checks,
) {
  return withFolder(parent, async data => {
    const load = loadOf(seed, orders)
    const engine = await openBenchTwin(data, load.workingSet * 2)
    const { close, server } = await serve(isWatched ? engine : unwatched(engine), { host: '127.0.0.1', port: 0 })
    const sent = await sendTo(server.url, linesOf(load))
    const startedMs = performance.now()
    if (isWatched) await openCounts(server.url)
    const lagSeconds = (performance.now() - startedMs) / 1e3
    checks.outcomes(sent.answered, sent.expected)
    checks.ended(engine, orders)
    await close()
    return { events: sent.events, seconds: sent.seconds, lagSeconds }
  })
}
