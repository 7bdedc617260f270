// What stands open in orders that ended: from the thousandth after them on it is kept as text, and nobody can tell.
import { describe, expect, it } from 'vitest'
import { msAt } from '../helpers/desk.ts'
import { captured, event, readyOrder, released } from '../helpers/distributor.ts'
import { type World, world } from './graph-clients.ts'

const ended = (order: string) => [
  captured(order, '00:30'),
  event('erp', 'order.rejected', `order/${order}`, '01:00', { reason: 'credit' }),
]
const refused = (order: string) => event('erp', 'order.closed', `order/${order}`, '01:30')
/** So many end after all others that these rest. */
const othersEnd = ({ twin }: World) =>
  twin.submit(Array.from({ length: 1_001 }, (_, index) => ended(`B${index}`)).flat())

const EVERYTHING = `{
  exceptions(first: 200) {
    totalCount
    edges { cursor }
    nodes {
      id kind class team severity state detail openedAt dueAt isOverdue orders lines
      action { words turn event } behind { source eventId } evidence { event position } assignee { team }
      notes { text } steps { kind by text } order { number }
    }
  }
  exceptionCounts(by: [kind, team, severity]) { kind team severity count }
}`

async function orders(count: number): Promise<World> {
  const on = await world([])
  const ids = Array.from({ length: count }, (_, index) => `A${index}`)
  on.twin.clock.nowMs = msAt('02:00')
  await on.twin.submit(ids.flatMap(ended))
  await on.twin.submit(ids.map(refused))
  return on
}

/** 100 orders of one load, of which somebody says what cannot be; then all of them end. */
async function load(): Promise<World> {
  const on = await world([])
  // The one a cause is shown by comes last in the twin's own order.
  const ids = Array.from({ length: 100 }, (_, index) => `A${999 - index}`)
  const ofLoad = (order: string) => [
    ...readyOrder(order),
    released(order, `S-${order}`, '01:00', 10, { consignment: 'C-9' }),
  ]
  await on.twin.submit(ids.flatMap(ofLoad))
  const lines = [{ line: '1', quantity: 11 }]
  await on.twin.submit([event('wms', 'pick.completed', 'ref/consignment/C-9', '01:30', { lines })])
  await on.twin.submit(ids.map(order => event('wms', 'shipment.cancelled', `shipment/S-${order}`, '02:00')))
  await on.twin.submit(ids.map(order => event('erp', 'order.cancelled', `order/${order}`, '02:30')))
  on.twin.clock.nowMs = msAt('04:00')
  return on
}

describe('what stands open in orders that rest', () => {
  it('[X1] is listed, counted and told as it was', async () => {
    const on = await orders(3)
    const before = await on.query(EVERYTHING)
    expect(before.data.exceptions.nodes.map(({ kind }: { kind: string }) => kind)).toEqual(
      Array(3).fill('refused_event'),
    )
    await othersEnd(on)
    expect(await on.query(EVERYTHING)).toEqual(before)
  })

  it('[Q32] is named once by who does something about it', async () => {
    const on = await orders(1)
    await othersEnd(on)
    const { data } = await on.query('{ exceptions { nodes { id } } }')
    const [{ id }] = data.exceptions.nodes
    const noted = await on.query(
      'mutation($id: ID!) { noteException(id: $id, text: "known", by: "ann") { notes { text } steps { kind } } }',
      { id },
    )
    expect(noted.data.noteException).toEqual({ notes: [{ text: 'known' }], steps: [{ kind: 'noted' }] })
    const entries = await on.twin.entries('A0', { after: 0, first: 100 })
    expect(entries.at(-1)?.event.data).toMatchObject({ about: [{ family: 'A0' }] })
  })

  it('[Q35] is named once each by who does something about all of it', async () => {
    const on = await orders(3)
    await othersEnd(on)
    const where = '{ kind: [refused_event] }'
    const { data } = await on.query(`{ exceptionSelection(where: ${where}) { token count withEvent } }`)
    const { token, ...selected } = data.exceptionSelection
    expect(selected).toEqual({ count: 3, withEvent: 3 })
    await on.query(
      `mutation($token: String!) { noteExceptions(where: ${where}, token: $token, text: "known", by: "ann") { outcome { outcome } } }`,
      { token },
    )
    const after = await on.query('{ exceptions { nodes { notes { text } } } }')
    expect(after.data.exceptions.nodes).toEqual(Array(3).fill({ notes: [{ text: 'known' }] }))
  })

  it('[Q34] of one cause in a hundred orders is let go of in all of them by one act', async () => {
    const on = await load()
    const shown = '{ exceptions(where: { kind: [refused_event] }) { nodes { id orders } } }'
    await on.query(shown)
    await othersEnd(on)
    const [{ id, orders }] = (await on.query(shown)).data.exceptions.nodes
    expect(orders).toHaveLength(100)
    const { data, errors } = await on.query(
      'mutation($id: ID!) { discardException(id: $id, reason: "miscounted", by: "ann", requestId: "d-1") { state orders } }',
      { id },
    )
    expect(errors).toBeUndefined()
    expect(data.discardException.state).toBe('closed')
    expect((await on.query(shown)).data.exceptions.nodes).toEqual([])
  })
})
