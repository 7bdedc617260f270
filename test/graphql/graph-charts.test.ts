import { buildSchema, GraphQLEnumType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { OUTCOMES, VERDICTS } from '../../engine/outcome.ts'
import { SDL } from '../../graphql/executable-schema.ts'
import { statechartView } from '../../graphql/views/statechart.ts'
import { CHARTS } from '../../machines/charts.ts'
import { event, readyOrder } from '../helpers/distributor.ts'
import { world } from './graph-clients.ts'

describe('statechart', () => {
  it('[Q10] has regions with their states and live counts, moves with owner and guards, and what creates such an actor', async () => {
    const { query } = await world([
      ...readyOrder('A1'),
      ...readyOrder('A2'),
      event('erp', 'credit.held', 'order/A2', '02:00'),
    ])
    const { data } = await query(
      '{ statechart(kind: order) { kind version regions { region initial states { state count } } transitions { event region source target owner guards late } creation { event owner } } }',
    )
    const { regions, transitions, creation } = data.statechart
    expect(creation).toEqual([{ event: 'order.captured', owner: 'channel' }])
    expect(regions.map((each: { region: string }) => each.region)).toEqual([
      'lifecycle',
      'credit',
      'fulfilment',
      'billing',
    ])
    expect(regions[1]).toEqual({
      region: 'credit',
      initial: 'unchecked',
      states: [
        { state: 'unchecked', count: 0 },
        { state: 'approved', count: 1 },
        { state: 'held', count: 1 },
      ],
    })
    expect(transitions).toContainEqual({
      event: 'order.accepted',
      region: 'lifecycle',
      source: 'validated',
      target: 'accepted',
      owner: 'erp',
      guards: ['notRejected'],
      late: false,
    })
    expect(transitions).toContainEqual({
      event: 'order.accepted',
      region: 'lifecycle',
      source: 'accepted',
      target: null,
      owner: 'erp',
      guards: ['notRejected'],
      late: true,
    })
    expect(transitions).toContainEqual(
      expect.objectContaining({
        event: null,
        region: 'fulfilment',
        source: 'released',
        target: 'shipped',
        owner: 'twin',
      }),
    )
  })

  it.each(['order', 'shipment', 'return'] as const)('[Q10] of a %s has all the states its moves go between', kind => {
    const { regions, transitions } = statechartView(CHARTS[kind], {})
    const states = new Map(regions.map(({ region, states }) => [region, states.map(({ state }) => state)]))
    for (const { region, source, target, event } of transitions) {
      if (source !== undefined) expect(states.get(region ?? '')).toContain(source)
      if (target !== undefined)
        expect([event, states.get(region ?? '')]).toEqual([event, expect.arrayContaining([target])])
    }
    expect(transitions.filter(({ event }) => event === undefined).every(({ owner }) => owner === 'twin')).toBe(true)
  })
})

describe('the schema', () => {
  const schema = buildSchema(SDL)
  const valuesOf = (name: string) => {
    const type = schema.getType(name)
    return type instanceof GraphQLEnumType
      ? type
          .getValues()
          .map(value => value.name)
          .sort()
      : undefined
  }

  it.each([
    ['Lifecycle', 'order', 'lifecycle'],
    ['Credit', 'order', 'credit'],
    ['Fulfilment', 'order', 'fulfilment'],
    ['Billing', 'order', 'billing'],
    ['ShipmentExecution', 'shipment', 'execution'],
    ['ReturnAuthorization', 'return', 'authorization'],
    ['ReturnGoods', 'return', 'goods'],
    ['ReturnCredit', 'return', 'credit'],
  ] as const)('[Q2] %s has the states of the %s chart', (name, kind, region) => {
    const states = statechartView(CHARTS[kind], {}).regions.find(each => each.region === region)?.states
    expect(valuesOf(name)).toEqual(states?.map(({ state }) => state).sort())
  })

  it('[Q2] has all outcomes and verdicts', () => {
    expect(valuesOf('OutcomeCode')).toEqual([...OUTCOMES].sort())
    expect(valuesOf('Verdict')).toEqual([...VERDICTS].sort())
  })
})

describe('sources', () => {
  it('[Q11] tell when they last spoke and what it came to', async () => {
    const { query } = await world([...readyOrder('A1'), event('wms', 'order.accepted', 'order/A1', '03:00')])
    const { data } = await query(
      '{ sources { id role nodes lastEventAt lagMs outcomes { outcome count } refused sequenceGaps } }',
    )
    const byId = Object.fromEntries(data.sources.map((each: { id: string }) => [each.id, each]))
    expect(byId.wms).toMatchObject({
      role: 'wms',
      nodes: ['EAST'],
      outcomes: [{ outcome: 'not_owner', count: 1 }],
      refused: 1,
    })
    expect(byId.erp).toMatchObject({
      lastEventAt: '2026-11-21T00:40:00.000Z',
      outcomes: [{ outcome: 'accepted', count: 3 }],
      refused: 0,
    })
    expect(byId['3pl']).toMatchObject({ role: 'third_party_logistics', lastEventAt: null, outcomes: [] })
  })
})

describe('events', () => {
  const SUBMIT =
    'mutation($events: [EventInput!]!) { submitEvents(events: $events) { id outcome isTransient entity version from to code reason owner flaws { path } allowedNow { event owner } first } }'
  const said = (id: string, type: string, more: object = {}) => ({
    id,
    source: 'shop',
    type,
    subject: 'order/A1',
    time: '2026-11-21T00:10:00Z',
    ...more,
  })
  const data = { customer: 'C-1', currency: 'USD', lines: [{ line: '1', item: 'X', quantity: 2 }] }

  it('[Q12] come to one outcome each, in order; refusals are data', async () => {
    const { query, twin } = await world()
    const capture = said('1', 'order.captured', { data })
    const answer = await query(SUBMIT, {
      events: [capture, said('2', 'order.nonsense'), capture, said('3', 'order.accepted')],
    })
    expect(answer.errors).toBeUndefined()
    expect(answer.data.submitEvents).toMatchObject([
      { id: '1', outcome: 'accepted', entity: 'order/A1', version: 1, isTransient: false },
      { id: '2', outcome: 'malformed', flaws: [{ path: 'type' }] },
      { id: '1', outcome: 'duplicate', first: 'accepted' },
      { id: '3', outcome: 'not_owner', owner: 'erp' },
    ])
    expect(await twin.family('A1')).toBeDefined()
  })

  it('[Q12] may be written in the query itself, with their data', async () => {
    const { query } = await world()
    const { data } = await query(
      'mutation { submitEvents(events: [{ id: "1", source: "shop", type: "order.captured", subject: "order/A1", time: "2026-11-21T00:10:00Z", data: { customer: "C-1", currency: "USD", lines: [{ line: "1", item: "X", quantity: 2.0 }] } }]) { outcome } }',
    )
    expect(data.submitEvents).toEqual([{ outcome: 'accepted' }])
  })

  it('[Q12] take null for what is not said, as any input does', async () => {
    const { query } = await world(readyOrder('A1'))
    const said = { id: 'h', source: 'erp', type: 'credit.held', subject: 'order/A1', time: '2026-11-21T00:50:00Z' }
    const none = { data: null, dataSchema: null, expectedVersion: null, sequence: null, correlationId: null }
    const { data } = await query(
      'mutation($events: [EventInput!]!) { submitEvents(events: $events) { outcome flaws { path } } }',
      { events: [{ ...said, ...none, causationId: null, traceparent: null }, said] },
    )
    expect(data.submitEvents).toEqual([
      { outcome: 'accepted', flaws: null },
      { outcome: 'duplicate', flaws: null },
    ])
  })

  it('[Q12] are previewed each on top of those before, and nothing is written', async () => {
    const { query, twin } = await world()
    const events = [said('1', 'order.captured', { data }), said('2', 'order.change_requested', { data: { ask: 'a' } })]
    const { data: answer } = await query('mutation($events: [EventInput!]!) { preview(events: $events) { outcome } }', {
      events,
    })
    expect(answer.preview).toEqual([{ outcome: 'accepted' }, { outcome: 'accepted' }])
    expect(await twin.family('A1')).toBeUndefined()
  })
})
