// node test/campaigns/restores.ts [--rounds N] [--seed N] [--data FOLDER]: backups under load, restored to random positions, ten to a
// store. Exit 1 at the first that is not what was there then. Interrupted, the same command goes on with the store it was at.
import { mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { restores } from '../reliability/restores.ts'
import { Progress } from './progress.ts'

const STORE_ROUNDS = 10

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    data: { type: 'string', default: 'bench/stores' },
  },
})
const seed = Number(values.seed)
const progress = new Progress<{ rounds: number; events: number }>(values.data, `restores-seed-${seed}`)
let state = progress.read() ?? { rounds: 0, events: 0 }
while (state.rounds < Number(values.rounds)) {
  const rounds = Math.min(STORE_ROUNDS, Number(values.rounds) - state.rounds)
  const folder = mkdtempSync(join(resolve(values.data), 'restores-'))
  const onRound = (line: string) => console.log(line)
  const events = await restores({ folder, seed: seed * 1_000_000 + state.rounds, rounds, onRound })
  rmSync(folder, { recursive: true })
  state = { rounds: state.rounds + rounds, events: state.events + events }
  progress.write(state)
}
progress.over()
console.log(
  `${state.rounds} restores under load, seed ${seed}, of stores that took ${state.events} events: each as it was`,
)
