// The partners of the replayed distributor: the systems that would have said what the log records, and which of them
// speaks for an order or a package. The log names none, so each is chosen by the id: the same id, the same partner.
import type { Source } from '../../machines/sources.ts'

const DAY_MS = 24 * 3_600_000
/** The longest an item of the log is picked before its order is confirmed is 270 h; 14 days leave room beyond it. */
const profile = { parkForMs: 14 * DAY_MS }
/** The log's object times carry +02:00 in summer and +01:00 in winter. */
const timeZone = 'Europe/Berlin'

export const COMPANY = 'EU01'
export const CURRENCY = 'EUR'

/** All sources of the replay. Configure these, or partners that speak for the same nodes, carriers and company. */
export const ocelSources: readonly Source[] = [
  { id: 'webshop', role: 'channel', timeZone, profile },
  { id: 'crm', role: 'crm', timeZone, profile },
  { id: 'erp', role: 'erp', companies: [COMPANY], timeZone, profile },
  { id: 'wms-east', role: 'wms', nodes: ['DC-EAST'], timeZone, profile },
  { id: '3pl-west', role: '3pl', nodes: ['DC-WEST'], timeZone, profile },
  { id: 'carrier-nordpost', role: 'carrier', carriers: ['NORDPOST'], timeZone, profile },
  { id: 'carrier-alpex', role: 'carrier', carriers: ['ALPEX'], timeZone, profile },
]

export const ERP = 'erp'

/** Who fulfils a package: its node and the node's operator. */
const NODES: Choices<{ readonly node: string; readonly operator: string }> = [
  { node: 'DC-EAST', operator: 'wms-east' },
  { node: 'DC-WEST', operator: '3pl-west' },
]
const CARRIERS: Choices<{ readonly carrier: string; readonly source: string }> = [
  { carrier: 'NORDPOST', source: 'carrier-nordpost' },
  { carrier: 'ALPEX', source: 'carrier-alpex' },
]

const CAPTURE_SOURCES: Choices<string> = ['webshop', 'crm']

/** The system an order was entered in. */
export const captureSourceOf = (order: string): string => choose(CAPTURE_SOURCES, `capture ${order}`)
export const nodeOf = (packageId: string) => choose(NODES, `node ${packageId}`)
export const carrierOf = (packageId: string) => choose(CARRIERS, `carrier ${packageId}`)

/** Business numbers, each made from the log's ids so that one can be read back from the other. */
const bare = (id: string) => id.replace(/^[a-z]-/, '')
export const erpNumberOf = (order: string): string => `SO-${bare(order)}`
export const purchaseOrderOf = (order: string): string => `PO-${bare(order)}`
export const shipmentNumberOf = (order: string, packageId: string): string => `S-${bare(order)}-${bare(packageId)}`
export const invoiceNumberOf = (order: string, packageId: string): string => `INV-${bare(order)}-${bare(packageId)}`
export const paymentNumberOf = (order: string): string => `PAY-${bare(order)}`
export const pickTaskOf = (item: string): string => `T-${bare(item)}`
export const trackingOf = (packageId: string): string => `${carrierOf(packageId).carrier}-${bare(packageId)}`

type Choices<Choice> = readonly [Choice, ...Choice[]]

function choose<Choice>(choices: Choices<Choice>, key: string): Choice {
  return choices[fnv1a(key) % choices.length] ?? choices[0]
}

/** FNV-1a, 32 bits, with a final mix: its low bits alone would alternate with the last digit of the id. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d)
  return (hash ^ (hash >>> 12)) >>> 0
}
