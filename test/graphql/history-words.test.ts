// What an entry changed beside quantities, as a person who reads the history is told it.
import { expect, it } from 'vitest'
import type { EventInput } from '../../machines/event.ts'
import type { EventType } from '../../machines/event-types.ts'
import { at, event, lineOf, readyOrder, released } from '../helpers/distributor.ts'
import { world } from './graph-clients.ts'

/** What the last of `events` changed, actor by actor. */
async function words(...events: readonly EventInput[]): Promise<Readonly<Record<string, readonly string[]>>> {
  const { query } = await world(events)
  const { data } = await query('{ history(ref: "A1", first: 50) { nodes { verdict changes { entity words } } } }')
  const { changes, verdict } = data.history.nodes.at(-1)
  expect(verdict).toBe('accepted')
  return Object.fromEntries(changes.map((each: { entity: string; words: string[] }) => [each.entity, each.words]))
}

const order = (type: EventType, data: object) => event('erp', type, 'order/A1', '00:50', data)
const priced = readyOrder('A1', { lines: [{ ...lineOf(10), unitPrice: { amount: '2.50' }, promisedAt: at('05:00') }] })

it('[Q9] an amended line tells what it was and what it is', async () => {
  const line = { line: '1', unitPrice: { amount: '2.40', per: 100 }, promisedAt: at('06:00'), shipTo: { city: 'Reno' } }
  expect(await words(...priced, order('order.amended', { lines: [line] }))).toEqual({
    'order/A1': [
      'line 1: unit price: 2.50 per 1 → 2.40 per 100',
      'line 1: ship-to: Reno',
      'line 1: promised for: 2026-11-21T05:00:00.000Z → 2026-11-21T06:00:00.000Z',
    ],
  })
})

it('[Q9] a failed validation, a refused ask and a date of stock tell so', async () => {
  expect(await words(...priced, order('order.validation_failed', { reasons: ['price_mismatch'] }))).toEqual({
    'order/A1': ['validation failed: price_mismatch'],
  })
  const asked = event('shop', 'order.change_requested', 'order/A1', '00:45', { ask: 'c-1' })
  expect(await words(...priced, asked, order('order.request_rejected', { ask: 'c-1', reason: 'too late' }))).toEqual({
    'order/A1': ['answers: c-1 rejected'],
  })
  const short = order('backorder.created', { lines: [{ line: '1', backordered: 4, expectedAt: at('09:00') }] })
  expect(await words(...priced, short)).toEqual({
    'order/A1': ['line 1: backordered 0 → 4 EA', 'line 1: expected: 2026-11-21T09:00:00.000Z'],
  })
})

it('[Q9] more damage, and what becomes of goods that came back, tell so', async () => {
  const of = (quantity: number, more: object = {}) => ({ lines: [{ line: '1', quantity, ...more }] })
  const shipped = [
    ...priced,
    released('A1', 'S-1', '01:00'),
    event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'),
  ]
  const damaged = (time: string, quantity: number) =>
    event('tms', 'shipment.damaged', 'shipment/S-1', time, of(quantity))
  const told = await words(...shipped, damaged('02:10', 1), damaged('02:20', 2))
  expect(told['shipment/S-1']).toContain('line 1: damaged 1 → 3 EA')
  const back = [
    ...shipped,
    event('tms', 'delivery.completed', 'shipment/S-1', '03:00'),
    event('erp', 'return.authorized', 'order/A1', '03:10', { return: 'R-1', rma: 'RMA-1', ...of(2) }),
    event('wms', 'return.received', 'return/R-1', '04:00', of(2, { condition: 'torn' })),
  ]
  expect((await words(...back))['return/R-1']).toContain('condition of lines: 1 torn')
  const scrapped = event('wms', 'return.dispositioned', 'return/R-1', '05:00', of(2, { disposition: 'scrap' }))
  expect((await words(...back, scrapped))['return/R-1']).toContain('dispositions: scrap 2')
})
