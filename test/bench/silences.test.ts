// Outages of sources: an outage in which a source would have told nothing has tried nothing.
import { expect, test } from 'vitest'
import { SOURCES } from '../../bench/load/sources.ts'
import { hours, type NetworkScenario } from '../../bench/network/network-scenario.ts'
import { flashSale } from '../../bench/network/scenarios/flash-sale.ts'
import { checkSilences, silencesOf } from '../../bench/network/silences.ts'
import { Checks } from '../../bench/oracle.ts'

const ids = SOURCES.map(({ id }) => id)

function checked(parts: Partial<NetworkScenario>, orders = 100) {
  const scenario = { ...flashSale, ...parts }
  const checks = new Checks()
  const notes = checkSilences({ scenario, seed: 1, orders }, silencesOf(scenario, ids), checks)
  return { notes, ...checks.verdict() }
}

test('an outage of a source keeps back what it would have told', () => {
  const { broken, held } = checked({ sources: { erp: { outages: [{ fromMs: hours(1), toMs: hours(9) }] } } })
  expect({ broken, held }).toEqual({ broken: [], held: ['each outage of a source keeps something back'] })
})

test('one behind the end of the day, or shorter than anything takes, is told by its source and hours', () => {
  const outages = [
    { fromMs: hours(1), toMs: hours(12) },
    { fromMs: hours(600), toMs: hours(602.5) },
  ]
  const idle = { sources: { erp: { outages: [{ fromMs: 6, toMs: 8 }] }, 'wms-east': { outages } } }
  const told = checked(idle).broken.join()
  for (const flaw of ['erp had nothing to tell from 0 h to 0 h', 'wms-east had nothing to tell from 600 h to 602.5 h'])
    expect(told).toContain(flaw)
  expect(told).not.toContain('from 1 h')
  // Of a few orders that may be chance.
  const { broken, held, notes } = checked(idle, 99)
  expect({ broken, held }).toEqual({ broken: [], held: [] })
  expect(notes.join()).toMatch(/^each outage of a source keeps something back: not tried: /)
})

test('what travels when an outage begins is kept back too', () => {
  const slow = { latencyMeanMs: hours(30), outages: [{ fromMs: hours(40), toMs: hours(60) }] }
  expect(checked({ sources: { erp: slow } }).broken).toEqual([])
})

test('an outage of all is one, and tried where any of them had something to tell; those of single sources are several', () => {
  const outages = [{ fromMs: hours(1), toMs: hours(2) }]
  const usual = { ...flashSale.usual, outages }
  expect(silencesOf({ ...flashSale, usual, sources: {} }, ids)).toEqual([{ ...outages[0], sources: ids }])
  expect(checked({ usual, sources: {} }).broken).toEqual([])
  const two = { ...flashSale, sources: { erp: { outages }, edi: { outages } } }
  expect(silencesOf(two, ids).map(({ sources }) => sources)).toEqual([['edi'], ['erp']])
})
