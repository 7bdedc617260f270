// node test/campaigns/once.ts [--events N] [--kills N] [--store N] [--seed S] [--data FOLDER]: events sent up to five times, a tenth of
// the copies altered, through kills of the server, in stores of so many events each. Exit 1 at the first that has effect twice,
// or is answered wrongly. Interrupted, the same command goes on with the store it was at.
import { parseArgs } from 'node:util'
import { type OnceReport, onceRun } from '../reliability/once.ts'
import { Progress } from './progress.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    kills: { type: 'string', default: '20' },
    store: { type: 'string', default: '200000' },
    seed: { type: 'string', default: '1' },
    data: { type: 'string', default: 'bench/stores' },
  },
})
const seed = Number(values.seed)
const [eventsMax, perStore] = [Number(values.events), Number(values.store)]
const killsPerStore = Math.ceil((Number(values.kills) * perStore) / eventsMax)
const progress = new Progress<OnceReport>(values.data, `once-seed-${seed}-${perStore}-${killsPerStore}`)
let soFar: OnceReport = progress.read() ?? { events: 0, answered: 0, altered: 0, kills: 0 }
while (soFar.events < eventsMax) {
  const events = Math.min(perStore, eventsMax - soFar.events)
  const report = await onceRun({
    folder: values.data,
    seed: seed * 1_000_000 + soFar.events,
    events,
    kills: killsPerStore,
  })
  soFar = {
    events: soFar.events + report.events,
    answered: soFar.answered + report.answered,
    altered: soFar.altered + report.altered,
    kills: soFar.kills + report.kills,
  }
  progress.write(soFar)
  console.log(`${soFar.events} events, ${soFar.answered} sendings answered, ${soFar.kills} kills`)
}
progress.over()
console.log(
  `${soFar.events} events, ${soFar.answered} sendings answered, ${soFar.altered} of them altered, ${soFar.kills} kills, seed ${seed}: each has effect once`,
)
