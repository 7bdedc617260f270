// Long form of test/machines/memoised-step.test.ts: memoised steps beside XState's own.
//   node test/campaigns/steps.ts --steps 1000000 [--seed 1]
import { parseArgs } from 'node:util'
import { seededRandom } from '../../connectors/simulated/random.ts'
import { stepDifferences } from '../helpers/step-check.ts'

const { values } = parseArgs({
  options: { steps: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
})
const startMs = performance.now()
const found = stepDifferences({ random: seededRandom(Number(values.seed)), steps: Number(values.steps) })
for (const difference of found.slice(0, 20)) console.log(difference)
const seconds = (performance.now() - startMs) / 1_000
console.log(`${values.steps} steps, seed ${values.seed}: ${found.length} differences, ${seconds.toFixed(0)} s`)
process.exitCode = found.length === 0 ? 0 : 1
