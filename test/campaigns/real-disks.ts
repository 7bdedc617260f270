// node test/campaigns/real-disks.ts [--cuts N] [--calls N] [--nth A-B[/STEP]] [--full N] [--seed N] [--data FOLDER]: power cuts, full
// disks, and system calls that fail at N random moments and at each of those from A to B. Needs root, loop devices and strace;
// what it lacks is said and left out. Exit 1 at the first loss. Interrupted, the same command goes on where it was.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type FailingCall, failedCalls, fullDisks, powerCuts, randomCalls } from '../reliability/disk-runs.ts'
import { whyNoInjection, whyNoMounts } from '../reliability/real-disk.ts'
import { Progress } from './progress.ts'

const { values } = parseArgs({
  options: {
    cuts: { type: 'string', default: '200' },
    calls: { type: 'string', default: '20' },
    nth: { type: 'string', default: '' },
    full: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    data: { type: 'string', default: 'bench/stores' },
  },
})
const seed = Number(values.seed)

type Kind = 'cuts' | 'full' | 'calls' | 'nth'
type State = Readonly<Record<Kind, { readonly rounds: number; readonly acknowledged: number }>>

const nothing = { rounds: 0, acknowledged: 0 }
const progress = new Progress<State>(
  values.data,
  `disks-seed-${seed}${values.nth === '' ? '' : `-nth-${values.nth.replace('/', '-by-')}`}`,
)
let state: State = progress.read() ?? { cuts: nothing, full: nothing, calls: nothing, nth: nothing }

const PART_ROUNDS = { cuts: 20, full: 5, calls: 10, nth: 10 } as const
type Run = (part: {
  readonly folder: string
  readonly seed: number
  readonly from: number
  readonly rounds: number
  readonly onRound: (line: string) => void
}) => Promise<number>

/** In parts, each in a folder and from a seed of its own. */
async function inParts(kind: Kind, roundsMax: number, run: Run): Promise<void> {
  for (let { rounds } = state[kind]; rounds < roundsMax; rounds = state[kind].rounds) {
    const count = Math.min(PART_ROUNDS[kind], roundsMax - rounds)
    const folder = mkdtempSync(join(tmpdir(), 'ordertwin-disks-'))
    try {
      const onRound = (line: string) => console.log(line)
      const kept = await run({ folder, seed: seed * 1_000_000 + rounds, from: rounds, rounds: count, onRound })
      state = { ...state, [kind]: { rounds: rounds + count, acknowledged: state[kind].acknowledged + kept } }
      progress.write(state)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** `A-B` or `A-B/STEP`: each call that many times. */
function nthCalls(text: string): readonly FailingCall[] {
  const [, from, to, step = '1'] = /^(\d+)-(\d+)(?:\/(\d+))?$/.exec(text) ?? []
  const calls: FailingCall[] = []
  for (let count = Number(from); count <= Number(to); count += Number(step))
    calls.push({ call: 'fdatasync', count }, { call: 'pwrite64', count })
  return calls
}

const probe = mkdtempSync(join(tmpdir(), 'ordertwin-probe-'))
const noMounts = whyNoMounts(probe)
rmSync(probe, { recursive: true })
if (noMounts !== undefined) console.log(`left out: power cuts and full disks: ${noMounts}`)
else {
  await inParts('cuts', Number(values.cuts), powerCuts)
  console.log(`${state.cuts.rounds} power cuts, ${state.cuts.acknowledged} acknowledged: 0 lost`)
  await inParts('full', Number(values.full), fullDisks)
  console.log(`${state.full.rounds} full disks: 0 lost`)
}
const noInjection = whyNoInjection()
if (noInjection !== undefined) console.log(`left out: failed system calls: ${noInjection}`)
else {
  await inParts('calls', Number(values.calls), part => failedCalls(part, randomCalls(part.seed, part.rounds)))
  console.log(`calls failed at ${state.calls.rounds} random moments, ${state.calls.acknowledged} acknowledged: 0 lost`)
  const calls = nthCalls(values.nth)
  await inParts('nth', calls.length, part => failedCalls(part, calls.slice(part.from, part.from + part.rounds)))
  if (calls.length > 0)
    console.log(`calls failed at ${state.nth.rounds} chosen moments, ${state.nth.acknowledged} acknowledged: 0 lost`)
}
progress.over()
