// Runs of peers: one load for all and the engine; who cannot be had is left out, who loses something breaks the oracle, who is cut says so.
import { tmpdir } from 'node:os'
import { beforeAll, describe, expect, test } from 'vitest'
import { laps } from '../../bench/load/load.ts'
import { loadOf } from '../../bench/load/load-of.ts'
import { Checks } from '../../bench/oracle.ts'
import { type Peer, type PeerKind, PeerUnavailable } from '../../bench/peers/peer.ts'
import { runPeers } from '../../bench/peers/run-peers.ts'
import { sqlite } from '../../bench/peers/sqlite-peer.ts'
import type { Oracle } from '../../bench/report.ts'
import { withFolder } from '../../bench/store.ts'

const SEED = 5
// A quarter of them for peers.
const ORDERS = 24
const whole = [...laps(loadOf(SEED, ORDERS / 4))].flatMap(({ events }) => events).length

/** node:sqlite, but for `but`. */
const sqliteBut = (name: string, but: (peer: Peer) => Partial<Peer>): PeerKind => ({
  name,
  async open(folder) {
    const peer = await sqlite.open(folder)
    return { ...peer, ...but(peer) }
  },
})

const failing = (name: string, error: Error): PeerKind => ({ name, open: () => Promise.reject(error) })

const ran = (kinds: readonly PeerKind[], secondsMax?: number) =>
  withFolder(tmpdir(), async parent => {
    const checks = new Checks()
    const figures = await runPeers({ parent, seed: SEED, orders: ORDERS, kinds, secondsMax }, checks)
    return { ...figures, oracle: checks.verdict() }
  })

describe('a run', () => {
  const missing = failing('missing', new PeerUnavailable('nobody installed it'))
  const hasty = sqliteBut('hasty', () => ({ notDurable: 'it never syncs' }))
  let run: Awaited<ReturnType<typeof ran>>
  beforeAll(async () => {
    run = await ran([missing, hasty, sqlite])
  })

  test('puts the whole of one load to every peer and to the engine', () => {
    expect(run.oracle.broken).toEqual([])
    expect(run.results).toMatchObject({ peers_orders: 6, peers_events: whole, engine_beside_peers_events: whole })
    expect(run.notes.join()).not.toContain('cut')
  })

  test('leaves out a peer that cannot be had, and says why', () => {
    expect(run.notes[0]).toBe('peer missing is left out: nobody installed it')
    expect(Object.keys(run.results)).not.toContain('peer_missing_events_per_s')
  })

  test('measures a peer that is not durable, and compares it with nothing', () => {
    expect(run.notes[1]).toBe('peer hasty_unsynced is compared with nothing: it never syncs')
    expect(run.results.peer_hasty_unsynced_events_per_s).toBeGreaterThan(0)
    const { engine_beside_peers_events_per_s: engine = 0, peer_sqlite_events_per_s: best = 1 } = run.results
    expect(run.ratios.engine_vs_best_peer).toBeCloseTo(Number(engine) / Number(best), 1)
  })
})

describe('the oracle is red for a peer that', () => {
  let oracle: Oracle
  beforeAll(async () => {
    const loser = sqliteBut('loser', peer => ({ kept: async () => (await peer.kept()) - 1 }))
    const credulous = sqliteBut('credulous', peer => ({
      take: async texts => (await peer.take(texts)).map(answer => (answer === 'refused' ? 'accepted' : answer)),
    }))
    oracle = (await ran([loser, credulous])).oracle
  })

  test('acknowledges an event and loses it', () => {
    expect(oracle.green).toBe(false)
    expect(oracle.broken[0]).toMatch(/^peer loser keeps each event once: kept \d+ instead of \d+$/)
  })

  test('accepts what the twin refuses', () => {
    expect(oracle.broken[1]).toMatch(/^peer credulous answers as the twin does: accepted \d+ instead of \d+, refused 0/)
    expect(oracle.broken).toHaveLength(2)
  })
})

test('a peer whose time is up is cut, says so, and is compared with as much of the engine', async () => {
  const { notes, oracle, ratios, results } = await ran([sqlite], 0)
  expect(oracle.broken).toEqual([])
  const [, taken] = /^peer sqlite is cut after 0 s: it took (\d+) of \d+ events$/.exec(notes[0] ?? '') ?? []
  expect(Number(taken)).toBeLessThan(whole)
  expect(results.engine_beside_peers_events).toBe(Number(taken))
  expect(ratios.engine_vs_best_peer).toBeGreaterThan(0)
})

test('any failure of a peer but that it cannot be had ends the run', async () => {
  await expect(ran([failing('broken', new Error('disk on fire'))])).rejects.toThrow('disk on fire')
})
