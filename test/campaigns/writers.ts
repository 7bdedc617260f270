// node test/campaigns/writers.ts [--rounds N] [--writers N] [--versions N] [--seed N] [--data FOLDER]: many writers on one order, one
// order after another, on a real server. Exit 1 at the first history that fits no order. Interrupted, the same command goes on
// with the order it was at.
import { mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { verifyStore } from '../../cli/verify-store.ts'
import { SOURCES } from '../helpers/distributor.ts'
import { configFile, serverProcess } from '../helpers/server-process.ts'
import { contest, flawsOfContest } from '../reliability/writers.ts'
import { Progress } from './progress.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    writers: { type: 'string', default: '64' },
    versions: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    data: { type: 'string', default: 'bench/stores' },
  },
})
const seed = Number(values.seed)
const [writers, versionMax] = [Number(values.writers), Number(values.versions)]
const progress = new Progress<{ rounds: number; won: number; lost: number }>(
  values.data,
  `writers-seed-${seed}-${writers}-${versionMax}`,
)
let state = progress.read() ?? { rounds: 0, won: 0, lost: 0 }
const folder = mkdtempSync(join(resolve(values.data), 'writers-'))
const server = await serverProcess(await configFile(folder, SOURCES))
try {
  while (state.rounds < Number(values.rounds)) {
    const round = state.rounds + 1
    const history = await contest({ url: server.url, order: `O-${round}`, seed: seed + round, writers, versionMax })
    const flaws = flawsOfContest(history)
    if (flaws.length > 0) throw new Error(`seed ${seed}, round ${round}: ${flaws.slice(0, 5).join('; ')}`)
    const won = history.filter(write => write.outcome === 'accepted').length
    state = { rounds: round, won: state.won + won, lost: state.lost + history.length - won }
    progress.write(state)
    console.log(`round ${round}: ${won} won, ${history.length - won} lost`)
  }
} finally {
  await server.stop()
}
const verdict = await verifyStore(join(folder, 'store'))
if ('problem' in verdict) throw new Error(`${verdict.problem}; the store is in ${folder}`)
rmSync(folder, { recursive: true })
progress.over()
console.log(
  `${state.rounds} orders, ${writers} writers each, seed ${seed}: ${state.won} versions won once each, ${state.lost} conflicts told the version of their moment`,
)
