// Runs every peer over the same load, each in a folder of its own, and our engine over it too: from JSON text, XState in the
// loop, durable. A peer that cannot be had here is left out, and why is said.
import { ChartWorld } from '../load/chart-world.ts'
import { type LoadOptions, laps } from '../load/load.ts'
import { loadOf, partOf } from '../load/load-of.ts'
import { mayOwn } from '../load/may-own.ts'
import { eventsPerSecond, ingestInProcess } from '../measures/in-process.ts'
import { Checks } from '../oracle.ts'
import { type Figures, rounded } from '../report.ts'
import { withFolder } from '../store.ts'
import { emmett } from './emmett-peer.ts'
import { xstateLive, xstateRestored } from './level-peers.ts'
import { natsJetStream } from './nats-peer.ts'
import { type PeerEvent, type PeerKind, PeerUnavailable } from './peer.ts'
import { postgresTable } from './postgres-peer.ts'
import { sqlite } from './sqlite-peer.ts'

export interface PeersOptions {
  readonly parent: string
  readonly seed: number
  readonly orders: number
}

export interface PeerFigures {
  readonly results: Figures
  readonly ratios: Figures
  readonly notes: readonly string[]
}

const PEERS: readonly PeerKind[] = [xstateLive, xstateRestored, emmett, postgresTable, sqlite, natsJetStream]
// The slowest take a thousandth of what the engine takes: each is measured for so long at most, over whole laps.
const SECONDS_MAX = 10
const LOAD_PART = 4
// 500: seven thousand events, or the same ten seconds, that count nowhere: the engine's code is warm too.
const WARM_UP_ORDERS = 500

export async function runPeers({ orders, parent, seed }: PeersOptions, checks: Checks): Promise<PeerFigures> {
  const load = loadOf(seed, partOf(orders, LOAD_PART))
  const warmUp = loadOf(seed, Math.min(load.orders, WARM_UP_ORDERS))
  const found: PeerRate[] = []
  const notes: string[] = []
  for (const kind of PEERS) {
    try {
      await withFolder(parent, folder => measured(kind, folder, warmUp, new Checks()))
      found.push(await withFolder(parent, folder => measured(kind, folder, load, checks)))
    } catch (error) {
      if (!(error instanceof PeerUnavailable)) throw error
      notes.push(`peer ${kind.name} is left out: ${error.message}`)
    }
  }
  const engine = eventsPerSecond(await ingestInProcess({ parent, load, form: 'text' }, checks))
  for (const { name, notDurable } of found)
    if (notDurable !== undefined) notes.push(`peer ${name} is compared with nothing: ${notDurable}`)
  const durable = found.filter(({ notDurable }) => notDurable === undefined)
  const best = Math.max(...durable.map(({ perSecond }) => perSecond))
  return {
    results: {
      peers_orders: load.orders,
      engine_beside_peers_events_per_s: rounded(engine),
      ...Object.fromEntries(found.map(({ name, perSecond }) => [`peer_${name}_events_per_s`, rounded(perSecond)])),
    },
    ratios: durable.length === 0 ? {} : { engine_vs_best_peer: rounded(engine / best, 2) },
    notes,
  }
}

interface PeerRate {
  readonly name: string
  readonly perSecond: number
  readonly notDurable: string | undefined
}

/** Acknowledged events a second, over laps that are made outside the time that counts. */
async function measured(kind: PeerKind, folder: string, load: LoadOptions, checks: Checks): Promise<PeerRate> {
  const peer = await kind.open(folder)
  try {
    let spentMs = 0
    let events = 0
    let distinct = 0
    for (const lap of peerLaps(load)) {
      const startedMs = performance.now()
      await peer.take(lap.events)
      spentMs += performance.now() - startedMs
      events += lap.events.length
      distinct += lap.distinct
      if (spentMs > SECONDS_MAX * 1e3) break
    }
    const kept = await peer.kept()
    const flaw = kept === distinct ? undefined : `${kept} instead of ${distinct}`
    checks.check(`peer ${kind.name} keeps each event once`, flaw)
    const name = peer.notDurable === undefined ? kind.name : `${kind.name}_unsynced`
    return { name, perSecond: events / (spentMs / 1e3), notDurable: peer.notDurable }
  } finally {
    await peer.close()
  }
}

export interface PeerLap {
  readonly events: readonly PeerEvent[]
  /** How many of them nobody has heard before. */
  readonly distinct: number
}

/** The load's laps as peers take them, with the steps each event leads to. */
export function* peerLaps(load: LoadOptions): Generator<PeerLap> {
  const world = new ChartWorld()
  const known = new Set<string>()
  for (const lap of laps(load)) {
    const before = known.size
    const events = lap.events.map((event): PeerEvent => {
      const { id, source, type } = event
      const order = `SO-${1_000_000 + Number(id.split('-').at(-2))}`
      const key = `${source} ${id}`
      const isHeard = !known.has(key) && mayOwn(source, type)
      known.add(key)
      const steps = isHeard ? (world.hear(event, order) ?? []) : []
      if (type === 'order.closed') world.forget(order)
      return { text: JSON.stringify(event), source, id, order, steps }
    })
    yield { events, distinct: known.size - before }
  }
}
