// all: every target and every network scenario, each in a process of its own, one after the other. Each report is written as its run
// ends, and what has a green one of the same code already is not run again: a table that takes hours may be made in parts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Asked, askedBy, commandOf } from './asked.ts'
import { codeNow } from './code-now.ts'
import { endWithUs } from './ending.ts'
import { keptFolder } from './kept.ts'
import { NETWORK_SCENARIOS } from './network/scenarios.ts'
import type { Report } from './report.ts'
import { TARGETS } from './targets.ts'

export interface AllOptions {
  readonly seed: number
  /** Instead of the sizes the targets are stated for; for a try. */
  readonly orders: number | undefined
  /** Folder of the reports. */
  readonly report: string
  readonly data: string
}

// Twice what the largest takes on a slow machine; what takes longer hangs.
const MINUTES_MAX = 120
const BENCH = new URL('./bench.ts', import.meta.url).pathname

/** What is run, in this order: one line of arguments each. Stores of a million orders and more come last, one made once and asked by several. */
export function planOf(): readonly string[] {
  const targets = [...new Set(TARGETS.map(({ measuredBy }) => measuredBy))]
  const [large, small] = [targets.filter(isLarge), targets.filter(each => !isLarge(each))]
  const asked = new Set(small.map(each => each.split(' ')[0]))
  const days = Object.keys(NETWORK_SCENARIOS).filter(name => !asked.has(name))
  const byUse = large.toSorted((a, b) => useOf(a) - useOf(b))
  return [...small, ...days, ...byUse]
}

// query makes the store, and its watch knows all, as the checkpoint does that memory and recover copy. The longest run comes last.
const USES = ['query', 'history', 'memory', 'recover', 'growth']

const useOf = (line: string): number => USES.findIndex(scenario => line.startsWith(scenario))

/** The size that a line of the plan asks for. */
function ordersIn(line: string): number | undefined {
  const orders = /--orders (\d+)/.exec(line)?.[1]
  return orders === undefined ? undefined : Number(orders)
}

const isLarge = (line: string): boolean => (ordersIn(line) ?? 0) >= 1_000_000

/** Whether every report is there and green in the end. */
export async function runAll({ data, orders, report, seed }: AllOptions): Promise<boolean> {
  const size = orders === undefined ? [] : ['--orders', String(orders)]
  const missing: string[] = []
  const plan = planOf()
  for (const [index, line] of plan.entries()) {
    const [scenario = '', ...own] = line.split(' ')
    const title = `[${index + 1}/${plan.length}] ${line}`
    const args = [scenario, ...own, ...size, '--seed', String(seed), '--report', report, '--data', data, '--keep']
    const file = join(report, `${scenario}.json`)
    if (await isDone(file, args)) {
      console.error(`${title}: done before`)
      continue
    }
    console.error(title)
    const startedMs = performance.now()
    await runOne(args)
    if (!(await isDone(file, args))) missing.push(scenario)
    console.error(`  ${((performance.now() - startedMs) / 60_000).toFixed(1)} min`)
  }
  await removeKept(data, seed, plan, orders)
  if (missing.length > 0) console.error(`without a green report: ${missing.join(', ')}`)
  console.error(`for the table: node bench/write-benchmarks.ts ${join(report, '*.json')}`)
  return missing.length === 0
}

async function runOne(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, BENCH, ...args], { stdio: 'inherit' })
  endWithUs(child, 'SIGTERM')
  const late = setTimeout(() => void child.kill('SIGTERM'), MINUTES_MAX * 60_000)
  // What does not even hear that it is to end.
  const deaf = setTimeout(() => void child.kill('SIGKILL'), (MINUTES_MAX + 1) * 60_000)
  await once(child, 'exit')
  clearTimeout(late)
  clearTimeout(deaf)
}

/** Whether the file is the green report of such a run, its store kept or not, of the code as it is, as far as git can tell. */
async function isDone(file: string, args: readonly string[]): Promise<boolean> {
  const wanted = commandOf({ ...(askedBy(args) as Asked), keep: false })
  try {
    const { code, command, oracle } = JSON.parse(await readFile(file, 'utf8')) as Report
    return oracle.green && command.replace(' --keep', '') === wanted && code.commit === codeNow().commit
  } catch {
    // Not there, or half written: it is run.
    return false
  }
}

async function removeKept(
  data: string,
  seed: number,
  plan: readonly string[],
  orders: number | undefined,
): Promise<void> {
  const sizes = orders === undefined ? plan.map(line => ordersIn(line) ?? 0) : [orders]
  for (const size of new Set(sizes))
    await rm(keptFolder({ data, seed, orders: size }), { recursive: true, force: true })
}
