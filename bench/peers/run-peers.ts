// Runs our engine and every peer over one load to its end, each in a folder of its own: from JSON text, durable. A peer that cannot be
// had here is left out, and why is said; so is how far one came whose time was up.
import type { Driven } from '../drive.ts'
import { loadOf, partOf } from '../load/load-of.ts'
import { eventsPerSecond, ingestInProcess } from '../measures/in-process.ts'
import { Checks } from '../oracle.ts'
import { type Figures, rounded } from '../report.ts'
import { stage } from '../stage.ts'
import { withFolder } from '../store.ts'
import { emmett } from './emmett-peer.ts'
import { xstateLive, xstateRestored } from './level-peers.ts'
import { natsJetStream } from './nats-peer.ts'
import { type PeerKind, PeerUnavailable } from './peer.ts'
import { type PeerRun, runPeer } from './peer-run.ts'
import { postgresTable } from './postgres-peer.ts'
import { sqlite } from './sqlite-peer.ts'

export interface PeersOptions {
  readonly parent: string
  readonly seed: number
  readonly orders: number
  /** Default: all of the issue's. */
  readonly kinds?: readonly PeerKind[]
  /** Each is cut after the lap in which it has taken so long. */
  readonly secondsMax?: number
}

export interface PeerFigures {
  readonly results: Figures
  readonly ratios: Figures
  readonly notes: readonly string[]
}

const PEERS: readonly PeerKind[] = [xstateLive, xstateRestored, emmett, postgresTable, sqlite, natsJetStream]
// A quarter of 100,000 orders is 360,000 events: whoever takes 3,000 a second comes to their end.
const LOAD_PART = 4
const SECONDS_MAX = 120
// 500: seven thousand events, or ten seconds, that count nowhere.
const WARM_UP_ORDERS = 500
const WARM_UP_SECONDS_MAX = 10

export async function runPeers(options: PeersOptions, checks: Checks): Promise<PeerFigures> {
  const { kinds = PEERS, orders, parent, secondsMax = SECONDS_MAX, seed } = options
  const load = loadOf(seed, partOf(orders, LOAD_PART))
  const warmUp = loadOf(seed, Math.min(load.orders, WARM_UP_ORDERS))
  // Before the peers, as it runs where there are none: guards and assigns that have seen the contexts XState makes read all more slowly.
  await ingestInProcess({ parent, load: warmUp, form: 'text' }, new Checks())
  stage('the twin, on what peers take')
  const engine = await ingestInProcess({ parent, load, form: 'text' }, checks)
  const found: PeerRun[] = []
  const notes: string[] = []
  for (const kind of kinds) {
    stage(`peer ${kind.name}`)
    try {
      const warmUpOptions = { kind, load: warmUp, secondsMax: WARM_UP_SECONDS_MAX }
      await withFolder(parent, folder => runPeer({ ...warmUpOptions, folder }, new Checks()))
      found.push(await withFolder(parent, folder => runPeer({ kind, folder, load, secondsMax }, checks)))
    } catch (error) {
      if (!(error instanceof PeerUnavailable)) throw error
      notes.push(`peer ${kind.name} is left out: ${error.message}`)
    }
  }
  for (const { events, name, notDurable } of found) {
    if (notDurable !== undefined) notes.push(`peer ${name} is compared with nothing: ${notDurable}`)
    if (events < engine.events)
      notes.push(`peer ${name} is cut after ${secondsMax} s: it took ${events} of ${engine.events} events`)
  }
  const durable = found.filter(({ notDurable }) => notDurable === undefined)
  const best = durable.toSorted((a, b) => eventsPerSecond(b) - eventsPerSecond(a))[0]
  const beside = upTo(best?.events ?? engine.events, engine)
  return {
    results: {
      peers_orders: load.orders,
      peers_working_set_orders: load.workingSet,
      peers_events: engine.events,
      engine_beside_peers_events: beside.events,
      engine_beside_peers_events_per_s: rounded(eventsPerSecond(beside)),
      ...Object.fromEntries(found.map(each => [`peer_${each.name}_events_per_s`, rounded(eventsPerSecond(each))])),
    },
    ratios:
      best === undefined ? {} : { engine_vs_best_peer: rounded(eventsPerSecond(beside) / eventsPerSecond(best), 2) },
    notes,
  }
}

/** The engine's run as far as its first `events`, to the end of a part of the load: what a peer that was cut is compared with. */
function upTo(events: number, { cost, throughput }: Driven): { readonly events: number; readonly seconds: number } {
  const at = cost.findIndex(([taken]) => taken >= events)
  return { events: cost[at]?.[0] ?? 0, seconds: throughput[at]?.[0] ?? 0 }
}
