// node test/campaigns/steps.ts [--steps N] [--charts N] [--seed N] [--data FOLDER]: memoised steps beside XState's own, N of the
// real charts, and walks through N made ones. Exit 1 at the first part with a difference, and when some type of event never moved
// anything. They come in parts, each from a seed of its own; interrupted, the same command goes on with the part it was at.
import { parseArgs } from 'node:util'
import { seededRandom } from '../../connectors/simulated/random.ts'
import { checkMade } from '../helpers/made-steps.ts'
import { checkSteps, unmovedIn } from '../helpers/step-check.ts'
import { Progress } from './progress.ts'

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '1000000' },
    charts: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    data: { type: 'string', default: 'bench/stores' },
  },
})

const PART_STEPS = 10_000
const PART_CHARTS = 1_000
// Seeds of parts of two campaigns do not meet.
const PARTS_MAX = 100_000_000

const seed = Number(values.seed)
const nothing = {
  steps: 0,
  refused: 0,
  refusedForMore: 0,
  moved: {} as Readonly<Record<string, number>>,
  charts: 0,
  madeSteps: 0,
  madeRefused: 0,
  madeRanMore: 0,
}
const progress = new Progress<typeof nothing>(values.data, `steps-seed-${seed}`)
let soFar = progress.read() ?? nothing
const startMs = performance.now()
const found: string[] = []

while (soFar.steps < Number(values.steps) && found.length === 0) {
  const steps = Math.min(PART_STEPS, Number(values.steps) - soFar.steps)
  const checked = checkSteps({ random: seededRandom(seed * PARTS_MAX + soFar.steps), steps })
  found.push(...checked.differences)
  const moved = { ...soFar.moved }
  for (const [name, times] of Object.entries(checked.moved)) moved[name] = (moved[name] ?? 0) + times
  took({
    steps: soFar.steps + steps,
    refused: soFar.refused + checked.refused,
    refusedForMore: soFar.refusedForMore + checked.refusedForMore,
    moved,
  })
  if (soFar.steps % (10 * PART_STEPS) === 0) console.log(`${soFar.steps} steps`)
}
while (soFar.charts < Number(values.charts) && found.length === 0) {
  const charts = Math.min(PART_CHARTS, Number(values.charts) - soFar.charts)
  const checked = checkMade({ charts, seed: seed * PARTS_MAX + soFar.charts })
  if (checked.difference !== undefined) found.push(checked.difference)
  took({
    charts: soFar.charts + charts,
    madeSteps: soFar.madeSteps + checked.steps,
    madeRefused: soFar.madeRefused + checked.refused,
    madeRanMore: soFar.madeRanMore + checked.ranMore,
  })
}

const seldom = Object.entries(soFar.moved).sort(([, a], [, b]) => a - b)
const unmoved = soFar.steps === 0 ? [] : unmovedIn(soFar)
const seconds = ((performance.now() - startMs) / 1_000).toFixed(0)
for (const difference of found.slice(0, 20)) console.log(difference)
console.log(
  `${soFar.steps} steps of the real charts, seed ${seed}: ${soFar.refused} refused, ${soFar.refusedForMore} for more than one reason; ${seldom.length} types of events moved something, seldom ${seldom
    .slice(0, 3)
    .map(([name, times]) => `${name} (${times})`)
    .join(', ')}`,
)
console.log(
  `${soFar.madeSteps} steps of ${soFar.charts} made charts: ${soFar.madeRefused} refused, ${soFar.madeRanMore} with more than one assign`,
)
if (unmoved.length > 0) console.log(`never moved anything: ${unmoved.join(', ')}`)
console.log(`${found.length} differences, ${seconds} s`)
const isHeld = found.length === 0 && unmoved.length === 0
// More steps may yet move what none has moved: the same command with more goes on.
if (isHeld) progress.over()
process.exitCode = isHeld ? 0 : 1

/** A part is through. One with a difference is not kept: the same command finds it again. */
function took(more: Partial<typeof nothing>): void {
  soFar = { ...soFar, ...more }
  if (found.length === 0) progress.write(soFar)
}
