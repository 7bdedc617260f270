// Reads an OCEL log as an order-management log (order-management.ts). Only logs of that shape fit; anything else comes
// back as findings that say what is missing or contradictory.
import { FINDINGS_MAX, type Finding } from '../finding.ts'
import type { OcelEvent, OcelLog, OcelObject } from './ocel-log.ts'
import type { LogItem, LogMoment, LogOrder, LogPackage, OrderManagementLog } from './order-management.ts'

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

/** Reads `ocel`. Pure; a log of another shape, or one that contradicts itself, is findings, at most `FINDINGS_MAX`. */
export function readOrderManagement(ocel: OcelLog): ReadOrderManagement {
  const missing = missingTypes(ocel)
  if (missing.length > 0) return { findings: missing }
  const findings: Finding[] = []
  const reading = readingOf(ocel, findings)
  noteStrays(reading)
  const log = { orders: ordersOf(reading), packages: packagesOf(reading) }
  return findings.length > 0 ? { findings: findings.slice(0, FINDINGS_MAX) } : { log }
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

/** The log's objects and moments, found by what one asks for; what is not right goes to `findings`. */
interface Reading {
  readonly findings: Finding[]
  readonly objects: ReadonlyMap<string, readonly OcelObject[]>
  readonly itemObjects: ReadonlyMap<string, OcelObject>
  readonly orderOfItem: ReadonlyMap<string, string>
  readonly packageOfItem: ReadonlyMap<string, string>
  readonly customerOfOrder: ReadonlyMap<string, string>
  all(eventType: string, object: string): readonly LogMoment[]
  only(eventType: string, object: string): LogMoment | undefined
}

function readingOf(ocel: OcelLog, findings: Finding[]): Reading {
  const moments = momentsOf(ocel, findings)
  const objects = Map.groupBy(ocel.objects, object => object.type)
  const owners = (type: string, qualifier: string) =>
    new Map((objects.get(type) ?? []).flatMap(owner => targets(owner, qualifier).map(owned => [owned, owner.id])))
  const all = (eventType: string, object: string) => moments.get(momentKey(eventType, object)) ?? []
  return {
    findings,
    objects,
    itemObjects: new Map((objects.get('items') ?? []).map(object => [object.id, object])),
    orderOfItem: owners('orders', 'comprises'),
    packageOfItem: owners('packages', 'contains'),
    customerOfOrder: owners('customers', 'places'),
    all,
    only: (eventType, object) => all(eventType, object)[0],
  }
}

/** What happens to an item without order, or to a package without items, nobody could tell the twin. */
function noteStrays({ findings, objects, itemObjects, orderOfItem, packageOfItem }: Reading): void {
  for (const item of itemObjects.keys())
    if (!orderOfItem.has(item)) findings.push({ where: item, message: 'belongs to no order' })
  const filled = new Set(packageOfItem.values())
  for (const { id } of objects.get('packages') ?? [])
    if (!filled.has(id)) findings.push({ where: id, message: 'holds no items' })
}

function ordersOf(reading: Reading): readonly LogOrder[] {
  const orders = (reading.objects.get('orders') ?? []).flatMap(object => orderOf(object, reading))
  return orders.toSorted((a, b) => a.placed.timeMs - b.placed.timeMs || (a.id < b.id ? -1 : 1))
}

function orderOf(object: OcelObject, reading: Reading): readonly LogOrder[] {
  const { findings, all, only } = reading
  const { id } = object
  const placed = only('place order', id)
  const customer = reading.customerOfOrder.get(id)
  if (placed === undefined) findings.push({ where: id, message: 'was never placed' })
  if (customer === undefined) findings.push({ where: id, message: 'belongs to no customer' })
  if (placed === undefined || customer === undefined) return []
  return [
    {
      id,
      customer,
      priceMinor: priceMinor(object, findings),
      items: targets(object, 'comprises').flatMap(item => itemOf(item, id, reading)),
      placed,
      confirmed: only('confirm order', id),
      paid: only('pay order', id),
      reminded: all('payment reminder', id),
    },
  ]
}

function itemOf(id: string, order: string, reading: Reading): readonly LogItem[] {
  const { findings, all, only } = reading
  const object = reading.itemObjects.get(id)
  if (object === undefined) findings.push({ where: order, message: `has no object for its item ${id}` })
  if (object === undefined) return []
  return [
    {
      id,
      product: targets(object, 'is a')[0] ?? id,
      priceMinor: priceMinor(object, findings),
      order,
      package: reading.packageOfItem.get(id),
      outOfStock: all('item out of stock', id),
      reordered: all('reorder item', id),
      picked: only('pick item', id),
    },
  ]
}

function packagesOf({ objects, all, only }: Reading): ReadonlyMap<string, LogPackage> {
  const packages = (objects.get('packages') ?? []).map(({ id }) => ({
    id,
    created: only('create package', id),
    sent: only('send package', id),
    failed: all('failed delivery', id),
    delivered: only('package delivered', id),
  }))
  return new Map(packages.map(each => [each.id, each]))
}

const targets = (object: OcelObject, qualifier: string): string[] =>
  object.relationships.filter(each => each.qualifier === qualifier).map(each => each.objectId)

/** The first price of an object: what it cost when it came into being. The log has it as a decimal number of euros. */
function priceMinor(object: OcelObject, findings: Finding[]): number {
  const minor = Math.round(Number(object.attributes.find(each => each.name === 'price')?.value) * 100)
  if (Number.isSafeInteger(minor)) return minor
  findings.push({ where: object.id, message: 'has no price' })
  return 0
}
