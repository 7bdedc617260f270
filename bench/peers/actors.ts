// XState actors as its documentation uses them: kept live, or restored from a persisted snapshot for each event.
import { type AnyActorRef, type AnyMachineSnapshot, createActor } from 'xstate'
import { CHARTS } from '../../machines/charts.ts'
import type { ChartStep } from '../load/chart-world.ts'
import { stateValue } from '../load/state-value.ts'

/** Actors are named by their order and kind: an order of the load has one shipment. */
export const actorName = (order: string, { kind }: ChartStep): string => `${order} ${kind}`

/** An actor as it was before its first step here. */
function firstActor({ actor, kind }: ChartStep): AnyActorRef {
  const chart = CHARTS[kind]
  const snapshot = chart.machine.resolveState({
    value: stateValue(actor.state, chart) as never,
    context: actor.context as never,
  })
  return createActor(chart.machine, { snapshot: snapshot as never }).start()
}

export class LiveActors {
  readonly #actors = new Map<string, AnyActorRef>()

  /** Sends each step's event to its actor; names of those that heard one. */
  step(order: string, steps: readonly ChartStep[]): ReadonlySet<string> {
    const stepped = new Set<string>()
    for (const step of steps) {
      const name = actorName(order, step)
      const actor = this.#actors.get(name) ?? firstActor(step)
      this.#actors.set(name, actor)
      actor.send(step.event)
      stepped.add(name)
    }
    return stepped
  }

  /** Its persisted snapshot as text. */
  snapshot(name: string): string {
    const actor = this.#actors.get(name)
    if (actor === undefined) throw new Error(`bench: no actor ${name}`)
    return JSON.stringify(actor.getPersistedSnapshot())
  }
}

/** The snapshot after the step, as text; `snapshot` is undefined for an actor nobody has persisted yet. */
export function restoredStep(step: ChartStep, snapshot: string | undefined): string {
  const { machine } = CHARTS[step.kind]
  const actor =
    snapshot === undefined
      ? firstActor(step)
      : createActor(machine, { snapshot: JSON.parse(snapshot) as AnyMachineSnapshot as never }).start()
  actor.send(step.event)
  const text = JSON.stringify(actor.getPersistedSnapshot())
  actor.stop()
  return text
}
