import { describe, expect, it } from 'vitest'
import { at, captured, event, lineOf, released } from '../helpers/distributor.ts'
import { story } from '../helpers/story.ts'

const invoice = (order: string, time: string, quantity: number, number = 'I-1') =>
  event('erp', 'invoice.posted', `order/${order}`, time, {
    invoice: number,
    amountMinor: quantity * 100,
    lines: [{ line: '1', quantity }],
  })
const paid = (order: string, time: string, amountMinor: number) =>
  event('erp', 'payment.received', `order/${order}`, time, { payment: `P-${order}`, amountMinor })

describe('SCN-01 industrial equipment, order to cash, two regional 3PLs', () => {
  const ready = () => {
    const tale = story()
    tale.says(
      event('crm', 'order.captured', 'order/104582', '00:10', {
        customer: 'C-1',
        company: 'US01',
        currency: 'USD',
        serviceLevel: 'standard',
        lines: [lineOf(10)],
      }),
      event('erp', 'order.validated', 'order/104582', '00:20'),
      event('erp', 'credit.approved', 'order/104582', '00:30'),
      event('erp', 'order.allocated', 'order/104582', '00:35', { lines: [{ line: '1', allocated: 10, node: 'WEST' }] }),
      event('erp', 'order.accepted', 'order/104582', '00:40', { erpNumber: 'SO-9' }),
      released('104582', 'S-1', '01:00', 10, { node: 'WEST' }),
    )
    return tale
  }

  it('runs through without anything to do for people', () => {
    const tale = ready()
    expect(tale.turn('104582', '01:00')).toBe('node (3pl): shipment.acknowledged')
    tale.says(
      event('3pl', 'shipment.acknowledged', 'shipment/S-1', '01:10'),
      event('3pl', 'pick.started', 'shipment/S-1', '02:00'),
      event('3pl', 'pick.completed', 'shipment/S-1', '02:30', { lines: [{ line: '1', quantity: 10 }] }),
      event('3pl', 'pack.completed', 'shipment/S-1', '03:00'),
      event('3pl', 'shipment.confirmed', 'shipment/S-1', '04:00', {
        carrier: 'UPS',
        tracking: '1Z',
        freightMinor: 900,
      }),
    )
    expect(tale.turn('104582', '04:00')).toContain('delivery.completed')
    expect(tale.state('104582')).toBe('accepted.approved.shipped.billable')
    tale.says(
      invoice('104582', '05:00', 10),
      event('ups', 'delivery.completed', 'shipment/S-1', '09:00'),
      paid('104582', '10:00', 1_000),
      event('erp', 'order.closed', 'order/104582', '11:00'),
    )
    expect(tale.state('104582')).toBe('closed.approved.delivered.paid')
    expect([tale.open('104582', '12:00'), tale.turn('104582', '12:00')]).toEqual([[], 'nobody'])
    expect(tale.desk.history('104582', '12:00')).toEqual([])
  })

  it('a short shipment tells customer service, adjusts the quantities, and keeps the invoice from being premature', () => {
    const tale = ready()
    tale.says(
      event('3pl', 'shipment.acknowledged', 'shipment/S-1', '01:10'),
      event('3pl', 'pick.short', 'shipment/S-1', '02:00', {
        lines: [{ line: '1', quantity: 4 }],
        reason: 'stock damaged',
      }),
    )
    expect(tale.hears(invoice('104582', '02:10', 10))).toBe('parked proof_of_shipment_missing')
    expect(tale.open('104582', '02:10')).toEqual(['invoice_blocked', 'short_pick'])
    expect(tale.quantity('104582', 'released')).toBe(6)
    tale.says(event('3pl', 'shipment.confirmed', 'shipment/S-1', '04:00', { carrier: 'UPS', tracking: '1Z' }))
    expect([tale.quantity('104582', 'shipped'), tale.quantity('104582', 'invoiced')]).toEqual([6, 0])
    expect(tale.open('104582', '04:00')).toEqual(['invoice_blocked', 'short_shipment'])
    expect(tale.turn('104582', '04:00')).toContain('erp (erp)')
    tale.says(released('104582', 'S-2', '05:00', 4))
    expect(tale.open('104582', '05:00')).toEqual(['invoice_blocked'])
    tale.says(event('wms', 'shipment.confirmed', 'shipment/S-2', '06:00', { carrier: 'UPS', tracking: '1Y' }))
    expect([tale.quantity('104582', 'invoiced'), tale.open('104582', '06:00')]).toEqual([10, []])
    expect(
      tale.desk.history('104582', '06:00').map(({ closedBy, exception }) => [exception.kind, closedBy?.event.type]),
    ).toEqual([
      ['short_pick', 'shipment.confirmed'],
      ['invoice_blocked', 'invoice.posted'],
      ['short_shipment', 'order.released'],
    ])
  })

  it('damaged goods are not invoiced before they are counted', () => {
    const tale = ready()
    tale.says(
      event('3pl', 'shipment.confirmed', 'shipment/S-1', '04:00', { carrier: 'UPS', tracking: '1Z' }),
      event('ups', 'shipment.damaged', 'shipment/S-1', '05:00', { lines: [{ line: '1', quantity: 3 }], reason: 'wet' }),
    )
    expect(tale.hears(invoice('104582', '05:10', 10))).toBe('parked proof_of_shipment_missing')
    expect(tale.open('104582', '05:10')).toEqual(['damaged', 'invoice_blocked'])
    tale.says(
      event('ups', 'delivery.completed', 'shipment/S-1', '09:00', { lines: [{ line: '1', quantity: 7 }] }),
      event('erp', 'order.cancelled', 'order/104582', '10:00', { lines: [{ line: '1', quantity: 3 }] }),
    )
    expect(tale.open('104582', '10:00')).toEqual(['invoice_blocked'])
    expect(tale.quantity('104582', 'invoiced')).toBe(0)
    expect(tale.hears(invoice('104582', '10:10', 7, 'I-2'))).toBe('accepted')
  })

  it('nor before a person has looked at them and found them to be fit', () => {
    const tale = ready()
    tale.says(
      event('3pl', 'shipment.confirmed', 'shipment/S-1', '04:00', { carrier: 'UPS', tracking: '1Z' }),
      event('ups', 'shipment.damaged', 'shipment/S-1', '05:00', { lines: [{ line: '1', quantity: 3 }], reason: 'wet' }),
    )
    expect(tale.hears(invoice('104582', '05:10', 10))).toBe('parked proof_of_shipment_missing')
    tale.says(
      event('ann', 'shipment.damage_cleared', 'shipment/S-1', '06:00', {
        lines: [{ line: '1', quantity: 3 }],
        reason: 'only the box was wet',
      }),
    )
    expect(tale.open('104582', '06:00')).toEqual([])
    expect(tale.quantity('104582', 'invoiced')).toBe(10)
  })
})

describe('SCN-02 CRM order creation with ERP controls', () => {
  it('nothing is released before customer, price, credit and stock were checked, in whatever order the checks come', () => {
    const tale = story()
    tale.says(captured('A1', '00:10'))
    expect(tale.hears(released('A1', 'S-1', '00:12'))).toBe('parked order_not_accepted')
    expect(tale.turn('A1', '00:12')).toBe('erp (erp): order.accepted')
    tale.says(event('erp', 'order.accepted', 'order/A1', '00:20'))
    expect([tale.shipment('A1', 'S-1'), tale.open('A1', '00:30')]).toEqual([undefined, ['release_blocked']])
    tale.says(event('erp', 'credit.approved', 'order/A1', '00:30'))
    expect([tale.shipment('A1', 'S-1'), tale.open('A1', '00:31')]).toEqual(['released', []])
  })

  it('what fails validation is for customer service or master data, and comes back by itself', () => {
    const tale = story()
    tale.says(
      captured('A1', '00:10'),
      event('erp', 'order.validation_failed', 'order/A1', '00:20', { reasons: ['price_mismatch'] }),
    )
    expect(tale.card('A1', '00:20').exceptions[0]).toMatchObject({
      kind: 'validation_failed',
      team: 'customer_service',
    })
    tale.says(event('erp', 'order.validated', 'order/A1', '00:50'))
    expect(tale.open('A1', '00:50')).toEqual([])
  })
})

describe('SCN-03 a quote becomes an order', () => {
  it('mandatory fields are validated, and the ERP number finds the order from then on', () => {
    const tale = story()
    const { lines: _, ...rest } = captured('Q-1', '00:10').data as { lines: unknown }
    expect(tale.hears({ ...captured('Q-1', '00:10'), data: rest })).toBe('malformed')
    tale.says(captured('Q-1', '00:11'), event('erp', 'credit.approved', 'order/Q-1', '00:20'))
    expect(tale.turn('Q-1', '00:20')).toBe('erp (erp): order.accepted')
    tale.says(
      event('erp', 'order.accepted', 'order/Q-1', '00:40', { erpNumber: 'SO-77' }),
      event('erp', 'order.allocated', 'ref/erp/SO-77', '00:50', {
        lines: [{ line: '1', allocated: 10, node: 'EAST' }],
      }),
    )
    expect(tale.state('Q-1')).toBe('accepted.approved.allocated.unbilled')
  })
})

describe('SCN-04 several companies, warehouses, nodes', () => {
  it('each company answers for its orders, and each node for its shipments', () => {
    const tale = story()
    tale.says(captured('EU-1', '00:10', { company: 'EU01', currency: 'EUR' }))
    expect(tale.hears(event('erp', 'order.accepted', 'order/EU-1', '00:20'))).toBe('not_owner not_owner')
    expect(tale.card('EU-1', '00:20').exceptions[0]).toMatchObject({ kind: 'refused_event', team: 'integration' })
    expect(tale.card('EU-1', '00:20').nextSteps[0]).toMatchObject({ event: 'order.accepted', sources: ['erp-eu'] })
    tale.says(
      event('erp-eu', 'credit.approved', 'order/EU-1', '00:30'),
      event('erp-eu', 'order.accepted', 'order/EU-1', '00:40'),
      event('erp-eu', 'order.released', 'order/EU-1', '01:00', {
        shipment: 'S-1',
        node: 'WEST',
        lines: [{ line: '1', quantity: 10 }],
      }),
    )
    expect(tale.hears(event('wms', 'shipment.acknowledged', 'shipment/S-1', '01:10'))).toContain('parked')
    tale.says(event('3pl', 'shipment.acknowledged', 'shipment/S-1', '01:20'))
    expect(tale.shipment('EU-1', 'S-1')).toBe('acknowledged')
  })
})

describe('SCN-06 channels become one lifecycle', () => {
  it.each(['shop', 'edi', 'crm'])('an order of %s is captured, accepted and released like any other', source => {
    const tale = story()
    tale.says(
      event(source, 'order.captured', 'order/A1', '00:10', {
        customer: 'C-1',
        company: 'US01',
        currency: 'USD',
        channel: 'B2B',
        lines: [lineOf(10)],
      }),
      event('erp', 'credit.approved', 'order/A1', '00:30'),
      event('erp', 'order.accepted', 'order/A1', '00:40'),
      released('A1', 'S-1', '01:00'),
    )
    expect([tale.state('A1'), tale.open('A1', '01:00')]).toEqual(['accepted.approved.released.unbilled', []])
  })

  it('another channel cannot change it', () => {
    const tale = story()
    tale.says(captured('A1', '00:10'))
    expect(tale.hears(event('edi', 'order.amended', 'order/A1', '00:20', { promisedAt: at('20:00') }))).toBe(
      'not_owner not_owner',
    )
  })
})
