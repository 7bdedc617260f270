// Peers that need nothing installed: they answer as the twin does, keep each event once, and their actors end as orders end.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Level } from 'level'
import { describe, expect, test } from 'vitest'
import { drive } from '../../bench/drive.ts'
import { LOAD, laps } from '../../bench/load/load.ts'
import { Checks } from '../../bench/oracle.ts'
import { LiveActors } from '../../bench/peers/actors.ts'
import { commandIn } from '../../bench/peers/daemon.ts'
import { Hearing } from '../../bench/peers/hearing.ts'
import { xstateLive, xstateRestored } from '../../bench/peers/level-peers.ts'
import type { Answer, PeerKind } from '../../bench/peers/peer.ts'
import { runPeer } from '../../bench/peers/peer-run.ts'
import { openRawLog } from '../../bench/peers/raw-log.ts'
import { sqlite } from '../../bench/peers/sqlite-peer.ts'
import type { EventType } from '../../machines/event-types.ts'
import { life, lifeBefore, otherwise, type Text, toldOf } from './lives.ts'
import { temporaryFolder } from './stores.ts'

const KINDS = [xstateLive, xstateRestored, sqlite]
const load = { seed: 2, orders: 30, workingSet: 15, ...LOAD, duplicateShare: 0.2, illegalShare: 0.2 }

test.each(KINDS)('$name accepts, refuses and repeats as the twin does, and keeps each event once', async kind => {
  const checks = new Checks()
  const run = await runPeer({ kind, folder: await temporaryFolder(), load, secondsMax: 600 }, checks)
  expect(checks.verdict()).toMatchObject({ green: true, held: { length: 2 } })
  expect(run.events).toBe([...laps(load)].flatMap(({ events }) => events).length)
})

/** What the peer answers to each, one after the other; it is closed then. */
async function answersOf(kind: PeerKind, folder: string, texts: readonly Text[]): Promise<readonly Answer[]> {
  const peer = await kind.open(folder)
  const answers: Answer[] = []
  for (const { text } of texts) answers.push(...(await peer.take([text])))
  await peer.close()
  return answers
}

describe.each(KINDS)('$name refuses', kind => {
  const accepted = toldOf(1, 'order.accepted')
  const confirmed = toldOf(1, 'shipment.confirmed')
  const { lines } = confirmed.data as { lines: readonly { line: string; quantity: number }[] }
  const tenfold = { ...confirmed.data, lines: lines.map(({ line, quantity }) => ({ line, quantity: 10 * quantity })) }
  const rejected = otherwise(accepted, { type: 'order.rejected', data: { reason: 'credit' } })
  test.each<readonly [flaw: string, before: EventType, wrong: Text]>([
    ['a capture by a carrier', 'order.captured', otherwise(toldOf(1, 'order.captured'), { source: 'parcel-one' })],
    ['an acceptance by a carrier', 'order.accepted', otherwise(accepted, { source: 'parcel-one' })],
    ["an acceptance by another company's ERP", 'order.accepted', otherwise(accepted, { source: 'erp-eu' })],
    ['a release before the acceptance', 'order.accepted', otherwise(toldOf(1, 'order.released'), {})],
    ['a rejection behind the acceptance', 'order.allocated', rejected],
    ['more than the shipment holds', 'shipment.confirmed', otherwise(confirmed, { data: tenfold })],
    ['a rejection behind the end', 'order.closed', rejected],
  ])('%s, and goes on as if nothing had been said', async (_, before, wrong) => {
    const said = lifeBefore(1, before)
    const rest = life(1).slice(said.length)
    const answers = await answersOf(kind, await temporaryFolder(), [...said, wrong, wrong, ...rest])
    const all = [...said.map(() => 'accepted'), 'refused', 'duplicate', ...rest.map(() => 'accepted')]
    expect(answers).toEqual(all)
  })

  test('nothing that is legal: the same rejection before the acceptance', async () => {
    const answers = await answersOf(kind, await temporaryFolder(), [...lifeBefore(1, 'order.accepted'), rejected])
    expect(new Set(answers)).toEqual(new Set(['accepted']))
  })
})

async function persistedActors(folder: string): Promise<ReadonlyMap<string, string>> {
  const db = new Level(folder)
  const all = new Map((await db.iterator({ gte: 'actor ', lt: 'actor!' }).all()) as [string, string][])
  await db.close()
  return all
}

describe('what is acknowledged is persisted', () => {
  test.each([xstateLive, xstateRestored])('$name: a capture makes the order, a release its shipment', async kind => {
    const released = [...lifeBefore(1, 'order.released'), toldOf(1, 'order.released')]
    const [captured] = released
    const first = await temporaryFolder()
    await answersOf(kind, first, captured === undefined ? [] : [captured])
    expect([...(await persistedActors(first))]).toEqual([
      ['actor SO-1000001 order', expect.stringContaining('"lifecycle":"captured"')],
    ])
    const second = await temporaryFolder()
    await answersOf(kind, second, released)
    const actors = await persistedActors(second)
    expect(actors.get('actor SO-1000001 shipment')).toContain('"execution":"released"')
    // The order has been told what its shipment holds.
    expect(actors.get('actor SO-1000001 order')).toContain('"fulfilment":"released"')
  })

  test('every order of a load ends, kept live and restored alike', async () => {
    const [live, restored] = [await temporaryFolder(), await temporaryFolder()]
    await runPeer({ kind: xstateLive, folder: live, load, secondsMax: 600 }, new Checks())
    await runPeer({ kind: xstateRestored, folder: restored, load, secondsMax: 600 }, new Checks())
    const actors = await persistedActors(live)
    expect(actors.size).toBe(load.orders * 2)
    for (const text of actors.values()) expect(text).toMatch(/"closed"|"delivered"/)
    const parsed = (all: ReadonlyMap<string, string>) => [...all].map(([name, text]) => [name, JSON.parse(text)])
    expect(parsed(await persistedActors(restored))).toEqual(parsed(actors))
  })

  test('sqlite: its streams, heard anew, lead to the same actors, refusals included', async () => {
    const folder = await temporaryFolder()
    await runPeer({ kind: sqlite, folder, load, secondsMax: 600 }, new Checks())
    const live = await temporaryFolder()
    await runPeer({ kind: xstateLive, folder: live, load, secondsMax: 600 }, new Checks())
    const db = new DatabaseSync(join(folder, 'events.sqlite'))
    const rows = db.prepare('SELECT stream, body FROM events ORDER BY stream, version').all()
    db.close()
    const [hearing, actors] = [new Hearing(), new LiveActors()]
    for (const { body } of rows) {
      const heard = hearing.hear(String(body))
      if (actors.judge(heard)) hearing.learn(heard)
    }
    const orders = [...new Set(rows.map(({ stream }) => String(stream)))]
    const anew = orders.flatMap(order => actors.snapshots(order)).map(([name, text]) => [`actor ${name}`, text])
    expect(anew.sort()).toEqual([...(await persistedActors(live))].sort())
  })
})

test('the raw log takes everything and decides nothing', async () => {
  const log = await openRawLog(await temporaryFolder())
  const driven = await drive(log, load, 'text')
  expect(driven.answered).toEqual({ accepted: driven.events })
  await log.close()
})

test('a command that is nowhere is not found', () => {
  expect(commandIn('node', ['/nowhere/*/bin', '/nowhere'])).toBeUndefined()
})

describe('what every peer hears', () => {
  test.each<EventType>(['shipment.confirmed', 'delivery.completed', 'payment.received'])(
    'finds the order that a number means: %s',
    type => {
      const { text } = toldOf(1, type)
      const hearing = new Hearing()
      for (const before of lifeBefore(1, type)) hearing.learn(hearing.hear(before.text))
      expect(hearing.hear(text).order).toBe('SO-1000001')
      expect(() => new Hearing().hear(text)).toThrow(/nobody knows (shipment|ref)\//)
    },
  )

  test('nothing that the schemas refuse', () => {
    const { text } = otherwise(toldOf(1, 'order.accepted'), { data: { erpNumber: 7 } })
    expect(() => new Hearing().hear(text)).toThrow('is malformed')
  })
})
