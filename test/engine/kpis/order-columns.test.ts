import { describe, expect, it } from 'vitest'
import { type Random, seededRandom } from '../../../connectors/simulated/random.ts'
import { OrderColumns } from '../../../engine/kpis/order-columns.ts'
import { legsOf, type OrderRecord, type ShipmentRecord } from '../../../engine/kpis/order-record.ts'
import { allWrittenOut } from '../../helpers/sections.ts'

const SECOND = 1_000
const START_MS = Date.UTC(2026, 10, 21)

const maybe = (random: Random): number | undefined =>
  random.chance(0.3) ? undefined : START_MS + random.whole(1_000_000) * SECOND

const shipment = (random: Random): ShipmentRecord => ({
  node: random.chance(0.5) ? 'EAST' : 'WEST',
  service: random.chance(0.5) ? undefined : 'AIR',
  carriers: random.chance(0.3) ? [] : random.chance(0.5) ? ['UPS'] : ['UPS', 'DHL'],
  releasedMs: START_MS + random.whole(9_999) * SECOND,
  acknowledgedMs: maybe(random),
  leftMs: maybe(random),
  deliveredMs: maybe(random),
  hadTrouble: random.chance(0.5),
})

const record = (random: Random): OrderRecord => ({
  channel: random.chance(0.5) ? 'shop' : 'edi',
  company: random.chance(0.2) ? '' : random.chance(0.5) ? 'US01' : 'EU01',
  capturedMs: START_MS + random.whole(9_999) * SECOND,
  acceptedMs: maybe(random),
  shippedMs: maybe(random),
  deliveredMs: maybe(random),
  invoicedMs: maybe(random),
  paidMs: maybe(random),
  promisedMs: maybe(random),
  // Goods by weight in grams go beyond 32 bits.
  wanted: random.chance(0.1) ? 2 ** 40 + random.whole(9) : random.whole(1_000),
  shipped: random.whole(1_000),
  invoices: random.whole(4),
  disputes: random.whole(3),
  isFallout: random.chance(0.2),
  isPerfect: random.chance(0.5),
  isPromiseKept: random.chance(0.5),
  stage: random.chance(0.5) ? 'shipped' : 'captured',
  shipments: Array.from({ length: random.whole(4) }, () => shipment(random)),
})

/** Mostly of something that no leg rests on. */
function changed(noted: OrderRecord, random: Random): OrderRecord {
  const other = record(random)
  const shipments = noted.shipments.map(each => ({
    ...each,
    carriers: ['DHL'],
    acknowledgedMs: maybe(random),
    ...(random.chance(0.1) ? { leftMs: maybe(random) } : {}),
    ...(random.chance(0.1) ? { deliveredMs: maybe(random) } : {}),
    ...(random.chance(0.1) ? { node: 'NORTH' } : {}),
  }))
  return { ...other, capturedMs: random.chance(0.1) ? other.capturedMs : noted.capturedMs, shipments }
}

describe('columns of orders', () => {
  it.each([1, 2, 3])('[M2] know whether a record has the legs that were noted, to the second: seed %i', seed => {
    const random = seededRandom(seed)
    const columns = new OrderColumns()
    const legs = (told: OrderRecord | undefined) => (told === undefined ? [] : legsOf(told))
    let same = 0
    for (let step = 0; step < 2_000; step++) {
      const row = random.whole(50)
      const noted = columns.get(row)
      const told = noted === undefined || random.chance(0.4) ? record(random) : changed(noted, random)
      const isSame = columns.hasSameLegs(row, told)
      // It may take others for other legs, never others for the same.
      if (isSame) expect(legs(told)).toEqual(legs(noted))
      else expect(told).not.toEqual(noted)
      if (isSame) same++
      columns.set(row, told)
    }
    expect(same).toBeGreaterThan(300)
  })

  it.each([1, 2, 3])('[M4] give back what was noted last, and after a checkpoint too: seed %i', seed => {
    const random = seededRandom(seed)
    const columns = new OrderColumns()
    const noted = new Map<number, OrderRecord | undefined>()
    for (let step = 0; step < 5_000; step++) {
      const row = random.whole(2_000)
      const told = random.chance(0.05) ? undefined : record(random)
      columns.set(row, told)
      noted.set(row, told)
    }
    const saved = columns.saved()
    for (const [row] of noted) columns.set(row, record(random))
    const again = new OrderColumns()
    expect(again.load(allWrittenOut(saved))).toBe(true)
    for (const [row, told] of noted) columns.set(row, told)
    for (const [row, told] of noted) expect([columns.get(row), again.get(row)]).toEqual([told, told])
    const span = { fromMs: START_MS, toMs: START_MS + 5_000 * SECOND }
    const within = [...noted]
      .filter(([, told]) => told !== undefined && told.capturedMs < span.toMs)
      .map(([row]) => row)
    expect([...again.capturedWithin(span)]).toEqual(within.sort((a, b) => a - b))
  })

  it('[M4] a hundred thousand orders with a shipment each cost less than 115 bytes an order, room to grow counted', () => {
    const random = seededRandom(1)
    const columns = new OrderColumns()
    for (let row = 0; row < 100_000; row++) columns.set(row, { ...record(random), shipments: [shipment(random)] })
    expect(columns.bytes / 100_000).toBeLessThan(115)
    expect(columns.load({ ...allWrittenOut(columns.saved()), 'order.stage': undefined as never })).toBe(false)
  })
})
