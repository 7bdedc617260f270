import { describe, expect, it } from 'vitest'
import { Histogram } from '../../../engine/kpis/histogram.ts'
import { distribution, orderMeasures } from '../../../engine/kpis/measures.ts'
import { orderRecord } from '../../../engine/kpis/order-record.ts'
import { UsualDurations } from '../../../engine/kpis/usual-durations.ts'
import type { EventInput } from '../../../machines/event.ts'
import { desk, msAt } from '../../helpers/desk.ts'
import { event, readyOrder, released } from '../../helpers/distributor.ts'

const HOUR_MS = 3_600_000

describe('distributions', () => {
  it('[M1] have exact percentiles of few values, and of none say nothing', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1)
    expect(distribution(values)).toEqual({ count: 100, meanMs: 51, p50Ms: 50, p90Ms: 90, p99Ms: 99 })
    expect(distribution([])).toEqual({
      count: 0,
      meanMs: undefined,
      p50Ms: undefined,
      p90Ms: undefined,
      p99Ms: undefined,
    })
  })

  it('[M1] of many are within a tenth, the same in any order, and what was counted can be taken back', () => {
    const [forward, backward] = [new Histogram(), new Histogram()]
    for (let ms = 1; ms <= 10_000; ms++) {
      forward.add(ms)
      backward.add(10_001 - ms)
    }
    for (const share of [0.5, 0.9, 0.99]) {
      const found = forward.percentile(share) ?? 0
      expect(Math.abs(found - 10_000 * share) / (10_000 * share)).toBeLessThan(0.1)
      expect(backward.percentile(share)).toBe(found)
    }
    for (let ms = 5_001; ms <= 10_000; ms++) forward.add(ms, -1)
    expect(forward.percentile(1)).toBeLessThan(5_500)
    expect(forward.count).toBe(5_000)
  })
})

describe('usual durations', () => {
  it('[M2] are those of node and service where enough is known, else of the node, else of all; of too few nothing is said', () => {
    const usual = new UsualDurations()
    const leg = (node: string, service: string, ms: number) => ({
      stage: 'release_to_ship' as const,
      node,
      service,
      ms,
    })
    const slow = Array.from({ length: 19 }, () => leg('EAST', 'slow', 10 * HOUR_MS))
    usual.cross(HOUR_MS)
    usual.note(1, 0)
    usual.learn(1, [], slow)
    expect([usual.publish(), usual.usualMs('release_to_ship', { node: 'EAST', service: 'slow' })]).toEqual([
      false,
      undefined,
    ])
    const fast = Array.from({ length: 21 }, () => leg('EAST', 'fast', HOUR_MS))
    usual.note(2, 0)
    usual.learn(2, [], fast)
    expect(usual.usualMs('release_to_ship', {})).toBeUndefined()
    expect([usual.publish(), usual.publish()]).toEqual([true, false])
    const hours = (scope: object) => Math.round((usual.usualMs('release_to_ship', scope) ?? 0) / HOUR_MS)
    expect(hours({ node: 'EAST', service: 'fast' })).toBe(1)
    expect(hours({ node: 'EAST', service: 'slow' })).toBeGreaterThanOrEqual(10)
    expect(hours({ node: 'WEST' })).toBeGreaterThanOrEqual(10)
    expect(usual.usualMs('ship_to_deliver', {})).toBeUndefined()
  })
})

describe('measures of orders', () => {
  it('[M1] count an order as perfect when it came whole, in time, undamaged and undisputed', () => {
    const told = desk()
    const order = (id: string, more: object, ...events: readonly EventInput[]) =>
      told.say(
        ...readyOrder(id, { promisedAt: '2026-11-21T12:00:00Z' }),
        released(id, `S-${id}`, '01:00', 10, more),
        event('wms', 'shipment.confirmed', `shipment/S-${id}`, '02:00', { carrier: 'UPS', tracking: `1Z-${id}` }),
        ...events,
      )
    order('good', {}, event('ups', 'delivery.completed', 'shipment/S-good', '10:00'))
    order('late', {}, event('ups', 'delivery.completed', 'shipment/S-late', '14:00'))
    order(
      'hurt',
      {},
      event('ups', 'shipment.damaged', 'shipment/S-hurt', '03:00', { lines: [{ line: '1', quantity: 1 }] }),
      event('ups', 'delivery.completed', 'shipment/S-hurt', '10:00'),
    )
    order('open', { node: 'WEST' })
    const records = ['good', 'late', 'hurt', 'open'].flatMap(id => orderRecord(told.facts(id)) ?? [])
    const span = { fromMs: msAt('00:00'), toMs: msAt('23:00') }
    const [all] = orderMeasures(records, { nowMs: msAt('20:00'), span })
    expect(all?.measures).toMatchObject({
      orders: 4,
      perfectOrders: { part: 1, whole: 3 },
      promiseAccuracy: { part: 2, whole: 4, share: 0.5 },
      shipmentExceptions: { part: 1, whole: 4 },
      orderCycleTime: { count: 3 },
    })
    const byNode = orderMeasures(records, { by: 'node', nowMs: msAt('20:00'), span })
    expect(byNode.map(({ group, measures }) => [group, measures.orders])).toEqual([
      ['EAST', 3],
      ['WEST', 1],
    ])
    expect(orderMeasures(records, { nowMs: 0, span: { fromMs: 0, toMs: 1 } })[0]?.measures.orders).toBe(0)
  })
})
