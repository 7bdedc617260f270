// Each scenario once, with very few orders, as its user runs it. Speeds are not looked at: tests run beside other work.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Report } from '../../bench/report.ts'
import { temporaryFolder } from './stores.ts'

const KEYS = ['scenario', 'seed', 'machine', 'results', 'ratios', 'oracle', 'notes', 'command', 'code']

test.each([
  'step',
  'ingest',
  'recover',
  'query',
  'history',
  'memory',
  'growth',
  'profile',
  'fanout',
  'exceptions',
  'edi-burst',
])('%s measures, and finds that what it measured is right', async scenario => {
  const data = await temporaryFolder()
  const options = [scenario, '--orders', '12', '--seed', '3', '--data', data, '--report', data, '--json']
  const run = promisify(execFile)(process.execPath, ['bench/bench.ts', ...options])
  // Exit 1 where it is red: the report says why.
  const { stdout } = await run.catch((failed: { stdout: string }) => failed)
  const report = JSON.parse(stdout) as Report
  expect(report).toMatchObject({ scenario, seed: 3, oracle: { green: true, broken: [] } })
  expect(report.oracle.held).not.toEqual([])
  // A day is told as it was played, and whether it fits.
  const own = scenario === 'edi-burst' ? ['played', 'summary'] : []
  expect(Object.keys(report).sort()).toEqual([...KEYS, ...own].sort())
  for (const figure of Object.values(report.results)) expect(figure).toBeGreaterThanOrEqual(0)
  const page = await readFile(join(data, `${scenario}.html`), 'utf8')
  expect(page).toContain(`npm run bench -- ${scenario} --seed 3 --orders 12`)
  expect(page).toMatch(/<svg [\s\S]*(<polyline|<rect) /)
  expect(page).not.toMatch(/NaN|undefined/)
})

test('what is not known is refused with what there is', async () => {
  const run = promisify(execFile)(process.execPath, ['bench/bench.ts', 'rush-hour'])
  await expect(run).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('flash-sale') })
})
