// Scenarios that would say nothing, or not what their author meant, are not played.
import { describe, expect, test } from 'vitest'
import { said } from '../../bench/network/day.ts'
import type { NetworkScenario } from '../../bench/network/network-scenario.ts'
import { runNetwork } from '../../bench/network/run-network.ts'
import { scenarioFlaws } from '../../bench/network/scenario-flaws.ts'
import { flashSale } from '../../bench/network/scenarios/flash-sale.ts'
import { retryStorm } from '../../bench/network/scenarios/retry-storm.ts'
import { NETWORK_SCENARIOS } from '../../bench/network/scenarios.ts'
import { NotAsked } from '../../bench/not-asked.ts'

const { arrivals, mix, usual } = flashSale
const peak = arrivals as Extract<NetworkScenario['arrivals'], { kind: 'peak' }>

describe('a network scenario', () => {
  test.each(Object.entries(NETWORK_SCENARIOS))('as it is can be played: %s', (_, scenario) =>
    expect(scenarioFlaws(scenario)).toEqual([]),
  )

  // As somebody writes it who does not run the compiler.
  const FLAWED: readonly (readonly [RegExp, object])[] = [
    [/mix.until must be told of every order/, { mix: { ...mix, until: 'return.received' } }],
    [/mix.until must be told of every order/, { mix: { ...mix, until: 'order.validated' } }],
    [/mix.held.from must be told/, { mix: { ...mix, held: { from: 'pack.completed', untilMs: 1 } } }],
    [/mix.channel must be one of webshop, edi/, { mix: { ...mix, channel: 'erp' } }],
    [/mix.illegalShare/, { mix: { ...mix, illegalShare: 2 } }],
    [/there is no source 3pl_west; there are webshop/, { sources: { '3pl_west': {} } }],
    [/erp: duplicateShare/, { sources: { erp: { duplicateShare: 5 } } }],
    [/usual: connections/, { usual: { ...usual, connections: 0 } }],
    [/erp: an outage ends/, { sources: { erp: { outages: [{ fromMs: 2, toMs: 1 }] } } }],
    [/seconds/, { seconds: 0 }],
    [/orders/, { orders: 1.5 }],
    [/subscribers/, { subscribers: -1 }],
    [/peak must lie within/, { arrivals: { ...peak, overMs: peak.peak.toMs - 1 } }],
    [/times must be more/, { arrivals: { ...peak, times: 0 } }],
    [/overMs must be more/, { arrivals: { kind: 'steady', overMs: 0 } }],
    [/nobody can watch a twin that is stopped/, { twinOutages: retryStorm.twinOutages }],
    [/twin outages come one after the other/, { subscribers: 0, twinOutages: retryStorm.twinOutages?.toReversed() }],
    [/arrivals.kind must be one of/, { arrivals: { kind: 'burst', overMs: 1 } }],
    [/peak must lie within/, { arrivals: { kind: 'peak', overMs: 1, times: 2 } }],
    [/seconds/, { seconds: Number.POSITIVE_INFINITY }],
    [/stepMeanMs/, { mix: { ...mix, stepMeanMs: Number.NaN } }],
    [/usual: connections/, { usual: { ...usual, batchMax: Number.POSITIVE_INFINITY } }],
    [/erp: patience/, { sources: { erp: { patience: { timeoutMs: 40 } } } }],
    [
      /usual: patience/,
      { usual: { ...usual, patience: { ...usual.patience, sendingsMax: Number.POSITIVE_INFINITY } } },
    ],
    [/has no time for outages/, { subscribers: 0, arrivals: { kind: 'at_once' }, twinOutages: retryStorm.twinOutages }],
  ]
  test.each(FLAWED)('is not played: %s', async (flaw, change) => {
    const flawed = { ...flashSale, ...change } as NetworkScenario
    expect(scenarioFlaws(flawed).join('; ')).toMatch(flaw)
    await expect(runNetwork(flawed, { seed: 1, orders: 1, data: '/nowhere' })).rejects.toThrow(NotAsked)
  })

  test('has credit that is held first, and strangers by role and by company', () => {
    const all = said({ scenario: { ...flashSale, mix: { ...mix, illegalShare: 0.2 } }, seed: 1, orders: 100 })
    const held = all.filter(({ event }) => event.type === 'credit.held' && event.source === 'erp')
    expect(held.length).toBeGreaterThan(5)
    const strangers = new Set(all.filter(({ outcome }) => outcome === 'not_owner').map(({ event }) => event.source))
    expect([...strangers].sort()).toEqual(['erp-eu', 'freight-two', 'parcel-one'])
  })
})
