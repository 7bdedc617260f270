// Attempt: one event moves every actor of a family it is about, and every related actor its signals reach, or none. Pure.
import type { Move, Obstacle, Signal } from '../machines/chart.ts'
import type { CanonicalEvent } from '../machines/event.ts'
import { type ActorKey, kindOf, ORDER_KEY, shipmentKey } from '../machines/ids.ts'
import { capturedOrder } from '../machines/order/assigns.ts'
import { type OrderContext, orderedOf } from '../machines/order/context.ts'
import { summed } from '../machines/quantities.ts'
import { returnCounted } from '../machines/return/assigns.ts'
import { blankReturn, type ReturnContext } from '../machines/return/context.ts'
import { releasedShipment, splitShipment } from '../machines/shipment/assigns.ts'
import type { ShipmentContext } from '../machines/shipment/context.ts'
import { shipmentCounted } from '../machines/shipment/contribution.ts'
import type { Source } from '../machines/sources.ts'
import type { Actor, Actors } from './actors.ts'
import { amountsOf, contentsOf, OF_OTHERS, orderNotKnown, overShared } from './amounts.ts'
import type { Family } from './family.ts'
import { ownerObstacle } from './ownership.ts'
import { hasLost, namesShared } from './references.ts'
import { type Changed, type Step, type StepMode, type Stepper, type Steppers, UNCHANGED } from './transition.ts'

/** An event, and the actors of the family it is about. */
export interface Case {
  readonly event: CanonicalEvent
  readonly source: Source
  readonly actors: readonly ActorKey[]
  /** Why a person forces it, where one does: over its owner, and over gates that keep a permission. */
  readonly override?: string
}

export type Judged =
  | {
      readonly kind: 'moved'
      readonly actors: Family['actors']
      readonly moved: readonly ActorKey[]
      /** What was set of each of these: every key that differs is among them. */
      readonly changed: readonly Changed[]
      /** The steps it tells of are past, its settings replaced: the outcome is `superseded`. */
      readonly isLate: boolean
    }
  | { readonly kind: 'obstacle'; readonly obstacle: Obstacle }

export interface Attempt {
  readonly steppers: Steppers
  /** The family it is tried on: as it is now, or as it was. */
  readonly family: Family
  /** The family as it is now: it knows which numbers are tracking numbers. */
  readonly known: Family
  readonly mode: StepMode
}

export function attempt(options: Attempt, it: Case): Judged {
  if (it.actors.length === 0) return absent(it.event, ORDER_KEY)
  const change = new FamilyChange(options, it)
  let isLate = true
  for (const key of it.actors) {
    const result = change.move(key)
    if ('obstacle' in result) return { kind: 'obstacle', obstacle: result.obstacle }
    isLate &&= result.isLate
  }
  return { kind: 'moved', actors: change.actors, moved: change.moved, changed: change.changed, isLate }
}

export const ABSENT = 'unknown_subject'
const absent = (event: CanonicalEvent, key: ActorKey): { readonly kind: 'obstacle'; readonly obstacle: Obstacle } => ({
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

type Snapshot = Pick<Actor, 'context' | 'state'>
type Moved = { readonly isLate: boolean } | { readonly obstacle: Obstacle }

/** The draft of a family while one event moves through it. */
class FamilyChange {
  /** All actors as they are now. */
  actors: Actors
  /** Who is not what it was: the order first, as in the family. */
  moved: readonly ActorKey[] = []
  /** What was set of each of these. */
  changed: readonly Changed[] = []
  private readonly options: Attempt
  private readonly it: Case

  constructor(options: Attempt, it: Case) {
    this.options = options
    this.it = it
    this.actors = options.family.actors
  }

  private touch(key: ActorKey, changed: Changed): void {
    const at = this.moved.indexOf(key)
    if (at >= 0) this.changed = this.changed.with(at, { ...this.changed[at], ...changed })
    else if (key === ORDER_KEY) {
      this.moved = [key, ...this.moved]
      this.changed = [changed, ...this.changed]
    } else {
      this.moved = [...this.moved, key]
      this.changed = [...this.changed, changed]
    }
  }

  /** Whoever moves has a version more by one, however often it moves. */
  private take(key: ActorKey, { chart, kind }: Pick<Actor, 'chart' | 'kind'>, { context, state }: Snapshot): void {
    const version = (this.options.family.actors.get(key)?.version ?? 0) + 1
    this.actors = this.actors.with({ key, kind, chart, version, state, context })
  }

  move(key: ActorKey): Moved {
    const { event, source } = this.it
    if (event.type === 'order.captured') return this.capture(event)
    const order = this.order()
    const actor = this.actors.get(key) ?? this.madeBy(key)
    if (actor === undefined || order === undefined) return absent(event, key)
    const isJudged = this.options.mode === 'judge' && this.it.override === undefined
    const owner = isJudged ? ownerObstacle(event, source, actor, order) : undefined
    if (owner !== undefined) return { obstacle: owner }
    // What counted before it was looked at still counts.
    const over = this.options.mode === 'judge' ? overShared(event) : undefined
    if (over !== undefined) return { obstacle: over }
    const amounts = amountsOf(event, order)
    if ('obstacle' in amounts) return amounts
    if (amounts === OF_OTHERS && !this.isOthersToo()) return { obstacle: orderNotKnown(event, order) }
    const move = this.moveOf(amounts, key)
    const step = this.step(actor, move)
    if (step.kind === 'impossible') return { obstacle: impossible(event, actor) }
    if (step.kind === 'blocked') return { obstacle: foremostObstacle(step.obstacles) }
    this.put(actor, step)
    const obstacle = this.spread(key, actor, move)
    return obstacle === undefined ? { isLate: step.metas.every(meta => meta.late === true) } : { obstacle }
  }

  /** Whether the event's number is, or was, one that other orders may have too: then it may tell this one nothing. */
  private isOthersToo(): boolean {
    const { event, source } = this.it
    const { known } = this.options
    return namesShared(event, source, known) || hasLost(known, event.subject.number)
  }

  /** What the event does to related actors: makes shipments, tells the order what changed. */
  private spread(key: ActorKey, before: Actor, move: Move): Obstacle | undefined {
    const after = this.actors.get(key) as Actor
    const cause = { type: move.type, timeMs: move.timeMs, place: move.place }
    if (move.type === 'order.released')
      return this.addShipment(releasedShipment(move, after.context as OrderContext), cause)
    if (after.kind === 'return')
      return this.signal(returnCounted(before.context as ReturnContext, after.context as ReturnContext, cause))
    if (after.kind !== 'shipment') return undefined
    const told = this.signal(
      shipmentCounted(key, before.context as ShipmentContext, after.context as ShipmentContext, cause),
    )
    if (told !== undefined || move.type !== 'shipment.split') return told
    return this.addShipment(splitShipment(move, after.context as ShipmentContext), cause)
  }

  private addShipment(context: ShipmentContext, cause: Signal['cause']): Obstacle | undefined {
    const stepper = this.stepper('shipment')
    const made = stepper.create(context)
    const key = shipmentKey(context.node, context.number)
    this.take(key, { kind: 'shipment', chart: stepper.chart.version }, made)
    this.touch(key, UNCHANGED)
    return this.signal(shipmentCounted(key, undefined, context, cause))
  }

  private signal(signal: Signal | undefined): Obstacle | undefined {
    const { order } = this.actors
    if (signal === undefined || order === undefined) return undefined
    const step = this.step(order, signal)
    if (step.kind === 'impossible')
      throw new Error(`attempt: the order chart has no move for ${signal.type} in ${order.state}`)
    if (step.kind === 'blocked') return foremostObstacle(step.obstacles)
    this.put(order, step)
    return undefined
  }

  private step(actor: Actor, event: Move | Signal): Step {
    const stepper = this.stepper(actor.kind)
    const { mode } = this.options
    return mode === 'judge' && this.it.override !== undefined
      ? stepper.forced(actor, event)
      : stepper.step(actor, event, mode)
  }

  private put(actor: Actor, step: Extract<Step, { kind: 'moved' }>): void {
    const { key } = actor
    this.take(key, actor, step)
    this.touch(key, step.changed)
  }

  private capture(event: CanonicalEvent & { type: 'order.captured' }): Moved {
    const inexact = event.data.lines.find(line => orderedOf(line) === undefined)
    if (inexact !== undefined) return { obstacle: notExact(inexact.line) }
    const stepper = this.stepper('order')
    const context = capturedOrder(this.moveOf({ named: [], parts: [] }, ORDER_KEY) as Move<'order.captured'>)
    this.take(ORDER_KEY, { kind: 'order', chart: stepper.chart.version }, stepper.create(context))
    this.touch(ORDER_KEY, UNCHANGED)
    return { isLate: false }
  }

  /** A return is made by the first event that may make one; the event then moves it like any other. */
  private madeBy(key: ActorKey): Actor | undefined {
    const stepper = this.stepper('return')
    const makes = stepper.chart.creation.some(each => each.event === this.it.event.type)
    const order = this.order()
    if (kindOf(key) !== 'return' || !makes || order === undefined) return undefined
    const context = blankReturn(key.slice('return/'.length), order.id)
    return { key, kind: 'return', chart: stepper.chart.version, version: 0, ...stepper.create(context) }
  }

  private moveOf({ named, parts }: Pick<Move, 'named' | 'parts'>, key: ActorKey): Move {
    const { event, source } = this.it
    const order = this.order()
    // Key by key: one shape for all, where spreading makes one for each.
    return {
      type: event.type,
      id: event.id,
      source: event.source,
      subjectText: event.subjectText,
      subject: event.subject,
      timeText: event.timeText,
      timeMs: event.timeMs,
      place: event.place,
      schemaVersion: event.schemaVersion,
      rawData: event.rawData,
      data: event.data,
      expectedVersion: event.expectedVersion,
      sequence: event.sequence,
      correlationId: event.correlationId,
      causationId: event.causationId,
      traceparent: event.traceparent,
      named,
      parts,
      amounts: parts.length < 2 ? parts : summed(parts),
      contents: order === undefined ? [] : contentsOf(event, order),
      origin: source,
      tracking: trackingOf(event, this.options.known.actors.get(key), this.actors.get(key)),
    } as Move
  }

  private order(): OrderContext | undefined {
    return this.actors.order?.context as OrderContext | undefined
  }

  private stepper(kind: Actor['kind']): Stepper {
    return this.options.steppers[kind]
  }
}

/** The tracking number an event names in its data, or was addressed by. */
function trackingOf(event: CanonicalEvent, known: Actor | undefined, actor: Actor | undefined): string | undefined {
  const named = 'tracking' in event.data ? event.data.tracking : undefined
  if (typeof named === 'string' && event.type !== 'shipment.booked' && event.type !== 'shipment.confirmed') return named
  if (event.subject.kind !== 'reference') return undefined
  const { number, reference } = event.subject
  if (reference !== undefined && reference !== 'tracking') return undefined
  return isTrackedBy(known, number) || isTrackedBy(actor, number) ? number : undefined
}

const isTrackedBy = (actor: Actor | undefined, number: string): boolean =>
  actor?.kind === 'shipment' && (actor.context as ShipmentContext).trackings.includes(number)

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
  if (first === undefined) throw new Error('attempt: a blocked step names at least one obstacle')
  return first
}
