import { describe, expect, test } from 'vitest'
import type { EventInput } from '../../../machines/event.ts'
import type { ShipmentContext } from '../../../machines/shipment/context.ts'
import { event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { MemoryWorld, orderOf, quantitiesOf, statesOf } from '../../helpers/memory-world.ts'

const lines = (quantity: number) => ({ lines: [{ line: '1', quantity }] })
const issue = event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', lines(10), { id: 'issue' })
const base = [...readyOrder('O-1'), released('O-1', 'S-1', '01:00'), issue]

function played(events: readonly EventInput[]) {
  const world = new MemoryWorld({ sources: SOURCES })
  const answers = [...base, ...events].map(each => world.submit(each)).slice(base.length)
  return { world, answers, family: world.family('O-1'), quantities: quantitiesOf(world.family('O-1')) }
}
const correct = (data: object, time = '05:00', source = 'wms') =>
  event(source, 'correction.reported', 'shipment/S-1', time, { event: 'issue', data, reason: 'miscount' })

describe('corrections', () => {
  test('recount quantities from all facts; history keeps both readings', () => {
    const { answers, quantities, world } = played([correct(lines(8))])
    expect(answers[0]?.outcome).toBe('accepted')
    expect(quantities).toMatchObject({ shipped: 8, released: 8 })
    expect(
      world
        .history('O-1')
        .map(entry => [entry.event.type, entry.event.data])
        .slice(-2),
    ).toEqual([
      ['shipment.confirmed', lines(10)],
      ['correction.reported', { event: 'issue', data: lines(8), reason: 'miscount' }],
    ])
  })

  test('what came after the corrected event counts on', () => {
    const { family, quantities } = played([
      event('tms', 'delivery.completed', 'shipment/S-1', '04:00'),
      correct(lines(8)),
      event('erp', 'credit.held', 'order/O-1', '06:00'),
    ])
    expect(quantities).toMatchObject({ shipped: 8, delivered: 8 })
    expect(statesOf(family)).toMatchObject({ order: 'accepted.held.partly_delivered.billable' })
  })

  test('what is invoiced stands though less was shipped; the breach shows in the quantities', () => {
    const { quantities } = played([
      event('erp', 'invoice.posted', 'order/O-1', '03:00', { invoice: 'I-1', amountMinor: 1, ...lines(10) }),
      correct(lines(8)),
    ])
    expect(quantities).toMatchObject({ shipped: 8, invoiced: 10 })
  })

  test('only the source itself corrects what it said, and only what it said', () => {
    expect(played([correct(lines(8), '05:00', 'tms')]).answers[0]).toMatchObject({
      outcome: 'parked',
      code: 'unknown_event',
    })
    expect(played([correct({ lines: 'none' })]).answers[0]).toMatchObject({
      outcome: 'not_allowed_in_state',
      code: 'correction_malformed',
    })
  })

  test('a correction that arrives before its event waits for it', () => {
    const world = new MemoryWorld({ sources: SOURCES })
    for (const each of base.slice(0, -1)) world.submit(each)
    expect(world.submit(correct(lines(8))).outcome).toBe('parked')
    expect(world.submit(issue).outcome).toBe('accepted')
    expect(world.family('O-1').parked).toEqual([])
    expect(quantitiesOf(world.family('O-1')).shipped).toBe(8)
  })

  test('the latest of several corrections counts', () => {
    expect(played([correct(lines(8), '05:00'), correct(lines(7), '06:00')]).quantities.shipped).toBe(7)
  })

  test('a late fact after a correction is read with it', () => {
    const { quantities } = played([correct(lines(8)), event('tms', 'delivery.completed', 'shipment/S-1', '03:00')])
    expect(quantities.delivered).toBe(8)
  })

  test('an order is corrected as it was captured', () => {
    const world = new MemoryWorld({ sources: SOURCES })
    const [capture, ...rest] = readyOrder('O-2')
    for (const each of [capture as EventInput, ...rest]) world.submit(each)
    const data = { ...(capture?.data as object), customer: 'C-9', lines: [{ line: '1', item: 'SKU-1', quantity: 7 }] }
    const answer = world.submit(
      event('shop', 'correction.reported', 'order/O-2', '05:00', { event: capture?.id, data }),
    )
    expect(answer.outcome).toBe('accepted')
    expect(orderOf(world.family('O-2')).customer).toBe('C-9')
    expect(quantitiesOf(world.family('O-2')).ordered).toBe(7)
    expect(statesOf(world.family('O-2')).order).toMatch(/^accepted\.approved/)
  })
})

describe('claims', () => {
  test('move nothing; the latest place of each source is kept', () => {
    const claim = (source: string, time: string, state: string) =>
      event(source, 'claim.reported', 'shipment/S-1', time, { state })
    const { family } = played([
      claim('tms', '05:00', 'delivered'),
      claim('tms', '04:00', 'in_transit'),
      claim('wms', '04:30', 'packed'),
    ])
    const shipment = family.actors.get('shipment/EAST/S-1')
    expect(shipment?.state).toBe('shipped.off.off.off.off')
    const { claims } = (shipment?.context ?? {}) as Partial<ShipmentContext>
    expect(Object.entries(claims ?? {}).map(([source, { state }]) => [source, state])).toEqual([
      ['tms', 'delivered'],
      ['wms', 'packed'],
    ])
  })
})
