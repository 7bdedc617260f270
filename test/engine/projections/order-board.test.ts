// Pages and counts of the order board, beside the plainest way of making them.
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../connectors/simulated/random.ts'
import { NumberedTexts } from '../../../engine/projections/numbered-texts.ts'
import { BOARD_FACETS, type BoardEntry, type BoardFilter, OrderBoard } from '../../../engine/projections/order-board.ts'
import { ORDER_KEY } from '../../../machines/ids.ts'
import { allWrittenOut } from '../../helpers/sections.ts'

interface Order {
  readonly id: string
  readonly isOrder: boolean
  readonly channel: string
  readonly captured: number
  readonly promised: number
  readonly parked: number
}

const CHANNELS = ['', 'shop', 'edi']
const NUMBERS = [
  'SO-1',
  'SO-02',
  'SO-10',
  'SO-9',
  'A',
  'B-7x',
  'SO-12345678901234567890',
  'SO-12345678901234567891',
  '007',
  '7',
]

/** Rows of a board and the board itself. Few different times, so that numbers decide often. */
function boardOf(seed: number, count: number) {
  return loaded(randomOrders(seed, count))
}

/** Orders that came one after the other: whole blocks of a channel, of a span of time, of numbers that go up; here and there one that differs. */
function cameInTurn(seed: number, count: number): readonly Order[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, row) => ({
    id: random.chance(0.0002) ? `X${row}` : `SO-${1_000_000 + row}`,
    isOrder: !random.chance(0.0002),
    channel: random.chance(0.0002) ? '' : (CHANNELS[1 + (Math.floor(row / 6_000) % 2)] as string),
    captured: 1 + Math.floor(row / 1_500),
    promised: 1 + (row % 3),
    parked: 0,
  })).map(each => (each.isOrder ? each : { ...each, channel: '', captured: 0, promised: 0 }))
}

function randomOrders(seed: number, count: number): readonly Order[] {
  const random = seededRandom(seed)
  const ids = new Set(NUMBERS)
  while (ids.size < count)
    ids.add(random.chance(0.8) ? `SO-${1_000 + random.whole(count * 4)}` : `X${random.whole(1e9)}Y`)
  return [...ids].map((id): Order => {
    const isOrder = random.chance(0.9)
    return {
      id,
      isOrder,
      channel: isOrder ? (CHANNELS[random.whole(3)] ?? '') : '',
      captured: isOrder ? random.whole(20) : 0,
      promised: isOrder ? random.whole(3) : 0,
      parked: random.whole(2),
    }
  })
}

function loaded(orders: readonly Order[]) {
  const codes = (of: (order: Order) => number) => new Uint8Array(Uint32Array.from(orders, of).buffer)
  const times = (of: (order: Order) => number) => new Uint8Array(Float64Array.from(orders, of).buffer)
  const facets = Object.fromEntries(BOARD_FACETS.map(facet => [facet, codes(() => 0)]))
  const board = new OrderBoard(textsOf(orders.map(({ id }) => id)))
  const isLoaded = board.load({
    ...facets,
    lifecycle: codes(({ isOrder }) => (isOrder ? 1 : 0)),
    channel: codes(({ channel }) => CHANNELS.indexOf(channel)),
    captured: times(({ captured }) => captured),
    promised: times(({ promised }) => promised),
    updated: times(() => 1),
    parked: new Uint8Array(Uint16Array.from(orders, ({ parked }) => parked).buffer),
    values: Buffer.from(JSON.stringify(BOARD_FACETS.map(facet => (facet === 'channel' ? CHANNELS : ['', 'captured'])))),
  })
  expect(isLoaded).toBe(true)
  return { board, orders }
}

function textsOf(ids: readonly string[]): NumberedTexts {
  const texts = new NumberedTexts()
  for (const id of ids) texts.push(id)
  return texts
}

const FILTERS: readonly BoardFilter[] = [
  {},
  { channel: ['shop'] },
  { channel: ['shop', 'edi'], lifecycle: ['captured'], capturedFromMs: 5, capturedToMs: 15 },
  { promisedToMs: 1 },
  { hasParked: true },
  { channel: ['nobody'] },
  { hasParked: false, promisedFromMs: 1 },
]

function passes(filter: BoardFilter, { captured, channel, isOrder, parked, promised }: Order): boolean {
  return (
    isOrder &&
    (filter.channel === undefined || filter.channel.includes(channel)) &&
    (filter.hasParked === undefined || filter.hasParked === parked > 0) &&
    isIn(captured, filter.capturedFromMs, filter.capturedToMs) &&
    isIn(promised, filter.promisedFromMs, filter.promisedToMs)
  )
}

/** 0 is no time, which is in no span. */
function isIn(time: number, from: number | undefined, to: number | undefined): boolean {
  if (from === undefined && to === undefined) return true
  return time > 0 && time >= (from ?? 0) && time <= (to ?? time)
}

describe.each([1, 2, 3])('a board of seed %i', seed => {
  const { board, orders } = boardOf(seed, 400)

  test.each(FILTERS)('[Q8] pages of %o are those of all orders filtered and sorted', filter => {
    for (const by of ['capturedAt', 'updatedAt', 'number'] as const)
      for (const descending of [false, true]) {
        const value = (order: Order) => (by === 'capturedAt' ? order.captured : 0)
        const wanted = orders
          .filter(order => passes(filter, order))
          .sort((a, b) => (value(a) - value(b) || (a.id < b.id ? -1 : 1)) * (descending ? -1 : 1))
          .map(({ id }) => id)
        const found: string[] = []
        for (let after: string | undefined; ; ) {
          const page = board.page(filter, { by, descending }, { first: 37, after })
          expect(page.totalCount).toBe(wanted.length)
          found.push(...page.orders)
          if (!page.hasNext) break
          after = page.cursors.at(-1)
        }
        expect(found).toEqual(wanted)
      }
  })

  test.each(FILTERS)('counts of %o are those of all orders filtered', filter => {
    const wanted = new Map<string, number>()
    for (const { channel } of orders.filter(order => passes(filter, order)))
      wanted.set(channel, (wanted.get(channel) ?? 0) + 1)
    const found = board.counts(filter, ['channel', 'lifecycle'])
    expect(new Map(found.map(({ count, values }) => [values.channel, count]))).toEqual(wanted)
    for (const { values } of found) expect(values.lifecycle).toBe('captured')
  })
})

describe.each([
  ['of seed', 4],
  ['of seed', 5],
  ['whose orders came in turn, of seed', 6],
  ['whose orders came in turn, of seed', 7],
])('a board of more rows than are looked at together, %s %i', (kind, seed) => {
  const { board, orders } = kind === 'of seed' ? boardOf(seed, 9_500) : loaded(cameInTurn(seed, 18_000))
  // Places of orders that are on another board, some of them on none of ours.
  const elsewhere =
    kind === 'of seed'
      ? boardOf(seed + 100, 200).board
      : loaded(cameInTurn(seed, 18_000).filter((_, row) => row % 95 === 0)).board

  test('[Q8] a page after any place is what a plain sort has behind it, whatever stands there', () => {
    const random = seededRandom(seed)
    for (let round = 0; round < 60; round++) {
      const filter = FILTERS[random.whole(FILTERS.length)] ?? {}
      const by = (['capturedAt', 'promisedAt', 'updatedAt', 'number'] as const)[random.whole(4)] ?? 'number'
      const order = { by, descending: random.chance(0.5) }
      const value = (each: Order) =>
        by === 'capturedAt' ? each.captured : by === 'promisedAt' ? each.promised : by === 'updatedAt' ? 1 : 0
      const sign = order.descending ? -1 : 1
      const compare = (a: [number, string], b: [number, string]) =>
        sign * (a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0))
      const cursors = elsewhere.page({}, order, { first: 200 }).cursors
      const after = cursors[random.whole(cursors.length)] ?? ''
      const [, time, number] = /^(\d+) (.+)$/.exec(Buffer.from(after, 'base64url').toString()) ?? []
      const wanted = orders
        .filter(each => passes(filter, each))
        .map((each): [number, string] => [value(each), each.id])
        .sort(compare)
      const behind = wanted.filter(each => compare(each, [Number(time), number ?? '']) > 0)
      const first = random.whole(200)
      const page = board.page(filter, order, { first, after })
      expect(page.orders).toEqual(behind.slice(0, first).map(([, id]) => id))
      expect(page.totalCount).toBe(wanted.length)
      expect(page.hasNext).toBe(behind.length > first)
    }
  })
})

describe('a board that is folded while it is looked at', () => {
  test.each([1, 2])('[Q8] has each page as of that moment (seed %i)', seed => {
    const random = seededRandom(seed)
    const board = new OrderBoard(textsOf(Array.from({ length: 5_000 }, (_, row) => `SO-${row}`)))
    const rows = Array.from({ length: 5_000 }, () => ({ isOrder: false, captured: 0, promised: 0, updated: 0 }))
    for (let step = 1; step <= 12_000; step++) {
      const row = random.whole(Math.min(rows.length, 1 + step))
      const known = rows[row]
      if (known === undefined) continue
      // A waiting family first, now and then; and few orders are not promised at once.
      const change =
        known.isOrder || random.chance(0.8)
          ? { promisedAt: random.chance(known.isOrder ? 0.3 : 0.998) ? step : undefined }
          : undefined
      known.updated = step
      if (change !== undefined) {
        known.captured = step
        known.isOrder = true
        if (change.promisedAt !== undefined) known.promised = step
      }
      board.fold(entryOf(`SO-${row}`, step, change), row)
      if (step % 40 > 0) continue
      const by = (['capturedAt', 'promisedAt', 'updatedAt', 'promisedAt'] as const)[random.whole(4)] ?? 'capturedAt'
      const value = (each: (typeof rows)[number]) =>
        by === 'capturedAt' ? each.captured : by === 'promisedAt' ? each.promised : each.updated
      const [fromMs, descending] = [random.chance(0.5) ? random.whole(step) : undefined, random.chance(0.5)]
      const wanted = rows
        .map((each, row) => ({ ...each, id: `SO-${row}`, value: value(each) }))
        .filter(each => each.isOrder && isIn(each.promised, fromMs, undefined))
        .sort((a, b) => (a.value - b.value || (a.id < b.id ? -1 : 1)) * (descending ? -1 : 1))
      const page = board.page(fromMs === undefined ? {} : { promisedFromMs: fromMs }, { by, descending }, { first: 20 })
      expect(page.orders).toEqual(wanted.slice(0, 20).map(({ id }) => id))
      expect(page.totalCount).toBe(wanted.length)
    }
  })

  test('[Q8] has an order that waited and was promised nothing among those without a promise', () => {
    const board = new OrderBoard(textsOf(Array.from({ length: 5_000 }, (_, row) => `SO-${row}`)))
    for (let row = 0; row < 5_000; row++)
      board.fold(entryOf(`SO-${row}`, 1, row === 4_999 ? undefined : { promisedAt: 10 + row }), row)
    const first = () => board.page({}, { by: 'promisedAt', descending: false }, { first: 1 }).orders
    expect(first()).toEqual(['SO-0'])
    board.fold(entryOf('SO-4999', 2, { promisedAt: undefined }), 4_999)
    expect(first()).toEqual(['SO-4999'])
  })
})

describe('a facet of many values', () => {
  test.each([62, 63, 64, 65, 100])(
    '[Q8] has those of %i values that pass, counted block by block or looked at',
    count => {
      const board = new OrderBoard(textsOf(Array.from({ length: 9_000 }, (_, row) => `SO-${row}`)))
      for (let row = 0; row < 9_000; row++)
        board.fold(entryOf(`SO-${row}`, 1 + row, { promisedAt: undefined, customer: `C-${row % count}` }), row)
      const places = { by: 'number', descending: false } as const
      for (const number of [0, 1, count - 2, count - 1]) {
        const filter = { customer: [`C-${number}`] }
        const wanted = Array.from({ length: 9_000 }, (_, row) => row).filter(row => row % count === number)
        // Twice: the second time everything is known.
        for (let round = 0; round < 2; round++)
          expect(board.page(filter, places, { first: 1 }).totalCount).toBe(wanted.length)
        expect(board.counts(filter, ['customer'])).toEqual([
          { values: { customer: `C-${number}` }, count: wanted.length },
        ])
      }
    },
  )
})

describe('codes of a facet', () => {
  test.each([255, 256, 65_535, 65_536])(
    '[Q8] of %i values and none stay what they are as more come, and in a checkpoint',
    count => {
      const ids = textsOf(Array.from({ length: count + 100 }, (_, row) => `SO-${row}`))
      const board = new OrderBoard(ids)
      const customer = (row: number) => (row < 100 ? 0 : row - 100)
      for (let row = 0; row < count + 100; row++)
        board.fold(entryOf(`SO-${row}`, 1, { promisedAt: undefined, customer: `C-${customer(row)}` }), row)
      const loadedAgain = new OrderBoard(ids)
      expect(loadedAgain.load(allWrittenOut(board.saved()))).toBe(true)
      for (const each of [board, loadedAgain]) {
        const counts = new Map(each.counts({}, ['customer']).map(({ count, values }) => [values.customer, count]))
        expect(counts.size).toBe(count)
        expect([counts.get('C-0'), counts.get('C-1'), counts.get(`C-${count - 1}`)]).toEqual([101, 1, 1])
        const page = each.page({ customer: [`C-${count - 1}`] }, { by: 'number', descending: false }, { first: 2 })
        expect(page.orders).toEqual([`SO-${count + 99}`])
      }
    },
  )
})

test('[E9] what is parked is saved as of when it was asked for', () => {
  const board = new OrderBoard(textsOf(['SO-0']))
  board.fold({ ...entryOf('SO-0', 1, { promisedAt: undefined }), parks: {} as never }, 0)
  const saved = board.saved()
  board.fold({ ...entryOf('SO-0', 2, { promisedAt: undefined }), parks: {} as never }, 0)
  expect([...(allWrittenOut(saved).parked as Uint8Array)]).toEqual([1, 0])
})

describe('numbers of one shape', () => {
  test.each(['up', 'down'])('[Q8] that go %s are behind a cursor or not, at the ends of blocks too', way => {
    const rows = 3 * 4_096
    const numberOf = (row: number) => 1_000_000 + (way === 'up' ? row : rows - row)
    const board = new OrderBoard(textsOf(Array.from({ length: rows }, (_, row) => `SO-${numberOf(row)}`)))
    for (let row = 0; row < rows; row++) board.fold(entryOf(`SO-${numberOf(row)}`, 1, { promisedAt: undefined }), row)
    const all = Array.from({ length: rows }, (_, row) => numberOf(row)).sort((a, b) => a - b)
    for (const descending of [false, true]) {
      const sorted = descending ? all.toReversed() : all
      for (const at of [4_095, 4_096, 4_097, 8_191, 8_192, rows - 1])
        for (const place of [at - 1, at]) {
          const after = Buffer.from(`0 SO-${sorted[place]}`).toString('base64url')
          const page = board.page({}, { by: 'number', descending }, { first: 3, after })
          expect(page.orders).toEqual(sorted.slice(place + 1, place + 4).map(number => `SO-${number}`))
          expect(page.hasNext).toBe(place + 4 < rows)
        }
    }
  })
})

/** An entry recorded at `ms`, and what it says of the order. */
function entryOf(
  family: string,
  ms: number,
  change: { promisedAt: number | undefined; customer?: string } | undefined,
): BoardEntry {
  const set = { ...change, milestones: { received: [ms, ms] } }
  const known = { key: ORDER_KEY, chart: 1, version: 1, state: 'captured.unchecked.none.none', isWhole: false }
  return { family, recordedMs: ms, frees: [], changes: change === undefined ? [] : [{ ...known, set }] }
}
