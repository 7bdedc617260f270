// Charts change; what was written under an earlier one is replayed as it was, and moves on when it is next decided.
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { familiesFolder, journalFolder } from '../../../cli/store.ts'
import { verifyStore } from '../../../cli/verify-store.ts'
import { type Engine, openEngine } from '../../../engine/engine.ts'
import { SETTINGS_ENTRY } from '../../../engine/entry-codec.ts'
import { type JournalMemory, openMemoryJournal } from '../../../engine/journal/memory-journal.ts'
import { openSegmentJournal } from '../../../engine/journal/segment-journal.ts'
import { openFamilyStore } from '../../../engine/snapshots/level-family-store.ts'
import type { Chart } from '../../../machines/chart.ts'
import { CHARTS, type Charts } from '../../../machines/charts.ts'
import { temporaryFolder } from '../../helpers/disk-store.ts'
import { captured, event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { DAY_START_MS, forgetfulStore, openMemoryEngine } from '../../helpers/memory-engine.ts'
import { memoryKeys } from '../../helpers/memory-keys.ts'
import { storeTruth } from '../../helpers/store-truth.ts'

const NOW = CHARTS.order.version

const each = (change: (chart: Chart) => Chart): Charts => ({
  order: change(CHARTS.order),
  shipment: change(CHARTS.shipment),
  return: change(CHARTS.return),
})
/** The next version of every chart: the same states, and a mark in every context that was carried over. */
const NEXT = each(chart => ({
  ...chart,
  version: chart.version + 1,
  migrate: (state, context) => ({ state, context: { ...context, carriedOver: chart.version } }),
  copy: context => ({ ...(context as object) }),
}))
const NEXT_WITHOUT_WAY = each(chart => ({ ...chart, version: chart.version + 1, migrate: undefined }))

const underWay = (order: string) => [
  ...readyOrder(order),
  released(order, `S-${order}`, '01:00'),
  event('erp', 'invoice.posted', `order/${order}`, '04:00', {
    invoice: `I-${order}`,
    amountMinor: 1,
    lines: [{ line: '1', quantity: 1 }],
  }),
]
const shipment = (order: string) => `shipment/EAST/S-${order}`
const confirmed = (order: string) => event('wms', 'shipment.confirmed', `shipment/S-${order}`, '02:00')
const foreign = (order: string) => event('wms', 'credit.held', `order/${order}`, '03:00')

/** Two orders under today's charts: a shipment each, and an invoice that waits for it. */
async function written() {
  const { engine, memory } = await openMemoryEngine()
  await engine.submit([...underWay('O-1'), ...underWay('O-2')])
  const truth = await storeTruth(engine)
  const end = engine.head().position
  await engine.close()
  return { memory, truth, end }
}

const chartsOf = async (engine: Engine, order: string) =>
  ((await engine.family(order))?.actors.all ?? []).map(actor => actor.chart)

async function settingsIn(memory: JournalMemory): Promise<number> {
  let count = 0
  for await (const frames of openMemoryJournal({ memory }).scan(0))
    count += frames.filter(frame => frame.kind === SETTINGS_ENTRY).length
  return count
}

describe('a journal written under an earlier chart', () => {
  test('[E6] [E11] is replayed byte for byte under the next one', async () => {
    const { end, memory, truth } = await written()
    const { engine } = await openMemoryEngine({ memory, charts: NEXT, store: forgetfulStore() })
    expect(await storeTruth(engine, end)).toEqual(truth)
    expect(await chartsOf(engine, 'O-1')).toEqual([NOW, NOW])
  })

  test.each([
    ['accepted', confirmed],
    ['not_owner', foreign],
  ])('[E11] an event that is %s carries the whole family over, with whole actors', async (outcome, next) => {
    const { memory } = await written()
    const { engine } = await openMemoryEngine({ memory, charts: NEXT, store: forgetfulStore() })
    const [answer] = await engine.submit([next('O-1')])
    expect(answer?.outcome).toBe(outcome)
    const entry = (await engine.entries('O-1', { after: 0, first: 100 })).find(each =>
      each.changes.some(({ chart }) => chart > NOW),
    )
    expect(entry?.changes.map(({ chart, isWhole, key }) => [key, chart, isWhole]).sort()).toEqual([
      ['order', NOW + 1, true],
      [shipment('O-1'), NOW + 1, true],
    ])
    for (const actor of (await engine.family('O-1'))?.actors.all ?? [])
      expect(actor.context).toMatchObject({ carriedOver: NOW })
    expect(await chartsOf(engine, 'O-2')).toEqual([NOW, NOW])
    const truth = await storeTruth(engine)
    await engine.close()
    const reopened = await openMemoryEngine({ memory, charts: NEXT, store: forgetfulStore() })
    expect(await storeTruth(reopened.engine)).toEqual(truth)
  })

  test('[E11] what waited is judged again under the next chart', async () => {
    const { memory } = await written()
    const { engine } = await openMemoryEngine({ memory, charts: NEXT })
    await engine.submit([confirmed('O-1')])
    const entries = await engine.entries('O-1', { after: 0, first: 100 })
    expect(entries.slice(-2).map(each => [each.event.type, each.verdict])).toEqual([
      ['shipment.confirmed', 'accepted'],
      ['invoice.posted', 'accepted'],
    ])
  })

  test('[E11] with no way across its families are set aside, each alone; new orders run on', async () => {
    const { end, memory, truth } = await written()
    const { engine, troubles } = await openMemoryEngine({ memory, charts: NEXT_WITHOUT_WAY })
    const outcomes = await engine.submit([confirmed('O-1'), ...readyOrder('O-3')])
    expect(outcomes.map(each => each.outcome)).toEqual(['overloaded', ...Array(4).fill('accepted')])
    expect(outcomes[0]).toMatchObject({ code: 'family_quarantined', reason: expect.stringContaining('no way from') })
    expect(troubles).toHaveLength(1)
    expect((await storeTruth(engine, end)).families).toMatchObject(truth.families)
  })

  test('[E11] a family under a chart of a later version is set aside by an earlier one', async () => {
    const { memory } = await written()
    const next = await openMemoryEngine({ memory, charts: NEXT })
    await next.engine.submit([confirmed('O-1')])
    await next.engine.close()
    const { engine } = await openMemoryEngine({ memory })
    const outcomes = await engine.submit([foreign('O-1'), confirmed('O-2')])
    expect(outcomes.map(each => each.outcome)).toEqual(['overloaded', 'accepted'])
  })

  test('[E11] verify finds nothing wrong with a store that was carried over', async () => {
    const data = await temporaryFolder()
    const open = async (charts: Charts) => {
      const journal = await openSegmentJournal({ directory: journalFolder(data), randomBytes })
      const store = await openFamilyStore({ directory: familiesFolder(data), storeId: journal.storeId })
      return openEngine({
        journal,
        store,
        keys: await memoryKeys(journal, SOURCES),
        sources: SOURCES,
        charts,
        clock: { nowMs: DAY_START_MS },
      })
    }
    const first = await open(CHARTS)
    await first.submit([...underWay('O-1'), ...underWay('O-2')])
    await first.close()
    const second = await open(NEXT)
    await second.submit([confirmed('O-1'), foreign('O-2')])
    await second.close()
    expect(await verifyStore(data)).toEqual({ report: expect.stringContaining('snapshots: 2 current') })
  })
})

describe('settings', () => {
  test('[E6] stand in the journal once for each change', async () => {
    const { memory } = await written()
    expect(await settingsIn(memory)).toBe(1)
    const reopen = async (options: Parameters<typeof openMemoryEngine>[0]) => {
      const { engine } = await openMemoryEngine({ memory, ...options })
      await engine.submit([captured(`O-${memory.commits.length}`, '00:10')])
      await engine.close()
      return settingsIn(memory)
    }
    expect(await reopen({})).toBe(1)
    expect(await reopen({ charts: NEXT })).toBe(2)
    expect(await reopen({ charts: NEXT })).toBe(2)
    expect(await reopen({ charts: NEXT, sources: SOURCES.slice(1) })).toBe(3)
    expect(await reopen({})).toBe(4)
  })
})
