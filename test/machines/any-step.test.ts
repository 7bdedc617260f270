// Steps that deciding may never take: any event, at any actor of its kind, in either mode, of the real charts and of made ones.
import { expect, test } from 'vitest'
import { seededRandom } from '../../connectors/simulated/random.ts'
import { CHARTS } from '../../machines/charts.ts'
import { checkMade } from '../helpers/made-steps.ts'
import { checkSteps, unmovedIn } from '../helpers/step-check.ts'
import { namesIn } from '../helpers/xstate-oracle.ts'

// The long form is test/campaigns/steps.ts.
const STEPS = 12_000
const MADE_CHARTS = 300
const SEED = 20_261_121

test(`[T1] ${STEPS} random steps of all charts, legal and not, are XState's own (seed ${SEED})`, () => {
  const checked = checkSteps({ random: seededRandom(SEED), steps: STEPS })
  expect(checked.differences).toEqual([])
  // Else it would say nothing of them.
  expect(unmovedIn(checked)).toEqual([])
  expect(checked.refusedForMore).toBeGreaterThan(100)
})

test(`[T1] steps of ${MADE_CHARTS} made charts are XState's own, and run their assigns in its order (seed ${SEED})`, () => {
  const { difference, ranMore, refusedForMore } = checkMade({ charts: MADE_CHARTS, seed: SEED })
  expect(difference).toBeUndefined()
  expect(ranMore).toBeGreaterThan(1_000)
  expect(refusedForMore).toBeGreaterThan(10)
})

test.each(Object.values(CHARTS))(
  '[T1] what guards of a chart ask together are conditions, and no gates: $kind',
  chart => {
    const asked = Object.keys(chart.choices ?? {})
    expect(asked.filter(name => !(name in chart.conditions) || name in chart.gates)).toEqual([])
  },
)

test.each(Object.values(CHARTS))(
  '[T1] what settles a state without an event asks conditions, and no gates: $kind',
  ({ gates, machine }) => {
    const states = [machine.root]
    for (const state of states) states.push(...Object.values(state.states))
    const asked = states.flatMap(state => (state.always ?? []).flatMap(each => namesIn(each.guard)))
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.filter(name => name in gates)).toEqual([])
  },
)
