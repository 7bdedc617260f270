// Scenarios that would say nothing, or not what their author meant, are not played.
import { describe, expect, test } from 'vitest'
import { said } from '../../bench/network/day.ts'
import { hours, type NetworkScenario } from '../../bench/network/network-scenario.ts'
import { runNetwork } from '../../bench/network/run-network.ts'
import { scenarioFlaws } from '../../bench/network/scenario-flaws.ts'
import { flashSale } from '../../bench/network/scenarios/flash-sale.ts'
import { retryStorm } from '../../bench/network/scenarios/retry-storm.ts'
import { NETWORK_SCENARIOS } from '../../bench/network/scenarios.ts'
import { NotAsked } from '../../bench/not-asked.ts'

const { arrivals, mix, usual } = flashSale
const peak = arrivals as Extract<NetworkScenario['arrivals'], { kind: 'peak' }>

const NO_SIZES = { connections: undefined, batchMax: undefined }
const HELD = { from: 'invoice.posted', untilMs: 1 }
const AT_ONCE = { kind: 'at_once' }

describe('a network scenario', () => {
  test.each(Object.entries(NETWORK_SCENARIOS))('as it is can be played: %s', (_, scenario) =>
    expect(scenarioFlaws(scenario)).toEqual([]),
  )

  // As somebody writes it who does not run the compiler.
  const FLAWED: readonly (readonly [RegExp, object])[] = [
    [/^mix must be an object: it has stepMeanMs, illegalShare, /, { mix: undefined }],
    [/^arrivals must be one of steady, peak, at_once$/, { arrivals: undefined }],
    [/^usual must be an object: it has latencyMeanMs, /, { usual: null }],
    [/^usual.patience must be an object: it has timeoutMs, /, { usual: { ...usual, patience: undefined } }],
    [/^usual.connections must be a whole number from 1; usual.batchMax /, { usual: { ...usual, ...NO_SIZES } }],
    [/^has no subscriber: it has about, orders, /, { subscriber: 1 }],
    [/^mix has no ilegalShare: it has /, { mix: { ...mix, ilegalShare: 0.1 } }],
    [/^about must be a few words/, { about: undefined }],
    [/^mix.until must be told of every order/, { mix: { ...mix, until: 'return.received' } }],
    [/^mix.until must be told of every order/, { mix: { ...mix, until: 'order.validated' } }],
    [/^mix.held.from must be told/, { mix: { ...mix, held: { from: 'pack.completed', untilMs: 1 } } }],
    [/^mix.held.untilMs must be milliseconds/, { mix: { ...mix, held: { from: 'invoice.posted' } } }],
    [/^mix.held begins when all/, { mix: { ...mix, until: 'order.captured', held: HELD } }],
    [/^mix.channel must be a channel: one of webshop, edi$/, { mix: { ...mix, channel: 'erp' } }],
    [/^mix.illegalShare must be from 0 to 1$/, { mix: { ...mix, illegalShare: 2 } }],
    [/^mix.illegalShare must be from 0 to 1$/, { mix: { ...mix, illegalShare: '0.1' } }],
    [/^sources has no 3pl_west: it has webshop, /, { sources: { '3pl_west': {} } }],
    [/^sources.erp must be an object: it has /, { sources: { erp: null } }],
    [/^sources.erp.connections must be/, { sources: { erp: { connections: undefined } } }],
    [/^sources.erp.duplicateShare/, { sources: { erp: { duplicateShare: 5 } } }],
    [/^sources.erp has no shuffleMs/, { sources: { erp: { shuffleMs: 5 } } }],
    [/^usual.connections/, { usual: { ...usual, connections: 0 } }],
    [/^sources.erp.outages.0 must end after it begins$/, { sources: { erp: { outages: [{ fromMs: 2, toMs: 1 }] } } }],
    [/^sources.erp.outages must be a list$/, { sources: { erp: { outages: { fromMs: 1, toMs: 2 } } } }],
    [/^seconds must be more than 0/, { seconds: 0 }],
    [/^seconds must be more than 0/, { seconds: Number.POSITIVE_INFINITY }],
    [/^seconds must be more than 0, and two days at most/, { seconds: 172_801 }],
    [/^growth must be an object: it has mb, bytesPerEvent$/, { growth: 200 }],
    [/^growth.mb must be 0 or more$/, { growth: { mb: -1, bytesPerEvent: 1 } }],
    [/^orders must be a whole number/, { orders: 1.5 }],
    [/^subscribers must be a whole number/, { subscribers: -1 }],
    [/^arrivals.peak must lie within/, { arrivals: { ...peak, overMs: peak.peak.toMs - 1 } }],
    [/^arrivals.peak must be an object: it has fromMs, toMs$/, { arrivals: { kind: 'peak', overMs: 1, times: 2 } }],
    [/^arrivals.times must be more/, { arrivals: { ...peak, times: 0 } }],
    [/^arrivals.overMs must be milliseconds, more than 0/, { arrivals: { kind: 'steady', overMs: 0 } }],
    [/^arrivals.overMs must be .* to a year$/, { arrivals: { kind: 'steady', overMs: 400 * hours(24) } }],
    [/^arrivals.kind must be one of/, { arrivals: { kind: 'burst', overMs: 1 } }],
    [/^nobody can watch a twin that is stopped/, { twinOutages: retryStorm.twinOutages }],
    [/^twin outages come one after the other/, { subscribers: 0, twinOutages: retryStorm.twinOutages?.toReversed() }],
    [/^mix.stepMeanMs/, { mix: { ...mix, stepMeanMs: Number.NaN } }],
    [/^usual.batchMax/, { usual: { ...usual, batchMax: Number.POSITIVE_INFINITY } }],
    [/^sources.erp.patience.sendingsMax must be/, { sources: { erp: { patience: { timeoutMs: 40 } } } }],
    [
      /^usual.patience.sendingsMax/,
      { usual: { ...usual, patience: { ...usual.patience, sendingsMax: Number.POSITIVE_INFINITY } } },
    ],
    // A timer that is set for so long goes off at once.
    [
      /^usual.patience.timeoutMs must be .* to a day$/,
      { usual: { ...usual, patience: { ...usual.patience, timeoutMs: 2 ** 31 } } },
    ],
    [/has no time for outages/, { subscribers: 0, arrivals: AT_ONCE, twinOutages: retryStorm.twinOutages }],
    [/has no time for outages/, { arrivals: AT_ONCE, sources: { erp: { outages: retryStorm.twinOutages } } }],
  ]
  test.each(FLAWED)('is not played: %s', async (flaw, change) => {
    const flawed = { ...flashSale, ...change } as NetworkScenario
    expect(scenarioFlaws(flawed).join('; ')).toMatch(flaw)
    await expect(runNetwork(flawed, { seed: 1, orders: 1, data: '/nowhere' })).rejects.toThrow(NotAsked)
  })

  test('is not played when its orders take so long that the twin would not believe their times', async () => {
    const slow = { ...flashSale, mix: { ...mix, stepMeanMs: 100 * hours(24) } }
    await expect(runNetwork(slow, { seed: 1, orders: 5, data: '/nowhere' })).rejects.toThrow(/more than a year/)
  })

  test('has credit that is held first, and strangers by role and by company', () => {
    const all = said({ scenario: { ...flashSale, mix: { ...mix, illegalShare: 0.2 } }, seed: 1, orders: 100 })
    const held = all.filter(({ event }) => event.type === 'credit.held' && event.source === 'erp')
    expect(held.length).toBeGreaterThan(5)
    const strangers = new Set(all.filter(({ outcome }) => outcome === 'not_owner').map(({ event }) => event.source))
    expect([...strangers].sort()).toEqual(['erp-eu', 'freight-two', 'parcel-one'])
  })
})
