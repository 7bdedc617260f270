import { describe, expect, test } from 'vitest'
import { type OrderTruth, readRawLog, truthOf } from './ocel-oracle.ts'

const raw = readRawLog()

function countsOf(orders: Iterable<OrderTruth>, region: 'lifecycle' | 'credit' | 'fulfilment' | 'billing') {
  const counts: Record<string, number> = {}
  for (const order of orders) counts[order[region]] = (counts[order[region]] ?? 0) + 1
  return counts
}

describe('the oracle', () => {
  test('knows that at its end the log has delivered, closed and paid everything', () => {
    const truth = truthOf(raw)
    const orders = [...truth.values()]
    expect(countsOf(orders, 'lifecycle')).toEqual({ closed: 2_000 })
    expect(countsOf(orders, 'credit')).toEqual({ approved: 2_000 })
    expect(countsOf(orders, 'fulfilment')).toEqual({ delivered: 2_000 })
    expect(countsOf(orders, 'billing')).toEqual({ paid: 2_000 })
    const shipments = orders.flatMap(order => Object.values(order.shipments))
    expect(shipments).toHaveLength(4_264)
    expect(shipments.every(each => each.execution === 'delivered' && !each.attemptFailed)).toBe(true)
  })

  test('keeps an allocation that was reported after the release as still allocated', () => {
    const lines = [...truthOf(raw).values()].flatMap(order => Object.values(order.lines))
    expect(lines).toHaveLength(7_659)
    expect(lines.filter(line => line.allocated === 1)).toHaveLength(115)
    expect(lines.filter(line => line.backordered > 0)).toHaveLength(0)
  })

  test('sees every state on the way there', () => {
    const seen = {
      lifecycle: new Set(),
      fulfilment: new Set(),
      line: new Set(),
      billing: new Set(),
      execution: new Set(),
    }
    for (const until of ['2023-04-10', '2023-07-01', '2023-10-15', '2024-02-01'])
      for (const order of truthOf(raw, Date.parse(`${until}T12:00:00.999Z`)).values()) {
        seen.lifecycle.add(order.lifecycle)
        seen.fulfilment.add(order.fulfilment)
        seen.billing.add(order.billing)
        for (const line of Object.values(order.lines)) seen.line.add(line.fulfilment)
        for (const shipment of Object.values(order.shipments)) seen.execution.add(shipment.execution)
      }
    expect(seen.lifecycle).toEqual(new Set(['captured', 'accepted', 'closed']))
    expect([...seen.fulfilment].sort()).toEqual([
      'allocated',
      'backordered',
      'delivered',
      'partly_delivered',
      'partly_shipped',
      'released',
      'shipped',
      'unallocated',
    ])
    expect([...seen.line].sort()).toEqual([
      'allocated',
      'backordered',
      'delivered',
      'released',
      'shipped',
      'unallocated',
    ])
    expect([...seen.billing].sort()).toEqual(['invoiced', 'paid', 'partly_invoiced', 'unbilled'])
    // A shipment is merely released for the half second before its first pick.
    expect([...seen.execution].sort()).toEqual(['delivered', 'in_transit', 'packed', 'picked', 'picking', 'shipped'])
  })

  test('releases nothing of an order that is not confirmed, though its items are picked and sent', () => {
    const sendMs = new Map(
      raw.events.filter(each => each.type === 'send package').map(each => [each.id, Date.parse(each.time)]),
    )
    const confirmMs = new Map(
      raw.events.filter(each => each.type === 'confirm order').map(each => [each.id, Date.parse(each.time)]),
    )
    const early = raw.objects
      .filter(each => each.type === 'packages')
      .flatMap(load => load.relationships.map(each => ({ load: load.id, item: each.objectId })))
      .flatMap(({ load, item }) => {
        const order = raw.objects.find(
          each => each.type === 'orders' && each.relationships.some(to => to.objectId === item),
        )
        const sent = sendMs.get(`send_${load}`) ?? 0
        return order !== undefined && sent < (confirmMs.get(`confirm_${order.id}`) ?? 0)
          ? [{ order: order.id, item, sent }]
          : []
      })
    expect(new Set(early.map(each => each.order)).size).toBeGreaterThan(100)
    const [first] = early
    const order = truthOf(raw, (first?.sent ?? 0) + 999).get(first?.order ?? '')
    expect(order).toMatchObject({ lifecycle: 'captured', credit: 'unchecked', billing: 'unbilled', shipments: {} })
    expect(order?.lines[first?.item ?? '']).toMatchObject({ released: 0, picked: 0, shipped: 0, invoiced: 0 })
  })
})
