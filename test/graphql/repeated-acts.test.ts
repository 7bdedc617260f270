// What acts are about: all that share a cause, or just what a filter selects; and what the same request does again.
import { describe, expect, it } from 'vitest'
import { ABOUT_MAX } from '../../machines/events/desk-events.ts'
import { msAt } from '../helpers/desk.ts'
import { event, readyOrder, released } from '../helpers/distributor.ts'
import { type Answer, codeOf, type World, world } from './graph-clients.ts'

const shipped = (order: string) => [
  ...readyOrder(order),
  released(order, `S-${order}`, '01:00', 10, { consignment: 'C-9' }),
  event('wms', 'shipment.confirmed', `shipment/S-${order}`, '02:00', { carrier: 'UPS' }),
]
/** A load of several orders is lost: one cause. */
async function lostLoad(...orders: readonly string[]): Promise<World> {
  const on = await world()
  await on.twin.submit(orders.flatMap(shipped))
  await on.twin.submit([event('ups', 'shipment.lost', 'ref/consignment/C-9', '03:00')])
  on.twin.clock.nowMs = msAt('04:00')
  return on
}
const join = ({ twin }: World, order: string) => twin.submit(shipped(order))
const held = (order: string) => event('erp', 'credit.held', `order/${order}`, '00:50')

const LOST = { kind: ['lost'] }
const HELD = { kind: ['credit_hold'] }

interface ShownRow {
  readonly id: string
  readonly orders: readonly string[]
  readonly assignee: { readonly person: string } | null
}

async function rows({ query }: World, where: object): Promise<readonly ShownRow[]> {
  const { data } = await query(
    'query($where: ExceptionFilter) { exceptions(where: $where) { nodes { id orders assignee { person } } } }',
    { where },
  )
  return data.exceptions.nodes
}

/** The first of them. */
async function row(on: World, where: object): Promise<ShownRow> {
  const [first] = await rows(on, where)
  if (first === undefined) throw new Error('nothing is open')
  return first
}

const tokenOf = async ({ query }: World, where: object): Promise<string> => {
  const text = 'query($where: ExceptionFilter!) { exceptionSelection(where: $where) { token } }'
  return (await query(text, { where })).data.exceptionSelection.token
}

/** All that is selected now, unless there is a token. */
const noteAll = async (on: World, where: object, more: object = {}): Promise<Answer> =>
  on.query(
    `mutation($where: ExceptionFilter!, $token: String!, $requestId: ID) {
      noteExceptions(where: $where, token: $token, text: "seen", by: "ann", requestId: $requestId) { outcome { outcome first } } }`,
    { where, token: await tokenOf(on, where), ...more },
  )
const outcomes = ({ data }: Answer) =>
  data.noteExceptions.map(({ outcome }: { outcome: { outcome: string } }) => outcome.outcome)

const note = ({ query }: World, id: string, requestId: string): Promise<Answer> =>
  query(
    'mutation($id: ID!, $requestId: ID) { noteException(id: $id, text: "seen", by: "ann", requestId: $requestId) { orders } }',
    { id, requestId },
  )

/** What people did in an order. */
const acts = async ({ twin }: World, order: string) =>
  (await twin.entries(order, { after: 0, first: 1_000 })).filter(({ event: { source } }) => source === 'ann')

describe('what acts on all that a filter selects are about', () => {
  it('[Q35] what is somebody else’s stays so, where what is nobody’s is assigned', async () => {
    const on = await lostLoad('A1', 'A2')
    const { id } = await row(on, LOST)
    await on.query(`mutation { assignException(id: "${id}", person: "Ben", by: "ann") { id } }`)
    await join(on, 'A3')
    const where = { ...LOST, isAssigned: false }
    const shown = await row(on, where)
    expect([shown.orders, shown.assignee]).toEqual([['A3', 'A1', 'A2'], null])
    await on.query(
      'mutation($where: ExceptionFilter!, $token: String!) { assignExceptions(where: $where, token: $token, person: "Zoe", by: "ann") { id } }',
      { where, token: await tokenOf(on, where) },
    )
    expect(await rows(on, where)).toEqual([])
    for (const order of ['A1', 'A2', 'A3']) expect(await acts(on, order)).toHaveLength(1)
    expect((await rows(on, { ...LOST, person: ['Zoe'] })).map(({ orders }) => orders[0])).toEqual(['A3'])
  })

  it('[Q25] [Q35] of some orders nothing is done in others, though the row tells how far the cause reaches', async () => {
    const on = await lostLoad('A1', 'A2')
    const where = { ...LOST, order: ['A1'] }
    expect((await rows(on, where)).map(({ orders }) => orders)).toEqual([['A1', 'A2']])
    expect(outcomes(await noteAll(on, where))).toEqual(['accepted'])
    expect([await acts(on, 'A1'), await acts(on, 'A2')]).toMatchObject([{ length: 1 }, { length: 0 }])
  })

  it('[Q35] the token stands for every exception selected: one more of the same cause is another selection', async () => {
    const on = await lostLoad('A1', 'A2')
    const [token, ofA1] = [await tokenOf(on, LOST), await tokenOf(on, { ...LOST, order: ['A1'] })]
    await join(on, 'A3')
    expect(codeOf(await noteAll(on, LOST, { token }))).toBe('SELECTION_CHANGED')
    expect(await acts(on, 'A1')).toEqual([])
    expect(outcomes(await noteAll(on, { ...LOST, order: ['A1'] }, { token: ofA1 }))).toEqual(['accepted'])
  })
})

describe('the same request again', () => {
  const requestId = 'r-1'
  const counts = (on: World, orders: readonly string[]) =>
    Promise.all(orders.map(async order => (await acts(on, order)).length))

  it('[Q32] [Q35] about all that is selected acts once on each, whether more or fewer are selected by then', async () => {
    const on = await world([...readyOrder('A1'), held('A1'), ...readyOrder('A2')])
    on.twin.clock.nowMs = msAt('02:00')
    expect(outcomes(await noteAll(on, HELD, { requestId }))).toEqual(['accepted'])
    await on.twin.submit([held('A2')])
    expect(outcomes(await noteAll(on, HELD, { requestId }))).toEqual(['duplicate', 'accepted'])
    await on.twin.submit([event('erp', 'credit.released', 'order/A2', '01:00')])
    expect(outcomes(await noteAll(on, HELD, { requestId }))).toEqual(['duplicate'])
    expect(await counts(on, ['A1', 'A2'])).toEqual([1, 1])
  })

  it('[Q32] [Q35] nor does it act twice where another order has become the worst of a cause', async () => {
    const on = await lostLoad('A1', 'A2')
    expect(outcomes(await noteAll(on, LOST, { requestId }))).toEqual(['accepted'])
    await join(on, 'A0')
    expect((await row(on, LOST)).orders[0]).toBe('A0')
    for (let time = 0; time < 2; time++) expect(outcomes(await noteAll(on, LOST, { requestId }))).toEqual(['duplicate'])
    expect(await counts(on, ['A0', 'A1', 'A2'])).toEqual([1, 1, 1])
  })

  it('[Q32] about one exception does nothing in an order that has joined its cause since', async () => {
    const on = await lostLoad('A1', 'A2')
    const { id } = await row(on, LOST)
    await note(on, id, requestId)
    await join(on, 'A3')
    expect((await note(on, id, requestId)).data.noteException.orders).toEqual(['A1', 'A2', 'A3'])
    expect(await counts(on, ['A1', 'A2', 'A3'])).toEqual([1, 1, 0])
  })

  it('[Q32] about another exception of the same order is refused: its id has been used', async () => {
    const on = await lostLoad('A1')
    await on.twin.submit([held('A1')])
    const [lost, hold] = [await row(on, LOST), await row(on, HELD)]
    await note(on, lost.id, requestId)
    const again = await note(on, hold.id, requestId)
    expect(again.errors?.[0]?.extensions).toMatchObject({ code: 'ACT_REFUSED', outcome: { code: 'id_reused' } })
  })

  it('[Q32] [Q41] that clears damage is refused where the id was another act’s, or cleared another shipment', async () => {
    const damaged = (shipment: string) => [
      released('A1', shipment, '01:00', 5),
      event('wms', 'shipment.confirmed', `shipment/${shipment}`, '02:00', { carrier: 'UPS' }),
      event('ups', 'shipment.damaged', `shipment/${shipment}`, '03:00', { lines: [{ line: '1', quantity: 2 }] }),
    ]
    const on = await world([...readyOrder('A1'), ...damaged('S-1'), ...damaged('S-2')])
    on.twin.clock.nowMs = msAt('04:00')
    const clear = (id: string, requestId: string): Promise<Answer> =>
      on.query(
        'mutation($id: ID!, $requestId: ID) { clearDamage(id: $id, reason: "fit", by: "ann", requestId: $requestId) { state } }',
        { id, requestId },
      )
    const [first, second] = (await rows(on, { kind: ['damaged'] })) as readonly [ShownRow, ShownRow]
    await note(on, first.id, 'r-1')
    const refused = { code: 'ACT_REFUSED', outcome: { code: 'id_reused' } }
    expect((await clear(first.id, 'r-1')).errors?.[0]?.extensions).toMatchObject(refused)
    expect((await clear(first.id, 'r-2')).data.clearDamage.state).toBe('closed')
    expect((await clear(second.id, 'r-2')).errors?.[0]?.extensions).toMatchObject(refused)
    expect(await rows(on, { kind: ['damaged'] })).toMatchObject([{ id: second.id }])
  })

  it('[A1] [Q32] that was cut off between its acts is finished, in the orders that it was about', async () => {
    const orders = Array.from({ length: ABOUT_MAX + 2 }, (_, index) => `A${100 + index}`)
    const on = await lostLoad(...orders)
    const { id } = await row(on, LOST)
    const about = orders.slice(0, ABOUT_MAX).map(family => ({ family, exception: `lost|shipment/EAST/S-${family}|` }))
    const first = event('ann', 'exception.noted', 'order/A100', '04:00', { text: 'seen', about })
    await on.twin.submit([{ ...first, id: requestId }])
    await join(on, 'A999')
    for (let time = 0; time < 2; time++) expect((await note(on, id, requestId)).errors).toBeUndefined()
    expect(await counts(on, [...orders, 'A999'])).toEqual([...orders.map(() => 1), 0])
  })
})
