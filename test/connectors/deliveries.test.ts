import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DeliveryModel, deliveries } from '../../connectors/simulated/deliveries.ts'
import { seededRandom } from '../../connectors/simulated/random.ts'
import type { EventInput } from '../../machines/event.ts'

const HOUR_MS = 3_600_000
const START_MS = Date.UTC(2026, 2, 2)

/** `count` events, a minute apart, of two sources in turn. */
const makeEvents = (count: number): EventInput[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `e${at}`,
    source: at % 2 === 0 ? 'erp' : 'wms',
    type: 'order.validated',
    subject: 'order/1',
    time: new Date(START_MS + at * 60_000).toISOString(),
    data: {},
  }))

describe('a seeded random', () => {
  test('repeats itself for the same seed and differs for another', () => {
    const numbers = (seed: number) => Array.from({ length: 5 }, seededRandom(seed).unit)
    expect(numbers(7)).toEqual(numbers(7))
    expect(numbers(7)).not.toEqual(numbers(8))
  })

  test('spreads evenly', () => {
    const random = seededRandom(1)
    const counts = new Array(10).fill(0)
    for (let draw = 0; draw < 100_000; draw++) counts[random.whole(10)]++
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400)
    expect([random.chance(0), random.chance(1)]).toEqual([false, true])
  })
})

describe('deliveries', () => {
  test('of a perfect world are the events at their times', () => {
    const events = makeEvents(4)
    expect(deliveries(events, { seed: 1 })).toEqual(
      events.map((event, at) => ({ atMs: START_MS + at * 60_000, event, copy: 1 })),
    )
  })

  test('[D1] [D3] bring every event at least once, not before its time, within its window, the same for the same seed', () => {
    const models = fc.record({
      seed: fc.nat(),
      duplicateShare: fc.double({ min: 0, max: 1, noNaN: true }),
      shuffleWindowMs: fc.nat(12 * HOUR_MS),
    })
    const events = makeEvents(50)
    const check = (model: DeliveryModel) => {
      const arrived = deliveries(events, model)
      expect(deliveries(events, model)).toEqual(arrived)
      expect(new Set(arrived.filter(each => each.copy === 1).map(each => each.event))).toEqual(new Set(events))
      expect(arrived.map(each => each.atMs)).toEqual(arrived.map(each => each.atMs).toSorted((a, b) => a - b))
      for (const { atMs, event } of arrived) {
        const lateMs = atMs - Date.parse(event.time)
        expect(lateMs).toBeGreaterThanOrEqual(0)
        expect(lateMs).toBeLessThanOrEqual(model.shuffleWindowMs ?? 0)
      }
    }
    fc.assert(fc.property(models, check), { seed: 20_260_302, numRuns: 50 })
  })

  test('repeat about the share asked for and change the order within the window', () => {
    const events = makeEvents(5_000)
    const arrived = deliveries(events, { seed: 3, duplicateShare: 0.2, shuffleWindowMs: 12 * HOUR_MS })
    const duplicates = arrived.filter(each => each.copy === 2).length
    expect(duplicates / events.length).toBeCloseTo(0.2, 1)
    const overtakes = arrived.filter(
      (each, at) => at > 0 && each.event.time < (arrived[at - 1]?.event.time ?? ''),
    ).length
    expect(overtakes).toBeGreaterThan(1_000)
  })

  test('[D2] under latency keep the order of each source', () => {
    const events = makeEvents(1_000)
    const arrived = deliveries(events, { seed: 5, latencyMeanMs: HOUR_MS })
    for (const source of ['erp', 'wms']) {
      const times = arrived.filter(each => each.event.source === source).map(each => each.event.time)
      expect(times).toEqual(times.toSorted())
    }
    expect(arrived.some((each, at) => at > 0 && each.event.time < (arrived[at - 1]?.event.time ?? ''))).toBe(true)
  })

  test('[D2] of a source that was out arrive in order when it is back, the others are not held up', () => {
    const events = makeEvents(6)
    const backMs = START_MS + HOUR_MS
    const outages = [
      { source: 'erp', fromMs: START_MS + 60_000, toMs: START_MS + HOUR_MS / 2 },
      { source: 'erp', fromMs: START_MS + HOUR_MS / 2, toMs: backMs },
    ]
    const arrived = deliveries(events, { seed: 1, outages }).map(each => [each.event.id, each.atMs - START_MS])
    expect(arrived).toEqual([
      ['e0', 0],
      ['e1', 60_000],
      ['e3', 180_000],
      ['e5', 300_000],
      ['e2', HOUR_MS],
      ['e4', HOUR_MS],
    ])
  })
})
