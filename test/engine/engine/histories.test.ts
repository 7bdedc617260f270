// Entries of a family are read by the positions that are kept beside it; here they are held against the chain in the journal.
import { describe, expect, test, vi } from 'vitest'
import { seededRandom } from '../../../connectors/simulated/random.ts'
import { openEngine } from '../../../engine/engine.ts'
import { type JournalEntry, retirementIn } from '../../../engine/entry.ts'
import { unpackEntry } from '../../../engine/entry-codec.ts'
import { hash64 } from '../../../engine/hash.ts'
import type { Journal } from '../../../engine/journal/journal.ts'
import { openSegmentJournal } from '../../../engine/journal/segment-journal.ts'
import type { FamilyStore } from '../../../engine/snapshots/family-store.ts'
import { memoryFamilyStore } from '../../../engine/snapshots/memory-family-store.ts'
import { CHARTS } from '../../../machines/charts.ts'
import { captured, event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { forgetfulStore } from '../../helpers/memory-engine.ts'
import { MemoryFiles } from '../../helpers/memory-files.ts'
import { memoryKeys } from '../../helpers/memory-keys.ts'
import { closedLife, RETIRING_JOURNAL, RetiringStore, YEAR_MS } from '../../helpers/retiring-store.ts'

const START_MS = Date.UTC(2026, 10, 21, 12)
const ORDERS = Array.from({ length: 40 }, (_, index) => `A-${index + 1}`)
const LIVE_MAX = 3

const openJournal = (files: MemoryFiles) =>
  openSegmentJournal({
    directory: RETIRING_JOURNAL,
    randomBytes: count => Uint8Array.from({ length: count }, (_, index) => (index * 7 + 1) & 0xff),
    segmentBytes: 16 * 1024,
    files,
  })

/** A store of small segments in which few families stay in memory. */
async function opened(files: MemoryFiles, store: FamilyStore) {
  const journal = await openJournal(files)
  const keys = await memoryKeys(journal)
  const clock = { nowMs: START_MS }
  const limits = { liveFamiliesMax: LIVE_MAX, packedFamiliesMax: 0 }
  const engine = await openEngine({ journal, keys, store, sources: SOURCES, charts: CHARTS, clock, limits })
  return { engine, journal }
}

/** Some of it refused, some that waits for an order's acceptance and some for a number nobody has taught yet. */
const saidOf = (order: string) => [
  captured(order, '00:10'),
  event('wms', 'order.accepted', `order/${order}`, '01:10'),
  released(order, `S-${order}`, '01:00'),
  event('tms', 'shipment.in_transit', `ref/tracking/T-${order}`, '03:00'),
  ...readyOrder(order).slice(1),
]

/** The last entry of each family, by its id, as the frames tell. */
async function chains(journal: Journal, ids: readonly string[]): Promise<ReadonlyMap<string, readonly JournalEntry[]>> {
  const heads = new Map<string, number>()
  for await (const frames of journal.scan(0))
    for (const { family, position } of frames) heads.set(`${family.high} ${family.low}`, position)
  const found = new Map<string, readonly JournalEntry[]>()
  for (const id of ids) {
    const { high, low } = hash64(id, journal.hashKey)
    found.set(id, await chainFrom(journal, heads.get(`${high} ${low}`) ?? 0))
  }
  return found
}

async function chainFrom(journal: Journal, head: number): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = []
  for (let position = head; position > 0; ) {
    const [frame] = await journal.read([position])
    if (frame === undefined) throw new Error(`position ${position} was not read`)
    const entry = unpackEntry(frame)
    entries.unshift(entry)
    position = retirementIn(entry) === undefined ? entry.previous : 0
  }
  return entries
}

/** Says all of it, order after order in turns that are mixed. */
async function filled(store: FamilyStore) {
  const random = seededRandom(1)
  const files = new MemoryFiles()
  const { engine, journal } = await opened(files, store)
  const said = ORDERS.map(saidOf)
  while (said.some(events => events.length > 0)) {
    const telling = said.filter(events => events.length > 0 && random.chance(0.4))
    await engine.submit(telling.flatMap(events => events.splice(0, 1 + random.whole(2))))
  }
  return { engine, journal, files }
}

const FAMILIES = [...ORDERS, ...ORDERS.map(order => `ref:T-${order}`)]

/** `store` without the positions of entries, as it may be where a family came into memory in the middle of its life. */
const withoutPositions = (store: FamilyStore): FamilyStore => ({
  ...store,
  write: rows => store.write(rows.map(row => ({ ...row, earlier: undefined }))),
})

describe('[L3] histories', () => {
  test.each([
    ['families that come and go', memoryFamilyStore()],
    ['families rebuilt each time', forgetfulStore()],
    ['families without positions', withoutPositions(memoryFamilyStore())],
  ])('are those along the chain, whole and page by page, of %s', async (_, store) => {
    const { engine, journal, files } = await filled(store)
    expect(journal.sealed.length).toBeGreaterThan(1)
    const wanted = await chains(journal, FAMILIES)
    expect([...wanted.values()].filter(entries => entries.length > 5).length).toBeGreaterThan(ORDERS.length - 1)
    const isAsWanted = async (twin: typeof engine) => {
      for (const [id, entries] of wanted) {
        expect(await twin.entries(id, { after: 0, first: 1_000 })).toEqual(entries)
        for (const after of [0, ...entries.map(({ position }) => position)])
          expect(await twin.entries(id, { after, first: 2 })).toEqual(
            entries.filter(({ position }) => position > after).slice(0, 2),
          )
      }
    }
    await isAsWanted(engine)
    await engine.close()
    const again = await opened(files, store)
    await isAsWanted(again.engine)
    await again.engine.close()
  })

  test('of orders that were retired begin with their retirement, and go on behind it', async () => {
    const store = new RetiringStore()
    const engine = await store.open()
    for (const number of [1, 2]) for (const each of closedLife(number)) await engine.submit([each])
    await engine.close()
    store.clock.nowMs += YEAR_MS + 86_400_000
    await store.retire(await store.chosen())
    const retired = await store.open()
    await retired.submit([event('erp', 'order.closed', 'order/O-1', '07:00', {}, { id: 'late' })])
    const types = async (id: string) =>
      (await retired.entries(id, { after: 0, first: 100 })).map(({ event }) => event.type)
    expect(await types('O-1')).toEqual(['order.retired', 'order.closed'])
    expect(await types('O-2')).toEqual(['order.retired'])
    const [, late] = await retired.entries('O-1', { after: 0, first: 100 })
    expect(await retired.entries('O-1', { after: (late?.position ?? 0) - 1, first: 1 })).toEqual([late])
    await retired.close()
    const again = await store.open()
    expect((await again.entries('O-1', { after: 0, first: 100 })).length).toBe(2)
    await again.close()
  })

  test('of a family whose record has its positions are read at once, not one entry after the other', async () => {
    const store = memoryFamilyStore()
    const { engine, files } = await filled(store)
    await engine.close()
    const again = await opened(files, store)
    const read = vi.spyOn(again.journal, 'read')
    expect((await again.engine.entries('A-1', { after: 0, first: 1_000 })).length).toBeGreaterThan(5)
    expect(read).toHaveBeenCalledTimes(1)
    await again.engine.close()
  })
})
