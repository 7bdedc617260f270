// Overload: what a server takes at most is measured; then ten times as much is offered, whether it keeps up or not; then the peak again.
// Measured are what is taken in spite of it, how long that takes, and what another source, which sends little, feels of it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SOURCES } from '../../bench/load/sources.ts'
import { verifyStore } from '../../cli/verify-store.ts'
import { configFile, serverProcess } from '../helpers/server-process.ts'
import { type Answered, Connector, FloodEvents } from './flood.ts'
import { percentiles } from './percentiles.ts'
import { type Quiet, QuietSource } from './quiet-source.ts'

export interface OverloadRun {
  /** An empty folder. */
  readonly folder: string
  /** Each measured so long: the most it takes, so many times as much, and the most again. */
  readonly seconds: number
  readonly times: number
  /** Events in one request. */
  readonly batchEvents: number
}

export interface Load {
  readonly seconds: number
  /** Events that were sent, those sent again too; of these taken, and turned away. */
  readonly offered: number
  readonly accepted: number
  readonly shed: number
  /** Those whose connection was lost before the answer. */
  readonly broken: number
  /** Events that were due when no connector was free to send them. */
  readonly unsent: number
  /** Of requests of which something was taken, milliseconds from when they were due. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** Processor time in all, milliseconds: of the server, and of these clients. */
  readonly serverCpuMs: number
  readonly clientCpuMs: number
  readonly quiet: Quiet
}

type Flood = Omit<Load, 'quiet' | 'serverCpuMs' | 'clientCpuMs'>

// So many for each request a second: who is turned away rests for one to three seconds, and nobody is idle for the ten after which the
// server closes a connection. Ten times the peak are some 500 requests a second.
const CONNECTORS_PER_REQUEST = 3.5
// The server takes 4,096 connections; the quiet source needs some of them.
const CONNECTORS_MAX = 4_000
const CONNECTING = 64
const WARM_SECONDS = 3

/** The load at its peak, at `times` the peak, and at its peak after that. Throws when an acknowledged event is not in the store. */
export async function overload(run: OverloadRun): Promise<readonly [peak: Load, over: Load, after: Load]> {
  const { folder, seconds, times } = run
  const server = await serverProcess(await configFile(folder, SOURCES))
  const events = new FloodEvents(server.url)
  const quiet = new QuietSource(server.url)
  try {
    await events.begin()
    await measured(() => atPeak(events, run, WARM_SECONDS))
    const peak = await measured(() => atPeak(events, run, seconds))
    const over = await measured(() => beyond(events, run, (peak.accepted / peak.seconds) * times))
    const after = await measured(() => atPeak(events, run, seconds))
    await quiet.over()
    await server.stop()
    await held(join(folder, 'store'), [events, quiet])
    return [peak, over, after]
  } finally {
    await quiet.over()
    await server.kill()
  }

  async function measured(load: () => Promise<Flood>): Promise<Load> {
    quiet.lap()
    const [serverMs, client] = [cpuMs(server.pid), process.cpuUsage()]
    const flood = await load()
    const { system, user } = process.cpuUsage(client)
    return {
      ...flood,
      serverCpuMs: cpuMs(server.pid) - serverMs,
      clientCpuMs: (system + user) / 1_000,
      quiet: quiet.lap(),
    }
  }
}

// Ticks of a hundredth of a second, in user mode and in the system's; before them is a name in brackets.
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

class Counted {
  offered = 0
  accepted = 0
  shed = 0
  broken = 0
  unsent = 0
  private readonly waits: number[] = []

  add({ accepted, broken, shed }: Answered, waitedMs: number): void {
    this.offered += accepted + shed + broken
    this.broken += broken
    this.accepted += accepted
    this.shed += shed
    if (accepted > 0) this.waits.push(waitedMs)
  }

  since(startMs: number): Flood {
    const { accepted, broken, offered, shed, unsent } = this
    return {
      seconds: (performance.now() - startMs) / 1_000,
      accepted,
      broken,
      offered,
      shed,
      unsent,
      ...percentiles(this.waits),
    }
  }
}

/** A few connectors that send as soon as they are answered: a thousand events keep the server at work; more only wait. */
async function atPeak(events: FloodEvents, { batchEvents }: OverloadRun, seconds: number): Promise<Flood> {
  const counted = new Counted()
  const startMs = performance.now()
  const endMs = startMs + seconds * 1_000
  const sending = Array.from({ length: Math.min(64, Math.ceil(1_000 / batchEvents)) }, async () => {
    const connector = new Connector(events, batchEvents)
    while (performance.now() < endMs) {
      const sentMs = performance.now()
      const answered = await connector.send()
      counted.add(answered, performance.now() - sentMs)
      await connector.rest(answered)
    }
    connector.close()
  })
  await Promise.all(sending)
  return counted.since(startMs)
}

/** So many events a second, whether answers come or not, by connectors that come again when they are asked to. */
async function beyond(events: FloodEvents, { batchEvents, seconds }: OverloadRun, perSecond: number): Promise<Flood> {
  const counted = new Counted()
  const count = Math.min(CONNECTORS_MAX, Math.ceil((perSecond / batchEvents) * CONNECTORS_PER_REQUEST))
  const connectors = Array.from({ length: count }, () => new Connector(events, batchEvents))
  for (let from = 0; from < count; from += CONNECTING)
    await Promise.all(connectors.slice(from, from + CONNECTING).map(connector => connector.connect()))
  const free = [...connectors]
  const flying = new Set<Promise<void>>()
  const startMs = performance.now()
  const dueMs = (request: number): number => startMs + (request * batchEvents * 1_000) / perSecond
  for (let requests = 0; ; ) {
    const nowMs = performance.now()
    if (nowMs - startMs >= seconds * 1_000) break
    for (; dueMs(requests) <= nowMs; requests++) {
      const connector = free.shift()
      if (connector === undefined) counted.unsent += batchEvents
      else fly(connector, dueMs(requests))
    }
    await pause(1)
  }
  const result = counted.since(startMs)
  await Promise.all(flying)
  for (const connector of connectors) connector.close()
  return result

  function fly(connector: Connector, due: number): void {
    const flight = connector.send().then(answered => {
      counted.add(answered, performance.now() - due)
      flying.delete(flight)
      void connector.rest(answered).then(() => free.push(connector))
    })
    flying.add(flight)
  }
}

interface Acknowledged {
  lost(there: ReadonlySet<string>): readonly string[]
}

async function held(data: string, acknowledged: readonly Acknowledged[]): Promise<void> {
  const there = new Set<string>()
  const verdict = await verifyStore(data, { onEntry: ({ event }) => void there.add(event.id) })
  if ('problem' in verdict) throw new Error(verdict.problem)
  const lost = acknowledged.flatMap(each => each.lost(there))
  if (lost.length > 0)
    throw new Error(`${lost.length} acknowledged events are not there: ${lost.slice(0, 5).join(', ')}`)
}
