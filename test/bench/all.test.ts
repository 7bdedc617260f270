// The run of everything: what it plans, and that it goes on where it was.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { planOf } from '../../bench/all.ts'
import { type Asked, askedBy, commandOf } from '../../bench/asked.ts'
import { codeNow } from '../../bench/code-now.ts'
import { withFilled, withKept } from '../../bench/kept.ts'
import { NETWORK_SCENARIOS } from '../../bench/network/scenarios.ts'
import type { Report } from '../../bench/report.ts'
import { SCENARIOS } from '../../bench/scenarios/scenarios.ts'
import { TARGETS } from '../../bench/targets.ts'
import { reportOf } from './reports.ts'
import { temporaryFolder } from './stores.ts'

const names = planOf().map(line => line.split(' ')[0] ?? '')

const ORDERS = 3
/** The green report of what a run of everything with few orders does for the scenario. */
function report(scenario: string): Report {
  const [, ...own] =
    planOf()
      .find(line => line.split(' ')[0] === scenario)
      ?.split(' ') ?? []
  const args = [scenario, ...own, '--orders', String(ORDERS), '--keep']
  return reportOf({ scenario, command: commandOf(askedBy(args) as Asked) })
}

test('every target is measured as it is meant, and every network scenario played, once', () => {
  for (const { measuredBy } of TARGETS) expect(planOf()).toContain(measuredBy)
  for (const name of [...names, ...Object.keys(NETWORK_SCENARIOS)]) expect(SCENARIOS).toHaveProperty([name])
  expect(names).toEqual(expect.arrayContaining(Object.keys(NETWORK_SCENARIOS)))
  expect(new Set(names).size).toBe(names.length)
})

test('what has a green report is not run again; a red one, half of one, or one of another command or code is', async () => {
  const folder = await temporaryFolder()
  const write = (name: string, text: object | string) =>
    writeFile(join(folder, `${name}.json`), typeof text === 'string' ? text : JSON.stringify(text))
  for (const name of names) await write(name, report(name))
  const others = ['step', 'edi-burst', 'history', 'memory']
  await write('step', { ...report('step'), oracle: { green: false, held: [], broken: [] } })
  await write('edi-burst', '{"scenario":')
  const history = report('history')
  await write('history', { ...history, command: history.command.replace('--seed 1', '--seed 2') })
  await write('memory', { ...report('memory'), code: { ...codeNow(), commit: '0123456' } })
  // What is compared says of a run that it was without peers; they are not run here.
  expect(report('ingest').command).toContain(' --peers')
  const args = ['bench/bench.ts', 'all', '--orders', String(ORDERS), '--report', folder, '--data', folder]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args)
  expect(stderr.match(/done before/g)).toHaveLength(names.length - others.length)
  for (const name of others) expect(stdout).toMatch(new RegExp(`^${name}, seed 1$`, 'm'))
  const again = await promisify(execFile)(process.execPath, args)
  expect(again.stderr.match(/done before/g)).toHaveLength(names.length)
})

test('a kept store is made once, and again when making it did not end', async () => {
  const wanted = { data: await temporaryFolder(), seed: 1, orders: 5, keep: true }
  const fills: string[] = []
  const fill = async (data: string) => void fills.push(data)
  await expect(
    withKept(wanted, async () => {
      throw new Error('killed')
    }),
  ).rejects.toThrow('killed')
  const first = await withFilled(wanted, fill, async data => data)
  expect(await withFilled(wanted, fill, async data => data)).toBe(first)
  expect(fills).toEqual([first])
  await withFilled({ ...wanted, keep: false }, fill, async data => expect(data).not.toBe(first))
  expect(fills).toHaveLength(2)
})
