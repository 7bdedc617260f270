// ChartWorld: hears events in order and tells which steps they make the charts take. It keeps families, and nothing durable.

import { SOURCES } from '../../bench/load/sources.ts'
import { emptyFamily, type Family } from '../../engine/family.ts'
import { judge, type Steppers } from '../../engine/judge.ts'
import { Stepper } from '../../engine/transition.ts'
import type { ChartEvent } from '../../machines/chart.ts'
import { CHARTS } from '../../machines/charts.ts'
import { type EventInput, parseEvent } from '../../machines/event.ts'
import { eventTypeEntry, isEventType } from '../../machines/event-types.ts'
import { type ActorKey, type EntityKind, ORDER_KEY } from '../../machines/ids.ts'
import { sourceBook } from '../../machines/sources.ts'

export interface ChartStep {
  readonly kind: EntityKind
  /** Before the step. */
  readonly actor: { readonly state: string; readonly context: object }
  readonly event: ChartEvent
}

const sources = sourceBook(SOURCES).byId

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
    const source = sources.get(event.source)
    if (source === undefined) throw new Error(`bench: no source ${event.source}`)
    const parsed = parseEvent(event, source, Number.POSITIVE_INFINITY)
    if ('flaws' in parsed) throw new Error(`bench: ${event.type}: ${parsed.flaws[0]?.path} ${parsed.flaws[0]?.message}`)
    const family = this.#families.get(order) ?? emptyFamily(order)
    this.#taken = []
    const it = { event: parsed.event, source, actors: [actorOf(family, event.type)] }
    const judged = judge(this.#steppers, family, it, () => [])
    if (judged.kind !== 'moved') return undefined
    this.#families.set(order, { ...family, actors: judged.actors, lastPlace: parsed.event.place })
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

/** An order of the load has one shipment. */
function actorOf(family: Family, type: string): ActorKey {
  if (!isEventType(type) || eventTypeEntry(type).entity !== 'shipment') return ORDER_KEY
  return family.actors.keys.find(key => key.startsWith('shipment/')) ?? ''
}
