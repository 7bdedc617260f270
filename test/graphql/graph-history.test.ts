import { describe, expect, it, vi } from 'vitest'
import { captured, event, readyOrder, released } from '../helpers/distributor.ts'
import { codeOf, world } from './graph-clients.ts'

const HISTORY = `query($ref: String!, $first: Int, $after: String, $verdicts: [Verdict!]) {
  history(ref: $ref, first: $first, after: $after, verdicts: $verdicts) {
    edges { cursor node { cursor event verdict } } pageInfo { hasNextPage endCursor }
    nodes { event source at recordedAt verdict code reason owner from to cause frees position order entities
      changes { entity kind from to words quantities { line quantity unit from to } } } } }`

describe('history', () => {
  it('[Q9] has every entry, with what each changed in quantities and words', async () => {
    const { query } = await world([...readyOrder('A1'), released('A1', 'S-1', '01:00')])
    const { data } = await query(HISTORY, { ref: 'A1' })
    const [received, , , accepted, release] = data.history.nodes
    expect(received).toMatchObject({
      event: 'order.captured',
      source: 'shop',
      at: '2026-11-21T00:10:00.000Z',
      verdict: 'accepted',
      order: 'A1',
    })
    expect(received.changes[0]).toMatchObject({
      entity: 'order/A1',
      kind: 'order',
      from: null,
      quantities: [{ line: '1', quantity: 'ordered', unit: 'EA', from: '0', to: '10' }],
    })
    expect(accepted.changes[0].words).toContain('ERP number: ERP-A1')
    expect(release.changes).toMatchObject([
      { entity: 'order/A1', words: ['line 1: released 0 → 10 EA'] },
      { entity: 'shipment/S-1', from: null, words: expect.arrayContaining(['line 1: own 0 → 10 EA']) },
    ])
  })

  it('[Q9] tells what was ordered before in the precision of then', async () => {
    const precise = event('erp', 'order.amended', 'order/A1', '00:20', { lines: [{ line: '1', precision: 3 }] })
    const { query } = await world([captured('A1', '00:10'), precise])
    const { data } = await query(HISTORY, { ref: 'A1' })
    expect(data.history.nodes.at(-1).changes[0].words).toEqual(['line 1: ordered 10 → 10.000 EA'])
  })

  it('[Q9] has refused, parked and late entries, and what led to the ones that waited', async () => {
    const { query, twin } = await world()
    const events = [
      captured('A1', '00:10'),
      event('erp', 'credit.approved', 'order/A1', '00:20'),
      released('A1', 'S-1', '01:00'),
      event('wms', 'order.accepted', 'order/A1', '01:10'),
      event('erp', 'order.accepted', 'order/A1', '01:20'),
      event('erp', 'order.validated', 'order/A1', '00:15'),
    ]
    // One by one: sources take turns within a batch.
    for (const each of events) await twin.submit([each])
    const { data } = await query(HISTORY, { ref: 'A1' })
    const told = data.history.nodes.map(
      ({ event, verdict }: { event: string; verdict: string }) => `${event} ${verdict}`,
    )
    expect(told).toEqual([
      'order.captured accepted',
      'credit.approved accepted',
      'order.released parked',
      'order.accepted not_owner',
      'order.accepted accepted',
      'order.released accepted',
      'order.validated superseded',
    ])
    const [, , parked, refused, accepted, woken] = data.history.nodes
    expect(refused).toMatchObject({ verdict: 'not_owner', owner: 'erp', changes: [] })
    expect(woken).toMatchObject({ cause: accepted.position, frees: [parked.position] })
  })

  it('[Q9] is paged and filtered by verdict', async () => {
    const { query } = await world([...readyOrder('A1'), event('wms', 'order.accepted', 'order/A1', '01:10')])
    const first = (await query(HISTORY, { ref: 'A1', first: 3 })).data.history
    expect(first.edges).toHaveLength(3)
    const rest = (await query(HISTORY, { ref: 'A1', first: 3, after: first.pageInfo.endCursor })).data.history
    expect(rest.edges).toHaveLength(2)
    expect([first.pageInfo.hasNextPage, rest.pageInfo.hasNextPage]).toEqual([true, false])
    const refused = (await query(HISTORY, { ref: 'A1', verdicts: ['not_owner'] })).data.history
    expect(refused.nodes).toMatchObject([{ event: 'order.accepted', verdict: 'not_owner' }])
    expect(codeOf(await query(HISTORY, { ref: 'A1', after: '!' }))).toBe('BAD_CURSOR')
  })

  it('[Q9] tells the same of a page whether or not the pages before it were read', async () => {
    const events = [
      ...readyOrder('A1'),
      released('A1', 'S-1', '01:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'),
    ]
    const { query, twin } = await world(events)
    const other = await world()
    await other.twin.submit(events)
    const all = (await query(HISTORY, { ref: 'A1' })).data.history
    const cursor = all.edges[3].cursor
    const late = (await other.query(HISTORY, { ref: 'A1', after: cursor })).data.history
    expect(late.nodes.map((each: { changes: unknown }) => each.changes)).toEqual(
      all.nodes.slice(4).map((each: { changes: unknown }) => each.changes),
    )
    expect(await twin.family('A1')).toBeDefined()
  })

  it('[Q9] of an order is read from the journal once for a page', async () => {
    const asks = Array.from({ length: 100 }, (_, index) =>
      event('shop', 'order.change_requested', 'order/A1', 100 + index, { ask: `${index}` }),
    )
    const { query, twin } = await world([...readyOrder('A1'), ...asks])
    const entries = vi.spyOn(twin, 'entries')
    const { data } = await query('{ order(ref: "A1") { history(first: 100) { nodes { changes { words } } } } }')
    expect(data.order.history.nodes[99].changes[0].words[0]).toMatch('asks: ')
    expect(entries).toHaveBeenCalledTimes(1)
  })

  it('[Q9] of a number nobody knows is what waits under it', async () => {
    const { query } = await world([event('ups', 'shipment.in_transit', 'ref/1Z-UNKNOWN', '01:00')])
    const { data } = await query(HISTORY, { ref: '1Z-UNKNOWN' })
    expect(data.history.nodes).toMatchObject([{ event: 'shipment.in_transit', verdict: 'parked', order: null }])
    expect((await query(HISTORY, { ref: 'tracking/1Z-UNKNOWN' })).data.history.nodes).toHaveLength(1)
    expect((await query(HISTORY, { ref: 'nothing' })).data.history.nodes).toEqual([])
  })
})
