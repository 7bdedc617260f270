// Peers check what the engine checks: their charts are sent the same moves and signals, quantities and all.
import { expect, test } from 'vitest'
import { ChartWorld } from '../../bench/load/chart-world.ts'
import { LOAD, laps } from '../../bench/load/load.ts'
import { Hearing } from '../../bench/peers/hearing.ts'
import { type ActorKind, judge, type OrderActors } from '../../bench/peers/judging.ts'
import { steppersOf } from '../../engine/transition.ts'
import type { ChartEvent } from '../../machines/chart.ts'
import { CHARTS } from '../../machines/charts.ts'

interface Sent {
  readonly kind: ActorKind
  readonly event: ChartEvent
}

const steppers = steppersOf(CHARTS)

/** Actors as the engine steps them, and what they were sent. */
class SteppedActors implements OrderActors {
  sent: readonly Sent[] = []
  readonly #actors = new Map<ActorKind, { readonly state: string; readonly context: object }>()

  context(kind: ActorKind): object | undefined {
    return this.#actors.get(kind)?.context
  }

  create(kind: ActorKind, context: object): void {
    this.#actors.set(kind, steppers[kind].create(context))
  }

  send(kind: ActorKind, event: ChartEvent): boolean {
    const actor = this.#actors.get(kind)
    if (actor === undefined) return false
    this.sent = [...this.sent, { kind, event }]
    const step = steppers[kind].step(actor, event, 'judge')
    if (step.kind === 'moved') this.#actors.set(kind, step)
    return step.kind === 'moved'
  }
}

test('a peer sends its charts what the engine sends them, and accepts what it accepts', () => {
  const world = new ChartWorld()
  const hearing = new Hearing()
  const orders = new Map<string, SteppedActors>()
  let refused = 0
  for (const lap of laps({ seed: 3, orders: 40, workingSet: 20, ...LOAD, duplicateShare: 0, illegalShare: 0.3 }))
    for (const event of lap.events) {
      const heard = hearing.hear(JSON.stringify(event))
      const actors = orders.get(heard.order) ?? new SteppedActors()
      orders.set(heard.order, actors)
      const { asked, judged } = world.hear(event, heard.order)
      actors.sent = []
      expect(judge(actors, heard), event.type).toBe(judged.kind === 'moved')
      if (judged.kind !== 'moved') refused++
      else {
        expect(actors.sent).toEqual(asked.map(({ event, stepper }) => ({ kind: stepper.chart.kind, event })))
        hearing.learn(heard)
      }
    }
  expect(refused).toBeGreaterThan(40)
})
