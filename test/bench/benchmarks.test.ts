import { expect, test } from 'vitest'
import { benchmarksText } from '../../bench/benchmarks-text.ts'
import { measured, nameOf } from '../../bench/measured.ts'
import type { Report } from '../../bench/report.ts'
import { SCENARIOS } from '../../bench/scenarios/scenarios.ts'
import { isMet, scenarioOf, TARGETS, type Target, targetOf } from '../../bench/targets.ts'
import { textOf } from '../layout/source-files.ts'
import { reportOf } from './reports.ts'

const report = (results: Report['results'], green = true): Report =>
  reportOf({
    results: { orders: 100_000, ...results },
    ratios: { engine_vs_raw_log: 0.4 },
    oracle: { green, held: [], broken: [] },
    code: { commit: 'abc1234', measuredAt: '2026-11-30T12:48' },
  })

test('a target is reached from its side, by figures of its own scenario', () => {
  const [most, least] = [targetOf('ingest', 'engine_events_per_s'), targetOf('ingest', 'ack_p99_ms')] as [
    Target,
    Target,
  ]
  expect(isMet(most, 200_000)).toBe(true)
  expect(isMet(most, 199_999)).toBe(false)
  expect(isMet(least, 15)).toBe(true)
  expect(isMet(least, 15.1)).toBe(false)
  expect(targetOf('soak', 'ack_p99_ms')).toBeUndefined()
})

test('every target names a scenario there is', () => {
  for (const target of TARGETS) expect(SCENARIOS).toHaveProperty(scenarioOf(target))
})

test('figures stand beside their targets, met or missed; what was not measured says so', () => {
  const text = benchmarksText([report({ engine_events_per_s: 250_000, payload_bytes: 317 })])
  expect(text).toMatch(/\| `engine_events_per_s` \|.*\| 250,000 \| met \| abc1234, 2026-11-30 12:48 \|/)
  expect(text).toMatch(/\| `engine_vs_raw_log` \|.*\| 0\.4 \| missed \| abc1234/)
  expect(text).toMatch(/\| `cold_events_per_s` \|.*\| to be measured \| {2}\| {2}\|/)
  expect(text).toContain('317 bytes')
})

test('figures of another size do not count, and are told as what they are', () => {
  const text = benchmarksText([report({ engine_events_per_s: 250_000, orders: 10_000 })])
  expect(text).toMatch(/\| `engine_events_per_s` \|.*\| to be measured \| {2}\| {2}\|/)
  expect(text).toMatch(/Smaller runs[\s\S]*\| `engine_events_per_s` \| `ingest` \| 10,000 \| 250,000 \|/)
})

test('figures of a red oracle do not count', () => {
  expect(benchmarksText([report({ engine_events_per_s: 250_000 }, false)])).not.toContain('250,000')
})

test('network scenarios that were played have a line each', () => {
  const day = { ...report({ orders: 4_000, outcome_p99_ms: 12.5 }), scenario: 'flash-sale' }
  expect(benchmarksText([day])).toMatch(/\| `flash-sale` \| a promotion.*\| 4,000 \|.*\| 12\.5 \|/)
  expect(benchmarksText([])).not.toContain('flash-sale')
})

test('peers stand beside what the twin reached on the same, and what was left out with its reason', () => {
  const peers = { peers_orders: 2_500, engine_beside_peers_events_per_s: 13_000, peer_sqlite_events_per_s: 5_020 }
  const text = benchmarksText([{ ...report(peers), notes: ['left out: NATS, which is not installed'] }])
  expect(text).toMatch(/\| Ordertwin \| 13,000 \|\n\| SQLite \| 5,020 \|\n\n- left out: NATS/)
  expect(benchmarksText([report({})])).not.toContain('## Peers')
})

test.each([
  ['soak --seed 1', 'soak-5000.json'],
  ['soak --seed 1 --orders 5000 --keep', 'soak-5000.json'],
  ['soak --seed 1 --seconds 3600', 'soak-5000-seconds-3600.json'],
  ['soak --seed 12', 'soak-5000-seed-12.json'],
  ['soak --seed 1 --orders 5000 --peers', 'soak-5000-peers.json'],
])("the report of %s is kept as %s: one of another manner takes nobody's place", (args, name) => {
  const command = `npm run bench -- ${args}`
  expect(nameOf(reportOf({ scenario: 'soak', results: { orders: 5_000 }, command }))).toBe(name)
})

test('what was measured before a figure meant what it does is not told', () => {
  const told = (measuredAt: string) =>
    benchmarksText([{ ...report({ single_vs_fastify: 0.9 }), code: { commit: 'abc', measuredAt } }])
  expect(told('2026-11-30T17:36')).toMatch(/`single_vs_fastify` .*to be measured/)
  expect(told('2026-11-30T17:37')).toMatch(/`single_vs_fastify` .*0\.9 \| met/)
})

test('bench/BENCHMARKS.md is made of the reports in bench/measured, and has every target', async () => {
  const text = textOf('bench/BENCHMARKS.md')
  expect(text).toBe(benchmarksText(await measured()))
  for (const { key } of TARGETS) expect(text).toContain(`\`${key}\``)
})
