// Steps that deciding may never take: any event, at any actor of its kind, in either mode.
import { expect, test } from 'vitest'
import { seededRandom } from '../../connectors/simulated/random.ts'
import { CHARTS } from '../../machines/charts.ts'
import { stepDifferences } from '../helpers/step-check.ts'

// The long form is test/campaigns/steps.ts.
const STEPS = 20_000
const SEED = 20_261_121

test(`[T1] ${STEPS} random steps of all charts, legal and not, are XState's own (seed ${SEED})`, () => {
  expect(stepDifferences({ random: seededRandom(SEED), steps: STEPS })).toEqual([])
})

test.each(Object.values(CHARTS))(
  '[T1] what guards of a chart ask together are conditions, and no gates: $kind',
  chart => {
    const asked = Object.keys(chart.choices ?? {})
    expect(asked.filter(name => !(name in chart.conditions) || name in chart.gates)).toEqual([])
  },
)
