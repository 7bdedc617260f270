// OrderManagementLog: an OCEL log read as orders, items and packages with the moments of their life.
// Only logs of that shape fit; anything else comes back as findings that say what is missing.
import { FINDINGS_MAX, type Finding } from '../finding.ts'
import type { OcelEvent, OcelLog, OcelObject } from './ocel-log.ts'

/** One log event about one object. */
export interface LogMoment {
  readonly logEvent: string
  readonly timeMs: number
}

/** One piece of one product. */
export interface LogItem {
  readonly id: string
  readonly product: string
  readonly priceMinor: number
  readonly order: string
  readonly package?: string
  readonly outOfStock: readonly LogMoment[]
  readonly reordered: readonly LogMoment[]
  readonly picked?: LogMoment
}

export interface LogOrder {
  readonly id: string
  readonly customer: string
  /** What the order costs, in minor units; more than the sum of its items where it has a charge. */
  readonly priceMinor: number
  readonly items: readonly LogItem[]
  readonly placed: LogMoment
  readonly confirmed?: LogMoment
  readonly paid?: LogMoment
  readonly reminded: readonly LogMoment[]
}

export interface LogPackage {
  readonly id: string
  readonly created?: LogMoment
  readonly sent?: LogMoment
  readonly failed: readonly LogMoment[]
  readonly delivered?: LogMoment
}

/** Orders by time placed, packages by id. */
export interface OrderManagementLog {
  readonly orders: readonly LogOrder[]
  readonly packages: ReadonlyMap<string, LogPackage>
}

export type ReadOrderManagement = { readonly log: OrderManagementLog } | { readonly findings: readonly Finding[] }

type SubjectType = 'orders' | 'items' | 'packages'

/** Every event type of the log: which object it is about, and whether that may happen to it more than once. */
const EVENTS: Readonly<Record<string, { readonly about: SubjectType; readonly repeats?: true }>> = {
  'place order': { about: 'orders' },
  'confirm order': { about: 'orders' },
  'payment reminder': { about: 'orders', repeats: true },
  'pay order': { about: 'orders' },
  'item out of stock': { about: 'items', repeats: true },
  'reorder item': { about: 'items', repeats: true },
  'pick item': { about: 'items' },
  'create package': { about: 'packages' },
  'send package': { about: 'packages' },
  'failed delivery': { about: 'packages', repeats: true },
  'package delivered': { about: 'packages' },
}
const OBJECT_TYPES = ['orders', 'items', 'packages', 'customers', 'products']

/** Reads `ocel` as an order-management log. Pure; a log of another shape, or one that contradicts itself, is findings. */
export function readOrderManagement(ocel: OcelLog): ReadOrderManagement {
  const missing = missingTypes(ocel)
  if (missing.length > 0) return { findings: missing }
  const findings: Finding[] = []
  const moments = momentsOf(ocel, findings)
  const log = assemble(ocel, moments, findings)
  return findings.length > 0 ? { findings: findings.slice(0, FINDINGS_MAX) } : { log }
}

/** The first `count` orders placed, with only what they have in the packages. */
export function firstOrders(log: OrderManagementLog, count: number): OrderManagementLog {
  const orders = log.orders.slice(0, count)
  const kept = new Set(orders.flatMap(order => order.items.map(item => item.package)))
  return { orders, packages: new Map([...log.packages].filter(([id]) => kept.has(id))) }
}

function missingTypes(ocel: OcelLog): Finding[] {
  const lack = (where: string, declared: readonly { name: string }[], wanted: readonly string[]): Finding[] => {
    const missing = wanted.filter(name => !declared.some(each => each.name === name)).map(name => `'${name}'`)
    return missing.length === 0 ? [] : [{ where, message: `not an order-management log: lacks ${missing.join(', ')}` }]
  }
  return [
    ...lack('objectTypes', ocel.objectTypes, OBJECT_TYPES),
    ...lack('eventTypes', ocel.eventTypes, Object.keys(EVENTS)),
  ]
}

/** Moments by event type and object id, earliest first. */
type Moments = ReadonlyMap<string, readonly LogMoment[]>
const momentKey = (eventType: string, object: string) => `${eventType}|${object}`

function momentsOf(ocel: OcelLog, findings: Finding[]): Moments {
  const typeOf = new Map(ocel.objects.map(object => [object.id, object.type]))
  const moments = new Map<string, LogMoment[]>()
  for (const event of ocel.events.toSorted((a, b) => a.time - b.time)) {
    const kind = EVENTS[event.type]
    const object = kind && soleObject(event, kind.about, typeOf)
    if (kind === undefined) findings.push({ where: event.id, message: `unknown event type '${event.type}'` })
    else if (object === undefined) findings.push({ where: event.id, message: `must be about one of ${kind.about}` })
    else {
      const key = momentKey(event.type, object)
      const earlier = moments.get(key) ?? []
      if (earlier.length > 0 && !kind.repeats)
        findings.push({ where: event.id, message: `a second '${event.type}' of ${object}` })
      moments.set(key, [...earlier, { logEvent: event.id, timeMs: event.time }])
    }
  }
  return moments
}

function soleObject(event: OcelEvent, type: SubjectType, typeOf: ReadonlyMap<string, string>): string | undefined {
  const ids = event.relationships.map(each => each.objectId).filter(id => typeOf.get(id) === type)
  return ids.length === 1 ? ids[0] : undefined
}

function assemble(ocel: OcelLog, moments: Moments, findings: Finding[]): OrderManagementLog {
  const byType = Map.groupBy(ocel.objects, object => object.type)
  const objects = (type: SubjectType) => byType.get(type) ?? []
  const all = (type: string, object: OcelObject) => moments.get(momentKey(type, object.id)) ?? []
  const only = (type: string, object: OcelObject) => all(type, object)[0]

  const itemObjects = new Map(objects('items').map(object => [object.id, object]))
  const packageOf = new Map(objects('packages').flatMap(each => targets(each, 'contains').map(item => [item, each.id])))
  const itemOf = (id: string, order: string): LogItem => {
    const object = itemObjects.get(id)
    if (object === undefined) findings.push({ where: order, message: `has no object for its item ${id}` })
    const known = object ?? { id, type: 'items', attributes: [], relationships: [] }
    return {
      id,
      product: targets(known, 'is a')[0] ?? id,
      priceMinor: priceMinor(known, findings),
      order,
      package: packageOf.get(id),
      outOfStock: all('item out of stock', known),
      reordered: all('reorder item', known),
      picked: only('pick item', known),
    }
  }

  const customers = customersOf(byType.get('customers') ?? [])
  const orders: LogOrder[] = []
  for (const object of objects('orders')) {
    const placed = only('place order', object)
    const customer = customers.get(object.id)
    if (placed === undefined) findings.push({ where: object.id, message: 'was never placed' })
    if (customer === undefined) findings.push({ where: object.id, message: 'belongs to no customer' })
    if (placed === undefined || customer === undefined) continue
    orders.push({
      id: object.id,
      customer,
      priceMinor: priceMinor(object, findings),
      items: targets(object, 'comprises').map(id => itemOf(id, object.id)),
      placed,
      confirmed: only('confirm order', object),
      paid: only('pay order', object),
      reminded: all('payment reminder', object),
    })
  }
  const packages = objects('packages').map(object => ({
    id: object.id,
    created: only('create package', object),
    sent: only('send package', object),
    failed: all('failed delivery', object),
    delivered: only('package delivered', object),
  }))
  orders.sort((a, b) => a.placed.timeMs - b.placed.timeMs || (a.id < b.id ? -1 : 1))
  return { orders, packages: new Map(packages.map(each => [each.id, each])) }
}

const customersOf = (customers: readonly OcelObject[]) =>
  new Map(customers.flatMap(customer => targets(customer, 'places').map(order => [order, customer.id])))

const targets = (object: OcelObject, qualifier: string): string[] =>
  object.relationships.filter(each => each.qualifier === qualifier).map(each => each.objectId)

/** The first price of an object: what it cost when it came into being. The log has it as a decimal number of euros. */
function priceMinor(object: OcelObject, findings: Finding[]): number {
  const minor = Math.round(Number(object.attributes.find(each => each.name === 'price')?.value) * 100)
  if (Number.isSafeInteger(minor)) return minor
  findings.push({ where: object.id, message: 'has no price' })
  return 0
}
