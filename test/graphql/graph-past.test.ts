// Exceptions of orders with a long past: each time one was open says when it ended, and nothing is read or folded once for each.
import { expect, it, vi } from 'vitest'
import type { JournalEntry } from '../../engine/entry.ts'
import { msAt } from '../helpers/desk.ts'
import { event, readyOrder } from '../helpers/distributor.ts'
import { type World, world } from './graph-clients.ts'

const held = (minute: number) => event('erp', 'credit.held', 'order/A1', minute)
const unheld = (minute: number) => event('erp', 'credit.released', 'order/A1', minute)
const HOLDS = 20

/** An order that was held and released again and again, and what one source said of it that was not its to say. */
async function busyOrder(...more: readonly object[]): Promise<World> {
  const minutes = Array.from({ length: HOLDS }, (_, index) => 60 + index)
  const said = minutes.flatMap(minute => [held(3 * minute), unheld(3 * minute + 1)])
  const on = await world(readyOrder('A1'))
  on.twin.clock.nowMs = msAt('10:00')
  await on.twin.submit([...minutes.map(minute => event('wms', 'order.accepted', 'order/A1', minute)), ...said, ...more])
  // Whoever asks for all that is open waits for the watch, which reads entries too.
  await on.query('{ exceptions { totalCount } }')
  return on
}

/** How often entries are read, and how often they are gone through from the first to the last. */
function counting({ twin }: World) {
  const counts = { reads: 0, passes: 0 }
  const read = twin.entries.bind(twin)
  vi.spyOn(twin, 'entries').mockImplementation(async (family, page) => {
    counts.reads++
    const entries = await read(family, page)
    const all = entries[Symbol.iterator].bind(entries)
    return Object.assign([...entries], {
      [Symbol.iterator](): ArrayIterator<JournalEntry> {
        counts.passes++
        return all()
      },
    })
  })
  return counts
}

it('[X6] each time it was open says itself when it closed and by what, whatever it is now', async () => {
  for (const more of [[], [held(400)]]) {
    const { query } = await busyOrder(...more)
    const { data, errors } = await query(`{ order(ref: "A1") { exceptionHistory {
      closedAt closedBy { position } exception { kind state closedAt closedBy { position } } } } }`)
    expect(errors).toBeUndefined()
    const holds = data.order.exceptionHistory.filter((each: Told) => each.exception.kind === 'credit_hold')
    expect(holds).toHaveLength(HOLDS + more.length)
    for (const { closedAt, closedBy, exception } of holds) {
      const state = closedAt === null ? 'opened' : 'closed'
      expect(exception).toEqual({ kind: 'credit_hold', state, closedAt, closedBy })
    }
  }
})

interface Told {
  readonly exception: { readonly kind: string }
}

it('[X6] the past of an order is folded once, under however many names it is asked for', async () => {
  const on = await busyOrder()
  const counts = counting(on)
  const past = 'exceptionHistory { exception { closedAt again: closedAt closedBy { event } } }'
  const { data, errors } = await on.query(`{ order(ref: "A1") { ${past} more: ${past} } }`)
  expect(errors).toBeUndefined()
  expect(data.order.more).toEqual(data.order.exceptionHistory)
  expect(data.order.more.length).toBeGreaterThan(HOLDS)
  // Once folded, twice gone through for what people did.
  expect(counts).toEqual({ reads: 1, passes: 3 })
})

it('[Q25] the evidence of all that is wrong with an order is read at once', async () => {
  const on = await busyOrder(held(400))
  const evidence = 'evidence { event }'
  const text = `{ exceptions { nodes { ${evidence} } } order(ref: "A1") { exceptions { ${evidence} } card { exceptions { ${evidence} } } } }`
  const counts = counting(on)
  const { data, errors } = await on.query(text)
  expect(errors).toBeUndefined()
  expect(data.exceptions.nodes.length).toBeGreaterThan(HOLDS)
  expect(data.order.exceptions).toHaveLength(data.exceptions.nodes.length)
  expect(data.order.card.exceptions).toHaveLength(data.exceptions.nodes.length)
  expect(data.exceptions.nodes.every((each: { evidence: unknown[] }) => each.evidence.length > 0)).toBe(true)
  expect(counts.reads).toBe(1)
})

it('[Q28] what the card, the exceptions, the claims and the freshness of an order rest on is read and folded once', async () => {
  const on = await busyOrder(held(400))
  const counts = counting(on)
  const { data, errors } = await on.query(`{ order(ref: "A1") {
    card { at } exceptions { kind } claims { source } disagreements { source } freshness { value } } }`)
  expect(errors).toBeUndefined()
  expect(data.order.exceptions).not.toEqual([])
  expect(counts).toEqual({ reads: 1, passes: 1 })
})

it('[Q29] of a moment that lies ahead it is what is believed now: nothing that may yet open', async () => {
  const { query, twin } = await world(readyOrder('A1'))
  twin.clock.nowMs = msAt('01:00')
  const { data, errors } = await query(
    '{ asOf(ref: "A1", time: "2027-06-01T00:00:00Z") { version exceptions { kind } exceptionHistory { openedAt } card { at } } }',
  )
  expect(errors).toBeUndefined()
  expect(data.asOf).toEqual({
    version: 4,
    exceptions: [],
    exceptionHistory: [],
    card: { at: '2026-11-21T01:00:00.000Z' },
  })
})

it('[Q29] how fresh a source was follows from what it had said by then, whatever it has said since', async () => {
  const { query, twin } = await world()
  const say = (clock: string | number, ...events: readonly object[]) => {
    twin.clock.nowMs = msAt(clock)
    return twin.submit(events)
  }
  await say('00:40', ...readyOrder('A1'))
  await say('02:00', ...readyOrder('A2').map(each => ({ ...each, time: '2026-11-21T02:00:00Z' })))
  const days = 2 * 1_440
  const then = async () => {
    const { data } = await query(`{ asOf(ref: "A1", time: "2026-11-23T00:00:00Z") {
      freshness { value isStale } card { freshness { source lastHeardAt isStale } } } }`)
    const { card, freshness } = data.asOf
    const erp = card.freshness.find(({ source }: { source: string }) => source === 'erp')
    return [erp, freshness.find(({ value }: { value: string }) => value === 'accepted')]
  }
  twin.clock.nowMs = msAt(days)
  const stale = { source: 'erp', isStale: true }
  expect(await then()).toEqual([
    { ...stale, lastHeardAt: '2026-11-21T02:00:00.000Z' },
    { value: 'accepted', isStale: true },
  ])
  await say(days + 60, event('erp', 'credit.held', 'order/A2', days + 60))
  expect(await then()).toEqual([
    { ...stale, lastHeardAt: '2026-11-21T00:40:00.000Z' },
    { value: 'accepted', isStale: true },
  ])
})
