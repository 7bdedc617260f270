// Fuzz run: inputs for each target in turn, by weight, from one seed. Stops at the first failure and tells the input.
import { seededRandom } from '../../connectors/simulated/random.ts'
import { pureTargets } from './pure-targets.ts'
import { FuzzFailure, type Target } from './target.ts'
import { wireTargets } from './wire-targets.ts'

export interface FuzzReport {
  readonly inputs: number
  readonly perTarget: Readonly<Record<string, number>>
  /** The most that one input took, milliseconds of processor time. */
  readonly slowestMs: number
  readonly failure?: string
}

// One second of the processor: whatever takes longer holds up everybody else. By the clock a busy machine would be taken for a slow input.
const HANG_CPU_MS = 1_000
// What takes no time and does not end waits for something that does not come.
const HANG_MS = 60_000
// Of ten inputs one goes over a socket: that costs twenty times as much.
const WIRE_SHARE = 0.1
// Then a new server: what a late event costs grows with its order's history, which is another test's subject.
const WIRE_INPUTS_MAX = 1_000

export async function fuzz(seed: number, inputs: number, onProgress?: (done: number) => void): Promise<FuzzReport> {
  const random = seededRandom(seed)
  const pure = await pureTargets()
  let wire = await wireTargets()
  let wireInputs = 0
  const perTarget: Record<string, number> = {}
  let slowestMs = 0
  try {
    for (let input = 0; input < inputs; input++) {
      const isWire = random.chance(WIRE_SHARE)
      if (isWire && ++wireInputs % WIRE_INPUTS_MAX === 0) {
        await ended(wire.close())
        wire = await wireTargets()
      }
      const target = chosen(isWire ? wire.targets : pure, random.unit())
      const cpuStart = process.cpuUsage()
      const fault = await faultOf(target, random)
      const { system, user } = process.cpuUsage(cpuStart)
      const tookMs = (system + user) / 1_000
      slowestMs = Math.max(slowestMs, tookMs)
      perTarget[target.name] = (perTarget[target.name] ?? 0) + 1
      const trouble = fault ?? (tookMs > HANG_CPU_MS ? `took ${tookMs.toFixed(0)} ms` : undefined)
      if (trouble !== undefined)
        return {
          inputs: input,
          perTarget,
          slowestMs,
          failure: `seed ${seed}, input ${input}, ${target.name}: ${trouble}\n${told(target)}`,
        }
      if (input % 1_000 === 999) {
        onProgress?.(input + 1)
        await new Promise(resolve => setImmediate(resolve))
      }
    }
    return { inputs, perTarget, slowestMs }
  } finally {
    await ended(wire.close())
  }
}

function chosen(targets: readonly Target[], unit: number): Target {
  let left = unit * targets.reduce((sum, target) => sum + target.weight, 0)
  for (const target of targets) {
    left -= target.weight
    if (left < 0) return target
  }
  return targets[0] as Target
}

/** Rejects when `work` does not end. */
async function ended(work: Promise<void> | void): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new FuzzFailure(`no end after ${HANG_MS / 1_000} s`)), HANG_MS)
  })
  await Promise.race([work, hang]).finally(() => clearTimeout(timer))
}

async function faultOf(target: Target, random: ReturnType<typeof seededRandom>): Promise<string | undefined> {
  try {
    await ended(target.try(random))
    return undefined
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}

const told = (target: Target): string => (JSON.stringify(target.last()) ?? 'undefined').slice(0, 4_000)
