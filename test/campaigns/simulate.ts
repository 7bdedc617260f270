// node test/campaigns/simulate.ts [--seed N] [--runs N] [--minutes N] [--keep] [--data FOLDER]: the deterministic simulation.
// Exit 1 at the first violation: it prints the seed, shrinks it, and with --keep writes it to test/simulation/regressions.
// Interrupted, the same command goes on where it was.
import { parseArgs } from 'node:util'
import { type CampaignReport, campaign, EXPECTED } from '../simulation/campaign.ts'
import { Coverage } from '../simulation/coverage.ts'
import { printed, saveRegression } from '../simulation/regressions.ts'
import { shrunk } from '../simulation/shrink.ts'
import { Progress } from './progress.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string' },
    minutes: { type: 'string' },
    keep: { type: 'boolean', default: false },
    data: { type: 'string', default: 'bench/stores' },
  },
})
const seed = Number(values.seed)
const endMs =
  values.minutes === undefined ? Number.POSITIVE_INFINITY : performance.now() + Number(values.minutes) * 60_000
const runsMax = Number(values.runs ?? (values.minutes === undefined ? 200 : Number.POSITIVE_INFINITY))
const startMs = performance.now()

// Some ten seconds of work.
const SAVE_RUNS = 20

type Saved = Omit<CampaignReport, 'coverage' | 'failure'> & { readonly counts: readonly (readonly [string, number])[] }
const progress = new Progress<Saved>(values.data, `simulate-seed-${seed}`)
const saved = progress.read()
const report = await campaign(seed, runs => runs >= runsMax || performance.now() >= endMs, {
  since: saved && { ...saved, coverage: new Coverage(saved.counts) },
  onRun: soFar => {
    if (soFar.runs % SAVE_RUNS !== 0) return
    const { coverage, entries, known, messages, openings, runs } = soFar
    progress.write({ counts: [...coverage.counts], entries, known, messages, openings, runs })
    console.log(`${runs} runs`)
  },
})
const { coverage, entries, failure, known, messages, openings, runs } = report
const seconds = ((performance.now() - startMs) / 1_000).toFixed(0)
console.log(
  `${runs} runs from seed ${seed}: ${messages} messages, ${entries} entries, ${openings} openings, ${seconds} s`,
)
for (const prefix of ['fault ', 'outcome ', 'verdict '])
  console.log(
    coverage
      .names(prefix)
      .map(name => `${name.slice(prefix.length)} ${coverage.counts.get(name)}`)
      .join(', '),
  )
console.log(`${coverage.names('state ').length} states, ${coverage.names('event ').length} event types`)
if (failure !== undefined) {
  console.log(printed(failure))
  console.log('shrinking …')
  const least = await shrunk(failure)
  console.log(printed(least))
  console.log(`again: npm run simulate -- --seed ${failure.options.seed} --runs 1`)
  if (values.keep) console.log(`kept as ${saveRegression(least)}`)
  process.exitCode = 1
} else {
  progress.over()
  const missing = coverage.missing(EXPECTED)
  // A few runs may lack what a hundred have.
  if (runs >= 100 && missing.length > 0) {
    console.log(`never came by: ${missing.join(', ')}`)
    process.exitCode = 1
  } else
    console.log(
      known.length === 0 ? '0 violations' : `0 new violations; known and not mended: seeds ${known.join(', ')}`,
    )
}
