// The memoised step beside XState's own: every step that deciding takes on random traces, in random order.

import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../connectors/simulated/random.ts'
import { type Step, type StepMode, Stepper } from '../../engine/transition.ts'
import type { ChartEvent } from '../../machines/chart.ts'
import { CHARTS } from '../../machines/charts.ts'
import { captured, event, readyOrder, released, SOURCES } from '../helpers/distributor.ts'
import { legalTrace } from '../helpers/legal-traces.ts'
import { type MadeContext, madeChart } from '../helpers/made-charts.ts'
import { MemoryWorld, statesOf } from '../helpers/memory-world.ts'
import { type Actor, oraclesOf, unlike } from '../helpers/xstate-oracle.ts'

/** Takes each step once walked, where it may be, and once by XState alone, and holds them against each other. */
class ComparedStepper extends Stepper {
  readonly seen: Record<Step['kind'], number> = { moved: 0, blocked: 0, impossible: 0 }
  private readonly oracles = oraclesOf(this.chart)

  override step(actor: Actor, event: ChartEvent, mode: StepMode): Step {
    const step = super.step(actor, event, mode)
    expect(unlike(actor, step, this.oracles[mode].step(actor, event))).toBeUndefined()
    this.seen[step.kind]++
    return step
  }
}

const comparing = () => ({
  order: new ComparedStepper(CHARTS.order),
  shipment: new ComparedStepper(CHARTS.shipment),
  return: new ComparedStepper(CHARTS.return),
})

describe('[T1] a walked step equals XState’s', () => {
  const steppers = comparing()
  test.each(Array.from({ length: 10 }, (_, index) => index + 1))('on the shuffled trace of seed %i', seed => {
    const random = seededRandom(seed)
    const events = legalTrace({ seed }).events.map(each => ({ each, at: random.whole(1_000_000) }))
    const world = Object.assign(new MemoryWorld({ sources: SOURCES, once: true }), { steppers })
    for (const { each } of events.sort((a, b) => a.at - b.at)) world.submit(each)
  })

  test('in every kind of chart and with every kind of end', () => {
    for (const { seen } of Object.values(steppers)) expect(seen.moved).toBeGreaterThan(100)
    expect(steppers.order.seen.blocked).toBeGreaterThan(0)
  })
})

test('[T1] the path of creating an actor is the path of its own context, whatever was created before', () => {
  const terms = (invoicePolicy: string) => ({ terms: { invoicePolicy } })
  const billing = (policies: readonly string[]) => {
    const world = new MemoryWorld({ sources: SOURCES })
    policies.forEach((policy, index) => {
      world.submit(captured(`O-${index}`, '00:10', terms(policy)))
    })
    return policies.map((_, index) => world.family(`O-${index}`).actors.order?.state.split('.').at(-1))
  }
  expect(billing(['shipment', 'prepaid'])).toEqual(['unbilled', 'billable'])
  expect(billing(['prepaid', 'shipment'])).toEqual(['billable', 'unbilled'])
})

test('[T1] creating an actor runs what its first states assign on entry, each once, as it is learned and as it is remembered', () => {
  const still = { exit: [], on: {} }
  const first = { ...still, entry: ['tick'], always: [] }
  const chart = madeChart([{ ...still, kind: 'region', entry: ['double'], states: [first, first] }])
  const stepper = new Stepper(chart)
  const ran = () => (stepper.create({ n: 1, m: 0, ran: [] }).context as MadeContext).ran
  expect([ran(), ran()]).toEqual([
    ['double', 'tick'],
    ['double', 'tick'],
  ])
})

test('[T2] in assume mode a shut gate does not stop the step, in judge mode it does', () => {
  const world = new MemoryWorld({ sources: SOURCES })
  for (const each of [...readyOrder('O-1'), event('erp', 'credit.held', 'order/O-1', '00:50')]) world.submit(each)
  const stepper = new Stepper(CHARTS.order)
  const actor = world.family('O-1').actors.order as Actor
  const seen: Step[] = []
  const recording = Object.assign(new MemoryWorld({ sources: SOURCES, once: true }), {
    steppers: {
      ...world.steppers,
      order: Object.assign(new Stepper(CHARTS.order), {
        step: (_: Actor, move: ChartEvent) => {
          seen.push(stepper.step(actor, move, 'judge'), stepper.step(actor, move, 'assume'))
          return seen.at(-2) as Step
        },
      }),
    },
  })
  recording.commit(world.entries)
  expect(recording.submit(released('O-1', 'S-1', '01:00')).code).toBe('credit_held')
  expect(seen.slice(0, 2).map(step => step.kind)).toEqual(['blocked', 'moved'])
  expect(statesOf(recording.family('O-1')).order).toMatch(/^accepted\.held\./)
})
