import { expect, test } from 'vitest'
import type { Chart } from '../../bench/page/chart.ts'
import { pageOf } from '../../bench/page/page.ts'
import { type Report, tableOf } from '../../bench/report.ts'
import { reportOf } from './reports.ts'

const report = (green: boolean): Report =>
  reportOf({
    seed: 7,
    results: { orders: 100_000, engine_events_per_s: 123_456, cold_events_per_s: undefined },
    ratios: { engine_vs_raw_log: 0.51 },
    oracle: green
      ? { green, held: ['nothing <lost>'], broken: [] }
      : { green, held: [], broken: ['nothing lost: 2 events are'] },
    notes: ['no NATS'],
    command: 'npm run bench -- ingest --seed 7',
  })
const charts: readonly Chart[] = [
  {
    title: 'Throughput',
    x: 's',
    y: 'events/s',
    lines: [
      {
        name: 'a & b',
        points: [
          [0, 1],
          [1, 5],
        ],
      },
    ],
  },
  {
    title: 'Latency',
    x: 'percentile',
    y: 'ms',
    scale: 'percentile',
    lines: [
      {
        name: 'ack',
        points: [
          [0, 1],
          [99.9, 7],
          [100, 9],
        ],
      },
    ],
  },
  { title: 'Empty', x: 's', y: 'MB', lines: [] },
]
const page = (green: boolean) => pageOf({ report: report(green), charts })

test('the page has figures, charts, notes and the command, and needs nothing else', () => {
  const html = page(true)
  for (const text of [
    '123,456',
    '0.51',
    'npm run bench -- ingest --seed 7',
    'no NATS',
    'a &amp; b',
    'nothing &lt;lost&gt;',
  ])
    expect(html).toContain(text)
  expect(html).toMatch(/fdatasync of every group commit, [\d.]+ ms each; a read of memory \d+ ns/)
  expect(html).not.toContain('cold_events_per_s')
  expect(html.match(/<svg /g)).toHaveLength(3)
  expect(html).not.toMatch(/NaN|Infinity|undefined|<script|src=|href=|https?:/)
})

test('a target is met or missed by a run of its size; of another size it is only told', () => {
  const small = { ...report(true), results: { orders: 60, engine_events_per_s: 123_456 } }
  for (const text of [page(true), tableOf(report(true))]) expect(text).toMatch(/target ≥ 200,000: missed/)
  for (const text of [pageOf({ report: small, charts: [] }), tableOf(small)]) {
    expect(text).toContain('target ≥ 200,000, of 100,000 orders')
    expect(text).not.toMatch(/: (met|missed)/)
  }
})

test('what was played stands on the page, with times as people say them, and spans of it in the charts', () => {
  const played = { about: 'a day', sources: { erp: { latencyMeanMs: 90_000, outages: [{ fromMs: 7_200_000 }] } } }
  const spans = [
    { name: 'erp silent', from: 0.5, to: 0.75 },
    { name: 'behind the end', from: 7, to: 9 },
  ]
  const html = pageOf({ report: { ...report(true), played }, charts: [{ ...charts[0]!, spans }] })
  for (const text of ['a day', 'latencyMeanMs&quot;: &quot;1.5 min', 'fromMs&quot;: &quot;2 h', 'erp silent'])
    expect(html).toContain(text)
  expect(html).not.toContain('behind the end')
  expect(html.match(/<rect /g)).toHaveLength(1)
})

test('what it comes to stands before the figures, and not at all where these do not count', () => {
  const summary = 'It fits: 8 < 9.'
  const html = pageOf({ report: { ...report(true), summary }, charts })
  expect(html.indexOf('It fits: 8 &lt; 9.')).toBeGreaterThan(0)
  expect(html.indexOf('It fits')).toBeLessThan(html.indexOf('123,456'))
  expect(tableOf({ ...report(true), summary }).endsWith(summary)).toBe(true)
  const red = { ...report(false), summary }
  for (const text of [pageOf({ report: red, charts }), tableOf(red)]) expect(text).not.toContain('It fits')
})

test('a red oracle is told first', () => {
  const html = page(false)
  expect(html).toContain('the numbers do not count')
  expect(html).toContain('broken: nothing lost: 2 events are')
  expect(html.indexOf('do not count')).toBeLessThan(html.indexOf('123,456'))
})

test('a long series is thinned to what a screen can show', () => {
  const points = Array.from({ length: 50_000 }, (_, index) => [index, index % 7] as const)
  const html = pageOf({
    report: report(true),
    charts: [{ ...charts[0]!, lines: [{ name: 'x', points }] }],
  })
  expect(html.length).toBeLessThan(30_000)
})

test('figures of a few things are bars, as long as they are large', () => {
  const bars = [
    { name: 'as closed & whole', value: 4 },
    { name: 'nothing', value: 0 },
    { name: 'half', value: 2 },
  ]
  const none = { title: 'None', unit: 's', bars: [] }
  const html = pageOf({
    report: report(true),
    charts: [{ title: 'Opening', unit: 'seconds', bars }, none],
  })
  expect(html).toContain('as closed &amp; whole')
  const [longest = 0, nothing, half] = [...html.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) =>
    Number(width),
  )
  expect(longest).toBeGreaterThan(0)
  expect(nothing).toBe(0)
  expect(half).toBeCloseTo(longest / 2, 0)
  expect(html).not.toMatch(/NaN|Infinity|undefined/)
})
