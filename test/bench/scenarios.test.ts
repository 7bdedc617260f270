// Each scenario once, with very few orders, as its user runs it. Speeds are not looked at: tests run beside other work.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { Report } from '../../bench/report.ts'

test.each(['step', 'ingest', 'recover', 'memory'])(
  '%s measures, and finds that what it measured is right',
  async scenario => {
    const data = await mkdtemp(join(tmpdir(), 'ordertwin-bench-'))
    onTestFinished(() => rm(data, { recursive: true, force: true }))
    const options = [scenario, '--orders', '12', '--seed', '3', '--data', data, '--json']
    const { stdout } = await promisify(execFile)(process.execPath, ['bench/bench.ts', ...options])
    const report = JSON.parse(stdout) as Report
    expect(report).toMatchObject({ scenario, seed: 3, oracle: { green: true, broken: [] } })
    expect(report.oracle.held).not.toEqual([])
    for (const figure of Object.values(report.results)) expect(figure).toBeGreaterThan(0)
  },
)
