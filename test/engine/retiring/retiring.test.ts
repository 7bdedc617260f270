// Orders that leave the store: what is kept of them, what they answer, and what the journal still proves.
import { describe, expect, test } from 'vitest'
import type { Engine } from '../../../engine/engine.ts'
import { segmentName } from '../../../engine/journal/segment-file.ts'
import { verifyJournal } from '../../../engine/journal/verify.ts'
import { tokenOf } from '../../../engine/sealing/token.ts'
import type { EventInput } from '../../../machines/event.ts'
import { discard, retry } from '../../helpers/acts.ts'
import { captured, event, readyOrder, released } from '../../helpers/distributor.ts'
import { MemoryFiles } from '../../helpers/memory-files.ts'
import {
  closedLife,
  dyingAt,
  LIFE_MS,
  personOf,
  RETIRING_JOURNAL,
  RetiringStore,
  YEAR_MS,
} from '../../helpers/retiring-store.ts'

const ENDED = [1, 2, 3, 4, 5, 6]
const LIVE = ['A-1', 'A-2']
const SAID_OF_LIVE = LIVE.flatMap(order => [...readyOrder(order), released(order, `S-${order}`, '01:00')])

/** Six orders that ended, two that did not, all mixed; then a year and a day go by. */
async function grown(): Promise<RetiringStore> {
  const store = new RetiringStore()
  const engine = await store.open()
  const lives = ENDED.map(closedLife)
  for (let step = 0; step < 10; step++) {
    await engine.submit([...lives.map(life => life[step] as EventInput), ...SAID_OF_LIVE.slice(step, step + 1)])
    store.clock.nowMs += 60_000
  }
  await engine.close()
  store.clock.nowMs += YEAR_MS + 86_400_000
  return store
}

async function retiredStore(): Promise<{ readonly store: RetiringStore; readonly engine: Engine }> {
  const store = await grown()
  await store.retire(await store.chosen())
  return { store, engine: await store.open() }
}

const outcomes = async (engine: Engine, events: readonly EventInput[]) =>
  (await engine.submit(events)).map(({ code, outcome }) => (code === undefined ? outcome : `${outcome} ${code}`))

/** What is told of orders that stay. */
const liveTruth = async (engine: Engine) =>
  Promise.all(LIVE.map(async id => [await engine.family(id), await engine.entries(id, { after: 0, first: 100 })]))

const bytesIn = ({ disk }: RetiringStore): Buffer =>
  Buffer.concat(disk.names().map(path => Buffer.from(disk.bytesOf(path))))

describe('[Z1] who is retired', () => {
  test('orders that ended long ago, and nobody is to do anything about', async () => {
    const store = await grown()
    expect((await store.chosen()).map(({ family }) => family.id)).toEqual(ENDED.map(number => `O-${number}`))
  })

  test('not before the last word is old enough', async () => {
    const store = await grown()
    store.clock.nowMs = LIFE_MS + YEAR_MS
    expect(await store.chosen()).toEqual([])
  })

  test('not while a return is open, though the order is closed', async () => {
    const store = await grown()
    const engine = await store.open()
    const back = { return: 'R-5', lines: [{ line: '1', quantity: 1 }] }
    expect(await outcomes(engine, [event('shop', 'return.initiated', 'order/O-5', '07:00', back)])).toEqual([
      'accepted',
    ])
    await engine.close()
    store.clock.nowMs += YEAR_MS + 86_400_000
    const left = ENDED.filter(number => number !== 5).map(number => `O-${number}`)
    expect((await store.chosen()).map(({ family }) => family.id)).toEqual(left)
  })

  test('not while an event stands refused that somebody is to look at', async () => {
    const store = await grown()
    const engine = await store.open()
    await engine.submit([event('wms', 'order.validated', 'order/O-3', '07:00')])
    await engine.close()
    store.clock.nowMs += YEAR_MS + 86_400_000
    expect((await store.chosen()).map(({ family }) => family.id)).not.toContain('O-3')
  })
})

describe('[Z3] an order that was retired', () => {
  test('says so under every number it had, with its end and where that stands', async () => {
    const { engine } = await retiredStore()
    for (const ref of ['O-2', 'PO-2', 'ERP-O-2', 'I-2', 'S-2', 'tracking/1Z-2'])
      expect(await engine.find(ref)).toMatchObject({
        kind: 'retired',
        orders: [{ id: 'O-2', closedForDays: 365, by: 'records', entries: 10, actors: { order: { version: 10 } } }],
      })
    expect(await engine.find('invoice/1Z-2')).toEqual({ kind: 'none' })
    expect(await engine.family('O-2')).toBeUndefined()
  })

  test('has a history that begins with its retirement', async () => {
    const { engine } = await retiredStore()
    const entries = await engine.entries('O-2', { after: 0, first: 100 })
    expect(entries).toMatchObject([
      {
        event: { type: 'order.retired', data: { closedForDays: 365, by: 'records' } },
        detail: { reason: 'by records, after 365 days without a word' },
      },
    ])
  })

  test('is on no board and in no count of orders; what its sources sent stays counted', async () => {
    const store = await grown()
    const before = await store.open()
    const sources = before.sources()
    await before.close()
    await store.retire(await store.chosen())
    const engine = await store.open()
    expect(engine.orders({}, { by: 'number', descending: false }, { first: 100 }).orders).toEqual(LIVE)
    expect(Object.values(engine.stateCounts('order').lifecycle ?? {}).reduce((sum, count) => sum + count)).toBe(2)
    expect(engine.sources()).toEqual(sources)
  })

  test('leaves the others as they were', async () => {
    const store = await grown()
    const before = await store.open()
    const truth = await liveTruth(before)
    await before.close()
    await store.retire(await store.chosen())
    expect(await liveTruth(await store.open())).toEqual(truth)
  })
})

describe('[E7] events of a retired order', () => {
  test('are duplicates for ever, with their first outcome and its position', async () => {
    const store = await grown()
    const before = await store.open()
    const life = closedLife(4)
    const first = await before.submit(life)
    await before.close()
    store.clock.nowMs += YEAR_MS
    await store.retire(await store.chosen())
    const engine = await store.open()
    const now = await engine.submit(life)
    expect(now.map(({ first, outcome, position }) => ({ first, outcome, position }))).toEqual(
      first.map(({ first, outcome, position }) => ({ first, outcome, position })),
    )
    expect(new Set(now.map(({ code, order }) => `${code} ${order}`))).toEqual(new Set(['order_retired O-4']))
  })

  test('are id_reused with other content', async () => {
    const { engine } = await retiredStore()
    const [said] = closedLife(4) as readonly [EventInput]
    const other = { ...said, data: { ...(said.data as object), currency: 'EUR' } }
    expect(await outcomes(engine, [other, { ...said, time: '2026-11-21T00:11:00Z' }])).toEqual([
      'id_reused id_reused',
      'id_reused id_reused',
    ])
  })
})

describe('[Z4] a late event about a retired order', () => {
  test('is refused by name under any of its numbers, and stands in its history', async () => {
    const { engine, store } = await retiredStore()
    const late = [
      event('erp', 'invoice.credited', 'order/O-1', '09:00', { memo: 'M-1', amountMinor: 1 }),
      event('ups', 'delivery.completed', 'ref/tracking/1Z-1', '09:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '09:00', { carrier: 'UPS', tracking: '1Z-1' }),
      captured('O-1', '09:00'),
    ]
    expect(await outcomes(engine, late)).toEqual(late.map(() => 'not_allowed_in_state order_retired'))
    expect(await outcomes(engine, late)).toEqual(late.map(() => 'duplicate order_retired'))
    await engine.close()
    const entries = await (await store.open()).entries('O-1', { after: 0, first: 100 })
    expect(entries.map(({ event: { type } }) => type)).toEqual(['order.retired', ...late.map(({ type }) => type)])
  })

  test('[A2] [A3] is refused again when a person retries it, and may be let go of', async () => {
    const { engine } = await retiredStore()
    const late = event('ups', 'delivery.completed', 'ref/tracking/1Z-1', '09:00')
    await engine.submit([late])
    const [again] = await engine.submit([retry('O-1', late)])
    expect(again).toMatchObject({ outcome: 'accepted', led: [{ id: late.id, code: 'order_retired' }] })
    expect(await outcomes(engine, [discard('O-1', late), discard('O-1', late)])).toEqual([
      'accepted',
      'not_allowed_in_state nothing_to_discard',
    ])
  })

  test('goes to whoever holds the number now', async () => {
    const { engine } = await retiredStore()
    const reuse = [
      ...readyOrder('B-1'),
      released('B-1', 'S-B-1', '01:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-B-1', '02:00', { carrier: 'UPS', tracking: '1Z-5' }),
      event('ups', 'delivery.completed', 'ref/tracking/1Z-5', '03:00'),
    ]
    for (const each of reuse) expect(await outcomes(engine, [each])).toEqual(['accepted'])
    expect(await engine.find('1Z-5')).toMatchObject({ kind: 'found', holders: [{ family: { id: 'B-1' } }] })
  })

  test('[E6] meets orders that shared its number by their own, in whatever order they were retired', async () => {
    for (const turned of [false, true]) {
      const store = new RetiringStore()
      const before = await store.open()
      for (const number of [2, 1]) {
        const [first, ...others] = closedLife(number) as readonly [EventInput, ...EventInput[]]
        await before.submit([{ ...first, data: { ...(first.data as object), poNumber: 'PO-BOTH' } }, ...others])
      }
      await before.close()
      store.clock.nowMs += YEAR_MS + 86_400_000
      const families = await store.chosen()
      await store.retire(turned ? families.toReversed() : families)
      const engine = await store.open()
      const [outcome] = await engine.submit([event('erp', 'order.amended', 'ref/po/PO-BOTH', '08:00', {})])
      expect(outcome?.families?.map(({ code, order }) => [order, code])).toEqual([
        ['O-1', 'order_retired'],
        ['O-2', 'order_retired'],
      ])
      await engine.close()
    }
  })

  test('[W3] counts for who takes a shared number later, though it was refused first', async () => {
    const { engine } = await retiredStore()
    const delivered = event('ups', 'delivery.completed', 'ref/tracking/1Z-5', '03:00')
    expect(await outcomes(engine, [delivered])).toEqual(['not_allowed_in_state order_retired'])
    const confirmed = { carrier: 'UPS', tracking: '1Z-5' }
    for (const each of [
      ...readyOrder('B-1'),
      released('B-1', 'S-B-1', '01:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-B-1', '02:00', confirmed),
    ])
      expect(await outcomes(engine, [each])).toEqual(['accepted'])
    const states = ((await engine.family('B-1'))?.actors.all ?? []).map(({ state }) => state)
    expect(states.some(state => state.startsWith('delivered'))).toBe(true)
  })
})

describe('[E12] what was said of people', () => {
  test('goes with the order: no file has its bodies, and its key is gone', async () => {
    const store = await grown()
    const families = await store.chosen()
    const said = families.flatMap(({ entries }) => entries[0]?.event.data ?? []) as { shipTo: { name: string } }[]
    const sealed = said.map(({ shipTo }) => shipTo.name)
    const boxes = sealed.map(text => Buffer.from(tokenOf(text)?.box ?? '', 'base64url'))
    const bodies = await store.bodies()
    const theirs = boxes.flatMap(box => bodies.filter(({ plain }) => plain.includes(box)))
    expect(theirs.length).toBeGreaterThanOrEqual(ENDED.length)
    for (const { stored } of theirs) expect(bytesIn(store).includes(stored)).toBe(true)
    const before = await store.open()
    expect(sealed.map(text => before.opened(text))).toEqual(ENDED.map(personOf))
    await before.close()
    await store.retire(families)
    for (const { stored } of theirs) expect(bytesIn(store).includes(stored)).toBe(false)
    for (const box of boxes) expect((await store.bodies()).some(({ plain }) => plain.includes(box))).toBe(false)
    const engine = await store.open()
    expect(sealed.map(text => engine.opened(text))).toEqual(ENDED.map(() => '[erased]'))
  })

  test('a late event keeps what it says of people under a key of its own', async () => {
    const { engine } = await retiredStore()
    await engine.submit([captured('O-1', '09:00', { shipTo: { name: 'Late Person' } })])
    const entries = await engine.entries('O-1', { after: 0, first: 10 })
    expect(JSON.stringify(entries)).not.toContain('Late Person')
    expect(JSON.stringify(engine.opened(entries))).toContain('Late Person')
  })
})

describe('[J6] the journal of a store that retired', () => {
  test('has the same chain as before, and less in it', async () => {
    const store = await grown()
    const families = await store.chosen()
    const before = await verifyJournal(RETIRING_JOURNAL, { files: store.disk })
    const { rewritings } = await store.retire(families)
    expect(rewritings.length).toBeGreaterThan(0)
    const bytes = (of: 'bytesAfter' | 'bytesBefore') => rewritings.reduce((sum, each) => sum + each[of], 0)
    expect(bytes('bytesAfter')).toBeLessThan(bytes('bytesBefore'))
    if (before.kind !== 'whole') throw new Error(JSON.stringify(before))
    const keptHead = { position: before.position, hash: before.hash }
    expect(await verifyJournal(RETIRING_JOURNAL, { files: store.disk, keptHead })).toMatchObject({
      kind: 'whole',
      rewritten: rewritings.length,
      rewrittenSince: rewritings.map(() => expect.any(Number)),
      badIndexes: [],
      changedUnused: [],
    })
  })

  test('does not verify where a rewritten segment is not the one that an entry names', async () => {
    const { engine, store } = await retiredStore()
    await engine.close()
    const path = `${RETIRING_JOURNAL}/${segmentName(1)}`
    const bytes = store.disk.bytesOf(path)
    const flips = Array.from({ length: 40 }, (_, index) => Math.floor((bytes.length / 40) * index) + 41)
    for (const at of flips) {
      const forged = bytes.slice()
      forged[at] = (forged[at] as number) ^ 1
      store.disk.replace(path, forged)
      expect(await verifyJournal(RETIRING_JOURNAL, { files: store.disk }), `byte ${at}`).toMatchObject({
        kind: 'damaged',
      })
    }
  })

  test('does not verify where the entry about a segment was cut off', async () => {
    const store = await grown()
    const families = await store.chosen()
    const former = new Map(store.disk.names().map(path => [path, store.disk.bytesOf(path).slice()]))
    await store.retire(families)
    const tail = store.disk
      .names()
      .filter(path => path.endsWith('.segment'))
      .sort()
      .at(-1) as string
    for (const path of store.disk.names()) {
      const bytes = former.get(path)
      if (path === tail || path.endsWith('HEAD')) store.disk.forget(path)
      else if (bytes !== undefined && !path.endsWith('.segment')) store.disk.replace(path, bytes)
    }
    expect(await verifyJournal(RETIRING_JOURNAL, { files: store.disk })).toMatchObject({
      kind: 'damaged',
      message: expect.stringMatching(/written anew/),
    })
  })

  test('can be retired from again', async () => {
    const { engine, store } = await retiredStore()
    await engine.submit(closedLife(7))
    await engine.close()
    store.clock.nowMs += 2 * YEAR_MS
    await store.retire(await store.chosen())
    const again = await store.open()
    for (const number of [1, 7]) expect((await again.find(`O-${number}`)).kind).toBe('retired')
    await again.close()
    expect(await verifyJournal(RETIRING_JOURNAL, { files: store.disk })).toMatchObject({ kind: 'whole' })
  })
})

describe('[Z2] a process that dies while it retires', () => {
  test('leaves a store that opens, whichever of its calls to the disk was the last', async () => {
    const plain = await grown()
    const families = await plain.chosen()
    const { disk } = plain
    const before = await plain.open()
    const truth = await liveTruth(before)
    await before.close()
    const counted = dyingAt(copyOf(disk), Number.POSITIVE_INFINITY)
    await plain.retire(families, counted.files)
    const calls = counted.calls()
    expect(calls).toBeGreaterThan(60)
    const survivals = [() => false, () => true, ({ index }: { index: number }) => index % 2 === 0]
    for (let last = 0; last < calls; last++) {
      const store = new RetiringStore(copyOf(disk))
      store.clock.nowMs = plain.clock.nowMs
      await store.retire(families, dyingAt(store.disk, last).files).catch(() => undefined)
      // Every call with one way of losing what was not synced, all three within any three calls.
      store.disk.crash(survivals[last % survivals.length])
      const where = `dead at call ${last} of ${calls}`
      const engine = await store.open()
      expect(await liveTruth(engine), where).toEqual(truth)
      const kinds = await Promise.all(ENDED.map(async number => (await engine.find(`O-${number}`)).kind))
      // One append has all of them here: all are retired or none.
      expect(new Set(kinds).size, where).toBe(1)
      const isRetired = kinds[0] === 'retired'
      const told = isRetired ? 'duplicate order_retired' : 'duplicate'
      expect(await outcomes(engine, closedLife(1).slice(0, 1)), where).toEqual([told])
      await engine.close()
      expect(await verifyJournal(RETIRING_JOURNAL, { files: store.disk }), where).toMatchObject({ kind: 'whole' })
      expect(
        store.disk.names().filter(name => name.endsWith('RETIRING')),
        where,
      ).toEqual([])
      const bodies = await store.bodies()
      for (const text of ['PO-1', '1-closed'])
        expect(
          bodies.some(({ plain }) => plain.includes(text)),
          where,
        ).toBe(true)
    }
  }, 60_000)
})

/** The same files on another disk. */
function copyOf(disk: MemoryFiles): MemoryFiles {
  const copy = new MemoryFiles()
  disk.copyTo(copy)
  return copy
}
