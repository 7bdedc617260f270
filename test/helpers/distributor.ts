// A distributor for tests: its sources, and short ways to say what they report.
import type { EventInput } from '../../machines/event.ts'
import type { EventType } from '../../machines/event-types.ts'
import type { Source } from '../../machines/sources.ts'

const timeZone = 'UTC'

/** Two companies, two nodes (one run by a 3PL), one TMS, two carriers, two channels and a CRM. */
export const SOURCES: readonly Source[] = [
  { id: 'crm', role: 'crm', timeZone },
  { id: 'shop', role: 'channel', timeZone },
  { id: 'edi', role: 'channel', timeZone },
  { id: 'erp', role: 'erp', companies: ['US01'], timeZone },
  { id: 'erp-eu', role: 'erp', companies: ['EU01'], timeZone },
  { id: 'wms', role: 'wms', nodes: ['EAST'], timeZone },
  { id: '3pl', role: '3pl', nodes: ['WEST'], timeZone },
  { id: 'tms', role: 'tms', timeZone },
  { id: 'ups', role: 'carrier', carriers: ['UPS'], timeZone },
  { id: 'dhl', role: 'carrier', carriers: ['DHL'], timeZone },
  { id: 'ann', role: 'operator', timeZone },
]

const DAY_MS = Date.UTC(2026, 10, 21)

/** `HH:MM[:SS]` of the day all tests play on, or minutes from its start (more than 1,440 are later days). */
export function at(clock: string | number): string {
  if (typeof clock === 'number') return new Date(DAY_MS + clock * 60_000).toISOString()
  return `2026-11-21T${clock.length === 5 ? `${clock}:00` : clock}Z`
}

let count = 0

/** An event; its id is made up where none is given. */
export function event(
  source: string,
  type: EventType,
  subject: string,
  time: string | number,
  data: object = {},
  attributes: Partial<EventInput> = {},
): EventInput {
  count++
  // Padded: at the same moment the id decides the place (C1).
  return { id: `e-${String(count).padStart(6, '0')}`, source, type, subject, time: at(time), data, ...attributes }
}

export interface OrderLineSaid {
  readonly line: string
  readonly quantity: number
  readonly [field: string]: unknown
}

export const lineOf = (quantity: number, line = '1'): OrderLineSaid => ({ line, item: `SKU-${line}`, quantity })

/** `order.captured` of order `order`, 10 pieces of one line unless said otherwise. */
export const captured = (order: string, time: string | number, data: object = {}): EventInput =>
  event('shop', 'order.captured', `order/${order}`, time, {
    customer: 'C-1',
    company: 'US01',
    currency: 'USD',
    lines: [lineOf(10)],
    ...data,
  })

export const released = (
  order: string,
  shipment: string,
  time: string | number,
  quantity = 10,
  data: object = {},
): EventInput =>
  event('erp', 'order.released', `order/${order}`, time, {
    shipment,
    node: 'EAST',
    lines: [{ line: '1', quantity }],
    ...data,
  })

/** Captured, validated, credit approved, accepted: ready to be released from 01:00 on. */
export const readyOrder = (order: string, data: object = {}): readonly EventInput[] => [
  captured(order, '00:10', data),
  event('erp', 'order.validated', `order/${order}`, '00:20'),
  event('erp', 'credit.approved', `order/${order}`, '00:30'),
  event('erp', 'order.accepted', `order/${order}`, '00:40', { erpNumber: `ERP-${order}` }),
]

/** Ids of so many orders, in turn. */
export const orderIds = (count: number, from = 1): readonly string[] =>
  Array.from({ length: count }, (_, index) => `O-${from + index}`)
