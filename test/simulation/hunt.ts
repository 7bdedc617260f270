// node test/simulation/hunt.ts SEED SEEDS: how many seeds it took, and what was then found; only the number when nothing was.
import { failureOf } from './shrink.ts'

const [seed = '1', seeds = '500'] = process.argv.slice(2)
const told = (run: number, what: string): void => {
  console.log(`${run}\n${what}`)
  process.exit(0)
}
let run = 0
// A fault of ours that nobody waited for counts as found too.
process.on('unhandledRejection', error => told(run, String(error)))
for (run = 1; run <= Number(seeds); run++) {
  const failure = await failureOf({ seed: Number(seed) + run - 1 })
  if (failure !== undefined) told(run, `${failure.checker}: ${failure.message.slice(0, 200)}`)
}
console.log(seeds)
