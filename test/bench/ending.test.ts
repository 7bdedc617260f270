// A run that is cut short leaves nothing: no process, no store.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { planOf } from '../../bench/all.ts'
import { type Asked, askedBy, commandOf } from '../../bench/asked.ts'
import { reportOf } from './reports.ts'
import { temporaryFolder } from './stores.ts'

// Runs are long enough that none ends by itself while it is looked at.
const ORDERS = '50000'
const LOOKING = { timeout: 60_000, interval: 50 }

/** Ids of all processes below this one. */
function below(pid: number): readonly number[] {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  const pairs = all
    .trim()
    .split('\n')
    .map(line => line.trim().split(/\s+/).map(Number))
  const children = (parent: number): readonly number[] =>
    pairs.filter(([, above]) => above === parent).flatMap(([id = 0]) => [id, ...children(id)])
  return children(pid)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function started(...args: readonly string[]): ChildProcess & { readonly pid: number } {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child as ChildProcess & { readonly pid: number }
}

/** Sends the signal; its exit code, and who lives on of those below it. */
async function cutShort(run: ChildProcess & { readonly pid: number }, signal: NodeJS.Signals) {
  const all = below(run.pid)
  run.kill(signal)
  const [exitCode] = await once(run, 'exit')
  return { exitCode, alive: all.filter(isAlive) }
}

const bench = (data: string, ...args: readonly string[]) =>
  started('bench/bench.ts', ...args, '--orders', ORDERS, '--data', data)

test.each([
  ['recover', 'SIGINT', 130],
  ['edi-burst', 'SIGTERM', 143],
] as const)(
  '%s cut short by %s leaves no process and no store',
  async (scenario, signal, code) => {
    const data = await temporaryFolder()
    const run = bench(data, scenario)
    // recover writes in a process of its own; edi-burst first runs clean in its own.
    const isReady = async () => (await readdir(data)).length + (scenario === 'recover' ? below(run.pid).length : 1)
    await expect.poll(isReady, LOOKING).toBe(2)
    expect(await cutShort(run, signal)).toEqual({ exitCode: code, alive: [] })
    expect(await readdir(data)).toEqual([])
  },
  120_000,
)

test('all of them, cut short, leave no process, no half-filled store, and every report there was', async () => {
  const data = await temporaryFolder()
  const names = planOf().map(line => line.split(' ')[0] ?? '')
  const reports = names.filter(name => name !== 'growth').map(name => `${name}.json`)
  for (const line of planOf()) {
    const [scenario = '', ...own] = line.split(' ')
    if (!reports.includes(`${scenario}.json`)) continue
    const args = [scenario, ...own, '--orders', ORDERS, '--keep']
    const command = commandOf(askedBy(args) as Asked)
    await writeFile(join(data, `${scenario}.json`), JSON.stringify(reportOf({ scenario, command })))
  }
  const run = bench(data, 'all', '--report', data)
  await expect.poll(() => readdir(data), LOOKING).toContain(`kept-1-${ORDERS}`)
  expect(await cutShort(run, 'SIGTERM')).toEqual({ exitCode: 143, alive: [] })
  expect((await readdir(data)).toSorted()).toEqual(reports.toSorted())
}, 120_000)

test('a child does not outlive a parent that is killed', async () => {
  const data = await temporaryFolder()
  const run = bench(data, 'recover')
  await expect.poll(() => below(run.pid), LOOKING).toHaveLength(1)
  const children = below(run.pid)
  run.kill('SIGKILL')
  await expect.poll(() => children.filter(isAlive), LOOKING).toEqual([])
}, 120_000)

const DAEMON = `import { endOnSignals } from './bench/ending.ts'
  import { Daemon } from './bench/peers/daemon.ts'
  endOnSignals()
  const args = ['-e', 'setInterval(() => undefined, 1e6); console.log("up")']
  const daemon = new Daemon({ command: process.execPath, args, signal: 'SIGTERM' })
  process.on('SIGUSR2', async () => {
    await daemon.end()
    console.log('ended')
  })
  console.log('started')
  setInterval(() => undefined, 1e6)`

/** A run with a database server, and what it says, line by line. */
async function withDaemon() {
  const run = started('--input-type=module-typescript', '-e', DAEMON)
  const lines = createInterface({ input: run.stdout! })
  await once(lines, 'line')
  return { run, lines }
}

test('a database server does not outlive the run that is cut short', async () => {
  const { run } = await withDaemon()
  expect(below(run.pid)).not.toEqual([])
  expect(await cutShort(run, 'SIGTERM')).toEqual({ exitCode: 143, alive: [] })
}, 60_000)

test('a database server does not outlive a run that is killed, and what sees to that not the server', async () => {
  const killed = await withDaemon()
  const all = below(killed.run.pid)
  killed.run.kill('SIGKILL')
  await expect.poll(() => all.filter(isAlive), LOOKING).toEqual([])

  const { lines, run } = await withDaemon()
  run.kill('SIGUSR2')
  await once(lines, 'line')
  await expect.poll(() => below(run.pid), LOOKING).toEqual([])
}, 60_000)
