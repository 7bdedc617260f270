// node test/campaigns/fuzz.ts [--seed N] [--inputs N] [--data FOLDER]: mutated inputs to every parser and endpoint. Exit 1 at the
// first failure, and when memory goes on growing. Inputs come in parts of 10,000, each from a seed of its own; interrupted, the
// same command goes on with the part it was at.
import { parseArgs } from 'node:util'
import { fuzz } from '../fuzz/fuzz-run.ts'
import { collectGarbage } from '../helpers/collect-garbage.ts'
import { slopeOf } from '../helpers/slope.ts'
import { Progress } from './progress.ts'

const PART_INPUTS = 10_000
// Seeds of parts of two campaigns do not meet.
const PARTS_MAX = 1_000_000
// The first parts fill caches, learn steps and compile what is hot; from fewer than thirty after them no slope is read.
const WARM_PARTS = 20
const SLOPE_PARTS_MIN = 30
// A real leak keeps at least the 200 bytes or so of an input: 200 MB in a million. A fifth of that is noise of the collector.
const HEAP_MB_PER_MILLION_MAX = 40

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    inputs: { type: 'string', default: '1000000' },
    data: { type: 'string', default: 'bench/stores' },
  },
})

interface SoFar {
  readonly parts: number
  readonly perTarget: Readonly<Record<string, number>>
  readonly slowestMs: number
}

const seed = Number(values.seed)
const partsMax = Math.ceil(Number(values.inputs) / PART_INPUTS)
const progress = new Progress<SoFar>(values.data, `fuzz-seed-${seed}`)
let soFar: SoFar = progress.read() ?? { parts: 0, perTarget: {}, slowestMs: 0 }
// Connections that a client keeps for later hold no process: between two requests there may be nothing else that does.
const alive = setInterval(() => undefined, 1_000)
const startMs = performance.now()
/** Millions of inputs and megabytes held, of this process. */
const held: (readonly [number, number])[] = []
let failure: string | undefined
while (soFar.parts < partsMax && failure === undefined) {
  const report = await fuzz(seed * PARTS_MAX + soFar.parts, PART_INPUTS)
  failure = report.failure
  const perTarget = { ...soFar.perTarget }
  for (const [name, count] of Object.entries(report.perTarget)) perTarget[name] = (perTarget[name] ?? 0) + count
  soFar = { parts: soFar.parts + 1, perTarget, slowestMs: Math.max(soFar.slowestMs, report.slowestMs) }
  if (failure === undefined) progress.write(soFar)
  collectGarbage()
  held.push([(soFar.parts * PART_INPUTS) / 1e6, process.memoryUsage().heapUsed / 1e6])
  if (soFar.parts % 10 === 0) console.log(`${soFar.parts * PART_INPUTS} inputs, heap ${held.at(-1)?.[1].toFixed(1)} MB`)
}
clearInterval(alive)
console.table(soFar.perTarget)
const seconds = ((performance.now() - startMs) / 1_000).toFixed(0)
console.log(
  `${soFar.parts * PART_INPUTS} inputs, seed ${seed}, ${seconds} s, slowest ${soFar.slowestMs.toFixed(0)} ms, heap ${held.at(-1)?.[1].toFixed(0)} MB`,
)
const settled = held.slice(WARM_PARTS)
const slope = settled.length < SLOPE_PARTS_MIN ? undefined : slopeOf(settled)
if (slope !== undefined) console.log(`heap after collection: ${slope.toFixed(1)} MB more per million inputs`)
if (failure !== undefined) console.log(failure)
else progress.over()
const isGrowing = slope !== undefined && slope > HEAP_MB_PER_MILLION_MAX
process.exitCode = failure === undefined && !isGrowing ? 0 : 1
