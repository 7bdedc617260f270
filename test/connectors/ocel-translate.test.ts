import { beforeAll, describe, expect, test } from 'vitest'
import { parseOcel } from '../../connectors/ocel/ocel-log.ts'
import { carrierOf, nodeOf, ocelSources, trackingOf } from '../../connectors/ocel/partners.ts'
import { readOrderManagement } from '../../connectors/ocel/read-order-management.ts'
import type { Said } from '../../connectors/ocel/said.ts'
import { orderManagementFile, readOcelFile } from '../../connectors/ocel/source.ts'
import { type Translation, translate } from '../../connectors/ocel/translate.ts'
import { parseEvent } from '../../machines/event.ts'
import { eventTypeEntry } from '../../machines/event-types.ts'
import { mayEverOwn } from '../../machines/owners.ts'
import { sourceBook } from '../../machines/sources.ts'
import { happened, makeOcel, type OcelJson } from './ocel-fixture.ts'
import { type RawLog, readRawLog } from './ocel-oracle.ts'

function translated(json: OcelJson): Translation {
  const parsed = parseOcel(json)
  const read = 'log' in parsed ? readOrderManagement(parsed.log) : parsed
  if ('findings' in read) throw new Error(JSON.stringify(read.findings))
  return translate(read.log)
}

const typesAt = (said: readonly Said[]) => said.map(({ event }) => `${event.time.slice(11, 23)} ${event.type}`)

function dataOf(said: readonly Said[], type: string): unknown[] {
  return said.filter(({ event }) => event.type === type).map(({ event }) => event.data)
}

describe('a small log', () => {
  test('[T3] is told by each system in the order it happened', () => {
    expect(typesAt(translated(makeOcel()).said)).toEqual([
      '09:00:00.000 order.captured',
      '10:00:00.000 order.validated',
      '10:00:00.001 credit.approved',
      '10:00:00.002 order.accepted',
      '10:59:59.500 order.released',
      '11:00:00.000 pick.completed',
      '12:00:00.000 pick.completed',
      '12:00:00.001 pack.completed',
      '13:00:00.000 shipment.confirmed',
      '13:00:00.020 invoice.posted',
      '14:00:00.000 delivery.attempted',
      '15:00:00.000 delivery.completed',
      '17:00:00.000 payment.received',
      '17:00:00.050 order.closed',
    ])
  })

  test('brings its lines one by one with prices as decimal text', () => {
    expect(dataOf(translated(makeOcel()).said, 'order.captured')).toMatchObject([
      {
        customer: 'Acme',
        currency: 'EUR',
        lines: [
          { line: 'i-1', item: 'Lamp', quantity: 1, unit: 'EA', unitPrice: { amount: '10.05' } },
          { line: 'i-2', item: 'Lamp', quantity: 1, unit: 'EA', unitPrice: { amount: '20.05' } },
        ],
      },
    ])
  })

  test('invoices what left and adds what the order costs beyond its items as a charge', () => {
    expect(dataOf(translated(makeOcel()).said, 'invoice.posted')).toEqual([
      {
        invoice: 'INV-1-1',
        lines: [
          { line: 'i-1', quantity: 1 },
          { line: 'i-2', quantity: 1 },
        ],
        charges: [{ kind: 'order_fee', amountMinor: 500 }],
        amountMinor: 3510,
        currency: 'EUR',
      },
    ])
  })

  test('of two packages charges once, on the invoice of what left first', () => {
    const json = makeOcel()
    json.objects = json.objects.filter(each => each.id !== 'p-1')
    json.objects.push(
      { id: 'p-1', type: 'packages', relationships: [{ objectId: 'i-1', qualifier: 'contains' }] },
      { id: 'p-2', type: 'packages', relationships: [{ objectId: 'i-2', qualifier: 'contains' }] },
    )
    json.events.push(happened('12:30:00', 'send package', 'p-2'))
    const invoices = dataOf(translated(json).said, 'invoice.posted')
    expect(invoices).toMatchObject([
      { invoice: 'INV-1-2', amountMinor: 2505, charges: [{ amountMinor: 500 }] },
      { invoice: 'INV-1-1', amountMinor: 1005 },
    ])
    expect(invoices[1]).not.toHaveProperty('charges')
  })

  test('reports stock with all there is to say about the line', () => {
    const json = makeOcel()
    json.events.push(happened('09:10:00', 'item out of stock', 'i-1'), happened('09:20:00', 'reorder item', 'i-1'))
    const { said } = translated(json)
    expect(dataOf(said, 'backorder.created')).toEqual([{ lines: [{ line: 'i-1', allocated: 0, backordered: 1 }] }])
    expect(dataOf(said, 'order.allocated')).toEqual([
      { lines: [{ line: 'i-1', allocated: 1, backordered: 0, node: nodeOf('p-1').node }] },
    ])
  })

  test('lets node and carrier name a package by the numbers they know', () => {
    const { said } = translated(makeOcel())
    const about = (type: string) => said.find(({ event }) => event.type === type)?.event
    expect(about('order.released')?.data).toMatchObject({ consignment: 'p-1', carrier: carrierOf('p-1').carrier })
    expect(about('pack.completed')).toMatchObject({ source: nodeOf('p-1').operator, subject: 'shipment/S-1-1' })
    expect(about('shipment.confirmed')).toMatchObject({
      source: nodeOf('p-1').operator,
      subject: 'ref/consignment/p-1',
      data: { carrier: carrierOf('p-1').carrier, tracking: trackingOf('p-1') },
    })
    for (const type of ['delivery.attempted', 'delivery.completed'])
      expect(about(type)).toMatchObject({
        source: carrierOf('p-1').source,
        subject: `ref/tracking/${trackingOf('p-1')}`,
      })
  })

  test('that ends early is told as far as it goes', () => {
    const json = makeOcel()
    json.events = json.events.filter(each => each.time < '2026-03-02T12:30')
    expect(typesAt(translated(json).said).at(-1)).toBe('12:00:00.001 pack.completed')
    json.events = json.events.filter(each => each.type === 'place order')
    expect(typesAt(translated(json).said)).toEqual(['09:00:00.000 order.captured'])
  })

  test('closes an order only when it is confirmed, delivered and paid', () => {
    for (const missing of ['confirm order', 'package delivered', 'pay order']) {
      const json = makeOcel()
      json.events = json.events.filter(each => each.type !== missing)
      expect(dataOf(translated(json).said, 'order.closed'), missing).toEqual([])
    }
  })
})

describe('the public log', () => {
  let raw: RawLog
  let translation: Translation

  beforeAll(async () => {
    raw = readRawLog()
    const read = await readOcelFile(orderManagementFile)
    if ('findings' in read) throw new Error(JSON.stringify(read.findings))
    translation = translate(read.log)
  })

  test('comes to 38,106 events, so many of each type', () => {
    const counts: Record<string, number> = {}
    for (const { event } of translation.said) counts[event.type] = (counts[event.type] ?? 0) + 1
    expect(counts).toEqual({
      'order.captured': 2_000,
      'order.validated': 2_000,
      'credit.approved': 2_000,
      'order.accepted': 2_000,
      'backorder.created': 1_544,
      'order.allocated': 1_544,
      'order.released': 4_264,
      'pick.completed': 7_659,
      'pack.completed': 4_264,
      'shipment.confirmed': 1_128,
      'invoice.posted': 4_264,
      'delivery.attempted': 311,
      'delivery.completed': 1_128,
      'payment.received': 2_000,
      'order.closed': 2_000,
    })
    const lines = dataOf(translation.said, 'order.captured').flatMap(data => (data as { lines: unknown[] }).lines)
    expect(lines).toHaveLength(7_659)
    const consignments = dataOf(translation.said, 'order.released').map(
      data => (data as { consignment: string }).consignment,
    )
    expect(new Set(consignments).size).toBe(1_128)
  })

  test('[T1] is explained to the last log event', () => {
    const explained = new Set(translation.said.flatMap(each => each.explains))
    for (const { logEvent, why } of translation.unsaid) {
      expect(explained.has(logEvent), logEvent).toBe(false)
      expect(why).not.toBe('')
      explained.add(logEvent)
    }
    expect(translation.unsaid).toHaveLength(566)
    expect(raw.events.filter(event => !explained.has(event.id))).toEqual([])
    expect(explained.size).toBe(raw.events.length)
  })

  test('[T2] gives every event an id of its own, the same at each translation', async () => {
    expect(new Set(translation.said.map(each => each.event.id)).size).toBe(translation.said.length)
    const read = await readOcelFile(orderManagementFile)
    expect('log' in read && translate(read.log)).toEqual(translation)
  })

  test('gives every document a number of its own', () => {
    const numbers = (type: string, field: string) =>
      dataOf(translation.said, type).map(data => (data as Record<string, unknown>)[field])
    const documents = [
      ...['order.captured poNumber', 'order.accepted erpNumber', 'order.released shipment'],
      ...['pick.completed task', 'invoice.posted invoice', 'payment.received payment', 'shipment.confirmed tracking'],
    ]
    for (const document of documents) {
      const all = numbers(...(document.split(' ') as [string, string]))
      expect(new Set(all).size, document).toBe(all.length)
      expect(all, document).not.toContain(undefined)
    }
  })

  test('makes events that are well-formed and come from a source that may own them', () => {
    const book = sourceBook(ocelSources)
    for (const { event } of translation.said) {
      const source = book.byId.get(event.source)
      if (source === undefined) throw new Error(`unknown source ${event.source}`)
      const parsed = parseEvent(event, source, Date.UTC(2026, 0))
      if ('flaws' in parsed) throw new Error(`${event.id}: ${JSON.stringify(parsed.flaws)}`)
      expect(mayEverOwn(eventTypeEntry(parsed.event.type).owners, source.role), event.id).toBe(true)
    }
  })

  test('uses every source, and shares orders, nodes and carriers out evenly', () => {
    const shares = (type: string) =>
      Object.values(
        Object.groupBy(
          translation.said.filter(each => each.event.type === type),
          each => each.event.source,
        ),
      )
    for (const type of ['order.captured', 'shipment.confirmed', 'delivery.completed']) {
      const [first, second, ...others] = shares(type).map(each => each?.length ?? 0)
      expect(others).toEqual([])
      expect(Math.min(first ?? 0, second ?? 0) / Math.max(first ?? 0, second ?? 0), type).toBeGreaterThan(0.8)
    }
    expect(new Set(translation.said.map(each => each.event.source))).toEqual(new Set(ocelSources.map(each => each.id)))
  })

  test('bills and pays every order exactly what the log says it costs', () => {
    const sums = (type: string) => {
      const byOrder = new Map<string, number>()
      for (const { event } of translation.said.filter(each => each.event.type === type))
        byOrder.set(
          event.subject,
          (byOrder.get(event.subject) ?? 0) + (event.data as { amountMinor: number }).amountMinor,
        )
      return byOrder
    }
    const prices = new Map(
      raw.objects
        .filter(each => each.type === 'orders')
        .map(each => [`order/${each.id}`, Math.round((each.attributes[0]?.value ?? 0) * 100)]),
    )
    expect(prices.size).toBe(2_000)
    expect(sums('invoice.posted')).toEqual(prices)
    expect(sums('payment.received')).toEqual(prices)
  })

  test('is sorted by time', () => {
    const times = translation.said.map(each => Date.parse(each.event.time))
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })
})
