// step: the memoised step against XState's own pure transition(), on the steps real orders' lives take.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { type AnyMachineSnapshot, transition } from 'xstate'
import { seededRandom } from '../../connectors/simulated/random.ts'
import { steppersOf } from '../../engine/judge.ts'
import type { Stepper } from '../../engine/transition.ts'
import type { ChartEvent } from '../../machines/chart.ts'
import { CHARTS } from '../../machines/charts.ts'
import { type ChartStep, ChartWorld } from '../load/chart-world.ts'
import { FIRST_MS } from '../load/load.ts'
import { orderLife } from '../load/order-life.ts'
import { stateValue } from '../load/state-value.ts'
import { Checks } from '../oracle.ts'
import type { Bar } from '../page/chart.ts'
import { rounded } from '../report.ts'
import type { Scenario } from './scenario.ts'

const ORDERS = 500
const MEMOISED_ROUNDS = 100
const XSTATE_ROUNDS = 3

type Run = (taken: readonly Taken[]) => number

interface Taken {
  readonly stepper: Stepper
  readonly actor: { readonly state: string; readonly context: object }
  readonly event: ChartEvent
}

export const step: Scenario = {
  about: 'memoised step over pure transition(), the real charts',
  orders: ORDERS,
  async run({ orders, seed }) {
    const taken = stepsOf(orders, seed)
    const checks = new Checks()
    // Before XState takes a step here, as in an engine, where it takes one in a million: V8 makes less of code that has seen the
    // contexts XState builds.
    const memoised = await meanMs(runMemoised, taken, MEMOISED_ROUNDS)
    // By what is heard, for the page only: many alike in a row cost less than among others.
    const kinds = Object.entries(Object.groupBy(taken, nameOf)) as [string, readonly Taken[]][]
    const memoisedBars = await barsOf(kinds, runMemoised, MEMOISED_ROUNDS)
    const xstate = await meanMs(runXState, taken, XSTATE_ROUNDS)
    const xstateBars = await barsOf(kinds, runXState, 1)
    const unlike = taken.filter(isUnlikeXState).length
    checks.check(`${taken.length} steps equal XState's`, unlike === 0 ? undefined : `${unlike} differ`)
    return {
      results: {
        orders,
        steps: taken.length,
        memoised_us_per_step: rounded((memoised * 1e3) / taken.length, 3),
        xstate_us_per_step: rounded((xstate * 1e3) / taken.length, 2),
      },
      ratios: { step_vs_xstate: rounded(xstate / memoised, 1) },
      oracle: checks.verdict(),
      charts: [
        { title: 'A memoised step, by machine and event, many alike in a row', unit: MICROSECONDS, bars: memoisedBars },
        { title: 'The same step by transition()', unit: MICROSECONDS, bars: xstateBars },
      ],
    }
  },
}

const MICROSECONDS = 'processor microseconds a step'

const nameOf = ({ event, stepper }: Taken): string => `${stepper.chart.kind}: ${event.type}`

/** Mean cost of the steps of each kind, the dearest first. */
async function barsOf(kinds: readonly (readonly [string, readonly Taken[]])[], run: Run, rounds: number) {
  const bars: Bar[] = []
  for (const [name, steps] of kinds)
    bars.push({ name, value: ((await meanMs(run, steps, rounds)) * 1e3) / steps.length })
  return bars.sort((a, b) => b.value - a.value)
}

/** Milliseconds of a round, on average. The first warms up and does not count. */
async function meanMs(run: Run, taken: readonly Taken[], rounds: number): Promise<number> {
  run(taken)
  let ms = 0
  for (let round = 0; round < rounds; round++) {
    // Between rounds the process hears when it is told to end.
    await nextTurn()
    ms += run(taken)
  }
  return ms / rounds
}

/** Every step the accepted events of `orders` lives take, signals between actors included. */
function stepsOf(orders: number, seed: number): readonly Taken[] {
  const world = new ChartWorld()
  const random = seededRandom(seed)
  const taken: ChartStep[] = []
  for (let number = 1; number <= orders; number++)
    for (const [index, told] of orderLife({ number, random, illegalShare: 0 }).entries()) {
      const time = new Date(FIRST_MS + index * 60_000).toISOString()
      const heard = world.hear({ ...told, id: `${number}-${index}`, time }, String(number))
      if (heard === undefined) throw new Error(`bench: ${told.type} does not move order ${number}`)
      taken.push(...heard)
    }
  const plain = steppersOf(CHARTS)
  return taken.map(({ actor, event, kind }) => ({ actor, event, stepper: plain[kind] }))
}

/** Takes all steps once. Milliseconds of processor time: on a busy machine it says more than the clock. */
function runMemoised(taken: readonly Taken[]): number {
  const before = process.cpuUsage()
  for (const { actor, event, stepper } of taken) stepper.step(actor, event, 'judge')
  return cpuMsSince(before)
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { system, user } = process.cpuUsage(before)
  return (system + user) / 1e3
}

/** Only transition() is timed: its snapshots are made before. */
function runXState(taken: readonly Taken[]): number {
  const ready = taken.map(each => ({
    machine: each.stepper.chart.machine,
    before: snapshotOf(each),
    event: each.event,
  }))
  const started = process.cpuUsage()
  for (const { before, event, machine } of ready) transition(machine, before, event)
  return cpuMsSince(started)
}

function snapshotOf({ actor, stepper }: Taken): AnyMachineSnapshot {
  const value = stateValue(actor.state, stepper.chart)
  return stepper.chart.machine.resolveState({ value: value as never, context: actor.context as never })
}

function isUnlikeXState(taken: Taken): boolean {
  const { actor, event, stepper } = taken
  const walked = stepper.step(actor, event, 'judge')
  const xstate = transition(stepper.chart.machine, snapshotOf(taken), event)[0] as AnyMachineSnapshot
  return (
    walked.kind !== 'moved' ||
    !isDeepStrictEqual(stateValue(walked.state, stepper.chart), xstate.value) ||
    !isDeepStrictEqual(walked.context, xstate.context)
  )
}
