// The oracle: what the public log alone says every order must have come to, by the rules of the domain (§2 and §4).
// Owns:  its own reading of the raw file.   Does not use: connectors/ocel, machines, engine, so that it can contradict them.
//   O1  Everything an order is follows from the moments of its items and packages and from its own; arrival order is nothing.
//   O2  Before an order is confirmed nothing of it can be released, so nothing is picked, packed, shipped or invoiced either.
//   O3  It can be asked about any moment, not just the end, where by now everything is delivered, closed and paid.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

export interface OrderTruth {
  readonly lifecycle: 'captured' | 'accepted' | 'closed'
  readonly credit: 'unchecked' | 'approved'
  readonly fulfilment: Fulfilment
  readonly billing: 'unbilled' | 'billable' | 'partly_invoiced' | 'invoiced' | 'paid'
  /** By item of the log. */
  readonly lines: Readonly<Record<string, LineTruth>>
  /** By package of the log. */
  readonly shipments: Readonly<Record<string, ShipmentTruth>>
}

export type Fulfilment =
  | 'delivered'
  | 'partly_delivered'
  | 'shipped'
  | 'partly_shipped'
  | 'released'
  | 'backordered'
  | 'allocated'
  | 'unallocated'

/** A line's own state and its eleven quantities; nothing in the log is ever cancelled, returned or credited. */
export interface LineTruth extends LineQuantities {
  readonly fulfilment: Fulfilment
}

export interface LineQuantities {
  readonly ordered: number
  readonly cancelled: number
  readonly allocated: number
  readonly backordered: number
  readonly released: number
  readonly picked: number
  readonly shipped: number
  readonly delivered: number
  readonly returned: number
  readonly invoiced: number
  readonly credited: number
}

export interface ShipmentTruth {
  readonly execution: 'released' | 'picking' | 'picked' | 'packed' | 'shipped' | 'in_transit' | 'delivered'
  readonly attemptFailed: boolean
}

/** The log as it stands in the file. */
export interface RawLog {
  readonly objects: readonly {
    readonly id: string
    readonly type: string
    readonly attributes: readonly { readonly name: string; readonly value: number }[]
    readonly relationships: readonly { readonly objectId: string; readonly qualifier: string }[]
  }[]
  readonly events: readonly {
    readonly id: string
    readonly type: string
    readonly time: string
    readonly relationships: readonly { readonly objectId: string; readonly qualifier: string }[]
  }[]
}

const LOG_FILE = new URL('../../data/ocel/order-management.json.gz', import.meta.url)
export const readRawLog = (): RawLog => JSON.parse(gunzipSync(readFileSync(LOG_FILE)).toString('utf8'))

// The log has no releases; the table of the replay puts one "a moment", half a second, before the first pick.
const RELEASE_LEAD_MS = 500

/**
 * Every order placed by `untilMs` (epoch milliseconds, inclusive), as it is then, by order of the log.
 * What a system says after a log event (an invoice after the goods, a close after the last payment) it says within a
 * second: ask about a moment at least 500 ms after the last log event that is to count.
 */
export function truthOf(log: RawLog, untilMs = Number.POSITIVE_INFINITY): ReadonlyMap<string, OrderTruth> {
  const facts = factsOf(log, untilMs)
  const orders = log.objects.filter(each => each.type === 'orders' && facts.has('place order', each.id))
  return new Map(orders.map(order => [order.id, orderTruth(order, facts)]))
}

type RawObject = RawLog['objects'][number]

interface Facts {
  readonly untilMs: number
  /** Whether it had happened by then. */
  has(eventType: string, object: string): boolean
  /** When it happened, whether by then or later; the log has it for every object that lives long enough. */
  when(eventType: string, object: string): number
  readonly packageOf: ReadonlyMap<string, string>
}

function factsOf(log: RawLog, untilMs: number): Facts {
  const times = new Map<string, number[]>()
  for (const event of log.events)
    for (const { objectId } of event.relationships) {
      const key = `${event.type} ${objectId}`
      const known = times.get(key)
      if (known === undefined) times.set(key, [Date.parse(event.time)])
      else known.push(Date.parse(event.time))
    }
  const packageOf = new Map<string, string>()
  for (const load of log.objects.filter(each => each.type === 'packages'))
    for (const { objectId, qualifier } of load.relationships)
      if (qualifier === 'contains') packageOf.set(objectId, load.id)
  const timesOf = (eventType: string, object: string) => times.get(`${eventType} ${object}`) ?? []
  return {
    untilMs,
    has: (eventType, object) => timesOf(eventType, object).some(ms => ms <= untilMs),
    when: (eventType, object) => Math.min(...timesOf(eventType, object)),
    packageOf,
  }
}

function orderTruth(order: RawObject, facts: Facts): OrderTruth {
  const items = order.relationships.filter(each => each.qualifier === 'comprises').map(each => each.objectId)
  const confirmed = facts.has('confirm order', order.id)
  const loads = Map.groupBy(items, item => facts.packageOf.get(item) ?? 'none')
  const releasedAt = new Map([...loads].map(([load, inIt]) => [load, releaseMs(inIt, facts)]))
  const isReleased = (load: string) => confirmed && (releasedAt.get(load) ?? Number.NaN) <= facts.untilMs

  const lines = Object.fromEntries(
    items.map(item => {
      const load = facts.packageOf.get(item) ?? 'none'
      const releaseMs = releasedAt.get(load) ?? Number.NaN
      return [item, lineTruth({ item, load, releaseMs, isReleased: isReleased(load), facts })]
    }),
  )
  const shipments = Object.fromEntries(
    [...loads]
      .filter(([load]) => isReleased(load))
      .map(([load, inIt]): [string, ShipmentTruth] => [load, shipmentTruth(load, inIt, facts)]),
  )
  const question = { order, confirmed, lines, facts }
  return {
    lifecycle: lifecycleOf(question),
    credit: confirmed ? 'approved' : 'unchecked',
    fulfilment: fulfilmentOf(Object.values(lines)),
    billing: billingOf(question),
    lines,
    shipments,
  }
}

/** When the items of an order in a package were released: a moment before the first of them was picked. */
const releaseMs = (items: readonly string[], facts: Facts): number =>
  Math.min(...items.map(item => facts.when('pick item', item))) - RELEASE_LEAD_MS

interface LineQuestion {
  readonly item: string
  readonly load: string
  readonly releaseMs: number
  readonly isReleased: boolean
  readonly facts: Facts
}

function lineTruth(question: LineQuestion): LineTruth {
  const quantities = lineQuantities(question)
  return { ...quantities, fulfilment: fulfilmentOf([quantities]) }
}

function lineQuantities({ item, load, releaseMs, isReleased, facts }: LineQuestion): LineQuantities {
  const one = (is: boolean) => (is ? 1 : 0)
  const shipped = one(isReleased && facts.has('send package', load))
  return {
    ordered: 1,
    cancelled: 0,
    ...stockTruth({ item, load, releaseMs, isReleased, facts }),
    released: one(isReleased),
    picked: one(isReleased && facts.has('pick item', item)),
    shipped,
    delivered: one(isReleased && facts.has('package delivered', load)),
    returned: 0,
    invoiced: shipped,
    credited: 0,
  }
}

/** §4: what the last report says, less what was released after it (allocated first). */
function stockTruth({ item, releaseMs, isReleased, facts }: LineQuestion): { allocated: number; backordered: number } {
  const reorders = facts.has('reorder item', item)
  const reported = reorders || facts.has('item out of stock', item)
  if (!reported) return { allocated: 0, backordered: 0 }
  const reportMs = facts.when(reorders ? 'reorder item' : 'item out of stock', item)
  const open = isReleased && releaseMs > reportMs ? 0 : 1
  return reorders ? { allocated: open, backordered: 0 } : { allocated: 0, backordered: open }
}

function shipmentTruth(load: string, items: readonly string[], facts: Facts): ShipmentTruth {
  const picked = items.filter(item => facts.has('pick item', item)).length
  const delivered = facts.has('package delivered', load)
  const attemptFailed = facts.has('failed delivery', load) && !delivered
  if (delivered) return { execution: 'delivered', attemptFailed }
  // The carrier that tried to deliver it has it: it is on its way.
  if (attemptFailed) return { execution: 'in_transit', attemptFailed }
  if (facts.has('send package', load)) return { execution: 'shipped', attemptFailed }
  if (facts.has('create package', load)) return { execution: 'packed', attemptFailed }
  if (picked === items.length) return { execution: 'picked', attemptFailed }
  return { execution: picked > 0 ? 'picking' : 'released', attemptFailed }
}

interface OrderQuestion {
  readonly order: RawObject
  readonly confirmed: boolean
  readonly lines: Readonly<Record<string, LineTruth>>
  readonly facts: Facts
}

function lifecycleOf({ order, confirmed, lines, facts }: OrderQuestion): OrderTruth['lifecycle'] {
  if (!confirmed) return 'captured'
  const isDelivered = Object.values(lines).every(line => line.delivered === line.ordered)
  return isDelivered && facts.has('pay order', order.id) ? 'closed' : 'accepted'
}

/** The first that holds, of all lines together. */
function fulfilmentOf(lines: readonly LineQuantities[]): Fulfilment {
  const all = (quantity: keyof LineQuantities) => lines.every(line => line[quantity] >= line.ordered)
  const any = (quantity: keyof LineQuantities) => lines.some(line => line[quantity] > 0)
  if (all('delivered')) return 'delivered'
  if (any('delivered')) return 'partly_delivered'
  if (all('shipped')) return 'shipped'
  if (any('shipped')) return 'partly_shipped'
  if (any('released')) return 'released'
  if (any('backordered')) return 'backordered'
  if (any('allocated')) return 'allocated'
  return 'unallocated'
}

/** What has left is invoiced at once, so nothing is ever `billable`; one payment pays the whole order. */
function billingOf({ order, lines, facts }: OrderQuestion): OrderTruth['billing'] {
  const invoiced = Object.values(lines).filter(line => line.invoiced > 0).length
  if (invoiced === 0) return 'unbilled'
  if (invoiced < Object.keys(lines).length) return 'partly_invoiced'
  // The order's price is its items plus one charge, and so is the sum of its invoices: the payment is exact.
  return facts.has('pay order', order.id) ? 'paid' : 'invoiced'
}
