// Shrink: the least of a failing run that still fails in the same way: fewer faults first, then fewer messages.

import { scriptOf } from './script.ts'
import { FAULTS, type Fault, swarmOf } from './swarm.ts'
import { Violation } from './violation.ts'
import { type RunOptions, runWorld } from './world.ts'

export interface Failure {
  readonly options: RunOptions
  readonly checker: string
  readonly message: string
}

/** How a run fails; undefined when it does not. */
export async function failureOf(options: RunOptions): Promise<Failure | undefined> {
  try {
    await runWorld(options)
    return undefined
  } catch (error) {
    const isOurs = error instanceof Violation
    const message = error instanceof Error ? error.message : String(error)
    return { options, checker: isOurs ? error.checker : 'fault of ours', message }
  }
}

/** `failure` made smaller, in at most `runsMax` runs. */
export async function shrunk(failure: Failure, runsMax = 300): Promise<Failure> {
  let best = failure
  let runs = 0
  const tryWith = async (options: RunOptions): Promise<boolean> => {
    if (runs++ >= runsMax) return false
    const smaller = await failureOf(options)
    if (smaller?.checker !== failure.checker) return false
    best = smaller
    return true
  }
  const { seed } = failure.options
  for (const fault of FAULTS) {
    const without = best.options.without ?? []
    if (without.includes(fault)) continue
    // What the run lacks anyway is left out without a run.
    if (!swarmOf(seed).has(fault)) best = { ...best, options: { ...best.options, without: [...without, fault] } }
    else await tryWith({ ...best.options, without: [...without, fault] })
  }
  await fewerMessages(() => best, tryWith)
  return best
}

/** Halves, quarters … single messages are left out, as long as the failure stays. */
async function fewerMessages(best: () => Failure, tryWith: (options: RunOptions) => Promise<boolean>): Promise<void> {
  const numbers = () => best().options.keep ?? numbersOf(best().options)
  for (let size = Math.ceil(numbers().length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = 0; from < numbers().length; ) {
      const kept = numbers()
      const keep = [...kept.slice(0, from), ...kept.slice(from + size)]
      if (!(await tryWith({ ...best().options, keep }))) from += size
    }
}

const numbersOf = ({ seed, without }: RunOptions): readonly number[] =>
  scriptOf(seed, swarmOf(seed, without)).messages.map(message => message.number)

/** The faults a shrunk run still has. */
export const faultsOf = ({ seed, without = [] }: RunOptions): readonly Fault[] =>
  FAULTS.filter(fault => swarmOf(seed, without).has(fault))
