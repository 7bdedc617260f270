// Judge: what one event does to one family. Pure.
// It is judged on the facts known now. Where that says no and facts of later places are known, it is judged as of its own
// place and each place since (domain C2): what happened later forbids nothing that happened before.
import type { Move, Obstacle, Signal } from '../machines/chart.ts'
import type { Charts } from '../machines/charts.ts'
import { type CanonicalEvent, parseEvent } from '../machines/event.ts'
import { type ActorKey, type EntityKind, kindOf, ORDER_KEY, type Place, shipmentKey } from '../machines/ids.ts'
import { capturedOrder } from '../machines/order/assigns.ts'
import type { OrderContext } from '../machines/order/context.ts'
import { summed } from '../machines/quantities.ts'
import { returnCounted } from '../machines/return/assigns.ts'
import { blankReturn, type ReturnContext } from '../machines/return/context.ts'
import { releasedShipment, shipmentCounted, splitShipment } from '../machines/shipment/assigns.ts'
import type { ShipmentContext } from '../machines/shipment/context.ts'
import type { Source } from '../machines/sources.ts'
import { amountsOf } from './amounts.ts'
import { type Actor, emptyFamily, type Family } from './family.ts'
import { ownerObstacle } from './ownership.ts'
import { type StepMode, Stepper } from './transition.ts'

export type Steppers = Readonly<Record<EntityKind, Stepper>>

export const steppersOf = (charts: Charts): Steppers => ({
  order: new Stepper(charts.order),
  shipment: new Stepper(charts.shipment),
  return: new Stepper(charts.return),
})

/** An event that counts, and the actors it counts for. */
export interface Fact {
  readonly event: CanonicalEvent
  readonly source: Source
  readonly actors: readonly ActorKey[]
}

/** An event to judge, and the actors of the family it is about. */
export type Case = Fact

export type Judged =
  | {
      readonly kind: 'moved'
      readonly actors: Family['actors']
      readonly moved: readonly ActorKey[]
      readonly isLate: boolean
    }
  | { readonly kind: 'obstacle'; readonly obstacle: Obstacle }

/** Judges `it` in `family`. `facts` gives the family's facts by place; it is asked only when they matter. */
export function judge(steppers: Steppers, family: Family, it: Case, facts: () => readonly Fact[]): Judged {
  const now = attempt(steppers, family, it, 'judge')
  if (now.kind === 'moved' || it.event.place > family.lastPlace) return now
  let best = now.obstacle
  for (const then of moments(steppers, family.id, facts(), it.event.place)) {
    const tried = attempt(steppers, then, it, 'judge')
    if (tried.kind === 'moved') return attempt(steppers, family, it, 'assume')
    if (tried.obstacle.verdict === 'waits' && tried.obstacle.code !== ABSENT && best.verdict !== 'waits')
      best = tried.obstacle
  }
  return { kind: 'obstacle', obstacle: best }
}

/** The family as of `place`, then after each later fact. Facts are applied, not judged again: each was legal once. */
function* moments(steppers: Steppers, id: string, facts: readonly Fact[], place: Place): Generator<Family> {
  const fold = new Fold(steppers, id)
  let isSince = false
  for (const fact of facts) {
    if (!isSince && fact.event.place > place) {
      isSince = true
      yield fold.family
    }
    fold.add(fact)
    if (isSince) yield fold.family
  }
  if (!isSince) yield fold.family
}

/** The family that `facts` (by place) make, each applied as fact. */
export function folded(steppers: Steppers, id: string, facts: readonly Fact[]): Family {
  const fold = new Fold(steppers, id)
  for (const fact of facts) fold.add(fact)
  return fold.family
}

/** Applies facts by place. One whose actor is made by a later fact waits for it: clocks differ. */
class Fold {
  family: Family
  private readonly steppers: Steppers
  private waiting: Fact[] = []
  private added: Fact[] = []

  constructor(steppers: Steppers, id: string) {
    this.steppers = steppers
    this.family = emptyFamily(id)
  }

  add(fact: Fact): void {
    this.added.push(fact)
    if (fact.event.type === 'correction.reported') return this.correct(fact)
    this.waiting.push(fact)
    while (this.appliesOne());
  }

  /** A correction counts from its own place on: from here the corrected event is as it should have been. */
  private correct(correction: Fact): void {
    const corrected = correctedFacts(this.added, correction)
    this.family = emptyFamily(this.family.id)
    this.added = []
    this.waiting = []
    for (const fact of corrected) this.add(fact)
  }

  private appliesOne(): boolean {
    for (const [index, fact] of this.waiting.entries()) {
      const result = attempt(this.steppers, this.family, fact, 'assume')
      if (result.kind === 'obstacle') continue
      this.waiting.splice(index, 1)
      const { place } = fact.event
      this.family = {
        ...this.family,
        actors: result.actors,
        lastPlace: place > this.family.lastPlace ? place : this.family.lastPlace,
      }
      return true
    }
    return false
  }
}

/** `facts` with the event a correction names as it should have been; corrections themselves fall out. */
export function correctedFacts(facts: readonly Fact[], correction: Fact): readonly Fact[] {
  const { event } = correction
  if (event.type !== 'correction.reported') return facts
  return facts
    .filter(fact => fact !== correction && fact.event.type !== 'correction.reported')
    .map(fact =>
      namedBy(fact, correction) ? { ...fact, event: correctedEvent(fact, event.data.data) ?? fact.event } : fact,
    )
}

export const namedBy = (fact: Fact, correction: Fact): boolean =>
  correction.event.type === 'correction.reported' &&
  fact.event.source === correction.event.source &&
  fact.event.id === correction.event.data.event

/** The fact's event with other data; undefined when that data is not of its shape. */
export function correctedEvent({ event, source }: Fact, data: unknown): CanonicalEvent | undefined {
  const { id, schemaVersion, sequence, subjectText, timeText, type } = event
  const input = {
    id,
    source: source.id,
    type,
    subject: subjectText,
    time: timeText,
    sequence,
    dataschema: schemaVersion,
    data,
  }
  const parsed = parseEvent(input, source, Number.POSITIVE_INFINITY)
  return 'event' in parsed ? parsed.event : undefined
}

const ABSENT = 'unknown_subject'
const absent = (event: CanonicalEvent, key: ActorKey): Judged => ({
  kind: 'obstacle',
  obstacle: {
    verdict: 'waits',
    code: ABSENT,
    reason: `${event.subjectText} is not known yet`,
    waitsFor:
      kindOf(key) === 'shipment'
        ? { event: 'order.released', owner: 'erp' }
        : { event: 'order.captured', owner: 'channel' },
  },
})

/** One attempt: every actor the event is about, and every related actor its signals reach, or none of them. */
export function attempt(steppers: Steppers, family: Family, it: Case, mode: StepMode): Judged {
  const change = new FamilyChange(steppers, family, it, mode)
  let isLate = true
  for (const key of it.actors) {
    const result = change.move(key)
    if ('obstacle' in result) return { kind: 'obstacle', obstacle: result.obstacle }
    isLate &&= result.isLate
  }
  if (it.actors.length === 0) return absent(it.event, ORDER_KEY)
  return { kind: 'moved', actors: change.actors, moved: change.moved(), isLate }
}

type Moved = { readonly isLate: boolean } | { readonly obstacle: Obstacle }

/** The draft of a family while one event moves through it. */
class FamilyChange {
  actors: Record<ActorKey, Actor>
  private readonly steppers: Steppers
  private readonly before: Family
  private readonly it: Case
  private readonly mode: StepMode

  constructor(steppers: Steppers, family: Family, it: Case, mode: StepMode) {
    this.steppers = steppers
    this.before = family
    this.it = it
    this.mode = mode
    this.actors = { ...family.actors }
  }

  /** Actors that are not what they were, each with its version raised by one. */
  moved(): readonly ActorKey[] {
    const moved = Object.keys(this.actors).filter(key => this.actors[key] !== this.before.actors[key])
    for (const key of moved) {
      const actor = this.actors[key] as Actor
      this.actors[key] = { ...actor, version: (this.before.actors[key]?.version ?? 0) + 1 }
    }
    return moved
  }

  move(key: ActorKey): Moved {
    const { event, source } = this.it
    if (event.type === 'order.captured') return this.capture(event)
    const order = this.order()
    const actor = this.actors[key] ?? this.madeBy(key)
    if (actor === undefined || order === undefined)
      return { obstacle: (absent(event, key) as { obstacle: Obstacle }).obstacle }
    const owner = this.mode === 'judge' ? ownerObstacle(event, source, actor, order) : undefined
    if (owner !== undefined) return { obstacle: owner }
    const amounts = amountsOf(event, order)
    if ('obstacle' in amounts) return amounts
    const move = this.moveOf(amounts.parts, actor)
    const step = this.stepper(actor.kind).step(actor, move, this.mode)
    if (step.kind === 'impossible') return { obstacle: impossible(event, actor) }
    if (step.kind === 'blocked') return { obstacle: foremostObstacle(step.obstacles) }
    this.actors[key] = { ...actor, state: step.state, context: step.context }
    const obstacle = this.spread(key, actor, move)
    return obstacle === undefined ? { isLate: step.metas.every(meta => meta.late === true) } : { obstacle }
  }

  /** What the event does to related actors: makes shipments, tells the order what changed. */
  private spread(key: ActorKey, before: Actor, move: Move): Obstacle | undefined {
    const after = this.actors[key] as Actor
    const cause = { type: move.type, timeMs: move.timeMs, place: move.place }
    if (move.type === 'order.released')
      return this.addShipment(releasedShipment(move, after.context as OrderContext), cause)
    if (after.kind === 'return')
      return this.signal(returnCounted(before.context as ReturnContext, after.context as ReturnContext, cause))
    if (after.kind !== 'shipment') return undefined
    const told = this.signal(
      shipmentCounted(before.context as ShipmentContext, after.context as ShipmentContext, cause),
    )
    if (told !== undefined || move.type !== 'shipment.split') return told
    return this.addShipment(splitShipment(move, after.context as ShipmentContext, this.order() as OrderContext), cause)
  }

  private addShipment(context: ShipmentContext, cause: Signal['cause']): Obstacle | undefined {
    const stepper = this.stepper('shipment')
    const made = stepper.create(context)
    const key = shipmentKey(context.node, context.number)
    this.actors[key] = { kind: 'shipment', chart: stepper.chart.version, version: 0, ...made }
    return this.signal(shipmentCounted(undefined, context, cause))
  }

  private signal(signal: Signal | undefined): Obstacle | undefined {
    const order = this.actors[ORDER_KEY]
    if (signal === undefined || order === undefined) return undefined
    const step = this.stepper('order').step(order, signal, this.mode)
    if (step.kind === 'impossible')
      throw new Error(`judge: the order chart has no move for ${signal.type} in ${order.state}`)
    if (step.kind === 'blocked') return foremostObstacle(step.obstacles)
    this.actors[ORDER_KEY] = { ...order, state: step.state, context: step.context }
    return undefined
  }

  private capture(event: CanonicalEvent & { type: 'order.captured' }): Moved {
    const inexact = event.data.lines.find(line => !isExact(line))
    if (inexact !== undefined) return { obstacle: notExact(inexact.line) }
    const stepper = this.stepper('order')
    const context = capturedOrder(this.moveOf([]) as Move<'order.captured'>)
    this.actors[ORDER_KEY] = { kind: 'order', chart: stepper.chart.version, version: 0, ...stepper.create(context) }
    return { isLate: false }
  }

  /** A return is made by the first event that may make one; the event then moves it like any other. */
  private madeBy(key: ActorKey): Actor | undefined {
    const stepper = this.stepper('return')
    const makes = stepper.chart.creation.some(each => each.event === this.it.event.type)
    const order = this.order()
    if (kindOf(key) !== 'return' || !makes || order === undefined) return undefined
    const context = blankReturn(key.slice('return/'.length), order.id)
    return { kind: 'return', chart: stepper.chart.version, version: 0, ...stepper.create(context) }
  }

  private moveOf(parts: Move['parts'], actor?: Actor): Move {
    const { event, source } = this.it
    return {
      ...event,
      parts,
      amounts: parts.length < 2 ? parts : summed(parts),
      origin: source,
      tracking: trackingOf(event, actor),
    } as Move
  }

  private order(): OrderContext | undefined {
    return this.actors[ORDER_KEY]?.context as OrderContext | undefined
  }

  private stepper(kind: EntityKind): Stepper {
    return this.steppers[kind]
  }
}

/** The tracking number an event names in its data, or was addressed by. */
function trackingOf(event: CanonicalEvent, actor: Actor | undefined): string | undefined {
  const named = 'tracking' in event.data ? event.data.tracking : undefined
  if (typeof named === 'string' && event.type !== 'shipment.booked' && event.type !== 'shipment.confirmed') return named
  if (event.subject.kind !== 'reference' || actor?.kind !== 'shipment') return undefined
  const { number, reference } = event.subject
  const isTracking = (actor.context as ShipmentContext).trackings.includes(number)
  return isTracking && (reference === undefined || reference === 'tracking') ? number : undefined
}

const isExact = (line: { quantity: number; precision: number }): boolean => {
  const scaled = line.quantity * 10 ** line.precision
  return Math.abs(scaled - Math.round(scaled)) <= 1e-9 * Math.max(1, Math.abs(scaled))
}

const notExact = (line: string): Obstacle => ({
  verdict: 'not_allowed_in_state',
  code: 'unit_not_exact',
  reason: `line ${line}: its quantity has more decimals than its precision keeps`,
})

const impossible = (event: CanonicalEvent, actor: Actor): Obstacle => ({
  verdict: 'not_allowed_in_state',
  code: 'no_such_move',
  reason: `${event.type} is no move of a ${actor.kind} in ${actor.state}`,
})

const SEVERITY: readonly Obstacle['verdict'][] = ['not_owner', 'not_allowed_in_state', 'quantity_exceeded', 'waits']

/** The first in the outcome table's order; of equals the first met. */
function foremostObstacle(obstacles: readonly Obstacle[]): Obstacle {
  const first = [...obstacles].sort((a, b) => SEVERITY.indexOf(a.verdict) - SEVERITY.indexOf(b.verdict))[0]
  if (first === undefined) throw new Error('judge: a blocked step names at least one obstacle')
  return first
}
