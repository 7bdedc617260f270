import { buildSchema, type GraphQLEnumType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { EXCEPTION_KINDS, SEVERITIES, TEAMS } from '../../engine/exceptions/catalogue.ts'
import { SDL } from '../../graphql/executable-schema.ts'
import { msAt } from '../helpers/desk.ts'
import { at, captured, event, readyOrder, released } from '../helpers/distributor.ts'
import { codeOf, socketClient, subscription, take, type World, world } from './graph-clients.ts'

const held = (order: string, time = '00:50') => event('erp', 'credit.held', `order/${order}`, time)
const unheld = (order: string, time: string) => event('erp', 'credit.released', `order/${order}`, time)

/** Each said at its own time. */
async function saying(...events: readonly { time: string }[]): Promise<World> {
  const on = await world()
  for (const each of events) {
    on.twin.clock.nowMs = Date.parse(each.time)
    await on.twin.submit([each])
  }
  return on
}

describe('exceptions', () => {
  it('[Q25] lists what is wrong in all orders, worst first, with its evidence and one action', async () => {
    const { query, twin } = await world([
      ...readyOrder('A1'),
      held('A1'),
      ...readyOrder('A2'),
      released('A2', 'S-2', '01:00'),
    ])
    twin.clock.nowMs = msAt('06:00')
    const { data, errors } = await query(`{ exceptions { totalCount nodes {
      kind team severity class openedAt isOverdue detail orders entity order { number }
      action { words turn event } evidence { event source } } } }`)
    expect(errors).toBeUndefined()
    expect(data.exceptions.totalCount).toBe(2)
    expect(data.exceptions.nodes[0]).toEqual({
      kind: 'credit_hold',
      team: 'finance',
      severity: 'high',
      class: 'business',
      openedAt: at('00:50').replace('Z', '.000Z'),
      isOverdue: true,
      detail: 'credit is on hold; nothing is with a warehouse',
      orders: ['A1'],
      entity: 'order/A1',
      order: { number: 'A1' },
      action: { words: 'Release the credit hold, or cancel what it blocks', turn: 'erp', event: 'credit.released' },
      evidence: [{ event: 'credit.held', source: 'erp' }],
    })
    expect(data.exceptions.nodes[1]).toMatchObject({ kind: 'late_acknowledgement', entity: 'shipment/S-2' })
  })

  it('[Q25] filters, counts and pages; a cursor goes on behind what stood there', async () => {
    const orders = ['A1', 'A2', 'A3']
    const { query, twin } = await world(orders.flatMap(order => [...readyOrder(order), held(order)]))
    twin.clock.nowMs = msAt('02:00')
    const first = await query(
      '{ exceptions(first: 2, where: { team: [finance] }) { nodes { orders } pageInfo { endCursor hasNextPage } } }',
    )
    expect(first.data.exceptions.pageInfo.hasNextPage).toBe(true)
    await twin.submit([event('erp', 'credit.released', 'order/A1', '01:50')])
    const rest = await query('query($after: String!) { exceptions(after: $after) { totalCount nodes { orders } } }', {
      after: first.data.exceptions.pageInfo.endCursor,
    })
    expect(rest.data.exceptions).toEqual({ totalCount: 2, nodes: [{ orders: ['A3'] }] })
    const { data } = await query(
      '{ exceptionCounts(by: [kind, team]) { kind team severity count } none: exceptions(where: { team: [logistics] }) { totalCount } }',
    )
    expect(data).toEqual({
      exceptionCounts: [{ kind: 'credit_hold', team: 'finance', severity: null, count: 2 }],
      none: { totalCount: 0 },
    })
    expect(codeOf(await query('{ exceptions(after: "x") { totalCount } }'))).toBe('BAD_CURSOR')
  })

  it('[Q25] pages go through all that are as bad and due at the same time, each once', async () => {
    const orders = ['A3', 'A1', 'A4', 'A2']
    const { query, twin } = await world(orders.flatMap(order => [...readyOrder(order), held(order)]))
    twin.clock.nowMs = msAt('02:00')
    const told: string[] = []
    let after: string | undefined
    do {
      const { data } = await query(
        'query($after: String) { exceptions(first: 1, after: $after) { nodes { orders } pageInfo { endCursor hasNextPage } } }',
        { after },
      )
      told.push(...data.exceptions.nodes.flatMap((each: { orders: string[] }) => each.orders))
      after = data.exceptions.pageInfo.hasNextPage ? data.exceptions.pageInfo.endCursor : undefined
    } while (after !== undefined)
    expect(told).toEqual(['A1', 'A2', 'A3', 'A4'])
  })

  it('[Q25] of one load in several orders is one row', async () => {
    const { query, twin } = await world([
      ...['A1', 'A2'].flatMap((order, index) => [
        ...readyOrder(order),
        released(order, `S-${index}`, '01:00', 10, { consignment: 'C-9' }),
        event('wms', 'shipment.confirmed', `shipment/S-${index}`, '02:00', { carrier: 'UPS' }),
      ]),
      event('ups', 'shipment.lost', 'ref/consignment/C-9', '03:00'),
    ])
    twin.clock.nowMs = msAt('03:00')
    const { data } = await query('{ exceptions(where: { kind: [lost] }) { totalCount nodes { orders } } }')
    expect(data.exceptions).toEqual({ totalCount: 1, nodes: [{ orders: ['A1', 'A2'] }] })
  })

  it('[Q26] a subscription tells each as it opens and as it closes', async () => {
    const { server, twin } = await world(readyOrder('A1'))
    const changes = subscription(
      socketClient(server),
      'subscription { exceptionChanged { kind state orders order { state { credit } } } }',
    )
    const pending = take(changes, 1)
    await subscribed(twin, () => pending)
    twin.clock.nowMs = msAt('01:00')
    await twin.submit([held('A1')])
    expect(await pending).toEqual([
      {
        exceptionChanged: {
          kind: 'credit_hold',
          state: 'opened',
          orders: ['A1'],
          order: { state: { credit: 'held' } },
        },
      },
    ])
    await twin.submit([event('erp', 'credit.released', 'order/A1', '01:50')])
    expect((await take(changes, 1))[0].exceptionChanged).toMatchObject({ kind: 'credit_hold', state: 'closed' })
    await changes.return?.()
  })

  it('[Q25] the schema names the kinds, teams and severities of the catalogue, no more and no fewer', () => {
    const schema = buildSchema(SDL)
    const values = (name: string) => (schema.getType(name) as GraphQLEnumType).getValues().map(each => each.name)
    expect(values('ExceptionKind').sort()).toEqual([...EXCEPTION_KINDS].sort())
    expect(values('Team')).toEqual([...TEAMS])
    expect(values('Severity')).toEqual([...SEVERITIES])
  })
})

/** The socket's subscription has begun: a question asked over HTTP afterwards is answered after it. */
async function subscribed(_: unknown, start: () => Promise<unknown>): Promise<void> {
  void start()
  for (let turn = 0; turn < 50; turn++) await new Promise<void>(resolve => void setImmediate(resolve))
}

describe('the card', () => {
  it('[Q27] is on the order, as data and as text', async () => {
    const { query, twin } = await world([...readyOrder('104582'), released('104582', 'S-1', '01:00')])
    twin.clock.nowMs = msAt('02:00')
    const { data, errors } = await query(`{ order(ref: "104582") { card {
      at state { lifecycle fulfilment } since { fulfilment } lines { line ordered state shipments } shipments { number where state since }
      action { words turn sources event dueAt exception { kind } } blockedBy nextSteps { event owner sources dueAt blockedBy { code } }
      evidence { event } freshness { source isStale lastEvent } milestones { name first reasons } waiting { event } text } } }`)
    expect(errors).toBeUndefined()
    expect(data.order.card).toMatchObject({
      state: { lifecycle: 'accepted', fulfilment: 'released' },
      lines: [{ line: '1', ordered: '10', state: 'released', shipments: ['S-1'] }],
      shipments: [{ number: 'S-1', where: 'EAST', state: 'released', since: '2026-11-21T01:00:00.000Z' }],
      action: {
        turn: 'node',
        sources: ['wms'],
        event: 'shipment.acknowledged',
        dueAt: '2026-11-21T05:00:00.000Z',
        exception: null,
      },
      blockedBy: [],
      freshness: [
        { source: 'erp', isStale: false, lastEvent: 'order.released' },
        { source: 'shop', isStale: false, lastEvent: 'order.captured' },
      ],
    })
    expect(data.order.card.text).toContain('It is the turn of node (wms)')
    expect(data.order.card.evidence.map((each: { event: string }) => each.event)).toEqual([
      'order.captured',
      'order.released',
    ])
  })

  it("[Q28] claims and disagreements stand side by side with the twin's verdict, and values say who owns them", async () => {
    const { query, twin } = await world([
      ...readyOrder('A1'),
      released('A1', 'S-1', '01:00'),
      event('crm', 'claim.reported', 'shipment/S-1', '02:00', { state: 'shipped' }),
    ])
    twin.clock.nowMs = msAt('05:00')
    const { data } =
      await query(`{ order(ref: "A1") { exceptions { kind detail } disagreements { source believes verdict ageMs entity }
      claims { source event state verdict } freshness { entity region value owner source event isStale } }
      sources { id isStale staleAfterMs } }`)
    expect(data.order.disagreements).toEqual([
      { source: 'crm', believes: 'shipped', verdict: 'released', ageMs: 3 * 3_600_000, entity: 'shipment/S-1' },
    ])
    expect(data.order.exceptions.map((each: { kind: string }) => each.kind)).toContain('source_disagreement')
    expect(data.order.claims).toContainEqual({
      source: 'crm',
      event: 'claim.reported',
      state: 'shipped',
      verdict: 'accepted',
    })
    expect(data.order.freshness).toContainEqual({
      entity: 'order/A1',
      region: 'credit',
      value: 'approved',
      owner: 'erp',
      source: 'erp',
      event: 'order.released',
      isStale: false,
    })
    expect(data.sources.find((each: { id: string }) => each.id === 'dhl')).toEqual({
      id: 'dhl',
      isStale: true,
      staleAfterMs: 86_400_000,
    })
  })
})

describe('asOf', () => {
  it('[Q29] is the order, its card and exceptions as we believed them then', async () => {
    const { query } = await saying(...readyOrder('A1'), held('A1'), unheld('A1', '03:00'))
    const text = `query($ref: String!, $time: DateTime, $position: String) { asOf(ref: $ref, time: $time, position: $position) {
      state { credit } exceptions { kind } card { at action { event } } position } }`
    const then = await query(text, { ref: 'ERP-A1', time: at('02:00') })
    expect(then.errors).toBeUndefined()
    expect(then.data.asOf).toMatchObject({
      state: { credit: 'held' },
      exceptions: [{ kind: 'credit_hold' }],
      card: { at: '2026-11-21T02:00:00.000Z', action: { event: 'credit.released' } },
    })
    const again = await query(text, { ref: 'A1', position: then.data.asOf.position })
    expect(again.data.asOf).toMatchObject({ state: { credit: 'held' }, exceptions: [{ kind: 'credit_hold' }] })
    expect((await query(text, { ref: 'A1', time: at('00:01') })).data.asOf).toBeNull()
    expect(codeOf(await query(text, { ref: 'A1' }))).toBe('BAD_ARGUMENT')
    const { data } = await query(
      '{ order(ref: "A1") { exceptions { kind } exceptionHistory { openedAt closedAt closedBy { event } exception { kind state } } } }',
    )
    expect(data.order).toEqual({
      exceptions: [],
      exceptionHistory: [
        {
          openedAt: '2026-11-21T00:50:00.000Z',
          closedAt: '2026-11-21T03:00:00.000Z',
          closedBy: { event: 'credit.released' },
          exception: { kind: 'credit_hold', state: 'closed' },
        },
      ],
    })
  })
})

describe('asOf of what went on since', () => {
  it('[Q29] knows nothing of it: no entry, no end of an exception, no later state, no correction', async () => {
    const hold = held('A1', '02:00')
    const { query } = await saying(
      ...readyOrder('A1'),
      held('A1'),
      unheld('A1', '01:00'),
      hold,
      unheld('A1', '03:00'),
      released('A1', 'S-1', '04:00'),
      event('erp', 'correction.reported', 'order/A1', '05:00', { event: hold.id, data: {} }),
    )
    const { data, errors } = await query(
      `query($time: DateTime!) { asOf(ref: "A1", time: $time) {
        history { nodes { event correction { data } } next: pageInfo { hasNextPage } }
        exceptions { kind evidence { event correction { data } } order { state { credit fulfilment } } }
        exceptionHistory { closedAt exception { state closedAt order { state { credit fulfilment } } } }
        card { exceptions { order { state { credit } } } action { exception { order { state { credit } } } } evidence { event } } } }`,
      { time: at('02:30') },
    )
    expect(errors).toBeUndefined()
    const said = ['order.captured', 'order.validated', 'credit.approved', 'order.accepted', 'credit.held']
    const events = [...said, 'credit.released', 'credit.held'].map(name => ({ event: name, correction: null }))
    const order = { state: { credit: 'held', fulfilment: 'unallocated' } }
    const then = { order: { state: { credit: 'held' } } }
    const closedAt = '2026-11-21T01:00:00.000Z'
    expect(data.asOf).toEqual({
      history: { nodes: events, next: { hasNextPage: false } },
      exceptions: [{ kind: 'credit_hold', evidence: [{ event: 'credit.held', correction: null }], order }],
      exceptionHistory: [
        { closedAt, exception: { state: 'closed', closedAt, order } },
        { closedAt: null, exception: { state: 'opened', closedAt: null, order } },
      ],
      card: {
        exceptions: [then],
        action: { exception: then },
        evidence: expect.not.arrayContaining([{ event: 'order.released' }]),
      },
    })
  })

  it('[Q29] pages through the history of then, of the order and of its shipment', async () => {
    const { query } = await saying(
      ...readyOrder('A1'),
      released('A1', 'S-1', '01:00'),
      event('wms', 'shipment.acknowledged', 'shipment/S-1', '02:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '03:00', { carrier: 'UPS' }),
    )
    const text = `query($after: String) { asOf(ref: "A1", time: "${at('02:30')}") {
      history(first: 4, after: $after) { nodes { event } pageInfo { endCursor hasNextPage } } shipments { history { nodes { event } } } } }`
    const first = (await query(text)).data.asOf
    expect(first.history.pageInfo.hasNextPage).toBe(true)
    expect(first.shipments[0].history.nodes).toEqual([{ event: 'order.released' }, { event: 'shipment.acknowledged' }])
    const rest = (await query(text, { after: first.history.pageInfo.endCursor })).data.asOf
    expect(rest.history).toMatchObject({
      nodes: [{ event: 'order.released' }, { event: 'shipment.acknowledged' }],
      pageInfo: { hasNextPage: false },
    })
  })
})

describe('metrics of the desk', () => {
  it('[Q39] tell what is open and due, and the measures of the last day by channel, node, carrier and source', async () => {
    const { server, twin } = await world()
    twin.clock.nowMs = msAt('10:00')
    await twin.submit([
      ...readyOrder('A1'),
      released('A1', 'S-1', '01:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:10', { carrier: 'UPS', tracking: '1Z' }),
      event('ups', 'delivery.completed', 'shipment/S-1', '08:10', { tracking: '1Z' }),
      ...readyOrder('A2'),
      released('A2', 'S-2', '01:00'),
    ])
    const metrics = async () => (await fetch(`${server.url}/metrics`)).text()
    await expect.poll(metrics).toContain('ordertwin_exceptions_open{kind="late_acknowledgement",team="logistics"} 1')
    // Measures are made at most once a minute.
    twin.clock.nowMs = msAt('10:02')
    const text = await metrics()
    expect(text).toContain('ordertwin_deadlines_armed 2')
    expect(text).toContain('ordertwin_order_cycle_seconds{by="channel",value="shop",quantile="0.5"} 28800')
    expect(text).toContain('ordertwin_order_to_ship_seconds{by="node",value="EAST",quantile="0.99"} 7200')
    expect(text).toContain('ordertwin_order_cycle_seconds{by="carrier",value="UPS",quantile="0.9"} 28800')
    expect(text).toContain('ordertwin_fill_ratio{by="source",value="wms"} 0.5')
    expect(text).toContain('ordertwin_perfect_orders_ratio{by="channel",value="shop"} 1')
    expect(text).toMatch(/ordertwin_source_propagation_seconds\{source="ups",quantile="0.5"\} \d+/)
  })
})

describe('kpis', () => {
  it('[Q30] measure orders, sources and exceptions over a window', async () => {
    const shipped = (order: string, shipment: string, time: string) => [
      ...readyOrder(order),
      released(order, shipment, '01:00'),
      event('wms', 'shipment.confirmed', `shipment/${shipment}`, time, { carrier: 'UPS', tracking: `1Z-${shipment}` }),
      event('ups', 'delivery.completed', `shipment/${shipment}`, '08:00', { tracking: `1Z-${shipment}` }),
    ]
    const { query, twin } = await world([
      ...shipped('A1', 'S-1', '02:10'),
      ...shipped('A2', 'S-2', '04:10'),
      captured('A3', '00:10'),
    ])
    twin.clock.nowMs = msAt('10:00')
    const { data, errors } = await query(
      `query($from: DateTime!, $to: DateTime!) { kpis(from: $from, to: $to, by: channel) {
        orders { group orders orderToShip { count p50Ms p90Ms meanMs } fill { part whole share } perfectOrders { share } ageing { stage orders } fallout { share } }
        sources { source events propagation { count } refused { part } } exceptions { kind opened open } exceptionOrders } }`,
      { from: at('00:00'), to: at(1_440) },
    )
    expect(errors).toBeUndefined()
    expect(data.kpis.orders).toEqual([
      {
        group: 'shop',
        orders: 3,
        orderToShip: { count: 2, p50Ms: 2 * 3_600_000, p90Ms: 4 * 3_600_000, meanMs: 3 * 3_600_000 },
        fill: { part: 20, whole: 20, share: 1 },
        perfectOrders: { share: 1 },
        ageing: [
          { stage: 'billable', orders: 2 },
          { stage: 'captured', orders: 1 },
        ],
        fallout: { share: 0 },
      },
    ])
    expect(data.kpis.sources.find((each: { source: string }) => each.source === 'wms')).toMatchObject({
      events: 2,
      refused: { part: 0 },
    })
    expect(data.kpis.exceptions).toContainEqual({ kind: 'late_acceptance', opened: 1, open: 1 })
    expect(data.kpis.exceptionOrders).toBe(3)
    const bySource = await query(
      `query($from: DateTime!, $to: DateTime!) { kpis(from: $from, to: $to, by: source) {
        orders { group orders } exceptions { kind group opened } sources { source } sourcesFrom sourcesTo } }`,
      { from: at('00:05'), to: at('12:00') },
    )
    expect(bySource.data.kpis).toMatchObject({ sourcesFrom: at(0), sourcesTo: at(1_440) })
    const untilEver = await query(
      '{ kpis(from: "1970-01-01T00:00:00Z", to: "9999-12-31T23:59:59.999Z") { sourcesFrom sourcesTo } }',
    )
    expect(untilEver.data.kpis).toEqual({
      sourcesFrom: '1970-01-01T00:00:00.000Z',
      sourcesTo: '9999-12-31T23:59:59.999Z',
    })
    expect(bySource.data.kpis.orders).toContainEqual({ group: 'wms', orders: 2 })
    expect(bySource.data.kpis.exceptions).toContainEqual({ kind: 'late_acceptance', group: 'erp', opened: 1 })
  })
})
