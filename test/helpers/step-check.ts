// Step check: every memoised step beside what XState itself makes of it (T1).
import { isDeepStrictEqual } from 'node:util'
import { type AnyMachineSnapshot, type AnyStateMachine, getNextTransitions, transition } from 'xstate'
import type { Random } from '../../connectors/simulated/random.ts'
import { type Step, type StepMode, Stepper, type Steppers } from '../../engine/transition.ts'
import type { Chart, ChartEvent } from '../../machines/chart.ts'
import { CHARTS } from '../../machines/charts.ts'
import type { EntityKind } from '../../machines/ids.ts'
import { SOURCES } from './distributor.ts'
import { legalTrace } from './legal-traces.ts'
import { MemoryWorld } from './memory-world.ts'
import { shuffled } from './orderings.ts'

interface Snapshot {
  readonly state: string
  readonly context: object
}

/** Notes what it is asked, so that it can be asked again of other actors. */
class NotingStepper extends Stepper {
  readonly actors: Snapshot[] = []
  readonly events: ChartEvent[] = []

  override step(actor: Snapshot, event: ChartEvent, mode: StepMode): Step {
    this.actors.push({ state: actor.state, context: actor.context })
    this.events.push(event)
    return super.step(actor, event, mode)
  }
}

/** What of `steps` random steps went otherwise than with XState; empty when none did. */
export function stepDifferences({ random, steps }: { random: Random; steps: number }): readonly string[] {
  const found: string[] = []
  const oracles = oraclesOf()
  for (let done = 0; done < steps; ) {
    const noting = notedIn(random)
    // New steppers each time: first steps (misses) are checked as well as remembered ones.
    const fresh = freshSteppers()
    for (const kind of Object.keys(noting) as EntityKind[]) {
      const { actors, events } = noting[kind]
      // 1,000: as many pairs as one world gives before its events get stale.
      for (let pair = 0; pair < 1_000 && actors.length > 0 && done < steps; pair++, done++) {
        const at = random.whole(actors.length)
        // Half of the steps are those that were taken, half go to any actor of the kind: mostly illegal ones.
        const actor = actors[at] as Snapshot
        const event = events[random.chance(0.5) ? at : random.whole(events.length)] as ChartEvent
        const mode: StepMode = random.chance(0.3) ? 'assume' : 'judge'
        const difference = oracles[kind][mode].difference(fresh[kind], actor, event)
        if (difference !== undefined) found.push(`${kind} ${actor.state} ${event.type} ${mode}: ${difference}`)
      }
    }
  }
  return found
}

/** A world that hears a legal trace in some order, and what its steppers were asked. */
function notedIn(random: Random): Readonly<Record<EntityKind, NotingStepper>> {
  const steppers = {
    order: new NotingStepper(CHARTS.order),
    shipment: new NotingStepper(CHARTS.shipment),
    return: new NotingStepper(CHARTS.return),
  }
  const { events } = legalTrace({ seed: random.whole(1_000_000) })
  const world = new MemoryWorld({ sources: SOURCES, steppers, once: true })
  for (const event of random.chance(0.5) ? events : shuffled(events, random)) world.submit(event)
  return steppers
}

const freshSteppers = (): Steppers => ({
  order: new Stepper(CHARTS.order),
  shipment: new Stepper(CHARTS.shipment),
  return: new Stepper(CHARTS.return),
})

type Oracles = Readonly<Record<EntityKind, Readonly<Record<StepMode, Oracle>>>>

const oraclesOf = (): Oracles => ({
  order: { judge: new Oracle(CHARTS.order, 'judge'), assume: new Oracle(CHARTS.order, 'assume') },
  shipment: { judge: new Oracle(CHARTS.shipment, 'judge'), assume: new Oracle(CHARTS.shipment, 'assume') },
  return: { judge: new Oracle(CHARTS.return, 'judge'), assume: new Oracle(CHARTS.return, 'assume') },
})

/** XState's own step over the chart's machine; in `assume` mode with every gate open. */
class Oracle {
  private readonly chart: Chart
  private readonly machine: AnyStateMachine

  constructor(chart: Chart, mode: StepMode) {
    this.chart = chart
    const open = Object.fromEntries(Object.keys(chart.gates).map(name => [name, () => true]))
    this.machine = mode === 'judge' ? chart.machine : chart.machine.provide({ guards: open })
  }

  difference(stepper: Stepper, actor: Snapshot, event: ChartEvent): string | undefined {
    const mode: StepMode = this.machine === this.chart.machine ? 'judge' : 'assume'
    // Twice: as it is learned, and as it is remembered.
    return (
      this.compared(stepper.step(actor, event, mode), actor, event) ??
      this.compared(stepper.step(actor, event, mode), actor, event)
    )
  }

  private compared(step: Step, actor: Snapshot, event: ChartEvent): string | undefined {
    const before = this.machine.resolveState({
      value: this.value(actor.state) as never,
      context: actor.context as never,
    })
    const taken = this.machine.getTransitionData(before, event as never)
    const after = transition(this.machine, before, event as never)[0] as AnyMachineSnapshot
    const isOffered = getNextTransitions(before).some(each => each.eventType === event.type)
    const expected = taken.length > 0 ? 'moved' : isOffered ? 'blocked' : 'impossible'
    if (step.kind !== expected) return `${step.kind}, XState: ${expected}`
    if (step.kind === 'blocked') return step.obstacles.length === 0 ? 'blocked by nothing' : undefined
    if (step.kind === 'impossible') return undefined
    const state = this.text(after.value)
    if (step.state !== state) return `to ${step.state}, XState: to ${state}`
    if (!isDeepStrictEqual(step.context, after.context)) return 'another context'
    return isDeepStrictEqual(
      step.metas,
      taken.map(each => each.meta),
    )
      ? undefined
      : 'other metas'
  }

  private value(state: string): object {
    const value: Record<string, unknown> = {}
    const leaves = state.split('.')
    for (const [index, region] of this.chart.regions.entries()) {
      const [outer, inner] = region.split('.') as [string, string | undefined]
      if (inner === undefined) value[outer] = leaves[index]
      else value[outer] = { ...(value[outer] as object | undefined), [inner]: leaves[index] }
    }
    return value
  }

  private text(value: unknown): string {
    const leaf = (path: string) =>
      path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], value)
    return this.chart.regions.map(region => String(leaf(region))).join('.')
  }
}
