// One store of many orders for all scenarios that need one: growth leaves it, query and history ask it, memory and recover go on with a copy.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { planOf } from '../../bench/all.ts'
import { laps } from '../../bench/load/load.ts'
import { loadOf } from '../../bench/load/load-of.ts'
import type { Report } from '../../bench/report.ts'
import { temporaryFolder } from './stores.ts'

const ORDERS = 40

async function bench(data: string, scenario: string, orders: number): Promise<Report> {
  const options = [scenario, '--orders', String(orders), '--data', data, '--keep', '--json']
  // Exit 1 where it is red: what it says counts.
  const run = promisify(execFile)(process.execPath, ['bench/bench.ts', ...options])
  const { stdout } = await run.catch((failed: { stdout: string }) => failed)
  return JSON.parse(stdout) as Report
}

/** Every file below, and what is in it. */
async function digests(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(each => each.isFile()).map(({ name, parentPath }) => join(parentPath, name))
  const digest = async (file: string) =>
    `${file} ${createHash('sha256')
      .update(await readFile(file))
      .digest('hex')}`
  return Promise.all(files.sort().map(digest))
}

test('recover kills and opens a copy of the kept store with further orders, and leaves the kept one as it is', async () => {
  const data = await temporaryFolder()
  expect((await bench(data, 'growth', ORDERS)).oracle.green).toBe(true)
  const before = await digests(data)
  const { oracle, results } = await bench(data, 'recover', ORDERS)
  expect(oracle.broken).toEqual([])
  expect(results).toMatchObject({ orders: ORDERS, further_orders: 4 })
  expect(await digests(data)).toEqual(before)

  // A store that does not have all its orders is found out, whatever its head says.
  await rename(join(data, `kept-1-${ORDERS}`), join(data, `kept-1-${ORDERS + 1}`))
  const short = await bench(data, 'recover', ORDERS + 1)
  expect(short.oracle.broken.join()).toContain(`every order is closed, delivered, paid: there are ${ORDERS + 5}, not`)
}, 120_000)

test('memory sends further orders to a copy of the kept store, and leaves the kept one as it is', async () => {
  const data = await temporaryFolder()
  await bench(data, 'growth', ORDERS)
  const before = await digests(data)
  const { oracle, results } = await bench(data, 'memory', ORDERS)
  expect(oracle.broken).toEqual([])
  expect(results).toMatchObject({ orders: ORDERS, further_orders: 4 })
  expect(await digests(data)).toEqual(before)
}, 120_000)

test('recover writes all orders where no store is kept', async () => {
  const data = await temporaryFolder()
  const { oracle, results } = await bench(data, 'recover', 5)
  expect(oracle.broken).toEqual([])
  expect(results).not.toHaveProperty('further_orders')
  expect(await readdir(data)).toEqual([])
}, 120_000)

test('further orders have numbers and ids of their own', () => {
  const ids = (after: number) =>
    [...laps({ ...loadOf(1, 20), after })].flatMap(({ events }) => events.map(({ id }) => id))
  const known = new Set(ids(0))
  expect(ids(20).filter(id => known.has(id))).toEqual([])
  expect(ids(20).every(id => Number(id.split('-').at(-2)) > 20)).toBe(true)
})

test('of the scenarios of a million orders the one that asks a kept store first fills it, those that copy it come later', () => {
  const million = planOf().filter(line => /--orders 1000000$/.test(line))
  expect(million.map(line => line.split(' ')[0])).toEqual(['query', 'history', 'memory', 'recover'])
  expect(planOf().at(-1)).toBe('growth --orders 10000000')
})
