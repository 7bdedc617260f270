// growth beyond the size up to which all orders have whole lives: as many whole ones at each size, brief ones in between.
import { expect, test } from 'vitest'
import { briefLaps } from '../../bench/load/brief-orders.ts'
import { laps } from '../../bench/load/load.ts'
import { loadOf } from '../../bench/load/load-of.ts'
import { Checks } from '../../bench/oracle.ts'
import { growthOf } from '../../bench/scenarios/growth.ts'
import { benchClock, openBenchTwin } from '../../bench/store.ts'
import { temporaryFolder } from './stores.ts'

const ORDERS = 350

test('the cost is taken of as many whole lives at each size, and what lies between is brief', async () => {
  const data = await temporaryFolder()
  const { oracle, ratios, results } = await growthOf(20).run({
    data,
    orders: ORDERS,
    seed: 2,
    keep: true,
    peers: false,
  })
  expect(oracle.broken).toEqual([])
  // 4 orders are few: 4, 40 and all have four whole lives each.
  expect(results).toMatchObject({ orders: ORDERS, brief_orders: ORDERS - 3 * 4 })
  for (const size of [4, 40, ORDERS]) expect(results[`cpu_us_per_event_at_${size}`]).toBeGreaterThan(0)
  const [few, all] = [4, ORDERS].map(size => results[`cpu_us_per_event_at_${size}`] as number) as [number, number]
  expect(ratios.growth_cost).toBeCloseTo(all / few, 2)
})

test('a size that leaves no room for as many whole lives after it is passed over', async () => {
  const data = await temporaryFolder()
  const { oracle, results } = await growthOf(20).run({ data, orders: 21, seed: 2, keep: false, peers: false })
  expect(oracle.broken).toEqual([])
  const sizes = Object.keys(results).filter(key => key.startsWith('cpu_us'))
  expect(sizes).toEqual([1, 10, 21].map(size => `cpu_us_per_event_at_${size}`))
  const { results: close } = await growthOf(20).run({ data, orders: 101, seed: 2, keep: false, peers: false })
  expect(Object.keys(close).filter(key => key.startsWith('cpu_us'))).toEqual(
    [2, 20, 101].map(size => `cpu_us_per_event_at_${size}`),
  )
})

test('up to that size all have whole lives', async () => {
  const data = await temporaryFolder()
  const { oracle, results } = await growthOf(20).run({ data, orders: 20, seed: 2, keep: false, peers: false })
  expect(oracle.broken).toEqual([])
  expect(results.brief_orders).toBe(0)
})

test('brief orders have ids of their own, and nothing of them is ahead of the clock', () => {
  const brief = [...briefLaps(21, 4_100)].flatMap(({ events }) => events)
  expect(new Set(brief.map(({ id }) => id)).size).toBe(2 * 4_080)
  const whole = new Set([...laps(loadOf(1, 20))].flatMap(({ events }) => events.map(({ id }) => id)))
  expect(brief.filter(({ id }) => whole.has(id))).toEqual([])
  const last = [...briefLaps(10_000_000, 10_000_000)].flatMap(({ events }) => events).at(-1)
  expect(Date.parse(last?.time ?? '')).toBeLessThan(benchClock.nowMs)
})

test('a brief order that is missing, or did not end, is found out', async () => {
  const engine = await openBenchTwin(await temporaryFolder())
  const [captured, rejected] = [...briefLaps(1, 3)]
  await engine.submit(captured?.events ?? [])
  await engine.submit(rejected?.events.slice(1) ?? [])
  const checks = new Checks()
  checks.ended(engine, 0, 4)
  await engine.close()
  expect(checks.verdict().broken).toEqual([
    'every order is closed, delivered, paid, but for 4 that were rejected: 1 are captured/unallocated/unbilled, 2 were rejected, not 4',
  ])
})
