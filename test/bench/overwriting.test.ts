// Whether something newer was overwritten by something older, found out without a clean run; and whether it was tried at all.
import { describe, expect, test } from 'vitest'
import { type Said, said } from '../../bench/network/day.ts'
import { lateEvents, lateSettings } from '../../bench/network/lateness.ts'
import { eventKey } from '../../bench/network/order-end.ts'
import { checkOverwriting, lateCounts, type Stood } from '../../bench/network/overwriting.ts'
import { ediBurst } from '../../bench/network/scenarios/edi-burst.ts'
import { flashSale } from '../../bench/network/scenarios/flash-sale.ts'
import { type Standing, saidPlace, standingsOf, standingsTold } from '../../bench/network/standing.ts'
import { Checks } from '../../bench/oracle.ts'
import { Actors } from '../../engine/actors.ts'

const byOrder = (all: readonly Said[]) => Map.groupBy(all, ({ order }) => order)
const isTold = ({ outcome }: Said): boolean => outcome === 'accepted'
const dayOf = (orders: number, scenario = flashSale) => said({ scenario, seed: 2, orders })

/** As if the twin had been told in this order of each order, and done right. */
function endsAfter(all: readonly Said[], asCome = (its: readonly Said[]) => its): Stood['ends'] {
  const ends = [...byOrder(all)].map(([order, its]) => {
    const verdicts = asCome(its.filter(isTold)).map(({ event: { id, source, type } }) => {
      return { event: eventKey({ id, source }), source, type, verdict: 'accepted' as const }
    })
    return [order, { verdicts, standings: standingsTold(its.filter(isTold).map(({ event }) => event)) }] as const
  })
  return new Map(ends)
}

function judged(stood: Stood) {
  const checks = new Checks()
  const notes = checkOverwriting(stood, checks)
  return { notes, ...checks.verdict() }
}

const FACT = 'nothing newer is overwritten by something older'
const heldLast = (its: readonly Said[]) => [
  ...its.filter(({ event }) => event.type !== 'credit.held'),
  ...its.filter(({ event }) => event.type === 'credit.held'),
]

describe('a day', () => {
  const all = dayOf(300)

  test('in which something older came behind something newer, and changed nothing, is green', () => {
    expect(judged({ said: all, ends: endsAfter(all, heldLast) })).toMatchObject({ notes: [], held: [FACT], broken: [] })
  })

  test('in which nothing older came is red: it was not tried', () => {
    const { broken, held, notes } = judged({ said: all, ends: endsAfter(all) })
    expect(broken).toEqual([expect.stringMatching(/^nothing newer .*: not tried: nothing older came .* \d+ orders/)])
    expect([notes, held]).toEqual([[], []])
  })

  test('of so few orders, or of captures only, in which nothing older came, is told to have not tried it', () => {
    for (const some of [dayOf(20), dayOf(200, ediBurst)]) {
      const { broken, held, notes } = judged({ said: some, ends: endsAfter(some) })
      expect(notes).toEqual([expect.stringMatching(/^nothing newer .*: not tried/)])
      expect([broken, held]).toEqual([[], []])
    }
  })

  test('knows how much came late', () => {
    const held = all.filter(each => isTold(each) && each.event.type === 'credit.held').length
    expect(lateCounts({ said: all, ends: endsAfter(all) })).toEqual({ events: 0, settings: 0 })
    expect(lateCounts({ said: all, ends: endsAfter(all, heldLast) })).toEqual({ events: held, settings: held })
  })
})

describe('the stand of an order', () => {
  const all = dayOf(100)
  const ends = endsAfter(all)
  const [order, its = []] = [...byOrder(all)].find(([, some]) =>
    ['credit.held', 'backorder.created'].every(type => some.some(each => isTold(each) && each.event.type === type)),
  ) ?? ['']
  const told = (type: string) => its.find(each => isTold(each) && each.event.type === type)?.event
  const but = (setting: string, standing: Partial<Standing> | undefined): Stood['ends'] => {
    const end = ends.get(order)
    const standings = new Map(end?.standings)
    const is = standings.get(setting)
    if (is === undefined || standing === undefined) standings.delete(setting)
    else standings.set(setting, { ...is, ...standing })
    return new Map([...ends, [order, { verdicts: end?.verdicts ?? [], standings }]])
  }
  const placeOf = (type: string) => {
    const event = told(type)
    return event === undefined ? {} : { place: saidPlace(event) }
  }

  test.each<[string, () => Stood['ends'], RegExp]>([
    [
      'credit as of the older report',
      () => but('credit', { value: 'held', ...placeOf('credit.held') }),
      /credit of SO-\d+ is held as of 2026.*, not approved as of 2026/,
    ],
    [
      'credit of the older report, as of the newer',
      () => but('credit', { value: 'held' }),
      /is held as of .*, not approved as of/,
    ],
    ['credit as of the older report, with the newer value', () => but('credit', placeOf('credit.held')), /approved as/],
    [
      'stock as of the older report',
      () => but('stock of line 30', { value: '0 at no node', ...placeOf('backorder.created') }),
      /stock of line 30 of SO-\d+ is 0 at no node as of .*, not \d+ at (EAST|WEST)/,
    ],
    ['a number that is gone', () => but('ERP number', undefined), /ERP number of SO-\d+ is unknown/],
  ])('is wrong: %s', (_, wrong, flaw) =>
    expect(judged({ said: all, ends: wrong() }).broken).toEqual([expect.stringMatching(flaw)]),
  )

  test('is told by chart and context where they differ', () => {
    const { place } = placeOf('credit.held')
    const context = { allocations: [], lines: [], places: {}, credit: 'held', creditPlace: place }
    const state = 'captured.approved.unallocated.unbilled'
    const actor = { key: 'order', kind: 'order', chart: 1, version: 1, state, context } as const
    const value = 'approved in the chart and held in the context'
    expect(standingsOf(Actors.of([actor])).get('credit')).toEqual({ place, value })
  })

  test('says nothing of an order that is not there: that is lost', () =>
    expect(judged({ said: all, ends: new Map([...ends].filter(([each]) => each !== order)) }).broken).toEqual([]))
})

test('what comes again, or first, is not late', () => {
  const its =
    [...byOrder(dayOf(50)).values()].find(some => some.some(({ event }) => event.type === 'credit.held')) ?? []
  const events = its.filter(isTold).map(({ event }) => event)
  expect(events.length).toBeGreaterThan(10)
  expect([lateEvents(events), lateSettings(events)]).toEqual([0, 0])
  expect([lateEvents([...events, ...events]), lateSettings([...events, ...events])]).toEqual([0, 0])
  expect(lateEvents(events.toReversed())).toBe(events.length - 1)
})
