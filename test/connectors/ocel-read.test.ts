import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parseOcel } from '../../connectors/ocel/ocel-log.ts'
import { firstOrders } from '../../connectors/ocel/order-management.ts'
import { readOrderManagement } from '../../connectors/ocel/read-order-management.ts'
import { orderManagementFile, readOcelFile } from '../../connectors/ocel/source.ts'
import { happened, makeOcel, type OcelJson } from './ocel-fixture.ts'

function read(json: OcelJson) {
  const parsed = parseOcel(json)
  if ('findings' in parsed) throw new Error(parsed.findings.map(each => each.message).join())
  return readOrderManagement(parsed.log)
}

function findingsOf(json: OcelJson): string[] {
  const result = read(json)
  return 'findings' in result ? result.findings.map(each => `${each.where}: ${each.message}`) : []
}

describe('an OCEL file', () => {
  test('is read as orders, items and packages with their moments', () => {
    const result = read(makeOcel())
    if ('findings' in result) throw new Error('has findings')
    const [order] = result.log.orders
    expect(order).toMatchObject({ id: 'o-1', customer: 'Acme', priceMinor: 3510 })
    expect(order?.items).toMatchObject([
      { id: 'i-1', product: 'Lamp', priceMinor: 1005, package: 'p-1', picked: { timeMs: Date.UTC(2026, 2, 2, 12) } },
      { id: 'i-2', priceMinor: 2005, picked: { timeMs: Date.UTC(2026, 2, 2, 11) } },
    ])
    expect(result.log.packages.get('p-1')?.failed).toHaveLength(1)
  })

  test('that is no OCEL document says where it is not', () => {
    const parsed = parseOcel({ ...makeOcel(), events: [{ id: 'e', type: 'x', time: 'yesterday' }] })
    expect(parsed).toEqual({ findings: [{ where: 'events[0].time', message: 'is no time with offset: yesterday' }] })
  })

  test('about something else than order management names the types it lacks', () => {
    const json = makeOcel()
    json.eventTypes = json.eventTypes.filter(each => each.name !== 'pick item')
    expect(findingsOf(json)).toEqual(["eventTypes: not an order-management log: lacks 'pick item'"])
  })

  test('with a second confirmation of one order is refused, a second failed delivery is not', () => {
    const json = makeOcel()
    json.events.push(happened('14:30:00', 'failed delivery', 'p-1'))
    expect(findingsOf(json)).toEqual([])
    json.events.push(happened('11:00:00', 'confirm order', 'o-1'))
    expect(findingsOf(json)).toEqual(["confirm order o-1 11:00:00: a second 'confirm order' of o-1"])
  })

  test('with an event of an unknown type or about nothing known is refused', () => {
    const json = makeOcel()
    json.events.push(happened('18:00:00', 'order pizza', 'o-1'), happened('18:00:00', 'pick item', 'i-9'))
    expect(findingsOf(json)).toEqual([
      "order pizza o-1 18:00:00: unknown event type 'order pizza'",
      'pick item i-9 18:00:00: must be about one of items',
    ])
  })

  test('with orders, items or packages that hang in the air names them', () => {
    const json = makeOcel()
    json.events = json.events.filter(each => each.type !== 'place order')
    json.objects = json.objects.filter(each => each.id !== 'Acme' && each.id !== 'i-2')
    json.events = json.events.filter(each => each.relationships[0]?.objectId !== 'i-2')
    json.objects.push({ id: 'i-3', type: 'items' }, { id: 'p-3', type: 'packages' })
    expect(findingsOf(json)).toEqual([
      'i-3: belongs to no order',
      'p-3: holds no items',
      'o-1: was never placed',
      'o-1: belongs to no customer',
    ])
  })

  test('with an item that is not there or has no price names it', () => {
    const json = makeOcel()
    json.objects = json.objects.filter(each => each.id !== 'i-2')
    json.events = json.events.filter(each => each.relationships[0]?.objectId !== 'i-2')
    for (const object of json.objects) if (object.id === 'i-1') object.attributes = [{ name: 'price', value: 'cheap' }]
    expect(findingsOf(json)).toEqual(['i-1: has no price', 'o-1: has no object for its item i-2'])
  })

  test('plain, gzipped or with a byte order mark reads the same; a broken one is a finding', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ocel-'))
    const text = JSON.stringify(makeOcel())
    const files = { 'a.json': text, 'b.json.gz': gzipSync(text), 'c.json': `\uFEFF${text}`, 'd.json': text.slice(9) }
    const results = []
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), content)
      results.push(await readOcelFile(join(folder, name)))
    }
    await rm(folder, { recursive: true })
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
    expect(results[3]).toMatchObject({ findings: [{ where: 'document' }] })
  })
})

test('the first orders of the public log keep only the packages they travel in', async () => {
  const result = await readOcelFile(orderManagementFile)
  if ('findings' in result) throw new Error('has findings')
  const few = firstOrders(result.log, 3)
  expect(few.orders.map(order => order.id)).toEqual(['o-990001', 'o-990002', 'o-990003'])
  const travelled = new Set(few.orders.flatMap(order => order.items.map(each => each.package)))
  expect([...few.packages.keys()].sort()).toEqual([...travelled].sort())
})
