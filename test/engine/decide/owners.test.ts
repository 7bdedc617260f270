import { describe, expect, test } from 'vitest'
import type { OutcomeCode } from '../../../engine/outcome.ts'
import type { EventInput } from '../../../machines/event.ts'
import type { EventType } from '../../../machines/event-types.ts'
import { captured, event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { scenario } from '../../helpers/memory-world.ts'

const ready = [...readyOrder('O-1'), released('O-1', 'S-1', '01:00')]

interface Row {
  readonly source: string
  readonly type: EventType
  readonly subject: string
  readonly data?: object
  readonly outcome: OutcomeCode
  readonly code?: string
}

const one = { lines: [{ line: '1', quantity: 1 }] }
const rows: readonly Row[] = [
  // Roles that can never own the move.
  { source: 'wms', type: 'order.validated', subject: 'order/O-1', outcome: 'not_owner', code: 'foreign_role' },
  { source: 'ups', type: 'shipment.confirmed', subject: 'shipment/S-1', outcome: 'not_owner', code: 'foreign_role' },
  { source: 'shop', type: 'credit.held', subject: 'order/O-1', outcome: 'not_owner', code: 'foreign_role' },
  { source: 'ann', type: 'credit.held', subject: 'order/O-1', outcome: 'not_owner', code: 'foreign_role' },
  // The node's operator, whatever its role; nobody else's.
  { source: 'wms', type: 'shipment.acknowledged', subject: 'shipment/S-1', outcome: 'accepted' },
  // A shipment number means something only at its node: another node's source names a shipment nobody has told us of.
  { source: '3pl', type: 'shipment.acknowledged', subject: 'shipment/S-1', outcome: 'parked', code: 'unknown_subject' },
  { source: '3pl', type: 'shipment.acknowledged', subject: 'order/O-1', outcome: 'parked', code: 'unknown_subject' },
  // The company's ERP.
  { source: 'erp', type: 'credit.held', subject: 'order/O-1', outcome: 'accepted' },
  { source: 'erp-eu', type: 'credit.held', subject: 'order/O-1', outcome: 'not_owner' },
  // The channel that captured it, or any CRM.
  { source: 'shop', type: 'order.cancel_requested', subject: 'order/O-1', data: { ask: 'A' }, outcome: 'accepted' },
  { source: 'crm', type: 'order.cancel_requested', subject: 'order/O-1', data: { ask: 'A' }, outcome: 'accepted' },
  { source: 'edi', type: 'order.cancel_requested', subject: 'order/O-1', data: { ask: 'A' }, outcome: 'not_owner' },
  // After the first release the channel asks, the ERP amends.
  {
    source: 'shop',
    type: 'order.amended',
    subject: 'order/O-1',
    data: { promisedAt: '2026-12-01' },
    outcome: 'not_owner',
  },
  {
    source: 'erp',
    type: 'order.amended',
    subject: 'order/O-1',
    data: { promisedAt: '2026-12-01' },
    outcome: 'accepted',
  },
  // Transport: a TMS, the node while no carrier is named, a carrier once it is.
  { source: 'tms', type: 'shipment.booked', subject: 'shipment/S-1', data: { carrier: 'UPS' }, outcome: 'accepted' },
  { source: 'wms', type: 'shipment.booked', subject: 'shipment/S-1', data: { carrier: 'UPS' }, outcome: 'accepted' },
  { source: 'ups', type: 'shipment.in_transit', subject: 'shipment/S-1', outcome: 'parked', code: 'owner_not_known' },
  // Node or ERP may cancel a shipment.
  { source: 'erp', type: 'shipment.cancelled', subject: 'shipment/S-1', data: one, outcome: 'accepted' },
  {
    source: 'tms',
    type: 'shipment.cancelled',
    subject: 'shipment/S-1',
    data: one,
    outcome: 'not_owner',
    code: 'foreign_role',
  },
  // Anybody may claim.
  {
    source: 'ups',
    type: 'claim.reported',
    subject: 'shipment/S-1',
    data: { state: 'in_transit' },
    outcome: 'accepted',
  },
]

describe('§1 who may report a move', () => {
  for (const { code, data, outcome, source, subject, type } of rows)
    test(`${source} reports ${type} of ${subject}: ${code ?? outcome}`, () => {
      const { answers } = scenario({
        sources: SOURCES,
        events: [...ready, event(source, type, subject, '02:00', data)],
      })
      expect(answers.at(-1)).toMatchObject({ outcome, ...(code === undefined ? {} : { code }) })
    })

  test('a refusal names the owner and who tried', () => {
    const { answers } = scenario({
      sources: SOURCES,
      events: [...ready, event('erp-eu', 'credit.held', 'order/O-1', '02:00')],
    })
    expect(answers.at(-1)?.detail).toMatchObject({ owner: 'erp', reason: expect.stringContaining('erp-eu (erp)') })
  })

  test('another node does not own a shipment it can see by its tracking number', () => {
    const { answers } = scenario({
      sources: SOURCES,
      events: [
        ...ready,
        event('tms', 'shipment.booked', 'shipment/S-1', '02:00', { carrier: 'UPS', tracking: '1Z' }),
        event('3pl', 'shipment.confirmed', 'ref/tracking/1Z', '03:00'),
      ],
    })
    expect(answers.at(-1)).toMatchObject({ outcome: 'not_owner', code: 'not_owner', detail: { owner: 'node' } })
  })

  test("an order that names no company is any ERP's until acceptance settles it", () => {
    const events: readonly EventInput[] = [
      captured('O-1', '00:10', { company: undefined }),
      event('erp-eu', 'order.validated', 'order/O-1', '00:20'),
      event('erp', 'order.accepted', 'order/O-1', '00:40'),
      event('erp-eu', 'credit.approved', 'order/O-1', '00:50'),
      event('erp', 'credit.approved', 'order/O-1', '00:51'),
    ]
    const { outcomes } = scenario({ sources: SOURCES, events })
    expect(outcomes).toEqual(['accepted', 'accepted', 'accepted', 'not_owner', 'accepted'])
  })

  test('[C2] what the other company said before acceptance settled the company stands, however late it arrives', () => {
    const { outcomes } = scenario({
      sources: SOURCES,
      events: [
        captured('O-1', '00:10', { company: undefined }),
        event('erp', 'order.accepted', 'order/O-1', '00:40'),
        event('erp-eu', 'order.validated', 'order/O-1', '00:20'),
      ],
    })
    expect(outcomes).toEqual(['accepted', 'accepted', 'superseded'])
  })

  test('a carrier waits until it is named, and is heard by itself then', () => {
    const { outcomes, world } = scenario({
      sources: SOURCES,
      events: [
        ...ready,
        event('ups', 'shipment.in_transit', 'shipment/S-1', '05:00'),
        event('tms', 'shipment.booked', 'shipment/S-1', '04:00', { carrier: 'UPS', tracking: '1Z' }),
      ],
    })
    expect(outcomes.slice(-2)).toEqual(['parked', 'accepted'])
    expect(world.family('O-1').actors.get('shipment/EAST/S-1')?.state).toBe('in_transit.off.off.off.off')
    expect(world.family('O-1').parked).toEqual([])
  })
})
