// The run of everything: what it plans, and that it goes on where it was.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { planOf } from '../../bench/all.ts'
import { withFilled, withKept } from '../../bench/kept.ts'
import { NETWORK_SCENARIOS } from '../../bench/network/scenarios.ts'
import { machineNow, type Report } from '../../bench/report.ts'
import { SCENARIOS } from '../../bench/scenarios/scenarios.ts'
import { TARGETS } from '../../bench/targets.ts'
import { temporaryFolder } from './stores.ts'

const names = planOf().map(line => line.split(' ')[0] ?? '')

const ORDERS = 3
const report = (scenario: string, green: boolean, { orders = ORDERS, seed = 1 } = {}): Report => ({
  scenario,
  seed,
  machine: machineNow(),
  results: { orders },
  ratios: {},
  oracle: { green, held: [], broken: [] },
})

test('every target is measured as it is meant, and every network scenario played, once', () => {
  for (const { measuredBy } of TARGETS) expect(planOf()).toContain(measuredBy)
  for (const name of [...names, ...Object.keys(NETWORK_SCENARIOS)]) expect(SCENARIOS).toHaveProperty([name])
  expect(names).toEqual(expect.arrayContaining(Object.keys(NETWORK_SCENARIOS)))
  expect(new Set(names).size).toBe(names.length)
})

test('what has a green report is not run again; a red one, half of one, or one of another seed or size is', async () => {
  const folder = await temporaryFolder()
  for (const name of names) await writeFile(join(folder, `${name}.json`), JSON.stringify(report(name, true)))
  const others = ['step', 'edi-burst', 'history', 'memory']
  await writeFile(join(folder, 'step.json'), JSON.stringify(report('step', false)))
  await writeFile(join(folder, 'edi-burst.json'), '{"scenario":')
  await writeFile(join(folder, 'history.json'), JSON.stringify(report('history', true, { seed: 2 })))
  await writeFile(join(folder, 'memory.json'), JSON.stringify(report('memory', true, { orders: 4 })))
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
