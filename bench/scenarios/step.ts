// step: the memoised step against XState's own pure transition(), on the steps real orders' lives take: returns and refusals among them.
import { once } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import { Worker } from 'node:worker_threads'
import { type AnyMachineSnapshot, transition } from 'xstate'
import { chartSteps } from '../load/chart-steps.ts'
import type { AskedStep } from '../load/chart-world.ts'
import { stateValue } from '../load/state-value.ts'
import { type KindCost, type SideAsked, type SideOptions, snapshotOf } from '../measures/step-side.ts'
import { Checks } from '../oracle.ts'
import { rounded } from '../report.ts'
import type { Scenario } from './scenario.ts'

const ORDERS = 500
// Odd: the median is a round's own. Other work on the machine changes within seconds; both sides of a round see the same of it.
const ROUNDS = 7
// A round of either side takes about a second.
const MEMOISED_PASSES = 40
const XSTATE_PASSES = 1

export const step: Scenario = {
  about: 'memoised step over pure transition(), the real charts',
  orders: ORDERS,
  async run({ orders, seed }) {
    const memoised = sideOf({ side: 'memoised', orders, seed })
    const xstate = sideOf({ side: 'xstate', orders, seed })
    // Neither still warms up while the other is measured.
    await Promise.all([memoised.warm, xstate.warm])
    const rounds: { readonly memoised: number; readonly xstate: number; readonly ratio: number }[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const [own, other] = [await memoised.cost(MEMOISED_PASSES), await xstate.cost(XSTATE_PASSES)]
      rounds.push({ memoised: own, xstate: other, ratio: other / own })
    }
    // By what is heard, for the page only: many alike in a row cost less than among others.
    const memoisedBars = await memoised.costs(MEMOISED_PASSES)
    const xstateBars = await xstate.costs(XSTATE_PASSES)
    await Promise.all([memoised.close(), xstate.close()])

    const steps = chartSteps({ orders, seed })
    const refused = steps.filter(isRefused).length
    const unlike = steps.filter(isUnlikeXState).length
    const checks = new Checks()
    checks.check(`${steps.length} steps equal XState's`, unlike === 0 ? undefined : `${unlike} differ`)
    const ratios = rounds.map(({ ratio }) => ratio)
    return {
      results: {
        orders,
        steps: steps.length,
        return_steps: steps.filter(({ stepper }) => stepper.chart.kind === 'return').length,
        refused_steps: refused,
        memoised_us_per_step: rounded(median(rounds.map(each => each.memoised)), 3),
        xstate_us_per_step: rounded(median(rounds.map(each => each.xstate)), 2),
        step_vs_xstate_min: rounded(Math.min(...ratios), 1),
        step_vs_xstate_max: rounded(Math.max(...ratios), 1),
      },
      ratios: { step_vs_xstate: rounded(median(ratios), 1) },
      oracle: checks.verdict(),
      charts: [
        { title: 'A memoised step, by machine and event, many alike in a row', unit: MICROSECONDS, bars: memoisedBars },
        { title: 'The same step by transition()', unit: MICROSECONDS, bars: xstateBars },
      ],
    }
  },
}

const MICROSECONDS = 'processor microseconds a step'

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** A thread that takes the steps one way, when asked. */
function sideOf(options: SideOptions) {
  const worker = new Worker(new URL('../measures/step-side.ts', import.meta.url), { workerData: options })
  async function asked(what: SideAsked): Promise<unknown> {
    worker.postMessage(what)
    const [answer] = await once(worker, 'message')
    return answer
  }
  return {
    warm: asked({ of: 'all', passes: options.side === 'memoised' ? MEMOISED_PASSES : XSTATE_PASSES }),
    cost: async (passes: number) => (await asked({ of: 'all', passes })) as number,
    costs: async (passes: number) => (await asked({ of: 'kinds', passes })) as readonly KindCost[],
    close: () => worker.terminate(),
  }
}

const isRefused = ({ actor, event, stepper }: AskedStep): boolean =>
  stepper.step(actor, event, 'judge').kind !== 'moved'

function isUnlikeXState(taken: AskedStep): boolean {
  const { actor, event, stepper } = taken
  const walked = stepper.step(actor, event, 'judge')
  const { machine } = stepper.chart
  const before = snapshotOf(taken)
  if (machine.getTransitionData(before, event).length === 0) return walked.kind === 'moved'
  const xstate = transition(machine, before, event)[0] as AnyMachineSnapshot
  return (
    walked.kind !== 'moved' ||
    !isDeepStrictEqual(stateValue(walked.state, stepper.chart), xstate.value) ||
    !isDeepStrictEqual(walked.context, xstate.context)
  )
}
