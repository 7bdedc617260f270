// Open orders: each accepted, its credit open, waiting for its release; and what then happens to some of them.
import type { EventInput } from '../../machines/event.ts'

export const openOrder = (index: number): string => `OPEN-${index}`

const said = (id: string, source: string, type: string, order: string, timeMs: number, data: object): EventInput => ({
  specversion: '1.0',
  id,
  source,
  type,
  subject: `order/${order}`,
  time: new Date(timeMs).toISOString(),
  data,
})

/** Captured, accepted and approved: nothing is wrong, and a release is owed within a day. */
export function opening(index: number, timeMs: number): readonly EventInput[] {
  const order = openOrder(index)
  const lines = [{ line: '1', item: 'SKU-1', quantity: 5 }]
  return [
    said(`${order}-1`, 'webshop', 'order.captured', order, timeMs, {
      customer: `C-${index % 5_000}`,
      currency: 'USD',
      company: 'US01',
      lines,
    }),
    said(`${order}-2`, 'erp', 'order.accepted', order, timeMs + 1, { erpNumber: `ERP-${index}` }),
    said(`${order}-3`, 'erp', 'credit.approved', order, timeMs + 2, {}),
  ]
}

/** A release: four hours later the node should have acknowledged it. */
export const release = (index: number, timeMs: number): EventInput =>
  said(`${openOrder(index)}-4`, 'erp', 'order.released', openOrder(index), timeMs, {
    shipment: `OPEN-S-${index}`,
    node: 'EAST',
    lines: [{ line: '1', quantity: 5 }],
  })

/** A hold: wrong at once. */
export const hold = (index: number, timeMs: number): EventInput =>
  said(`${openOrder(index)}-5`, 'erp', 'credit.held', openOrder(index), timeMs, {})

/** How long after its release an acknowledgement is owed (DEFAULT_POLICIES). */
export const ACKNOWLEDGED_WITHIN_MS = 4 * 3_600_000
