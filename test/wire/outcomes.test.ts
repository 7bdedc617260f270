// Every outcome over HTTP: what was sent before, what is sent, and the documented answer (domain §5).
import { describe, expect, test } from 'vitest'
import type { EngineOptions } from '../../engine/engine.ts'
import { HTTP_STATUS, isTransient, OUTCOMES, type Outcome, type OutcomeCode } from '../../engine/outcome.ts'
import { captured, event, lineOf, readyOrder, released } from '../helpers/distributor.ts'
import { failingAfter } from '../helpers/memory-engine.ts'
import { serveTwin } from '../helpers/twin-server.ts'
import { post } from '../helpers/wire.ts'

interface Case {
  readonly name: string
  readonly before?: readonly unknown[]
  readonly sent: unknown
  readonly answer: Partial<Outcome>
  readonly limits?: EngineOptions['limits']
  /** Commits that succeed before the disk fails. */
  readonly commitsMax?: number
}

const ORDER = 'order/O-1'
const SHIPMENT = 'shipment/S-1'
const ready = readyOrder('O-1')
const underWay = [...ready, released('O-1', 'S-1', '01:00')]
const moves = (...events: readonly string[]) =>
  expect.arrayContaining(events.map(each => expect.objectContaining({ event: each })))
const lines = (quantity: number) => ({ lines: [{ line: '1', quantity }] })
const first = captured('O-1', '00:10')
const again = event('erp', 'order.validated', ORDER, '00:20')

/** At least one for each outcome: a new outcome without a case does not compile. */
const CASES: Readonly<Record<OutcomeCode, readonly [Case, ...Case[]]>> = {
  overloaded: [
    {
      name: 'the inbox is full',
      sent: first,
      limits: { eventsPerSourceMax: 0 },
      answer: { code: 'inbox_full', reason: 'too many events of shop wait for their turn' },
    },
    {
      name: 'the lot of its family is full, and nothing in it is overdue',
      before: [event('erp', 'order.validated', ORDER, '00:20')],
      sent: event('erp', 'order.accepted', ORDER, '00:30'),
      limits: { parkedPerFamilyMax: 1 },
      answer: { code: 'parking_full', reason: expect.stringContaining('order.accepted is one too many') },
    },
    {
      name: 'the lot of its source is full',
      before: [event('erp', 'order.validated', ORDER, '00:20')],
      sent: event('erp', 'order.validated', 'order/O-2', '00:30'),
      limits: { parkedPerSourceMax: 1 },
      answer: { code: 'parking_full', reason: 'erp has 1 events waiting' },
    },
  ],
  journal_unavailable: [
    {
      name: 'a write fails',
      before: [first],
      sent: again,
      commitsMax: 2,
      answer: { reason: expect.stringContaining('send it again with the same id') },
    },
  ],
  unauthorized_source: [
    { name: 'nobody configured that source', sent: { ...first, source: 'stranger' }, answer: { id: first.id } },
    { name: 'a source that is no name', sent: { ...first, source: 7 }, answer: { id: first.id } },
  ],
  malformed: [
    {
      name: 'all that is wrong with it, each with its path',
      sent: captured('O-1', '00:10', { currency: 'dollars', lines: [lineOf(-1)] }),
      answer: {
        flaws: [
          { path: 'data.currency', message: 'must be an ISO 4217 code such as USD' },
          { path: 'data.lines[0].quantity', message: expect.any(String) },
        ],
      },
    },
    {
      name: 'no time',
      sent: { ...first, time: undefined },
      answer: { flaws: [{ path: 'time', message: 'is required' }] },
    },
    {
      name: 'a time more than a day ahead of our clock',
      sent: captured('O-1', 24 * 60 + 1),
      answer: { flaws: [{ path: 'time', message: 'is more than 24 h ahead of our clock' }] },
    },
    {
      name: 'no source',
      sent: { ...first, source: undefined },
      answer: { flaws: [{ path: 'source', message: 'is required' }] },
    },
    {
      name: 'an event nobody knows',
      sent: { ...first, type: 'order.teleported' },
      answer: { flaws: [{ path: 'type', message: 'is not a canonical event: order.teleported' }] },
    },
    {
      name: 'NUL in a number',
      sent: { ...first, subject: 'order/O\0' },
      answer: { flaws: [{ path: '', message: 'has a string with NUL or half a surrogate pair' }] },
    },
    {
      name: 'no object',
      sent: ['order.captured'],
      answer: { flaws: [{ path: expect.any(String), message: expect.any(String) }] },
    },
  ],
  duplicate: [
    {
      name: 'what was accepted',
      before: [first],
      sent: first,
      answer: { id: first.id, first: 'accepted', order: 'O-1' },
    },
    {
      name: 'what waits tells what for',
      before: [again],
      sent: again,
      answer: { first: 'parked', waitsFor: { event: 'order.captured', owner: 'channel' } },
    },
    {
      name: 'what waited tells what became of it',
      before: [again, first],
      sent: again,
      answer: { first: 'parked', now: 'accepted' },
    },
  ],
  id_reused: [
    {
      name: 'other data',
      before: [first],
      sent: { ...captured('O-1', '00:10', { customer: 'C-2' }), id: first.id },
      answer: { code: 'id_reused', order: 'O-1' },
    },
    {
      name: 'another subject',
      before: [first],
      sent: { ...first, subject: 'order/O-2' },
      answer: { code: 'id_reused' },
    },
  ],
  not_owner: [
    {
      name: 'a role that never owns the move, and what is allowed now by whom',
      before: underWay,
      sent: event('wms', 'order.released', ORDER, '02:00', { shipment: 'S-2', node: 'EAST', ...lines(1) }),
      answer: {
        code: 'foreign_role',
        owner: 'erp',
        attemptedBy: 'wms',
        allowedNow: moves('credit.held', 'order.amended'),
      },
    },
    {
      name: 'another company, another ERP',
      before: ready,
      sent: event('erp-eu', 'credit.held', ORDER, '02:00'),
      answer: { owner: 'erp', attemptedBy: 'erp-eu' },
    },
    {
      name: 'another node: whose it is, data tells',
      before: [...underWay, event('tms', 'shipment.booked', SHIPMENT, '01:10', { carrier: 'UPS', tracking: '1Z-1' })],
      sent: event('3pl', 'shipment.confirmed', 'ref/tracking/1Z-1', '02:00'),
      answer: { owner: 'node', attemptedBy: '3pl', entity: SHIPMENT, allowedNow: moves('shipment.confirmed') },
    },
    {
      name: 'the channel once a node has its goods',
      before: underWay,
      sent: event('shop', 'order.amended', ORDER, '02:00', { lines: [{ line: '1', quantity: 9 }] }),
      answer: { code: 'already_released', owner: 'erp', attemptedBy: 'shop' },
    },
    {
      name: 'ownership is told before the version',
      before: ready,
      sent: event('wms', 'credit.held', ORDER, '01:00', {}, { expectedversion: 2 }),
      answer: { owner: 'erp', attemptedBy: 'wms' },
    },
  ],
  version_conflict: [
    {
      name: 'the order has moved on',
      before: ready,
      sent: event('erp', 'credit.held', ORDER, '01:00', {}, { expectedversion: 2 }),
      answer: { version: 4, entity: ORDER, reason: 'expected version 2, it is 4', allowedNow: moves('credit.held') },
    },
  ],
  not_allowed_in_state: [
    {
      name: 'a step beyond the end',
      before: [first, event('erp', 'order.rejected', ORDER, '00:20', { reason: 'no such item' })],
      sent: event('erp', 'order.accepted', ORDER, '00:30'),
      answer: { code: 'order_rejected', reason: 'the ERP rejected the order', owner: 'erp' },
    },
    {
      name: 'a locked field, all of them named',
      before: underWay,
      sent: event('erp', 'order.amended', ORDER, '02:00', {
        customer: 'C-2',
        currency: 'EUR',
        lines: [{ line: '1', item: 'SKU-9' }],
      }),
      answer: { code: 'locked_fields', locked: ['customer', 'currency', 'lines.1.item'] },
    },
    {
      name: 'a number in use',
      before: [
        ...ready,
        event('erp', 'order.released', ORDER, '01:00', { shipment: 'S-1', node: 'EAST', ...lines(4) }),
      ],
      sent: event('erp', 'order.released', ORDER, '02:00', { shipment: 'S-1', node: 'EAST', ...lines(5) }),
      answer: { code: 'number_in_use', allowedNow: moves('order.released', 'order.amended') },
    },
  ],
  quantity_exceeded: [
    {
      name: 'more than its shipment holds',
      before: underWay,
      sent: event('wms', 'shipment.confirmed', SHIPMENT, '02:00', lines(11)),
      answer: { entity: SHIPMENT, owner: 'node', allowedNow: moves('shipment.confirmed', 'pick.started') },
    },
  ],
  parked: [
    {
      name: 'the subject is not known yet',
      sent: event('ups', 'shipment.in_transit', 'ref/tracking/1Z-1', '01:00'),
      answer: { code: 'unknown_subject', waitsFor: { event: 'order.released', owner: 'erp' } },
    },
    {
      name: 'an invoice before its goods left names the proof and its owner',
      before: underWay,
      sent: event('erp', 'invoice.posted', ORDER, '02:00', { invoice: 'I-1', amountMinor: 100, ...lines(10) }),
      answer: {
        code: 'proof_of_shipment_missing',
        reason: expect.stringContaining('shipment is not proved'),
        owner: 'erp',
        waitsFor: { event: 'shipment.confirmed', owner: 'node' },
      },
    },
    {
      name: 'a release before credit is approved',
      before: [first, event('erp', 'order.accepted', ORDER, '00:40')],
      sent: released('O-1', 'S-1', '01:00'),
      answer: { code: 'credit_not_approved', waitsFor: { event: 'credit.approved', owner: 'erp' } },
    },
  ],
  superseded: [
    {
      name: 'a step that is past',
      before: [...underWay, event('wms', 'shipment.confirmed', SHIPMENT, '03:00')],
      sent: event('wms', 'pick.started', SHIPMENT, '02:00'),
      answer: { entity: SHIPMENT, version: 3 },
    },
  ],
  accepted: [
    {
      name: 'where it stands and what it did',
      before: [first],
      sent: again,
      answer: {
        id: again.id,
        entity: ORDER,
        order: 'O-1',
        version: 2,
        from: 'captured.unchecked.unallocated.unbilled',
        to: 'validated.unchecked.unallocated.unbilled',
        position: expect.any(String),
      },
    },
  ],
}

const table = OUTCOMES.flatMap(code => CASES[code].map(each => [code, each.name, each] as const))

describe('over HTTP', () => {
  test.each(table)(
    '[H2] %s: %s',
    async (code, _, { answer, before = [], commitsMax = Number.POSITIVE_INFINITY, limits, sent }) => {
      const server = await serveTwin({ limits, commit: failingAfter(commitsMax) })
      await server.sendAll(before)
      const { outcome, retryAfter, status } = await server.send(sent)
      expect(outcome).toMatchObject({ outcome: code, ...answer })
      expect(status).toBe(HTTP_STATUS[code])
      expect(retryAfter !== null).toBe(isTransient(code))
    },
  )

  test('[H2] a body that is no JSON is malformed, and nothing is kept', async () => {
    const { twin, url } = await serveTwin()
    const before = twin.head()
    const response = await post(`${url}/v1/events`, 'application/cloudevents+json', '{"id":')
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ outcome: 'malformed', code: 'unreadable' })
    expect(twin.head()).toEqual(before)
  })

  test('[E7] refused, parked and late events stand in history with verdict and reason; others are counted only', async () => {
    const { sendAll, twin } = await serveTwin()
    const invoice = event('erp', 'invoice.posted', ORDER, '02:00', { invoice: 'I-1', amountMinor: 100, ...lines(10) })
    const told = [
      event('wms', 'credit.held', ORDER, '01:10'),
      event('erp', 'credit.held', ORDER, '01:20', {}, { expectedversion: 1 }),
      event('erp', 'order.amended', ORDER, '01:30', { customer: 'C-2' }),
      event('wms', 'shipment.confirmed', SHIPMENT, '01:40', lines(11)),
      invoice,
      event('wms', 'shipment.confirmed', SHIPMENT, '03:00'),
      event('wms', 'pick.started', SHIPMENT, '01:50'),
      { ...invoice, data: { invoice: 'I-2', amountMinor: 1 } },
      invoice,
      { ...invoice, id: 'shapeless', data: {} },
    ]
    await sendAll([...underWay, ...told])
    const entries = await twin.entries('O-1', { after: 0, first: 100 })
    const history = entries.slice(underWay.length)
    expect(
      history.map(({ cause, detail, event: { type }, verdict }) => [type, verdict, detail.code, cause !== undefined]),
    ).toEqual([
      ['credit.held', 'not_owner', 'foreign_role', false],
      ['credit.held', 'version_conflict', 'version_conflict', false],
      ['order.amended', 'not_allowed_in_state', 'locked_fields', false],
      ['shipment.confirmed', 'quantity_exceeded', 'quantity_exceeded', false],
      ['invoice.posted', 'parked', 'proof_of_shipment_missing', false],
      ['shipment.confirmed', 'accepted', undefined, false],
      ['invoice.posted', 'accepted', undefined, true],
      ['pick.started', 'superseded', undefined, false],
      ['invoice.posted', 'id_reused', 'id_reused', false],
    ])
    for (const { detail, verdict } of history)
      expect(detail.reason !== undefined).toBe(verdict !== 'accepted' && verdict !== 'superseded')
    const outcomes = twin.sources().find(({ source }) => source.id === 'erp')?.outcomes
    expect(outcomes).toEqual({
      accepted: 4,
      duplicate: 1,
      id_reused: 1,
      malformed: 1,
      not_allowed_in_state: 1,
      parked: 1,
      version_conflict: 1,
    })
  })
})
