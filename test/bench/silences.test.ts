// Outages of sources: an outage in which a source would have told nothing has tried nothing.
import { expect, test } from 'vitest'
import { SOURCES } from '../../bench/load/sources.ts'
import { said } from '../../bench/network/day.ts'
import { hours, type NetworkScenario } from '../../bench/network/network-scenario.ts'
import { flashSale } from '../../bench/network/scenarios/flash-sale.ts'
import { idleSilences, silencesOf } from '../../bench/network/silences.ts'

const ids = SOURCES.map(({ id }) => id)
const idleIn = (parts: Partial<NetworkScenario>): string | undefined => {
  const scenario = { ...flashSale, ...parts }
  return idleSilences(silencesOf(scenario, ids), said({ scenario, seed: 1, orders: 60 }))
}

test('an outage of a source keeps back what it would have told', () => {
  expect(idleIn({ sources: { erp: { outages: [{ fromMs: hours(1), toMs: hours(9) }] } } })).toBeUndefined()
})

test('one behind the end of the day, or shorter than anything takes, is told by its source and hours', () => {
  const outages = [
    { fromMs: hours(1), toMs: hours(12) },
    { fromMs: hours(600), toMs: hours(602.5) },
  ]
  expect(idleIn({ sources: { 'wms-east': { outages } } })).toBe('wms-east had nothing to tell from 600 h to 602.5 h')
  const short = { sources: { erp: { outages: [{ fromMs: 6, toMs: 8 }] } } }
  expect(idleIn(short)).toBe('erp had nothing to tell from 0 h to 0 h')
})

test('an outage of all is one, and tried where any of them had something to tell', () => {
  const usual = { ...flashSale.usual, outages: [{ fromMs: hours(1), toMs: hours(2) }] }
  const silences = silencesOf({ ...flashSale, usual, sources: {} }, ids)
  expect(silences).toEqual([{ fromMs: hours(1), toMs: hours(2), sources: ids }])
  expect(idleIn({ usual, sources: {} })).toBeUndefined()
})
