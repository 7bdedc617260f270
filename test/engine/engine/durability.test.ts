// What may be seen when: nothing before it is durable, nothing half of it after a failure, time never backwards.
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../connectors/simulated/random.ts'
import { type Engine, openEngine } from '../../../engine/engine.ts'
import { openSegmentJournal } from '../../../engine/journal/segment-journal.ts'
import type { Outcome } from '../../../engine/outcome.ts'
import { memoryFamilyStore } from '../../../engine/snapshots/memory-family-store.ts'
import { CHARTS } from '../../../machines/charts.ts'
import type { EventInput } from '../../../machines/event.ts'
import { captured, event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { DAY_START_MS, failingAfter, held, openMemoryEngine } from '../../helpers/memory-engine.ts'
import { type DiskFault, MemoryFiles } from '../../helpers/memory-files.ts'
import { memoryKeys } from '../../helpers/memory-keys.ts'
import { allEntries, storeTruth } from '../../helpers/store-truth.ts'

const life = (order: string): readonly EventInput[] => [
  ...readyOrder(order),
  released(order, `S-${order}`, '01:00'),
  event('wms', 'shipment.confirmed', `shipment/S-${order}`, '02:00', { carrier: 'UPS', tracking: `1Z-${order}` }),
  event('ups', 'delivery.completed', `ref/tracking/1Z-${order}`, '03:00'),
  event('erp', 'invoice.posted', `order/${order}`, '04:00', { invoice: `I-${order}`, amountMinor: 1 }),
]
const codes = (outcomes: readonly Outcome[]) => outcomes.map(each => each.outcome)

/** All that a reader, a follower or an operator could notice; what the gauges say of memory aside. */
async function seen(engine: Engine) {
  const metrics = engine.metrics().filter(({ name }) => !/inbox|live_families/.test(name))
  const page = engine.orders({}, { by: 'number', descending: false }, { first: 10 })
  return structuredClone({
    head: engine.head(),
    metrics,
    page,
    sources: engine.sources(),
    found: await engine.find('O-1'),
  })
}

describe('[E3] nothing is seen before it is durable', () => {
  test('[L2] while an append is under way readers see what was before it', async () => {
    const { commit, isWriting, written } = held(2)
    const { engine } = await openMemoryEngine({ commit })
    const before = await seen(engine)
    const submitted = engine.submit(life('O-1'))
    await isWriting
    expect(await seen(engine)).toEqual(before)
    expect(await engine.family('O-1')).toBeUndefined()
    const previewed = engine.preview([event('erp', 'order.validated', 'order/O-1', '00:20')])
    written()
    expect(codes(await submitted)).toEqual(life('O-1').map(() => 'accepted'))
    expect(codes(await previewed)).toEqual(['superseded'])
    expect((await engine.find('O-1')).kind).toBe('found')
  })

  test('a preview changes nothing, and sees what stands before it', async () => {
    const { engine, memory } = await openMemoryEngine()
    await engine.submit(life('O-1').slice(0, 4))
    const before = await seen(engine)
    const rest = [...life('O-1').slice(4), ...life('O-2'), event('wms', 'credit.held', 'order/O-2', '05:00')]
    const previewed = await engine.preview(rest)
    expect(codes(previewed)).toEqual([...rest.slice(1).map(() => 'accepted'), 'not_owner'])
    expect(await seen(engine)).toEqual(before)
    expect(memory.commits).toHaveLength(2)
    expect(await engine.submit(rest)).toEqual(previewed)
  })
})

describe('[E4] time never runs backwards', () => {
  test('in the journal, whatever the clock does, also across a restart', async () => {
    const { clock, engine, memory } = await openMemoryEngine()
    for (const [index, offsetMs] of [0, 5_000, -3_600_000, 2_000, 9_000].entries()) {
      clock.nowMs = DAY_START_MS + offsetMs
      await engine.submit([captured(`O-${index}`, '00:10')])
    }
    await engine.close()
    const reopened = await openMemoryEngine({ memory, nowMs: DAY_START_MS - 3_600_000 })
    await reopened.engine.submit([captured('O-9', '00:10')])
    const stamps = (await allEntries(reopened.engine)).map(each => each.recordedMs - DAY_START_MS)
    expect(stamps).toEqual([0, 5_000, 5_000, 5_000, 9_000, 9_000])
  })
})

test('[E4] [E6] a clock between two milliseconds changes no time that is kept, of what lies ahead of it either', async () => {
  const { clock, engine, memory } = await openMemoryEngine()
  clock.nowMs = DAY_START_MS + 0.4
  const ahead = captured('O-1', '00:10:00.500')
  await engine.submit([ahead])
  const [entry] = await allEntries(engine)
  await engine.close()
  const reopened = await openMemoryEngine({ memory })
  const [kept] = await allEntries(reopened.engine)
  expect([entry, kept].map(each => [each?.recordedMs, each?.event.time])).toEqual([
    [DAY_START_MS, ahead.time],
    [DAY_START_MS, ahead.time],
  ])
  expect(codes(await reopened.engine.submit([ahead]))).toEqual(['duplicate'])
})

describe('[E5] after a failed write', () => {
  test('its events are unknown, reading goes on, nothing more is taken', async () => {
    const { engine, troubles } = await openMemoryEngine({ commit: failingAfter(2) })
    const first = life('O-1').slice(0, 4)
    await engine.submit(first)
    const before = await seen(engine)
    expect(codes(await engine.submit(life('O-1').slice(4)))).toEqual(Array(4).fill('journal_unavailable'))
    expect(codes(await engine.submit([captured('O-2', '00:10')]))).toEqual(['journal_unavailable'])
    expect(engine.health()).toEqual({ ready: false, reason: expect.stringContaining('poisoned') })
    expect(await engine.find('O-1')).toEqual(before.found)
    expect(engine.head()).toEqual(before.head)
    expect(codes(await engine.submit(first))).toEqual(first.map(() => 'duplicate'))
    expect(codes(await engine.preview(first))).toEqual(first.map(() => 'duplicate'))
    expect(troubles).toEqual(Array(2).fill('the journal took no entries: poisoned'))
  })

  const faults: readonly (readonly [string, 'write' | 'sync', DiskFault, 'kill' | 'crash'])[] = [
    ['a write that fails', 'write', { kind: 'error', code: 'EIO' }, 'kill'],
    ['a write that falls short', 'write', { kind: 'short', bytes: 700 }, 'kill'],
    ['a sync that fails', 'sync', { kind: 'error', code: 'EIO' }, 'kill'],
    ['a sync that fails, then the power', 'sync', { kind: 'error', code: 'EIO' }, 'crash'],
    ['the power during a write', 'write', { kind: 'power' }, 'crash'],
    ['the power during a sync', 'sync', { kind: 'power' }, 'crash'],
  ]
  const cases = faults.flatMap(fault => [1, 2, 3].map(seed => [...fault, seed] as const))

  test.each(cases)(
    'opened again all is consistent: %s (%s, %o, %s, seed %i)',
    async (_, operation, fault, end, seed) => {
      const random = seededRandom(seed)
      const files = new MemoryFiles()
      const open = async () => {
        const randomBytes = (count: number) => new Uint8Array(count).fill(7)
        const journal = await openSegmentJournal({ directory: '/store', randomBytes, files, segmentBytes: 64 * 1024 })
        const clock = { nowMs: DAY_START_MS }
        return openEngine({
          journal,
          keys: await memoryKeys(journal),
          store: memoryFamilyStore(),
          sources: SOURCES,
          charts: CHARTS,
          clock,
        })
      }
      const engine = await open()
      const events = Array.from({ length: 20 }, (_, index) => life(`O-${index}`)).flat()
      let left = 3 + random.whole(12)
      files.fault = call =>
        call.operation === operation && call.path.includes('.segment') && left-- <= 0 ? fault : undefined
      const acknowledged = new Set<string>()
      for (let from = 0; from < events.length; ) {
        const count = 1 + random.whole(12)
        const batch = events.slice(from, from + count)
        const outcomes = await engine.submit(batch)
        for (const { id, outcome } of outcomes) if (outcome !== 'journal_unavailable') acknowledged.add(id as string)
        from += count
      }
      expect(acknowledged.size).toBeLessThan(events.length)
      if (end === 'kill') files.kill()
      else files.crash(() => random.chance(0.5))

      const reopened = await open()
      const settled = (await allEntries(reopened)).filter(each => each.cause === undefined).map(each => each.event.id)
      expect(new Set(settled).size).toBe(settled.length)
      expect([...acknowledged].filter(id => !settled.includes(id))).toEqual([])
      const again = await reopened.submit(events)
      expect(new Set(codes(again))).toEqual(new Set(['duplicate', 'accepted']))
      const { engine: untroubled } = await openMemoryEngine()
      await untroubled.submit(events)
      const { counts, references, states } = await storeTruth(untroubled)
      expect(await storeTruth(reopened)).toMatchObject({ counts, references, states })
    },
  )
})
