// bench: npm run bench -- [SCENARIO] [--seed N] [--orders N] [--data FOLDER] [--json]. Exit 1 when the oracle is red.
import { parseArgs } from 'node:util'
import { machineNow, type Report, tableOf } from './report.ts'
import { ingest } from './scenarios/ingest.ts'
import { memory } from './scenarios/memory.ts'
import { recover } from './scenarios/recover.ts'
import type { RunOptions, Scenario } from './scenarios/scenario.ts'
import { step } from './scenarios/step.ts'

const SCENARIOS: Readonly<Record<string, Scenario>> = { step, ingest, recover, memory }

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    orders: { type: 'string' },
    data: { type: 'string', default: 'bench/stores' },
    json: { type: 'boolean', default: false },
  },
})

const scenario = positionals[0] ?? 'ingest'
const chosen = SCENARIOS[scenario]
if (chosen === undefined) {
  const known = Object.entries(SCENARIOS).map(([name, { about }]) => `  ${name.padEnd(10)}${about}`)
  console.error([`there is no scenario ${scenario}; there are`, ...known].join('\n'))
  process.exit(2)
}
const options: RunOptions = {
  seed: Number(values.seed),
  orders: values.orders === undefined ? undefined : Number(values.orders),
  data: values.data,
}
const machine = machineNow()
const report: Report = { scenario, seed: options.seed, machine, ...(await chosen.run(options)) }
console.log(values.json ? JSON.stringify(report) : tableOf(report))
process.exitCode = report.oracle.green ? 0 : 1
