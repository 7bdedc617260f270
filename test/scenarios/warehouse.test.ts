import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../connectors/simulated/random.ts'
import { captured, event, lineOf, readyOrder, released } from '../helpers/distributor.ts'
import { endOf, heard, shuffled } from '../helpers/orderings.ts'
import { story } from '../helpers/story.ts'

const DAY = 1_440

describe('SCN-05 ERP release to WMS', () => {
  it('a short pick goes to another warehouse; tracking, cartons and freight come back', () => {
    const tale = story()
    tale.says(...readyOrder('A1'), released('A1', 'S-1', '01:00'))
    expect(tale.turn('A1', '01:00')).toBe('node (wms): shipment.acknowledged')
    tale.says(
      event('wms', 'shipment.acknowledged', 'shipment/S-1', '01:10'),
      event('wms', 'pick.released', 'shipment/S-1', '01:20', { wave: 'W-1', task: 'T-1' }),
      event('wms', 'pick.started', 'shipment/S-1', '01:30'),
      event('wms', 'pick.completed', 'shipment/S-1', '02:00', { task: 'T-1', lines: [{ line: '1', quantity: 6 }] }),
      event('wms', 'pick.short', 'shipment/S-1', '02:05', {
        task: 'T-2',
        lines: [{ line: '1', quantity: 4 }],
        reason: 'bin empty',
      }),
    )
    expect([tale.open('A1', '02:05'), tale.turn('A1', '02:05')]).toEqual([
      ['short_pick'],
      'erp (erp): backorder.created',
    ])
    tale.says(released('A1', 'S-2', '02:30', 4, { node: 'WEST' }))
    expect(tale.open('A1', '02:30')).toEqual([])
    tale.says(
      event('wms', 'shipment.confirmed', 'shipment/S-1', '03:00', {
        carrier: 'UPS',
        freightMinor: 1_250,
        cartons: [{ carton: 'K-1', tracking: '1Z', lines: [{ line: '1', quantity: 6 }] }],
      }),
    )
    expect(tale.state('A1')).toBe('accepted.approved.partly_shipped.billable')
    expect(
      tale.card('A1', '03:00').shipments.map(({ number, state, trackings }) => [number, state, trackings]),
    ).toEqual([
      ['S-1', 'shipped', ['1Z']],
      ['S-2', 'released', []],
    ])
  })

  it('a second shipment of the same goods is not possible', () => {
    const tale = story()
    tale.says(...readyOrder('A1'), released('A1', 'S-1', '01:00'))
    expect(tale.hears(released('A1', 'S-9', '01:10'))).toBe('parked over_release')
    expect(tale.open('A1', '01:10')).toEqual(['release_blocked'])
    tale.says(event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'))
    expect(tale.hears(event('wms', 'shipment.confirmed', 'shipment/S-1', '02:05'))).toMatch(
      /superseded|not_allowed_in_state/,
    )
    expect(tale.quantity('A1', 'shipped')).toBe(10)
  })
})

describe('SCN-07 three regional warehouses, Salesforce and a cloud ERP', () => {
  it('the naive path, release before credit, waits; the right one runs', () => {
    const tale = story()
    tale.says(captured('A1', '00:10'), event('erp', 'order.accepted', 'order/A1', '00:20'))
    expect(tale.hears(released('A1', 'S-1', '00:30'))).toBe('parked credit_not_approved')
    expect(tale.card('A1', '00:50')).toMatchObject({ action: { owner: 'erp', exception: { kind: 'release_blocked' } } })
    tale.says(event('erp', 'credit.approved', 'order/A1', '01:00'))
    expect(tale.shipment('A1', 'S-1')).toBe('released')
  })

  it('a carrier delay is on the desk while it lasts', () => {
    const tale = story()
    tale.says(
      ...readyOrder('A1', { promisedAt: '2026-11-22T17:00:00Z' }),
      released('A1', 'S-1', '01:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', { carrier: 'UPS', tracking: '1Z' }),
      event('ups', 'shipment.delayed', 'shipment/S-1', '05:00', {
        expectedAt: '2026-11-24T12:00:00Z',
        reason: 'storm',
      }),
    )
    expect(tale.open('A1', '05:00')).toEqual(['delayed'])
    expect(tale.turn('A1', '05:00')).toBe('transport (tms, ups): shipment.in_transit')
    expect(tale.open('A1', DAY + 17 * 60)).toEqual(['delayed', 'not_invoiced', 'promise_missed'])
    tale.says(event('ups', 'delivery.completed', 'shipment/S-1', DAY + 18 * 60))
    expect(tale.open('A1', DAY + 19 * 60)).toEqual(['not_invoiced'])
  })
})

describe('SCN-08 a legacy WMS and 3PLs that confirm by API, EDI and nightly batch', () => {
  const said = [
    ...readyOrder('A1', { lines: [lineOf(10), lineOf(5, '2')] }),
    released('A1', 'S-1', '01:00', 10),
    released('A1', 'S-2', '01:05', 5, { node: 'WEST', lines: [{ line: '2', quantity: 5 }] }),
    event('wms', 'pick.completed', 'shipment/S-1', '02:00', { lines: [{ line: '1', quantity: 10 }] }),
    event('wms', 'shipment.confirmed', 'shipment/S-1', '03:00', { carrier: 'UPS', tracking: '1Z' }),
    event('3pl', 'shipment.confirmed', 'shipment/S-2', '04:00', { carrier: 'DHL', tracking: 'JD-1' }),
    event('dhl', 'shipment.in_transit', 'shipment/S-2', '05:00'),
    event('ups', 'delivery.completed', 'shipment/S-1', '09:00'),
    event('dhl', 'delivery.completed', 'shipment/S-2', '10:00'),
  ]
  it.each([1, 2, 3, 4, 5])('a batch in any order ends the same (seed %i)', seed => {
    expect(endOf(heard(shuffled(said, seededRandom(seed))))).toEqual(endOf(heard(said)))
  })

  it('a 3PL that only sends its goods issue skips the steps before', () => {
    const tale = story()
    tale.says(...readyOrder('A1'), released('A1', 'S-1', '01:00', 10, { node: 'WEST' }))
    tale.says(event('3pl', 'shipment.confirmed', 'shipment/S-1', '04:00', { carrier: 'DHL', tracking: 'JD-1' }))
    expect([tale.shipment('A1', 'S-1'), tale.open('A1', '04:00')]).toEqual(['shipped', []])
  })
})

describe('SCN-09 split across warehouses, line by line', () => {
  it('each line tells where it is, and the invoice follows what left', () => {
    const tale = story()
    tale.says(
      ...readyOrder('A1', { lines: [lineOf(10), lineOf(5, '2')] }),
      released('A1', 'S-1', '01:00', 10),
      released('A1', 'S-2', '01:05', 5, { node: 'WEST', lines: [{ line: '2', quantity: 5 }] }),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '03:00', { carrier: 'UPS', tracking: '1Z' }),
    )
    const card = tale.card('A1', '03:10')
    expect(card.lines.map(({ line, shipments, state }) => [line, state, shipments])).toEqual([
      ['1', 'shipped', ['S-1']],
      ['2', 'released', ['S-2']],
    ])
    expect(tale.state('A1')).toBe('accepted.approved.partly_shipped.billable')
    const whole = {
      invoice: 'I-1',
      amountMinor: 1_500,
      lines: [
        { line: '1', quantity: 10 },
        { line: '2', quantity: 5 },
      ],
    }
    expect(tale.hears(event('erp', 'invoice.posted', 'order/A1', '03:20', whole))).toBe(
      'parked proof_of_shipment_missing',
    )
    tale.says(event('3pl', 'shipment.confirmed', 'shipment/S-2', '04:00', { carrier: 'DHL', tracking: 'JD-1' }))
    expect(tale.quantity('A1', 'invoiced')).toBe(15)
  })
})
