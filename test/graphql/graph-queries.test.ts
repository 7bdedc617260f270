import { describe, expect, it } from 'vitest'
import { captured, event, lineOf, readyOrder, released } from '../helpers/distributor.ts'
import { codeOf, nextActionsOf, type World, world } from './graph-clients.ts'

const shippedOrder = (order: string, shipment: string, data: object = {}) => [
  ...readyOrder(order),
  released(order, shipment, '01:00', 10, data),
  event('wms', 'shipment.confirmed', `shipment/${shipment}`, '02:00', { carrier: 'UPS', tracking: `1Z-${shipment}` }),
]

describe('references', () => {
  it.each(['A1', 'order/A1', 'PO-7', 'po/PO-7', 'ERP-A1', 'S-1', '1Z-S-1', 'tracking/1Z-S-1'])(
    '[Q3] %s finds the order',
    async ref => {
      const { query } = await world([
        ...readyOrder('A1', { poNumber: 'PO-7' }),
        released('A1', 'S-1', '01:00'),
        event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', { carrier: 'UPS', tracking: '1Z-S-1' }),
      ])
      const { data } = await query(
        'query($ref: String!) { order(ref: $ref) { number } shipment(ref: $ref) { number } }',
        { ref },
      )
      expect(data).toEqual({ order: { number: 'A1' }, shipment: { number: 'S-1' } })
    },
  )

  it('[Q3] an unknown one is null', async () => {
    const { query } = await world()
    const { data, errors } = await query('{ order(ref: "x") { id } shipment(ref: "x") { id } return(ref: "x") { id } }')
    expect({ data, errors }).toEqual({ data: { order: null, shipment: null, return: null } })
  })

  it('[Q3] one that several hold is an error with candidates, each of which can be asked for', async () => {
    const { query } = await world([
      captured('A1', '00:10', { customer: 'C-1', poNumber: '12345' }),
      captured('A2', '00:11', { customer: 'C-2', poNumber: '12345' }),
    ])
    const answer = await query('{ order(ref: "12345") { number } }')
    expect(codeOf(answer)).toBe('AMBIGUOUS_REFERENCE')
    const candidates = answer.errors?.[0]?.extensions.candidates as { id: string; ref: string; customer: string }[]
    expect(candidates.map(({ ref, customer }) => [ref, customer])).toEqual([
      ['order/A1', 'C-1'],
      ['order/A2', 'C-2'],
    ])
    const { data } = await query(
      'query($ref: String!, $id: ID!) { order(ref: $ref) { number } node(id: $id) { id ... on Order { number } } }',
      {
        ref: candidates[1]?.ref,
        id: candidates[0]?.id,
      },
    )
    expect(data).toMatchObject({ order: { number: 'A2' }, node: { number: 'A1' } })
  })

  it('[Q3] a number that shipments of several orders share finds each of them with shipments', async () => {
    const { query } = await world([
      ...shippedOrder('A1', 'S-1', { consignment: 'T-1' }),
      ...shippedOrder('A2', 'S-2', { consignment: 'T-1' }),
    ])
    const { data } = await query('{ shipments(ref: "T-1") { number } none: shipments(ref: "x") { number } }')
    expect(data).toEqual({ shipments: [{ number: 'S-1' }, { number: 'S-2' }], none: [] })
    expect(codeOf(await query('{ shipment(ref: "consignment/T-1") { number } }'))).toBe('AMBIGUOUS_REFERENCE')
  })

  it('[Q13] an id is found again by node, and one that is none of ours is null', async () => {
    const { query } = await world(shippedOrder('A1', 'S-1'))
    const { data } = await query('{ order(ref: "A1") { id shipments { id } } }')
    const again = await query(
      'query($a: ID!, $b: ID!, $c: ID!) { a: node(id: $a) { __typename id } b: node(id: $b) { __typename id } c: node(id: $c) { id } }',
      {
        a: data.order.id,
        b: data.order.shipments[0].id,
        c: 'bm9uc2Vuc2U',
      },
    )
    expect(again.data).toEqual({
      a: { __typename: 'Order', id: data.order.id },
      b: { __typename: 'Shipment', id: data.order.shipments[0].id },
      c: null,
    })
  })
})

describe('an order', () => {
  it('[Q4] has quantities as exact decimals and as base units, and a state per line', async () => {
    const lines = [lineOf(10, '1'), { line: '2', item: 'CABLE', quantity: 12.5, unit: 'M', precision: 3 }]
    const { query } = await world([
      ...readyOrder('A1', { lines }),
      event('erp', 'order.released', 'order/A1', '01:00', {
        shipment: 'S-1',
        node: 'EAST',
        lines: [{ line: '2', quantity: 4.25 }],
      }),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'),
    ])
    const { data } = await query(
      '{ order(ref: "A1") { state { lifecycle credit fulfilment billing } lines { line unit precision state ordered shipped baseQuantities { ordered shipped } } } }',
    )
    expect(data.order).toEqual({
      state: { lifecycle: 'accepted', credit: 'approved', fulfilment: 'partly_shipped', billing: 'billable' },
      lines: [
        {
          line: '1',
          unit: 'EA',
          precision: 0,
          state: 'unallocated',
          ordered: '10',
          shipped: '0',
          baseQuantities: { ordered: 10, shipped: 0 },
        },
        {
          line: '2',
          unit: 'M',
          precision: 3,
          state: 'partly_shipped',
          ordered: '12.500',
          shipped: '4.250',
          baseQuantities: { ordered: 12500, shipped: 4250 },
        },
      ],
    })
  })

  it('[Q4] has all eight milestones, those reached with their first and last time', async () => {
    const { query } = await world([...shippedOrder('A1', 'S-1')])
    const { data } = await query(
      '{ order(ref: "A1") { milestones { name first last } capturedAt latestEventAt version } }',
    )
    expect(data.order.milestones.map((each: { name: string }) => each.name)).toEqual([
      'received',
      'validated',
      'released',
      'allocated',
      'picked',
      'shipped',
      'invoiced',
      'closed',
    ])
    expect(data.order.milestones[5]).toEqual({
      name: 'shipped',
      first: '2026-11-21T02:00:00.000Z',
      last: '2026-11-21T02:00:00.000Z',
    })
    expect(data.order.milestones[6]).toEqual({ name: 'invoiced', first: null, last: null })
    expect(data.order).toMatchObject({
      capturedAt: '2026-11-21T00:10:00.000Z',
      latestEventAt: '2026-11-21T02:00:00.000Z',
    })
  })

  it('[Q4] a part of its lines can be asked for', async () => {
    const { query } = await world([
      captured('A1', '00:10', { lines: ['1', '2', '3', '4'].map(line => lineOf(1, line)) }),
    ])
    const { data } = await query(
      '{ order(ref: "A1") { lines(first: 2, after: "1") { line } line(line: "4") { line } } }',
    )
    expect(data.order).toEqual({ lines: [{ line: '2' }, { line: '3' }], line: { line: '4' } })
    expect((await query('{ order(ref: "A1") { lines(after: "4") { line } } }')).data.order.lines).toEqual([])
    expect(codeOf(await query('{ order(ref: "A1") { lines(after: "9") { line } } }'))).toBe('BAD_CURSOR')
  })

  it('[Q5] an ask is open until it is answered: by name, or by an amendment after it that names none', async () => {
    const ask = (name: string, time: string) =>
      event('shop', 'order.change_requested', 'order/A1', time, { ask: name, remark: `please ${name}` })
    const { twin, query } = await world([...readyOrder('A1'), ask('a', '01:00'), ask('b', '01:10'), ask('c', '01:20')])
    const asks = async () =>
      (await query('{ order(ref: "A1") { asks { ask kind state remark answer { kind at } } } }')).data.order.asks
    expect(await asks()).toMatchObject([
      { ask: 'a', kind: 'change', state: 'open', remark: 'please a', answer: null },
      { ask: 'b', state: 'open' },
      { ask: 'c', state: 'open' },
    ])
    await twin.submit([
      event('erp', 'order.request_rejected', 'order/A1', '02:00', { ask: 'b', reason: 'no' }),
      event('erp', 'order.amended', 'order/A1', '01:15', { promisedAt: '2026-12-01' }),
    ])
    expect(await asks()).toMatchObject([
      { ask: 'a', state: 'answered', answer: { kind: 'amended', at: '2026-11-21T01:15:00.000Z' } },
      { ask: 'b', state: 'answered', answer: { kind: 'amended' } },
      { ask: 'c', state: 'open', answer: null },
    ])
  })

  it('[Q4] tells what waits, for what, from whom, since when and until when', async () => {
    const { query } = await world([captured('A1', '00:10'), released('A1', 'S-1', '01:00')])
    const { data } = await query(
      '{ order(ref: "A1") { parked { event source at since until code reason waitsFor { event owner } data } } }',
    )
    expect(data.order.parked).toMatchObject([
      {
        event: 'order.released',
        source: 'erp',
        at: '2026-11-21T01:00:00.000Z',
        since: '2026-11-21T00:00:00.000Z',
        until: '2026-11-22T00:00:00.000Z',
        code: 'order_not_accepted',
        waitsFor: { event: 'order.accepted', owner: 'erp' },
        data: { shipment: 'S-1' },
      },
    ])
  })

  it('[Q4] tells its invoices and money', async () => {
    const { query } = await world([
      ...shippedOrder('A1', 'S-1'),
      event('erp', 'invoice.posted', 'order/A1', '03:00', {
        invoice: 'I-1',
        amountMinor: 5_000_000_000,
        lines: [{ line: '1', quantity: 10 }],
        charges: [{ kind: 'freight', amountMinor: 900 }],
      }),
      event('erp', 'invoice.disputed', 'order/A1', '04:00', { invoice: 'I-1', reason: 'price' }),
    ])
    const { data } = await query(
      '{ order(ref: "A1") { invoiced { amountMinor currency } invoices { invoice postedAt amount { amountMinor } charges { kind amount { amountMinor } } lines { line quantity unit } dispute { isOpen reason } } } }',
    )
    expect(data.order).toEqual({
      invoiced: { amountMinor: 5_000_000_000, currency: 'USD' },
      invoices: [
        {
          invoice: 'I-1',
          postedAt: '2026-11-21T03:00:00.000Z',
          amount: { amountMinor: 5_000_000_000 },
          charges: [{ kind: 'freight', amount: { amountMinor: 900 } }],
          lines: [{ line: '1', quantity: '10', unit: 'EA' }],
          dispute: { isOpen: true, reason: 'price' },
        },
      ],
    })
  })
})

describe('next actions', () => {
  const FIELDS = 'owner sources target blockedBy { guard code reason waitsFor { event owner } }'
  const rowsOf = (query: World['query']) => nextActionsOf(query, FIELDS)

  it('[Q6] tell the owner, the systems that may, and each shut guard in words', async () => {
    const { query } = await world([captured('A1', '00:10'), event('erp', 'credit.held', 'order/A1', '00:30')])
    const rows = await rowsOf(query)
    expect(rows.get('order/A1 order.accepted')).toEqual({
      entity: 'order/A1',
      event: 'order.accepted',
      owner: 'erp',
      sources: ['erp'],
      target: 'accepted',
      blockedBy: [],
    })
    expect(rows.get('order/A1 order.released')).toMatchObject({
      owner: 'erp',
      blockedBy: [
        { guard: 'accepted', code: 'order_not_accepted', waitsFor: { event: 'order.accepted', owner: 'erp' } },
        {
          guard: 'creditApproved',
          code: 'credit_held',
          reason: 'credit is on hold',
          waitsFor: { event: 'credit.released', owner: 'erp' },
        },
      ],
    })
    expect(rows.get('order/A1 credit.released')).toMatchObject({ blockedBy: [] })
    expect(rows.has('order/A1 credit.held')).toBe(false)
    expect(rows.get('order/A1 order.amended')).toMatchObject({ sources: ['crm', 'shop', 'erp'] })
  })

  it('[Q6] are those of shipments too, one row per event, the node first and transport once goods have left', async () => {
    const { twin, query } = await world([...readyOrder('A1'), released('A1', 'S-1', '01:00', 10, { carrier: 'UPS' })])
    const atNode = await rowsOf(query)
    expect(atNode.get('shipment/S-1 shipment.confirmed')).toMatchObject({
      owner: 'node',
      sources: ['wms'],
      target: 'shipped',
      blockedBy: [],
    })
    expect(atNode.has('shipment/S-1 delivery.completed')).toBe(false)
    await twin.submit([event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00')])
    const { data } = await query('{ order(ref: "A1") { nextActions { event } } }')
    const underway = await rowsOf(query)
    expect(underway.size).toBe(data.order.nextActions.length)
    expect(underway.get('shipment/S-1 delivery.completed')).toMatchObject({
      owner: 'transport',
      sources: ['tms', 'ups'],
      target: 'delivered',
    })
    expect(underway.has('shipment/S-1 pick.completed')).toBe(false)
    expect(underway.has('order/A1 order.released')).toBe(false)
  })

  it('[Q6] are none of what can never be again', async () => {
    const { query } = await world([
      captured('A1', '00:10'),
      event('erp', 'order.rejected', 'order/A1', '00:20', { reason: 'no' }),
    ])
    expect((await rowsOf(query)).size).toBe(0)
  })
})

describe('shipments and returns', () => {
  it('[Q7] a shipment tells state, load, lines and the other orders of its consignment', async () => {
    const { query } = await world([
      ...shippedOrder('A1', 'S-1', { consignment: 'T-1' }),
      ...readyOrder('A2'),
      released('A2', 'S-2', '01:00', 10, { consignment: 'T-1', shipTo: { city: 'Bonn' } }),
      event('wms', 'pick.short', 'shipment/S-2', '01:30', { lines: [{ line: '1', quantity: 3 }] }),
    ])
    const { data } = await query(
      `{ shipment(ref: "S-2") { number node order { number } consignment shipTo { city } state { execution condition { isNormal short } }
         lines { line item own short shipped baseQuantities { own } } remarks { event at } nextActions { event }
         sameConsignment { number order { number } carriers trackings state { execution } } history { nodes { event } } } }`,
    )
    expect(data.shipment).toMatchObject({
      number: 'S-2',
      node: 'EAST',
      order: { number: 'A2' },
      consignment: 'T-1',
      shipTo: { city: 'Bonn' },
      state: { execution: 'picking', condition: { isNormal: false, short: true } },
      lines: [{ line: '1', item: 'SKU-1', own: '10', short: '3', shipped: '0', baseQuantities: { own: 10 } }],
      sameConsignment: [
        {
          number: 'S-1',
          order: { number: 'A1' },
          carriers: ['UPS'],
          trackings: ['1Z-S-1'],
          state: { execution: 'shipped' },
        },
      ],
      history: { nodes: [{ event: 'order.released' }, { event: 'pick.short' }] },
    })
  })

  it('[Q3] a return is found by its RMA number, or by its order', async () => {
    const { query } = await world([
      ...shippedOrder('A1', 'S-1'),
      event('ups', 'delivery.completed', 'shipment/S-1', '05:00'),
      event('shop', 'return.initiated', 'order/A1', '06:00', {
        return: 'R-1',
        reason: 'too many',
        lines: [{ line: '1', quantity: 2 }],
      }),
      event('erp', 'return.authorized', 'return/R-1', '07:00', { rma: 'RMA-1' }),
    ])
    const { data } = await query(
      '{ a: return(ref: "RMA-1") { number rma reason state { authorization goods credit } lines { line requested received } nextActions { event } } b: return(ref: "A1") { number order { number } } }',
    )
    expect(data.a).toMatchObject({
      number: 'R-1',
      rma: 'RMA-1',
      reason: 'too many',
      state: { authorization: 'authorized', goods: 'expected', credit: 'none' },
      lines: [{ line: '1', requested: '2', received: '0' }],
    })
    expect(data.a.nextActions.map((each: { event: string }) => each.event)).toContain('return.received')
    expect(data.b).toEqual({ number: 'R-1', order: { number: 'A1' } })
  })
})

describe('the order board', () => {
  const orders = (count: number) =>
    Array.from({ length: count }, (_, index) => captured(`A${index + 1}`, 10 + index, { customer: `C-${index % 2}` }))

  it('[Q8] is paged, newest first, and a cursor goes on behind its page', async () => {
    const { twin, query } = await world(orders(5))
    const page =
      'query($after: String) { orders(first: 2, after: $after) { totalCount edges { cursor node { number } } pageInfo { hasNextPage hasPreviousPage endCursor } } }'
    const first = (await query(page)).data.orders
    expect(first).toMatchObject({
      totalCount: 5,
      edges: [{ node: { number: 'A5' } }, { node: { number: 'A4' } }],
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
    })
    await twin.submit([captured('A6', 100)])
    const second = (await query(page, { after: first.pageInfo.endCursor })).data.orders
    expect(second).toMatchObject({
      totalCount: 6,
      edges: [{ node: { number: 'A3' } }, { node: { number: 'A2' } }],
      pageInfo: { hasNextPage: true, hasPreviousPage: true },
    })
  })

  it('[Q8] refuses what is no cursor', async () => {
    const { query } = await world()
    expect(codeOf(await query('{ orders(after: "x") { totalCount } }'))).toBe('BAD_CURSOR')
  })

  it('[Q8] filters and sorts', async () => {
    const { query } = await world([...orders(4), event('erp', 'order.rejected', 'order/A3', '05:00', { reason: 'no' })])
    const { data } = await query(
      '{ a: orders(where: { lifecycle: [captured], customer: ["C-0"] }) { nodes { number } } b: orders(where: { capturedFrom: "2026-11-21T01:12:00+01:00" }, orderBy: { by: number, descending: true }) { totalCount nodes { number } } }',
    )
    expect(data.a.nodes).toEqual([{ number: 'A1' }])
    expect(data.b).toEqual({ totalCount: 2, nodes: [{ number: 'A4' }, { number: 'A3' }] })
  })

  it('[Q8] counts by facets', async () => {
    const { query } = await world([...orders(3), event('erp', 'order.rejected', 'order/A3', '05:00', { reason: 'no' })])
    const { data } = await query('{ orderCounts(by: [lifecycle, customer]) { lifecycle customer credit count } }')
    expect(data.orderCounts).toHaveLength(3)
    expect(data.orderCounts).toContainEqual({ lifecycle: 'rejected', customer: 'C-0', credit: null, count: 1 })
  })
})
