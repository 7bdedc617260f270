import { describe, expect, test } from 'vitest'
import { Inbox, type Waiting } from '../../../engine/inbox.ts'
import { event, readyOrder, released } from '../../helpers/distributor.ts'
import { openMemoryEngine } from '../../helpers/memory-engine.ts'

const submission = { answers: [], open: 0, done: () => {} }
const waiting = (input: string): Waiting<never> => ({ submission, index: 0, input, needs: [], arrival: 0 })

function inboxWith(arrivals: readonly string[], limits = { eventsMax: 100, eventsPerSourceMax: 100 }) {
  const inbox = new Inbox<never>(limits)
  const isTaken = arrivals.map(name => inbox.put(name.slice(0, 1), waiting(name)))
  return { inbox, isTaken, take: (most: number) => inbox.take(most).map(each => each.input) }
}

describe('the inbox', () => {
  test('[E1] gives out what came, in the order it came', () => {
    const { inbox, take } = inboxWith(['a1', 'b1', 'a2', 'c1', 'b2'])
    expect(take(10)).toEqual(['a1', 'b1', 'a2', 'c1', 'b2'])
    expect(inbox.size).toBe(0)
    expect(take(10)).toEqual([])
  })

  test('[E1] gives each source its share, however much another sends', () => {
    const { take } = inboxWith(['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'b1', 'c1', 'c2'])
    expect(take(4)).toEqual(['a1', 'a2', 'b1', 'c1'])
    expect(take(4)).toEqual(['a3', 'a4', 'a5', 'c2'])
    expect(take(4)).toEqual(['a6'])
  })

  test('[E8] is full for one source, then for all', () => {
    const { isTaken } = inboxWith(['a1', 'a2', 'a3', 'b1', 'c1'], { eventsMax: 3, eventsPerSourceMax: 2 })
    expect(isTaken).toEqual([true, true, false, true, false])
  })
})

test('[E1] what several sources say in one submission is decided in the order it says it', async () => {
  const { engine } = await openMemoryEngine()
  const life = [
    ...readyOrder('O-1'),
    released('O-1', 'S-1', '01:00'),
    event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', { carrier: 'UPS', tracking: '1Z-1' }),
    event('ups', 'delivery.completed', 'ref/tracking/1Z-1', '03:00'),
    event('erp', 'invoice.posted', 'order/O-1', '04:00', { invoice: 'I-1', amountMinor: 1 }),
  ]
  const outcomes = await engine.submit(life)
  expect(outcomes.map(each => each.outcome)).toEqual(life.map(() => 'accepted'))
})
