// Peers that need nothing installed: they take the load, keep each event once, and their actors end as orders end.
import { Level } from 'level'
import { describe, expect, test } from 'vitest'
import { drive } from '../../bench/drive.ts'
import { LOAD } from '../../bench/load/load.ts'
import { LiveActors } from '../../bench/peers/actors.ts'
import { commandIn } from '../../bench/peers/daemon.ts'
import { Hearing } from '../../bench/peers/hearing.ts'
import { xstateLive, xstateRestored } from '../../bench/peers/level-peers.ts'
import type { PeerEvent } from '../../bench/peers/peer.ts'
import { openRawLog } from '../../bench/peers/raw-log.ts'
import { peerLaps } from '../../bench/peers/run-peers.ts'
import { sqlite } from '../../bench/peers/sqlite-peer.ts'
import { temporaryFolder } from './stores.ts'

const load = { seed: 2, orders: 30, workingSet: 15, ...LOAD, duplicateShare: 0.2 }

test.each([xstateLive, xstateRestored, sqlite])('$name keeps each event once', async kind => {
  const peer = await kind.open(await temporaryFolder())
  let distinct = 0
  let events = 0
  for (const lap of peerLaps(load)) {
    await peer.take(lap.events)
    distinct += lap.distinct
    events += lap.events.length
  }
  expect(await peer.kept()).toBe(distinct)
  expect(events).toBeGreaterThan(distinct)
  await peer.close()
})

test('the steps peers are given end every order, live and restored alike', async () => {
  const actors = new LiveActors()
  const folder = await temporaryFolder()
  const peer = await xstateRestored.open(folder)
  for (const lap of peerLaps(load)) {
    await peer.take(lap.events)
    for (const { order, steps } of lap.events) actors.step(order, steps)
  }
  await peer.close()
  const db = new Level(folder)
  const restored = new Map((await db.iterator({ gte: 'actor ', lt: 'actor!' }).all()) as [string, string][])
  await db.close()
  expect(restored.size).toBe(load.orders * 2)
  for (const [key, text] of restored) {
    expect(JSON.parse(text)).toEqual(JSON.parse(actors.snapshot(key.slice('actor '.length))))
    expect(text).toMatch(/"closed"|"delivered"/)
  }
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

describe('what every peer checks', () => {
  const all = [...peerLaps(load)].flatMap(({ events }) => events)
  const told = (type: string) => all.find(({ steps, text }) => steps.length > 0 && text.includes(`"type":"${type}"`))!
  /** A peer's hearing after all that was said before the event. */
  const hearingBefore = (event: PeerEvent): Hearing => {
    const hearing = new Hearing()
    for (const each of all.slice(0, all.indexOf(event))) hearing.hear(each)
    return hearing
  }

  test.each(['shipment.confirmed', 'delivery.completed', 'payment.received'])(
    'finds the order that a number means: %s',
    type => {
      const event = told(type)
      expect(hearingBefore(event).hear(event).type).toBe(type)
      expect(() => new Hearing().hear(event)).toThrow(/is undefined, not SO-/)
    },
  )

  test('lets nobody move what another owns', () => {
    const event = told('order.accepted')
    const text = event.text.replace('"source":"erp"', '"source":"parcel-one"')
    expect(() => hearingBefore(event).hear({ ...event, text })).toThrow(/parcel-one moves SO-\d+ by order.accepted/)
  })
})
