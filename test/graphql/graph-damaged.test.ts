// Lists over several orders, where the journal is damaged in one of them: the others are told.
import { expect, it } from 'vitest'
import { msAt } from '../helpers/desk.ts'
import { event, readyOrder, SOURCES } from '../helpers/distributor.ts'
import { type MemoryEngineOptions, openMemoryEngine } from '../helpers/memory-engine.ts'
import { serve } from '../helpers/wire.ts'
import { ask } from './graph-clients.ts'

const held = (order: string) => event('erp', 'credit.held', `order/${order}`, '00:50')

/** Two orders on credit hold; then an entry of A1 does not verify any more. `more` is what is kept beside the journal. */
async function damagedWorld(more: (first: Awaited<ReturnType<typeof openMemoryEngine>>) => MemoryEngineOptions) {
  const first = await openMemoryEngine()
  const before = await serve({ twin: first.engine })
  for (const events of [readyOrder('A1'), readyOrder('A2'), [held('A1'), held('A2')]]) await first.engine.submit(events)
  await ask(before.url, '{ exceptions { totalCount } }')
  await before.close()
  await first.engine.close()
  const { engine: twin, clock } = await openMemoryEngine({
    memory: first.memory,
    isDamaged: position => position === 2,
    sources: SOURCES,
    ...more(first),
  })
  const { url } = await serve({ twin, report: () => undefined })
  clock.nowMs = msAt('10:00')
  return { query: (text: string) => ask(url, text) }
}

it('[X9] [Q8] a page of orders has the others, and counts and goes on as if nothing were missing', async () => {
  const { query } = await damagedWorld(() => ({}))
  const { data, errors } = await query(
    '{ orders { totalCount nodes { number } edges { cursor node { number } } pageInfo { startCursor endCursor } } }',
  )
  expect(errors).toBeUndefined()
  const { edges, nodes, pageInfo, totalCount } = data.orders
  expect([totalCount, nodes, edges.length]).toEqual([2, [{ number: 'A2' }], 1])
  const ends = [pageInfo.startCursor, pageInfo.endCursor]
  expect(new Set(ends).size).toBe(2)
  expect(ends).toContain(edges[0].cursor)
  const next = await query(`{ orders(after: "${pageInfo.endCursor}") { nodes { number } } }`)
  expect(next.data.orders.nodes).toEqual([])
})

it('[X9] measures of exceptions are those of the others', async () => {
  const { query } = await damagedWorld(() => ({}))
  const { data, errors } = await query(
    '{ kpis(from: "2026-11-21T00:00:00Z", to: "2026-11-22T00:00:00Z") { exceptions { kind opened } } }',
  )
  expect(errors).toBeUndefined()
  expect(data.kpis.exceptions).toContainEqual({ kind: 'credit_hold', opened: 1 })
})

it('[X9] exceptions of before stay in the list; what cannot be read is no evidence', async () => {
  const { query } = await damagedWorld(({ store }) => ({ store }))
  const { data, errors } = await query(
    '{ exceptions(where: { kind: [credit_hold] }) { nodes { orders evidence { event } } } }',
  )
  expect(errors).toBeUndefined()
  expect(data.exceptions.nodes).toEqual([
    { orders: ['A1'], evidence: [] },
    { orders: ['A2'], evidence: [{ event: 'credit.held' }] },
  ])
})
