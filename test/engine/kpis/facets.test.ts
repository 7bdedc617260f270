import { describe, expect, it } from 'vitest'
import type { OrderException } from '../../../engine/exceptions/condition.ts'
import { exceptionGroups, type Facet, membershipsBy } from '../../../engine/kpis/facets.ts'
import { orderMeasures } from '../../../engine/kpis/measures.ts'
import { orderRecord } from '../../../engine/kpis/order-record.ts'
import { desk, msAt } from '../../helpers/desk.ts'
import { captured, event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'

const SPAN = { fromMs: msAt('00:00'), toMs: msAt('23:00') }

/** A1 from two nodes by two carriers, A2 of the European company, refused, A3 captured by EDI and no more. */
function world() {
  const told = desk()
  told.say(
    ...readyOrder('A1'),
    released('A1', 'S-1', '01:00', 6),
    released('A1', 'S-2', '01:00', 4, { node: 'WEST' }),
    event('wms', 'shipment.acknowledged', 'shipment/S-1', '01:30'),
    event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', { carrier: 'UPS' }),
    event('3pl', 'shipment.confirmed', 'shipment/S-2', '02:00', { carrier: 'DHL' }),
    event('dhl', 'shipment.damaged', 'shipment/S-2', '03:00', { lines: [{ line: '1', quantity: 1 }] }),
    captured('A2', '00:10', { company: 'EU01' }),
    event('erp-eu', 'order.validated', 'order/A2', '00:20'),
    event('erp-eu', 'order.rejected', 'order/A2', '00:30', { reason: 'no such customer' }),
    { ...captured('A3', '00:10', { company: undefined }), source: 'edi' },
    event('wms', 'order.accepted', 'order/A1', '04:00'),
  )
  const records = ['A1', 'A2', 'A3'].flatMap(id => orderRecord(told.facts(id)) ?? [])
  return { told, records }
}

const measured = (by: Facet) =>
  orderMeasures(world().records, { by, sources: SOURCES, nowMs: msAt('20:00'), span: SPAN })

describe('[M5] by source an order counts', () => {
  it('for the channel that captured it, the ERPs of its company, the systems of its nodes, its carriers', () => {
    expect(measured('source').map(({ group, measures }) => [group, measures.orders])).toEqual([
      ['3pl', 1],
      ['dhl', 1],
      ['edi', 1],
      ['erp', 2],
      ['erp-eu', 2],
      ['shop', 2],
      ['tms', 1],
      ['ups', 1],
      ['wms', 1],
    ])
  })

  it('with its own shipments only: what a carrier did to others is not its trouble', () => {
    const of = (source: string) => measured('source').find(({ group }) => group === source)?.measures
    expect([of('dhl')?.shipmentExceptions, of('ups')?.shipmentExceptions]).toMatchObject([
      { part: 1, whole: 1 },
      { part: 0, whole: 1 },
    ])
    expect([of('wms')?.acknowledgementDelay.count, of('3pl')?.acknowledgementDelay.count]).toEqual([1, 0])
    expect([of('erp')?.fallout.part, of('erp-eu')?.fallout.part]).toEqual([0, 1])
  })

  it('the other facets are what they were', () => {
    const groups = (by: Facet) => measured(by).map(({ group, measures }) => [group, measures.orders])
    expect(groups('channel')).toEqual([
      ['edi', 1],
      ['shop', 2],
    ])
    expect(groups('node')).toEqual([
      ['EAST', 1],
      ['WEST', 1],
    ])
    expect(groups('carrier')).toEqual([
      ['DHL', 1],
      ['UPS', 1],
    ])
    expect(membershipsBy(undefined, [])(world().records[0] as never)).toMatchObject([{ group: undefined }])
  })
})

describe('[M5] an exception counts', () => {
  const groups = (by: Facet, kind: string) => {
    const { told } = world()
    const found = told.open('A1', 4 * 1_440).find(each => each.kind === kind) as OrderException
    return exceptionGroups(by, told.facts('A1'), SOURCES)(found)
  }

  it('for the source of the event behind it, else for those whose turn it is', () => {
    expect(groups('source', 'refused_event')).toEqual(['wms'])
    expect(groups('source', 'damaged')).toEqual(['tms', 'dhl'])
    expect(groups('source', 'not_invoiced')).toEqual(['erp'])
  })

  it('for the node and the carriers of its shipment; of an order for all of them', () => {
    expect([groups('node', 'damaged'), groups('carrier', 'damaged')]).toEqual([['WEST'], ['DHL']])
    expect([groups('node', 'not_invoiced'), groups('carrier', 'not_invoiced')]).toEqual([
      ['EAST', 'WEST'],
      ['UPS', 'DHL'],
    ])
    expect(groups('channel', 'damaged')).toEqual(['shop'])
  })
})
