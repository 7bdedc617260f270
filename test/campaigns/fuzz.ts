// node test/campaigns/fuzz.ts [--seed N] [--inputs N]: mutated inputs to every parser and endpoint. Exit 1 at the first failure.
import { parseArgs } from 'node:util'
import { fuzz } from '../fuzz/fuzz-run.ts'

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, inputs: { type: 'string', default: '1000000' } },
})
const startMs = performance.now()
const report = await fuzz(Number(values.seed), Number(values.inputs), done => {
  if (done % 100_000 === 0) console.log(`${done} inputs`)
})
console.table(report.perTarget)
const seconds = ((performance.now() - startMs) / 1_000).toFixed(0)
const memory = (process.memoryUsage().heapUsed / 1e6).toFixed(0)
console.log(
  `${report.inputs} inputs, seed ${values.seed}, ${seconds} s, slowest ${report.slowestMs.toFixed(0)} ms, heap ${memory} MB`,
)
if (report.failure !== undefined) console.log(report.failure)
process.exitCode = report.failure === undefined ? 0 : 1
