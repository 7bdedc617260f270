// The questions of docs/ASK.md, each asked of a twin with a bad day.
import { describe, expect, it } from 'vitest'
import { msAt } from '../helpers/desk.ts'
import { at, captured, event, readyOrder, released } from '../helpers/distributor.ts'
import { textOf } from '../layout/source-files.ts'
import { type Answer, world } from './graph-clients.ts'

const questions = [...textOf('docs/ASK.md').matchAll(/^## (ASK-\d+) ([^\n]+)\n+```graphql\n([\s\S]*?)```/gm)].map(
  ([, id = '', words = '', query = '']) => ({ id, words, query }),
)

const badDay = [
  ...readyOrder('104582'),
  released('104582', 'S-1', '01:00'),
  event('wms', 'shipment.acknowledged', 'shipment/S-1', '01:30'),
  event('wms', 'pick.short', 'shipment/S-1', '02:00', { lines: [{ line: '1', quantity: 4 }], reason: 'bin empty' }),
  event('wms', 'shipment.confirmed', 'shipment/S-1', '03:00', { lines: [{ line: '1', quantity: 60 }] }),
  event('crm', 'claim.reported', 'shipment/S-1', '03:30', { state: 'delivered' }),
  captured('104583', '00:10'),
  event('erp', 'order.validation_failed', 'order/104583', '00:20', { reasons: ['invalid_ship_to'] }),
  released('104583', 'S-2', '00:30'),
  ...readyOrder('104584'),
  released('104584', 'S-3', '01:00'),
  event('3pl', 'shipment.acknowledged', 'shipment/S-77', '01:00'),
]

const day = { from: at('00:00'), to: at(1_440), ref: '104582' }
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
const kindsIn = (list: any[]) => list.map(each => each.kind)

const CHECKS: Readonly<Record<string, (data: NonNullable<Answer['data']>) => void>> = {
  'ASK-01': ({ order }) => {
    expect(order.card.action).toMatchObject({ turn: 'erp', sources: ['erp'], event: 'backorder.created' })
    expect(order.card.text).toContain('bin empty')
  },
  'ASK-02': ({ exceptions, orders }) => {
    expect(exceptions.nodes.flatMap((each: { orders: string[] }) => each.orders)).toContain('104582')
    expect(orders.nodes.map((each: { number: string }) => each.number)).toEqual(['104583'])
  },
  'ASK-03': ({ exceptions, kpis, sources }) => {
    expect(exceptions.nodes).toContainEqual(
      expect.objectContaining({ kind: 'late_acknowledgement', entity: 'shipment/S-3' }),
    )
    expect(kpis.orders[0].acknowledgementDelay).toMatchObject({ count: 1, p50Ms: 1_800_000 })
    expect(sources.length).toBeGreaterThan(5)
  },
  'ASK-04': ({ exceptions, history }) => {
    expect(exceptions.nodes[0].evidence[0]).toMatchObject({
      event: 'shipment.confirmed',
      source: 'wms',
      verdict: 'quantity_exceeded',
    })
    expect(history.nodes).toHaveLength(1)
  },
  'ASK-05': ({ exceptions }) => expect(kindsIn(exceptions.nodes)).toEqual(['late_acknowledgement']),
  'ASK-06': ({ order }) => {
    const picked = order.card.milestones.find((each: { name: string }) => each.name === 'picked')
    expect(picked.reasons[0]).toContain('4 short')
  },
  'ASK-07': ({ exceptions }) => {
    expect(kindsIn(exceptions.nodes).sort()).toEqual(['refused_event', 'unknown_subject'])
    expect(exceptions.nodes.every((each: { evidence: unknown[] }) => each.evidence.length === 1)).toBe(true)
  },
  'ASK-08': ({ kpis }) => {
    const wms = kpis.sources.find((each: { source: string }) => each.source === 'wms')
    expect(wms).toMatchObject({ propagation: { count: 3 }, confirmationLatency: { count: 1 } })
  },
  'ASK-09': ({ exceptions, order }) => {
    expect(exceptions.totalCount).toBe(1)
    expect(order.disagreements).toMatchObject([{ source: 'crm', believes: 'delivered', verdict: 'picking' }])
  },
  'ASK-10': ({ order }) => expect(kindsIn(order.exceptions)).toContain('short_pick'),
  'ASK-11': ({ order }) => {
    expect(order.channel).toBe('shop')
    expect(order.history.nodes.map((each: { verdict: string }) => each.verdict)).toContain('quantity_exceeded')
  },
  'ASK-12': ({ order }) =>
    expect(order.nextActions).toContainEqual(
      expect.objectContaining({ event: 'shipment.confirmed', owner: 'node', sources: ['wms'] }),
    ),
  'ASK-13': ({ order }) =>
    expect(order.freshness).toContainEqual(
      expect.objectContaining({
        entity: 'shipment/S-1',
        region: 'execution',
        owner: 'node',
        source: 'wms',
        event: 'pick.short',
      }),
    ),
}

describe('docs/ASK.md', () => {
  it('has all thirteen questions', () => {
    expect(questions.map(({ id }) => id)).toEqual(Object.keys(CHECKS))
  })

  it.each(questions)('[Q31] $id $words', async ({ id, query }) => {
    const { query: ask, twin } = await world(badDay)
    twin.clock.nowMs = msAt('12:00')
    const names = [...query.matchAll(/\$(\w+):/g)].map(each => each[1] as keyof typeof day)
    const answer = await ask(query, Object.fromEntries(names.map(name => [name, day[name]])))
    expect(answer.errors).toBeUndefined()
    CHECKS[id]?.(answer.data)
  })
})
