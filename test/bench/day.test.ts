// A network scenario's day: what is said and when it is due.
import { expect, test } from 'vitest'
import { dues, said } from '../../bench/network/day.ts'
import { lateSettings } from '../../bench/network/lateness.ts'
import { hours, type NetworkScenario } from '../../bench/network/network-scenario.ts'
import { NETWORK_SCENARIOS } from '../../bench/network/scenarios.ts'

const scenario = (name: string): NetworkScenario => NETWORK_SCENARIOS[name] as NetworkScenario
const day = (name: string, orders = 200, seed = 5) => ({ scenario: scenario(name), orders, seed })
const startOf = (time: string): number => Date.parse(time) - Date.UTC(2026, 0, 5)

test.each(Object.keys(NETWORK_SCENARIOS))('%s is the same for the same seed, and data that may be sent along', name => {
  expect(said(day(name, 30))).toEqual(said(day(name, 30)))
  expect(said(day(name, 30))).not.toEqual(said(day(name, 30, 6)))
  expect(JSON.parse(JSON.stringify(scenario(name)))).toEqual(scenario(name))
})

test.each(Object.keys(NETWORK_SCENARIOS))(
  '%s: every event is due at least once, each source in order of time',
  name => {
    const all = said(day(name, 50))
    const { bySource } = dues(day(name, 50))
    const due = [...bySource.values()].flatMap(each => each.map(({ event }) => event.id))
    expect(new Set(due)).toEqual(new Set(all.map(({ event }) => event.id)))
    expect(due.length).toBeGreaterThanOrEqual(all.length)
    for (const each of bySource.values())
      expect(each.map(({ atMs }) => atMs)).toEqual(each.map(({ atMs }) => atMs).sort((a, b) => a - b))
  },
)

const WHOLE = Object.keys(NETWORK_SCENARIOS).filter(name => scenario(name).mix.until === undefined)
test.each(WHOLE)('%s: of 300 orders some are told something older behind something newer that sets the same', name => {
  for (const seed of [1, 2, 3]) {
    const its = new Map(said(day(name, 300, seed)).map(each => [each.event.source + each.event.id, each]))
    const come = [...dues(day(name, 300, seed)).bySource.values()].flat().sort((a, b) => a.atMs - b.atMs)
    const accepted = come.filter(({ event }) => its.get(event.source + event.id)?.outcome === 'accepted')
    const byOrder = Map.groupBy(accepted, ({ event }) => its.get(event.source + event.id)?.order)
    const late = [...byOrder.values()].map(told => lateSettings(told.map(({ event }) => event)))
    expect(late.filter(count => count > 0).length).toBeGreaterThan(2)
  }
})

test('an order is told in order: no two of its reports at one time', () => {
  const byOrder = Map.groupBy(said(day('soak')), ({ order }) => order)
  for (const told of byOrder.values()) expect(new Set(told.map(({ event }) => event.time)).size).toBe(told.length)
})

test('a flash sale has fifteen times the orders of another hour', () => {
  const starts = said(day('flash-sale', 4_000))
    .filter(({ event, outcome }) => event.type === 'order.captured' && outcome === 'accepted')
    .map(({ event }) => startOf(event.time))
  const inPeak = starts.filter(ms => ms >= hours(3) && ms < hours(4)).length
  const anHourElse = (starts.length - inPeak) / 11
  expect(inPeak / anHourElse).toBeGreaterThan(12)
  expect(inPeak / anHourElse).toBeLessThan(18)
})

test('at the end of the month nothing is invoiced before the night run', () => {
  const invoices = said(day('month-end')).filter(({ event }) => event.type === 'invoice.posted')
  expect(invoices.length).toBe(200)
  for (const { event } of invoices) expect(startOf(event.time)).toBeGreaterThanOrEqual(hours(20))
})

test('a burst is all due at once, and only captures', () => {
  const { bySource } = dues(day('edi-burst'))
  expect([...bySource].filter(([, each]) => each.length > 0).map(([source]) => source)).toEqual(['edi'])
  for (const { atMs, event } of bySource.get('edi') ?? []) {
    expect(atMs).toBe(0)
    expect(event.type).toBe('order.captured')
  }
})

test('what a silent source has to say comes when it speaks again', () => {
  const { bySource, realPerSimulated } = dues(day('backlog'))
  const pouring = (bySource.get('3pl-west') ?? []).filter(({ atMs, event }) => {
    const happened = startOf(event.time)
    const arrived = atMs / realPerSimulated
    expect(arrived < hours(2) + 1 || arrived > hours(8) - 1 || happened < hours(2)).toBe(true)
    return happened > hours(2) && happened < hours(8)
  })
  expect(pouring.length).toBeGreaterThan(50)
})
