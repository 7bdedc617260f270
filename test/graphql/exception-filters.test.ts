// Filters of the subscription to exceptions, over the wire: who is told what once an exception does not match any more.
import { expect, it } from 'vitest'
import { msAt } from '../helpers/desk.ts'
import { event, readyOrder } from '../helpers/distributor.ts'
import { readySocket, world } from './graph-clients.ts'

const CHANGED =
  'subscription($where: ExceptionFilter) { exceptionChanged(where: $where) { id orders state team assignee { person } } }'
const held = (order: string) => event('erp', 'credit.held', `order/${order}`, '00:50')

/** A desk that watches `where`; `next` is what it is told next. */
async function watching(where: object) {
  const on = await world([...readyOrder('A1'), ...readyOrder('A2')])
  on.twin.clock.nowMs = msAt('02:00')
  const { send, next } = await readySocket(on.server)
  send({ id: '1', type: 'subscribe', payload: { query: CHANGED, variables: { where } } })
  send({ type: 'ping' })
  expect(await next()).toEqual({ type: 'pong' })
  return { on, next: async () => (await next()).payload }
}

it.each([
  [{ team: ['finance'] }, 'team: logistics', { team: 'logistics', assignee: { person: null } }],
  [{ isAssigned: false }, 'person: "Ben"', { team: 'finance', assignee: { person: 'Ben' } }],
])('[Q26] what leaves the filter %o is told once more, and no more after that', async (where, to, after) => {
  const { on, next } = await watching(where)
  await on.twin.submit([held('A1')])
  const { exceptionChanged: opened } = (await next()).data
  expect(opened).toMatchObject({ orders: ['A1'], state: 'opened', team: 'finance' })
  const { errors } = await on.query(`mutation { assignException(id: "${opened.id}", ${to}, by: "ann") { id } }`)
  expect(errors).toBeUndefined()
  expect((await next()).data.exceptionChanged).toEqual({ ...opened, ...after, state: 'changed' })
  await on.twin.submit([event('erp', 'credit.released', 'order/A1', '01:00')])
  expect((await on.query('{ exceptions { totalCount } }')).data.exceptions.totalCount).toBe(0)
  await on.twin.submit([held('A2')])
  expect((await next()).data.exceptionChanged).toMatchObject({ orders: ['A2'], state: 'opened' })
})

it.each([true, false])('[Q26] isOverdue: %s is refused, as no change tells that time passes', async isOverdue => {
  const on = await world()
  const { send, next } = await readySocket(on.server)
  send({ id: '1', type: 'subscribe', payload: { query: CHANGED, variables: { where: { isOverdue } } } })
  expect((await next()).payload.errors[0].extensions.code).toBe('BAD_ARGUMENT')
})
