import { expect, it } from 'vitest'
import { disagreementsOf } from '../../../engine/exceptions/disagreements.ts'
import { desk } from '../../helpers/desk.ts'
import { event, readyOrder } from '../../helpers/distributor.ts'

const believes = (state: string, time: string) => event('crm', 'claim.reported', 'order/A1', time, { state })
const told = (...events: readonly ReturnType<typeof event>[]) => {
  const on = desk()
  on.say(...readyOrder('A1'), ...events)
  return disagreementsOf(on.facts('A1')).map(({ claim, verdict }) => `${claim.state}, and it is ${verdict}`)
}

it('[X1] who spoke before what goes to and fro went back is behind and disagrees with nobody', () => {
  const [held, unheld] = [
    event('erp', 'credit.held', 'order/A1', '00:50'),
    event('erp', 'credit.released', 'order/A1', '01:00'),
  ]
  expect(told(held, believes('held', '00:55'), unheld)).toEqual([])
  expect(told(held, unheld, believes('held', '01:05'))).toEqual(['held, and it is approved'])
  const lines = (backordered: number) => ({ lines: [{ line: '1', allocated: 10 - backordered, backordered }] })
  const short = event('erp', 'backorder.created', 'order/A1', '00:50', lines(4))
  const there = event('erp', 'order.allocated', 'order/A1', '01:00', lines(0))
  expect(told(short, believes('backordered', '00:55'), there)).toEqual([])
  expect(told(short, there, believes('backordered', '01:05'))).toEqual(['backordered, and it is allocated'])
  expect(told(believes('shipped', '00:55'))).toEqual(['shipped, and it is unallocated'])
})
