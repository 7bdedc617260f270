// ChartWorld: hears events in order, judges them as an engine does, and tells which steps its charts were asked for. It keeps the family
// each step leaves, and nothing durable.
import { emptyFamily, type Family } from '../../engine/family.ts'
import { type Judgement, judge, type Steppers } from '../../engine/judge.ts'
import { Stepper, steppersOf } from '../../engine/transition.ts'
import type { ChartEvent } from '../../machines/chart.ts'
import { CHARTS } from '../../machines/charts.ts'
import { type EventInput, parseEvent } from '../../machines/event.ts'
import { type EventType, eventTypeEntry } from '../../machines/event-types.ts'
import { type ActorKey, ORDER_KEY, returnKey } from '../../machines/ids.ts'
import { sourceBook } from '../../machines/sources.ts'
import { SOURCES } from './sources.ts'

export interface AskedStep {
  /** It has learned nothing yet; one for all steps of a chart. */
  readonly stepper: Stepper
  /** Before the step. */
  readonly actor: { readonly state: string; readonly context: object }
  readonly event: ChartEvent
}

export interface Heard {
  readonly judged: Judgement
  /** Signals between actors included. */
  readonly asked: readonly AskedStep[]
}

export class ChartWorld {
  readonly #families = new Map<string, Family>()
  readonly #steppers: Steppers
  #asked: AskedStep[] = []

  constructor() {
    const note = (step: AskedStep) => void this.#asked.push(step)
    const { order, return: its, shipment } = steppersOf(CHARTS)
    this.#steppers = {
      order: new Noting(order, note),
      shipment: new Noting(shipment, note),
      return: new Noting(its, note),
    }
  }

  /** `order` has one shipment, and at most one return, numbered as `returnNumber` says. Throws for what is malformed. */
  hear(said: EventInput, order: string, returnNumber?: string): Heard {
    const heard = read(said)
    const family = this.#families.get(order) ?? emptyFamily(order)
    this.#asked = []
    const it = { ...heard, actors: [actorOf(family, said.type as EventType, returnNumber)] }
    const judged = judge(this.#steppers, family, it, () => [])
    if (judged.kind === 'moved')
      this.#families.set(order, { ...family, actors: judged.actors, lastPlace: heard.event.place })
    return { judged, asked: this.#asked }
  }
}

const sources = sourceBook(SOURCES).byId

function read(said: EventInput) {
  const source = sources.get(said.source)
  if (source === undefined) throw new Error(`bench: no source ${said.source}`)
  const parsed = parseEvent(said, source, Number.POSITIVE_INFINITY)
  if ('flaws' in parsed) throw new Error(`bench: ${said.type}: ${parsed.flaws[0]?.path} ${parsed.flaws[0]?.message}`)
  return { event: parsed.event, source }
}

function actorOf({ actors }: Family, type: EventType, returnNumber = ''): ActorKey {
  const { entity } = eventTypeEntry(type)
  if (entity === 'return') return returnKey(returnNumber)
  return entity === 'shipment' ? (actors.keys.find(key => key.startsWith('shipment/')) ?? '') : ORDER_KEY
}

class Noting extends Stepper {
  readonly #plain: Stepper
  readonly #note: (step: AskedStep) => void

  constructor(plain: Stepper, note: (step: AskedStep) => void) {
    super(plain.chart)
    this.#plain = plain
    this.#note = note
  }

  override step(...[actor, event, mode]: Parameters<Stepper['step']>) {
    if (mode === 'judge') this.#note({ stepper: this.#plain, actor, event })
    return super.step(actor, event, mode)
  }
}
