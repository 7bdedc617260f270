// Step side: one side of the comparison of steps, in a thread of its own: V8 makes less of code that has seen the other side's
// contexts, and an engine has XState take one step in a million. It measures when it is asked, one side at a time.
import { parentPort, workerData } from 'node:worker_threads'
import { type AnyMachineSnapshot, transition } from 'xstate'
import { chartSteps } from '../load/chart-steps.ts'
import type { AskedStep } from '../load/chart-world.ts'
import { stateValue } from '../load/state-value.ts'

export type Side = 'memoised' | 'xstate'

export interface SideOptions {
  readonly side: Side
  readonly orders: number
  readonly seed: number
}

/** Processor microseconds of a step, on average over so many passes: of all steps, or of those of each kind. */
export type SideAsked = { readonly of: 'all' | 'kinds'; readonly passes: number }

export interface KindCost {
  readonly name: string
  readonly value: number
}

export const snapshotOf = ({ actor, stepper: { chart } }: AskedStep): AnyMachineSnapshot =>
  chart.machine.resolveState({ value: stateValue(actor.state, chart) as never, context: actor.context as never })

if (parentPort !== null) serve(parentPort, workerData)

function serve(port: NonNullable<typeof parentPort>, { orders, seed, side }: SideOptions): void {
  const steps = chartSteps({ orders, seed })
  const run = side === 'memoised' ? runMemoised : runXState
  // Each step has been taken once before it is measured.
  run(steps)
  port.on('message', ({ of, passes }: SideAsked) => {
    port.postMessage(of === 'all' ? cost(run, steps, passes) : costs(run, steps, passes))
  })
}

type Run = (steps: readonly AskedStep[]) => number

function cost(run: Run, steps: readonly AskedStep[], passes: number): number {
  let ms = 0
  for (let pass = 0; pass < passes; pass++) ms += run(steps)
  return (ms * 1e3) / (passes * steps.length)
}

const costs = (run: Run, steps: readonly AskedStep[], passes: number): readonly KindCost[] =>
  Object.entries(Object.groupBy(steps, ({ event, stepper }) => `${stepper.chart.kind}: ${event.type}`))
    .map(([name, ofKind = []]) => ({ name, value: cost(run, ofKind, passes) }))
    .sort((a, b) => b.value - a.value)

/** Takes all steps once. Milliseconds of processor time: on a busy machine it says more than the clock. */
function runMemoised(steps: readonly AskedStep[]): number {
  const before = process.cpuUsage()
  for (const { actor, event, stepper } of steps) stepper.step(actor, event, 'judge')
  return cpuMsSince(before)
}

/** Only transition() is timed: its snapshots are made before. */
function runXState(steps: readonly AskedStep[]): number {
  const ready = steps.map(each => ({
    machine: each.stepper.chart.machine,
    before: snapshotOf(each),
    event: each.event,
  }))
  const started = process.cpuUsage()
  for (const { before, event, machine } of ready) transition(machine, before, event)
  return cpuMsSince(started)
}

/** Of the whole process: what the engine compiles and collects on its other threads is a cost of the step. */
function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { system, user } = process.cpuUsage(before)
  return (system + user) / 1e3
}
