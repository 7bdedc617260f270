// Step check: every memoised step of the real charts beside what XState itself makes of it (T1).
import { isDeepStrictEqual } from 'node:util'
import type { Random } from '../../connectors/simulated/random.ts'
import { type Step, type StepMode, Stepper, steppersOf } from '../../engine/transition.ts'
import type { ChartEvent } from '../../machines/chart.ts'
import { CHARTS } from '../../machines/charts.ts'
import type { EntityKind } from '../../machines/ids.ts'
import { SOURCES } from './distributor.ts'
import { legalTrace } from './legal-traces.ts'
import { MemoryWorld } from './memory-world.ts'
import { shuffled } from './orderings.ts'
import { type Actor, compared, oraclesOf } from './xstate-oracle.ts'

/** Notes what it is asked, so that it can be asked again of other actors. */
class NotingStepper extends Stepper {
  readonly created: object[] = []
  readonly actors: Actor[] = []
  readonly events: ChartEvent[] = []

  override create(context: object): Actor {
    this.created.push(context)
    return super.create(context)
  }

  override step(actor: Actor, event: ChartEvent, mode: StepMode): Step {
    this.actors.push({ state: actor.state, context: actor.context })
    this.events.push(event)
    return super.step(actor, event, mode)
  }
}

const KINDS = Object.keys(CHARTS) as EntityKind[]

export interface StepsChecked {
  /** What went otherwise than with XState; empty when nothing did. */
  readonly differences: readonly string[]
  /** Steps that a gate stopped, and those that more than one did. */
  readonly refused: number
  readonly refusedForMore: number
  /** `order credit.held` and the like: how many actors each type of event moved, every gate being asked. */
  readonly moved: Readonly<Record<string, number>>
}

/** Takes `steps` random steps of all charts. */
export function checkSteps({ random, steps }: { random: Random; steps: number }): StepsChecked {
  const differences: string[] = []
  const moved: Record<string, number> = {}
  let refused = 0
  let refusedForMore = 0
  const oracles = {
    order: oraclesOf(CHARTS.order),
    shipment: oraclesOf(CHARTS.shipment),
    return: oraclesOf(CHARTS.return),
  }
  for (let done = 0; done < steps; ) {
    const noting = notedIn(random)
    // New steppers each time: first steps (misses) are checked as well as remembered ones.
    const fresh = steppersOf(CHARTS)
    for (const kind of KINDS) {
      const { actors, created, events } = noting[kind]
      for (const context of created)
        if (!isDeepStrictEqual(fresh[kind].create(context), oracles[kind].assume.create(context)))
          differences.push(`${kind}: another actor is created`)
      // What is heard seldom is taken as often as what is heard all the time.
      const byType = [...Map.groupBy(events.keys(), at => events[at]?.type).values()]
      // 400: more pairs of one world are often alike; fewer would make worlds cost more than steps.
      for (let pair = 0; pair < 400 && byType.length > 0 && done < steps; pair++, done++) {
        const ofType = byType[random.whole(byType.length)] as number[]
        const at = ofType[random.whole(ofType.length)] as number
        // Half of the steps are those that were taken, half go to any actor of the kind: mostly illegal ones.
        const actor = actors[at] as Actor
        const event = events[random.chance(0.5) ? at : random.whole(events.length)] as ChartEvent
        const mode: StepMode = random.chance(0.3) ? 'assume' : 'judge'
        const { difference, expected } = compared(fresh[kind], oracles[kind], [actor, event, mode])
        if (difference !== undefined) differences.push(`${kind} ${actor.state} ${event.type} ${mode}: ${difference}`)
        if (expected.kind === 'blocked') {
          refused++
          if (expected.obstacles.length > 1) refusedForMore++
        }
        const name = nameOf(kind, event.type)
        if (expected.kind === 'moved' && mode === 'judge') moved[name] = (moved[name] ?? 0) + 1
      }
    }
  }
  return { differences, refused, refusedForMore, moved }
}

const nameOf = (kind: EntityKind, type: string): string => `${kind} ${type}`

/** Types of events that charts hear and that moved no actor of theirs. */
export const unmovedIn = ({ moved }: Pick<StepsChecked, 'moved'>): readonly string[] =>
  KINDS.flatMap(kind => CHARTS[kind].machine.events.map(type => nameOf(kind, type))).filter(name => !(name in moved))

/** A world that hears a legal trace in some order, and what its steppers were asked. */
function notedIn(random: Random): Readonly<Record<EntityKind, NotingStepper>> {
  const steppers = {
    order: new NotingStepper(CHARTS.order),
    shipment: new NotingStepper(CHARTS.shipment),
    return: new NotingStepper(CHARTS.return),
  }
  const { events } = legalTrace({ seed: random.whole(1_000_000), clearings: true })
  const world = new MemoryWorld({ sources: SOURCES, steppers, once: true })
  for (const event of random.chance(0.5) ? events : shuffled(events, random)) world.submit(event)
  return steppers
}
