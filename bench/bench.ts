// bench: npm run bench -- [SCENARIO] [--seed N] [--orders N] [--peers] [--json] [--report DIR] [--data FOLDER] [--keep].
// Exit 1 when the oracle is red, 2 when it was not asked properly.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { turnOffPretenuring } from '../cli/heap.ts'
import { runAll } from './all.ts'
import { pageOf } from './page/page.ts'
import { machineNow, type Report, tableOf } from './report.ts'
import type { RunOptions } from './scenarios/scenario.ts'
import { SCENARIOS, WITH_PEERS } from './scenarios/scenarios.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    orders: { type: 'string' },
    peers: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    report: { type: 'string' },
    data: { type: 'string', default: 'bench/stores' },
    keep: { type: 'boolean', default: false },
  },
})

// As the process that serves has it.
turnOffPretenuring()
const scenario = positionals[0] ?? 'ingest'
const seed = wholeNumber('seed', values.seed, 0)
const orders = values.orders === undefined ? undefined : wholeNumber('orders', values.orders, 1)
if (scenario === 'all') {
  const { data, report = 'bench/reports' } = values
  process.exit((await runAll({ seed, orders, data, report })) ? 0 : 1)
}
const chosen = SCENARIOS[scenario]
if (chosen === undefined) {
  const known = Object.entries(SCENARIOS).map(([name, { about }]) => `  ${name.padEnd(14)}${about}`)
  const all = `  ${'all'.padEnd(14)}every target and network scenario; what --report has already is not run again`
  refuse([`there is no scenario ${scenario}; there are`, ...known, all].join('\n'))
}
const options: RunOptions = {
  seed,
  orders,
  peers: values.peers,
  data: values.data,
  keep: values.keep,
}
const machine = machineNow()
const { charts = [], notes = [], oracle, ratios, results } = await chosen.run(options)
const report: Report = { scenario, seed: options.seed, machine, results, ratios, oracle }
console.log(values.json ? JSON.stringify(report) : tableOf(report))
for (const note of notes) console.error(note)
if (options.peers && !WITH_PEERS.has(scenario)) console.error(`${scenario} has no peers`)
if (values.report !== undefined) {
  const file = join(values.report, `${scenario}.html`)
  await mkdir(values.report, { recursive: true })
  await writeFile(file, pageOf({ report, charts, notes, command: commandOf(options) }))
  await writeFile(join(values.report, `${scenario}.json`), `${JSON.stringify(report)}\n`)
  console.error(`report: ${file}`)
}
process.exitCode = oracle.green ? 0 : 1

function commandOf({ orders, peers, seed }: RunOptions): string {
  const size = orders === undefined ? '' : ` --orders ${orders}`
  return `npm run bench -- ${scenario} --seed ${seed}${size}${peers ? ' --peers' : ''}`
}

function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < least) refuse(`--${name} must be a whole number from ${least}`)
  return number
}

function refuse(why: string): never {
  console.error(why)
  process.exit(2)
}
