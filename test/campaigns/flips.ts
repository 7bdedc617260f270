// node test/campaigns/flips.ts [--flips N] [--cuts N] [--served N] [--seed N] [--data FOLDER]: bits turned over and ends cut off, in
// the files of a journal, where verify must find and name each, and in what can be made again, where nothing wrong may be served.
// Exit 1 at the first that is not found. They come in parts, each from a seed of its own; interrupted, the same command goes on
// with the part it was at.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type PerFile, spoilJournal, spoilServed } from '../reliability/spoilt.ts'
import { Progress } from './progress.ts'

const { values } = parseArgs({
  options: {
    flips: { type: 'string', default: '10000' },
    cuts: { type: 'string', default: '1000' },
    served: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    data: { type: 'string', default: 'bench/stores' },
  },
})
const seed = Number(values.seed)

type Kind = 'flips' | 'cuts' | 'served'
interface Done {
  readonly rounds: number
  readonly perFile: PerFile
}
type State = Readonly<Record<Kind, Done>>

const PART_ROUNDS = { flips: 1_000, cuts: 200, served: 20 } as const
// Seeds of parts of two campaigns do not meet.
const PARTS_MAX = 1_000_000

const nothing: Done = { rounds: 0, perFile: {} }
const progress = new Progress<State>(values.data, `flips-seed-${seed}`)
let state: State = progress.read() ?? { flips: nothing, cuts: nothing, served: nothing }

async function part(kind: Kind, partSeed: number, rounds: number): Promise<PerFile> {
  if (kind !== 'served') return await spoilJournal(partSeed, rounds, kind === 'flips' ? 'flip' : 'cut')
  mkdirSync(values.data, { recursive: true })
  const folder = mkdtempSync(join(resolve(values.data), 'spoilt-'))
  const perFile = await spoilServed({ folder, seed: partSeed, rounds })
  rmSync(folder, { recursive: true })
  return perFile
}

for (const kind of ['flips', 'cuts', 'served'] as const) {
  for (let { rounds } = state[kind]; rounds < Number(values[kind]); rounds = state[kind].rounds) {
    const count = Math.min(PART_ROUNDS[kind], Number(values[kind]) - rounds)
    const found = await part(kind, seed * PARTS_MAX + rounds, count)
    const perFile = { ...state[kind].perFile }
    for (const [name, times] of Object.entries(found)) perFile[name] = (perFile[name] ?? 0) + times
    state = { ...state, [kind]: { rounds: rounds + count, perFile } }
    progress.write(state)
  }
  console.table(state[kind].perFile)
}
progress.over()
console.log(
  `seed ${seed}: ${values.flips} flipped bits and ${values.cuts} cuts in a journal, each found, its file named; ${values.served} in what can be made again, nothing wrong served`,
)
