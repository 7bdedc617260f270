import { describe, expect, test } from 'vitest'
import { INBOX_LIMITS, Inbox, type InboxLimits, type Waiting } from '../../../engine/inbox.ts'
import { collectGarbage } from '../../helpers/collect-garbage.ts'
import { captured, event, readyOrder, released } from '../../helpers/distributor.ts'
import { openMemoryEngine } from '../../helpers/memory-engine.ts'

const submission = { answers: [], open: 0, done: () => {} }
const waiting = (input: string): Waiting<never> => ({ submission, index: 0, input, needs: [], arrival: 0 })

function inboxWith(arrivals: readonly string[], limits: Partial<InboxLimits> = {}) {
  const inbox = new Inbox<never>({ ...INBOX_LIMITS, ...limits })
  const isTaken = arrivals.map(name => inbox.put(name.slice(0, 1), waiting(name)))
  return { inbox, isTaken, take: (most: number) => inbox.take(most).map(each => each.input) }
}

/** Empty, and turns took so long of late while something waited. */
function inboxAtPace(events: number, ms: number, limits: Partial<InboxLimits> = { waitMsMax: 100, eventsMin: 10 }) {
  const { inbox } = inboxWith(['z1'], limits)
  inbox.passed(events, ms)
  inbox.take(1)
  return inbox
}

describe('a backlog', () => {
  test('[H26] is a batch that waits; it tells when the next is taken, also of what comes then', async () => {
    const { engine } = await openMemoryEngine({ limits: { batchEventsMax: 4 } })
    expect(engine.backlog()).toBeUndefined()
    const few = engine.submit(Array.from({ length: 3 }, (_, index) => captured(`A${index}`, '00:10')))
    expect(engine.backlog()).toBeUndefined()
    const more = engine.submit(Array.from({ length: 6 }, (_, index) => captured(`B${index}`, '00:10')))
    // Nine wait; four are taken, then four, and one is left.
    const taken = engine.backlog()
    await taken
    const again = engine.backlog()
    expect([taken, again].map(each => each instanceof Promise)).toEqual([true, true])
    await again
    expect(engine.backlog()).toBeUndefined()
    expect((await Promise.all([few, more])).flat().every(({ outcome }) => outcome === 'accepted')).toBe(true)
  })
})

describe('previews', () => {
  test('[E8] wait up to a limit; what comes beyond it, or when the engine closes, is refused', async () => {
    const { engine } = await openMemoryEngine({ limits: { previewsMax: 2 } })
    const one = [captured('O-1', '00:10')]
    const previews = await Promise.all([engine.preview(one), engine.preview(one), engine.preview(one)])
    expect(previews.map(([only]) => only?.outcome)).toEqual(['accepted', 'accepted', 'overloaded'])
    expect(previews[2]).toMatchObject([{ code: 'inbox_full', reason: 'too many previews wait for their turn' }])
    const closing = engine.close()
    expect(await engine.foresee(one[0])).toMatchObject({ outcome: { code: 'shutting_down' }, entries: [] })
    await closing
  })
})

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

  test('[E1] gives out in order, and shows what waits, however long a queue never runs empty', () => {
    const { inbox, take } = inboxWith([])
    let [put, taken] = [0, 0]
    for (let round = 0; round < 20; round++) {
      for (let count = 0; count < 500; count++) inbox.put('a', waiting(`a${put++}`))
      for (const input of take(round === 0 ? 100 : 500)) expect(input).toBe(`a${taken++}`)
    }
    expect(inbox.size).toBe(400)
    expect([...inbox.waiting(1_000)].map(each => each.input)).toEqual(
      Array.from({ length: 400 }, (_, at) => `a${taken + at}`),
    )
  })

  test('[E8] keeps nothing of what was taken, also of a queue that never runs empty', async () => {
    const { inbox, take } = inboxWith(['a1', 'a2', 'a3'])
    const taken = new WeakRef(inbox.take(1)[0] as object)
    // What was referred to weakly stays until the turn of the event loop is over.
    await new Promise(resolve => setImmediate(resolve))
    collectGarbage()
    expect(taken.deref()).toBeUndefined()
    expect(take(2)).toEqual(['a2', 'a3'])
  })

  test('[E8] is full for one source, then for all', () => {
    const { isTaken } = inboxWith(['a1', 'a2', 'a3', 'b1', 'c1'], { eventsMax: 3, eventsPerSourceMax: 2 })
    expect(isTaken).toEqual([true, true, false, true, false])
  })

  test('[E8] takes of a source what its pace allows, and of another that waits for nobody all the same', () => {
    const inbox = inboxAtPace(500, 1_000)
    const put = (source: string, count: number) =>
      Array.from({ length: count }, (_, index) => inbox.put(source, waiting(`${source}${index}`))).filter(Boolean)
        .length
    // One event in two milliseconds: the 52nd would wait for more than a hundred.
    expect(put('a', 100)).toBe(51)
    expect(put('b', 1)).toBe(1)
    // Both are taken in turn now: half as many of each.
    expect(put('b', 100)).toBe(25)
    expect(put('a', 1)).toBe(0)
    inbox.take(20)
    expect(put('a', 1)).toBe(0)
    inbox.take(40)
    expect(put('a', 1)).toBe(1)
  })

  test('[E1] [E8] counts of other sources only what will be taken before it: a flood turns nobody else away', () => {
    const inbox = inboxAtPace(500, 100, { waitMsMax: 500, eventsMin: 4_000 })
    for (let source = 0; source < 100; source++) inbox.put(`s${source}`, waiting('one'))
    for (let index = 0; index < 3_900; index++) inbox.put('flood', waiting('flood'))
    const isTaken = Array.from({ length: 200 }, () => inbox.put('quiet', waiting('quiet')))
    expect(isTaken.every(Boolean)).toBe(true)
    expect(inbox.put('flood', waiting('flood'))).toBe(false)
  })

  test('[E8] forgets a slow turn once nothing waits', () => {
    const inbox = inboxAtPace(1, 10_000)
    inbox.passed(1, 10_000)
    const isTaken = Array.from({ length: 20_000 }, () => inbox.put('a', waiting('a')))
    expect(isTaken.every(Boolean)).toBe(true)
  })

  test('[E8] takes a few batches however slow it was, and all it has room for when nobody measured', () => {
    const inbox = inboxAtPace(1, 60_000)
    const isTaken = Array.from({ length: 12 }, (_, index) => inbox.put('a', waiting(`a${index}`)))
    expect(isTaken.filter(Boolean)).toHaveLength(10)
    expect(inboxWith(Array.from({ length: 6_000 }, () => 'a1')).isTaken.every(Boolean)).toBe(true)
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
