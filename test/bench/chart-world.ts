// ChartWorld: hears events in order and tells which steps they make the charts take. It keeps families, and nothing durable.

import { actorOf, read } from '../../bench/load/chart-steps.ts'
import { emptyFamily, type Family } from '../../engine/family.ts'
import { judge, type Steppers } from '../../engine/judge.ts'
import { Stepper } from '../../engine/transition.ts'
import type { ChartEvent } from '../../machines/chart.ts'
import { CHARTS } from '../../machines/charts.ts'
import type { EventInput } from '../../machines/event.ts'
import type { EntityKind } from '../../machines/ids.ts'

export interface ChartStep {
  readonly kind: EntityKind
  /** Before the step. */
  readonly actor: { readonly state: string; readonly context: object }
  readonly event: ChartEvent
}

export class ChartWorld {
  readonly #families = new Map<string, Family>()
  readonly #steppers: Steppers
  #taken: ChartStep[] = []

  constructor() {
    const note = (step: ChartStep) => void this.#taken.push(step)
    this.#steppers = {
      order: new Recording(CHARTS.order, note),
      shipment: new Recording(CHARTS.shipment, note),
      return: new Recording(CHARTS.return, note),
    }
  }

  /** The steps `event` makes the actors of `order` take, signals between them included; undefined when it moves nothing. */
  hear(event: EventInput, order: string): readonly ChartStep[] | undefined {
    const heard = read(event)
    const family = this.#families.get(order) ?? emptyFamily(order)
    this.#taken = []
    const it = { ...heard, actors: [actorOf(family, heard.event.type, 0)] }
    const judged = judge(this.#steppers, family, it, () => [])
    if (judged.kind !== 'moved') return undefined
    this.#families.set(order, { ...family, actors: judged.actors, lastPlace: heard.event.place })
    return this.#taken
  }
}

class Recording extends Stepper {
  readonly #note: (step: ChartStep) => void

  constructor(chart: (typeof CHARTS)[EntityKind], note: (step: ChartStep) => void) {
    super(chart)
    this.#note = note
  }

  override step(...[actor, event, mode]: Parameters<Stepper['step']>) {
    if (mode === 'judge') this.#note({ kind: this.chart.kind, actor, event })
    return super.step(actor, event, mode)
  }
}
